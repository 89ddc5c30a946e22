//! Stories of history: what is shown of a room, and what never is.

use chat::limits::{RTF_BYTES_MAX, STORY_BYTES_MAX};
use chat::{Entry, JournalKey, Position, RoomEntry, Rtf, Text, Time};
use store::limits::HISTORY_BYTES_MAX;
use store::{AmendOutcome, Amendment, Mark, PostRecord, RowChange, Store, Timeline, Window};

use crate::stage::{Cast, ROOT, Stage, administer, amend, recorded, replacement, say, search, text, texts};

async fn shown(cast: &Cast, window: Window) -> Vec<String> {
    let posts = cast.store.history(cast.engineering, window).await.unwrap();
    posts.posts.iter().map(|post| text(post).to_owned()).collect()
}

pub async fn windows_are_oldest_first(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut fourth = 0;
    for n in 1..=5 {
        let said = cast.say(cast.alice, cast.engineering, &format!("{n}")).await;
        fourth = if n == 4 { said.header.position.number } else { fourth };
    }
    cast.say(cast.alice, cast.kitchen, "elsewhere").await;

    assert_eq!(shown(&cast, Window::Last(2)).await, ["4", "5"]);
    assert_eq!(shown(&cast, Window::Last(usize::MAX)).await, ["1", "2", "3", "4", "5"]);
    assert_eq!(shown(&cast, Window::Before { number: fourth, count: 2 }).await, ["2", "3"]);
    assert_eq!(shown(&cast, Window::After { post: 2, count: 2 }).await, ["3", "4"]);
    assert!(shown(&cast, Window::Last(0)).await.is_empty());
}

/// The numbers of the posts before a place and from it on.
async fn passage(cast: &Cast, mark: Mark, counts: (usize, usize)) -> (Vec<u32>, Vec<u32>) {
    let found = cast.store.passage(cast.engineering, mark, counts).await.unwrap();
    let numbers = |posts: &[PostRecord]| posts.iter().map(|post| post.post).collect();
    (numbers(&found.earlier.posts), numbers(&found.later.posts))
}

pub async fn a_place_is_found_by_number_and_by_time(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut times = Vec::new();
    for n in 1..=9 {
        let said = cast.say(cast.alice, cast.engineering, &format!("{n}")).await;
        cast.say(cast.alice, cast.kitchen, "elsewhere").await;
        times.push(said.header.time);
        stage.clock.advance_micros(60_000_000);
    }

    assert_eq!(passage(&cast, Mark::Post(5), (2, 3)).await, (vec![3, 4], vec![5, 6, 7]));
    assert_eq!(passage(&cast, Mark::Post(1), (2, 2)).await, (vec![], vec![1, 2]));
    assert_eq!(passage(&cast, Mark::Post(10), (2, 2)).await, (vec![8, 9], vec![]), "there is none yet");
    for (index, time) in times.iter().enumerate() {
        let post = u32::try_from(index).unwrap() + 1;
        assert_eq!(passage(&cast, Mark::Time(*time), (0, 1)).await.1, [post], "the very moment");
    }
    assert_eq!(passage(&cast, Mark::Time(times[3].plus_micros(1)), (1, 2)).await, (vec![4], vec![5, 6]));
    assert_eq!(passage(&cast, Mark::Time(Time::from_unix_micros(0)), (1, 1)).await, (vec![], vec![1]));
    assert_eq!(passage(&cast, Mark::Time(times[8].plus_micros(1)), (1, 1)).await, (vec![9], vec![]));

    amend(&cast.store, cast.engineering, &[5, 6], Amendment::Remove).await;
    assert_eq!(passage(&cast, Mark::Post(5), (2, 2)).await, (vec![3, 4], vec![7, 8]), "the next there is");
    assert_eq!(passage(&cast, Mark::Time(times[4]), (1, 1)).await, (vec![4], vec![7]));
}

pub async fn a_removed_text_is_gone_everywhere(stage: Stage) {
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "harmless").await;
    let said = cast.say(cast.alice, cast.engineering, "regrettable xylophone").await;
    let outcome = amend(&cast.store, cast.engineering, &[2], Amendment::Remove).await;

    let AmendOutcome::Amended { entries, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].header.entry, Entry::Room(RoomEntry::Removed { post: 2, by: ROOT }));
    assert_eq!(shown(&cast, Window::Last(9)).await, ["harmless"]);
    let found = cast.store.search(search(&[cast.engineering], "xylophone", 9)).await.unwrap();
    assert!(found.posts.is_empty());
    let journal = JournalKey::Room(cast.engineering);
    let number = said.header.position.number;
    let kept = &cast.store.entries(journal, number - 1, 1).await.unwrap()[0];
    assert_eq!((&kept.header, &kept.body), (&said.header, &None), "the header stays, the text is gone");
    cast.store.verify(journal).await.unwrap();
    let pool = cast.store.head(JournalKey::Pool).await.unwrap();
    for none in [2, 9] {
        let again = amend(&cast.store, cast.engineering, &[none], Amendment::Remove).await;
        assert_eq!(again, AmendOutcome::Amended { operation: 0, entries: vec![] }, "{none} has no text");
    }
    assert_eq!(cast.store.head(JournalKey::Pool).await.unwrap(), pool, "what did nothing is not told");
}

pub async fn a_replaced_text_is_shown_instead(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut post = cast.draft(cast.alice, cast.engineering, "teh walrus").await;
    post.draft.rtf = Some(Rtf::parse("{\\rtf1 teh walrus}").unwrap());
    post.draft.alert = true;
    let said = recorded(cast.store.post(post).await.unwrap());
    cast.say(cast.bob, cast.engineering, "later").await;
    amend(&cast.store, cast.engineering, &[1], replacement("the penguin")).await;
    let outcome = amend(&cast.store, cast.engineering, &[1], replacement("the puffin")).await;

    let posts = cast.store.history(cast.engineering, Window::Last(9)).await.unwrap().posts;
    assert_eq!(posts.len(), 2);
    assert_eq!((text(&posts[0]), &posts[0].body.as_ref().unwrap().rtf), ("the puffin", &None));
    let AmendOutcome::Amended { entries, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((posts[0].changed, posts[1].changed), (Some(entries[0].header.position), None));
    assert_eq!((posts[0].position, posts[0].alert), (said.header.position, true), "it stays where it was");
    for (word, hits) in [("walrus", 0), ("penguin", 0), ("puffin", 1)] {
        let found = cast.store.search(search(&[cast.engineering], word, 9)).await.unwrap();
        assert_eq!(found.posts.len(), hits, "{word}");
    }
    cast.store.verify(JournalKey::Room(cast.engineering)).await.unwrap();
}

pub async fn what_is_not_kept_is_never_shown(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut post = cast.draft(cast.alice, cast.engineering, "ephemeral").await;
    post.kept = false;
    recorded(cast.store.post(post).await.unwrap());
    cast.say(cast.alice, cast.engineering, "lasting").await;
    assert_eq!(shown(&cast, Window::Last(9)).await, ["lasting"]);

    amend(&cast.store, cast.engineering, &[1], replacement("still ephemeral")).await;
    assert_eq!(shown(&cast, Window::Last(9)).await, ["lasting"]);
    let found = cast.store.search(search(&[cast.engineering], "ephemeral", 9)).await.unwrap();
    assert!(found.posts.is_empty());
}

pub async fn a_removed_room_has_no_history(stage: Stage) {
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "hello").await;
    administer(&cast.store, RowChange::RemoveRoom(cast.engineering)).await;

    assert!(shown(&cast, Window::Last(9)).await.is_empty());
    assert!(cast.store.search(search(&[cast.engineering], "hello", 9)).await.unwrap().posts.is_empty());
    let journal = JournalKey::Room(cast.engineering);
    assert_eq!(cast.store.verify(journal).await.unwrap().bodies, 1, "its journal stays");
}

pub async fn what_is_not_kept_loses_its_text(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let journal = JournalKey::Room(cast.engineering);
    let mut passing = cast.draft(cast.alice, cast.engineering, "passing").await;
    passing.kept = false;
    let posts = store::limits::PASSING_MAX + 5;
    let mut told = 0;
    for _ in 0..posts {
        told += recorded(cast.store.post(passing.clone()).await.unwrap()).body.iter().count() as u32;
    }
    cast.say(cast.alice, cast.engineering, "lasting").await;
    assert_eq!(told, posts, "everybody who is there sees it");
    let bodies = cast.store.verify(journal).await.unwrap().bodies;
    assert_eq!(bodies, u64::from(store::limits::PASSING_MAX) + 1, "the older ones are gone already");
    cast.store.close().await;

    let store = stage.open();
    let proof = store.verify(journal).await.unwrap();
    assert_eq!((proof.entries, proof.bodies), (u64::from(posts) + 2, 1), "the entries stay");
    assert_eq!(texts(&store, cast.engineering).await, Vec::<String>::new(), "the first page has no texts");
    let shown = store.history(cast.engineering, Window::Last(9)).await.unwrap();
    assert_eq!(shown.posts.len(), 1);
    assert_eq!(text(&shown.posts[0]), "lasting");
    let amended = amend(&store, cast.engineering, &[1], Amendment::Remove).await;
    assert_eq!(amended, AmendOutcome::Amended { operation: 0, entries: vec![] });
}

/// What a timeline tells, as `2: hello` or `2 is gone`, each with the entry that says so.
fn told(timeline: &Timeline) -> Vec<(u64, String)> {
    let line = |happened: &store::Happened| {
        let post = &happened.post;
        let line = match &post.body {
            Some(body) if post.changed.is_none() => format!("{}: {}", post.post, body.text),
            Some(body) => format!("{} is now {}", post.post, body.text),
            None => format!("{} is gone", post.post),
        };
        (happened.at.number, line)
    };
    timeline.happened.iter().map(line).collect()
}

pub async fn whoever_catches_up_hears_of_every_change(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let begin = cast.store.head(JournalKey::Room(cast.engineering)).await.unwrap().position;
    for text in ["one", "two", "three"] {
        cast.say(cast.alice, cast.engineering, text).await;
    }
    let mut passing = cast.draft(cast.alice, cast.engineering, "passing").await;
    passing.kept = false;
    recorded(cast.store.post(passing).await.unwrap());
    amend(&cast.store, cast.engineering, &[1, 4], Amendment::Remove).await;
    amend(&cast.store, cast.engineering, &[3], replacement("drei")).await;
    let at = |n: u64| begin.number + n;

    let all = cast.store.timeline(cast.engineering, begin, 99).await.unwrap();
    let rows = [
        (at(1), "1 is gone".to_owned()),
        (at(2), "2: two".to_owned()),
        (at(3), "3 is now drei".to_owned()),
        (at(5), "1 is gone".to_owned()),
        (at(7), "3 is now drei".to_owned()),
    ];
    assert_eq!(told(&all), rows, "what is not history is not told, neither said nor taken away");
    assert_eq!((all.reset, all.to, all.to.number), (None, all.head, at(7)));
    assert_eq!(all.happened[0].post.changed.unwrap().number, at(5), "it says when");

    let (mut seen, mut by_one) = (begin, Vec::new());
    while seen != all.head {
        let page = cast.store.timeline(cast.engineering, seen, 1).await.unwrap();
        assert!(page.to > seen && page.happened.len() <= 1);
        by_one.extend(told(&page));
        seen = page.to;
    }
    assert_eq!(by_one, rows, "page by page it is the same");
    let nothing = cast.store.timeline(cast.engineering, seen, 9).await.unwrap();
    assert_eq!((told(&nothing), nothing.to), (vec![], seen));
}

pub async fn whoever_saw_a_lost_past_begins_again_where_it_was_lost(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let (alice, room) = (cast.alice, cast.engineering);
    let kept = cast.say(alice, room, "kept").await.header.position;
    cast.store.close().await;
    Store::raise_era(stage.location()).unwrap();
    let store = stage.open();
    let new = say(&store, alice, room, "new era").await.header.position;

    let lost = Position { era: 1, number: kept.number + 3 };
    let after = store.timeline(room, lost, 9).await.unwrap();
    assert_eq!((after.reset, after.to, after.head), (Some(kept), new, new));
    assert_eq!(told(&after).len(), 1);
    let after = store.timeline(room, kept, 9).await.unwrap();
    assert_eq!((after.reset, told(&after).len()), (None, 1), "who saw only what is shared goes on");
    let never = Position { era: 2, number: new.number + 9 };
    let after = store.timeline(room, never, 9).await.unwrap();
    assert_eq!((after.reset, told(&after), after.to), (Some(new), vec![], new));

    administer(&store, RowChange::RemoveRoom(room)).await;
    let gone = store.timeline(room, Position { era: 1, number: 0 }, 9).await.unwrap();
    assert!(gone.happened.is_empty(), "a room that was removed tells nothing");
}

pub async fn a_window_of_long_texts_ends_early_and_says_so(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut story = cast.draft(cast.alice, cast.engineering, "[STORY]Long").await;
    story.draft.text = Text::parse(&format!("[STORY]{}", "x".repeat(STORY_BYTES_MAX - 7))).unwrap();
    story.draft.rtf = Some(Rtf::parse(&format!("{{\\rtf1 {}}}", "x".repeat(RTF_BYTES_MAX - 8))).unwrap());
    let fit = HISTORY_BYTES_MAX / (STORY_BYTES_MAX + RTF_BYTES_MAX);
    let count = fit + 5;
    let mut last = Position { era: 1, number: 0 };
    for _ in 0..count {
        last = recorded(cast.store.post(story.clone()).await.unwrap()).header.position;
    }
    let window = async |window| cast.store.history(cast.engineering, window).await.unwrap();

    let newest = window(Window::Last(500)).await;
    assert_eq!((newest.posts.len(), newest.cut, newest.head), (fit, true, last));
    assert_eq!(newest.posts.last().unwrap().position, last, "the newest are there");
    let number = newest.posts[0].position.number;
    let rest = window(Window::Before { number, count: 500 }).await;
    assert_eq!((rest.posts.len(), rest.cut), (5, false), "the others follow, and are all");
    let few = window(Window::Last(3)).await;
    assert_eq!((few.posts.len(), few.cut), (3, false), "as many as asked are no cut");

    let begin = Position { era: 1, number: 0 };
    let first = cast.store.timeline(cast.engineering, begin, 500).await.unwrap();
    assert_eq!(first.happened.len(), fit);
    assert_eq!(first.to, first.happened.last().unwrap().at, "it ends before what did not fit");
    let second = cast.store.timeline(cast.engineering, first.to, 500).await.unwrap();
    assert_eq!((second.happened.len(), second.to), (5, second.head));
}
