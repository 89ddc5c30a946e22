//! Stories of search: only where one may look, only what one asked for.

use chat::MatchClause::{And, Exact, Or};
use chat::{PersonId, TextFilter};
use store::Search;

use crate::stage::{Cast, Stage, new_room, search, text};

async fn found(cast: &Cast, words: &str) -> Vec<String> {
    let rooms = [cast.engineering];
    let found = cast.store.search(search(&rooms, words, 99)).await.unwrap();
    found.posts.iter().map(|post| text(post).to_owned()).collect()
}

pub async fn only_the_rooms_asked_are_searched(stage: Stage) {
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "the kangaroo here").await;
    cast.say(cast.alice, cast.kitchen, "the kangaroo there").await;

    let found = |rooms: Vec<_>| {
        let store = cast.store.clone();
        async move { store.search(search(&rooms, "kangaroo", 9)).await.unwrap().posts }
    };
    let one = found(vec![cast.engineering]).await;
    assert_eq!(one.len(), 1);
    assert_eq!((one[0].room, one[0].author), (cast.engineering, cast.alice));
    assert_eq!(found(vec![cast.engineering, cast.kitchen]).await.len(), 2);
    assert!(found(vec![]).await.is_empty());
}

pub async fn words_cannot_become_syntax(stage: Stage) {
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "say \"hello\" to NOT nobody, price-list r99").await;
    cast.say(cast.alice, cast.kitchen, "secret recipe").await;

    let room = format!("r{}", cast.kitchen.0);
    let attacks = [
        format!("x\" OR room : \"{room}"),
        format!("secret\" OR \"{room}"),
        format!("room:{room}"),
        format!("\") OR room : ({room}"),
        "secret OR recipe".to_owned(),
        "secret*".to_owned(),
        "^secret".to_owned(),
        "NEAR(secret recipe)".to_owned(),
    ];
    for attack in attacks {
        assert!(found(&cast, &attack).await.is_empty(), "{attack:?}");
    }
    let unseen = TextFilter::parse("\0\" secret", And, false);
    assert!(unseen.is_err(), "characters that nobody sees are no words");
    assert_eq!(found(&cast, "\"hello\" NOT price-list").await.len(), 1, "they are plain words");
    assert_eq!(found(&cast, "r99").await.len(), 1, "also what looks like a room");
    for nothing in ["\"", "*", "- +", "()"] {
        assert!(found(&cast, nothing).await.is_empty(), "{nothing:?}");
    }
}

pub async fn newest_first_and_exceeded(stage: Stage) {
    let cast = Cast::on(&stage).await;
    for n in 1..=4 {
        cast.say(cast.alice, cast.engineering, &format!("meeting {n}")).await;
    }
    let few = cast.store.search(search(&[cast.engineering], "meeting", 3)).await.unwrap();
    let texts: Vec<&str> = few.posts.iter().map(text).collect();
    assert_eq!((texts, few.exceeded), (vec!["meeting 4", "meeting 3", "meeting 2"], true));

    let all = cast.store.search(search(&[cast.engineering], "meeting", 4)).await.unwrap();
    assert_eq!((all.posts.len(), all.exceeded), (4, false));
}

pub async fn more_rooms_than_one_query_holds(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut rooms = vec![cast.engineering];
    for n in 0..store::limits::SEARCH_ROOMS_MAX + 5 {
        rooms.push(new_room(&cast.store, cast.general, &format!("Room {n}")).await);
    }
    let (first, last) = (rooms[0], *rooms.last().unwrap());
    cast.say(cast.alice, last, "needle in the last").await;
    cast.say(cast.alice, first, "needle in the first").await;

    let found = cast.store.search(search(&rooms, "needle", 9)).await.unwrap();
    let places: Vec<_> = found.posts.iter().map(|post| post.room).collect();
    assert_eq!((places, found.exceeded), (vec![first, last], false));
    assert!(cast.store.search(search(&rooms, "needle", 1)).await.unwrap().exceeded);
}

pub async fn case_and_accents_do_not_matter(stage: Stage) {
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "Übergröße im Café").await;
    assert_eq!(found(&cast, "ubergroße CAFE").await.len(), 1);
    assert_eq!(found(&cast, "café tea").await.len(), 0, "all words are wanted");
}

pub async fn however_much_is_sieved_out_the_index_is_asked_once(stage: Stage) {
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "the first of all mornings").await;
    for number in 0..401 {
        cast.say(cast.bob, cast.engineering, &format!("morning {number}")).await;
    }
    let begun = stage.statements();
    drop(begun.take());
    let by_alice = Search { authors: Some(vec![cast.alice]), ..search(&[cast.engineering], "mornings", 9) };
    let by_carol = Search { authors: Some(vec![cast.carol]), ..search(&[cast.engineering], "morning", 9) };
    assert_eq!(cast.store.search(by_alice).await.unwrap().posts.len(), 1);
    assert!(cast.store.search(by_carol).await.unwrap().posts.is_empty());
    let asked = begun.take().into_iter().filter(|sql| sql.contains("FROM search ")).count();
    assert_eq!(asked, 2, "once for each search, though hundreds of posts were read and not meant");
}

pub async fn what_is_found_is_all_of_what_was_asked(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut times = Vec::new();
    for (author, text) in [
        (cast.alice, "Red roses"),
        (cast.bob, "red violets"),
        (cast.alice, "roses, red"),
        (cast.carol, "RED ROSES"),
    ] {
        times.push(cast.say(author, cast.engineering, text).await.header.time);
        stage.clock.advance_micros(1_000_000);
    }
    let find = async |words: &str, clause, case_sensitive, narrow: &dyn Fn(&mut Search)| {
        let filter = TextFilter::parse(words, clause, case_sensitive).unwrap();
        let mut asked = Search { filter, ..search(&[cast.engineering], words, 9) };
        narrow(&mut asked);
        let found = cast.store.search(asked).await.unwrap();
        assert!(!found.exceeded);
        found.posts.iter().map(|post| text(post).to_owned()).collect::<Vec<_>>()
    };
    let all = |_: &mut Search| ();
    let (alice, bob) = (cast.alice, cast.bob);
    assert_eq!(find("red roses", And, false, &all).await, ["RED ROSES", "roses, red", "Red roses"]);
    assert_eq!(find("violets roses", Or, false, &all).await.len(), 4);
    assert_eq!(find("red roses", Exact, false, &all).await, ["RED ROSES", "Red roses"]);
    assert_eq!(find("red roses", And, true, &all).await, ["roses, red"]);
    assert_eq!(find("Red roses", Exact, true, &all).await, ["Red roses"]);
    let by = |authors: Vec<PersonId>| move |asked: &mut Search| asked.authors = Some(authors.clone());
    assert_eq!(find("red", And, false, &by(vec![bob])).await, ["red violets"]);
    assert_eq!(find("red", And, false, &by(vec![alice, bob])).await.len(), 3);
    assert!(find("red", And, false, &by(vec![])).await.is_empty(), "nobody said anything");
    let (second, third) = (times[1], times[2]);
    let between = |asked: &mut Search| (asked.from, asked.to) = (Some(second), Some(third));
    assert_eq!(find("red", And, false, &between).await, ["roses, red", "red violets"], "both ends count");
    let limited = |asked: &mut Search| (asked.limit, asked.to) = (2, Some(second));
    assert_eq!(find("red", And, false, &limited).await.len(), 2, "what is sieved out is not counted");
}
