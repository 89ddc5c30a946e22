//! Stories of texts taken away and replaced: what is meant, what goes together, what is told, what is left alone.

use chat::{
    Actor, Change, Entry, JournalKey, MatchClause, PersonId, PoolEntry, RoomEntry, Subject, TextFilter, Time,
};
use store::limits::{AMEND_POSTS_MAX, SWEEP_POSTS_MAX};
use store::{Act, Amend, AmendOutcome, Amendment, RowChange, Sweep, Window};

use crate::stage::{
    Cast, ROOT, Stage, administer, amend, by_root, person_draft, recorded, replacement, search, text, texts,
};

fn everything(cast: &Cast) -> Sweep {
    Sweep { room: cast.engineering, authors: None, from: None, to: None, filter: None, unlike: None }
}

fn filter(words: &str, clause: MatchClause) -> Option<TextFilter> {
    Some(TextFilter::parse(words, clause, false).unwrap())
}

/// The numbers of the posts a sweep means.
async fn meant(cast: &Cast, sweep: &Sweep) -> Vec<u32> {
    let (mut posts, mut after) = (Vec::new(), Some(0));
    while let Some(from) = after {
        let page = cast.store.sweep(sweep, from, 2).await.unwrap();
        assert!(page.posts.len() <= 2);
        posts.extend(page.posts.iter().map(|post| post.said.post));
        after = page.next;
    }
    posts
}

pub async fn a_sweep_finds_what_is_all_of_what_was_asked(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut times = Vec::new();
    for (author, text) in [
        (cast.alice, "the alpha release"),
        (cast.bob, "alpha and beta"),
        (cast.alice, "beta"),
        (cast.alice, "Alphabet soup"),
        (cast.carol, "ALPHA"),
    ] {
        times.push(cast.say(author, cast.engineering, text).await.header.time);
        stage.clock.advance_micros(1);
    }
    cast.say(cast.alice, cast.kitchen, "alpha elsewhere").await;
    let all = everything(&cast);
    let of = |sweep: Sweep| {
        let cast = &cast;
        async move { meant(cast, &sweep).await }
    };

    assert_eq!(of(all.clone()).await, [1, 2, 3, 4, 5]);
    assert_eq!(of(Sweep { authors: Some(vec![cast.alice]), ..all.clone() }).await, [1, 3, 4]);
    assert!(of(Sweep { authors: Some(vec![]), ..all.clone() }).await.is_empty(), "nobody said anything");
    let between = Sweep { from: Some(times[1]), to: Some(times[3]), ..all.clone() };
    assert_eq!(of(between.clone()).await, [2, 3, 4], "both ends count");
    for (words, clause, posts) in [
        ("alpha", MatchClause::And, vec![1, 2, 5]),
        ("alpha beta", MatchClause::And, vec![2]),
        ("alpha beta", MatchClause::Or, vec![1, 2, 3, 5]),
        ("alpha release", MatchClause::Exact, vec![1]),
    ] {
        assert_eq!(
            of(Sweep { filter: filter(words, clause), ..all.clone() }).await,
            posts,
            "{words} {clause:?}"
        );
    }
    let unlike = Some("beta".to_owned());
    assert_eq!(of(Sweep { unlike, ..all.clone() }).await, [1, 2, 4, 5], "only the very text is another");
    let narrow =
        Sweep { filter: filter("beta", MatchClause::And), authors: Some(vec![cast.alice]), ..between };
    assert_eq!(of(narrow).await, [3], "everything that is given must be so");
    for (n, time) in (1..).zip(&times) {
        let from = of(Sweep { from: Some(*time), ..all.clone() }).await;
        assert_eq!(from.first(), Some(&n), "from the time of {n} on");
    }
    assert!(of(Sweep { from: Some(times[4].plus_micros(1)), ..all }).await.is_empty(), "later is nothing");
}

pub async fn a_room_is_cleared_up_to_and_including_a_time(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut times: Vec<Time> = Vec::new();
    for n in 1..=4 {
        let mut post = cast.draft(cast.alice, cast.engineering, &format!("line {n}")).await;
        post.kept = n != 2;
        times.push(recorded(cast.store.post(post).await.unwrap()).header.time);
        stage.clock.advance_micros(1_000);
    }
    let until = Sweep { to: Some(times[2]), ..everything(&cast) };
    let (outcome, next) = cast.store.purge(&until, 0, Amendment::Remove, by_root()).await.unwrap();
    let AmendOutcome::Amended { entries, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((entries.len(), next), (3, None), "what was no history goes, too");
    assert_eq!(texts(&cast.store, cast.engineering).await, ["line 4"]);
    let left = cast.store.history(cast.engineering, Window::Last(9)).await.unwrap().posts;
    assert_eq!(left.iter().map(text).collect::<Vec<_>>(), ["line 4"]);
    let found = cast.store.search(search(&[cast.engineering], "line", 9)).await.unwrap();
    assert_eq!(found.posts.len(), 1);
    cast.store.verify(JournalKey::Room(cast.engineering)).await.unwrap();

    let (again, _) = cast.store.purge(&until, 0, Amendment::Remove, by_root()).await.unwrap();
    assert_eq!(again, AmendOutcome::Amended { operation: 0, entries: vec![] }, "twice is once");
}

pub async fn many_are_amended_in_one_transaction_and_told_once(stage: Stage) {
    let cast = Cast::on(&stage).await;
    for n in 1..=4 {
        cast.say(cast.alice, cast.engineering, &format!("secret {n}")).await;
    }
    let mut feed = cast.store.feed();
    let standing = cast.store.person(cast.carol).await.unwrap().unwrap().standing;
    let by = Actor::Person(cast.carol);
    let act = Act { standing: Some(standing), ..Act::of(by, "{\"verb\":\"purge\"}".into()) };
    let posts = vec![3, 1, 3, 99];
    let to = replacement("taken out");
    let asked = Amend { room: cast.engineering, posts, to, act };
    let outcome = cast.store.amend(asked.clone()).await.unwrap();

    let AmendOutcome::Amended { operation, entries } = outcome else { panic!("{outcome:?}") };
    let told: Vec<_> = entries.iter().map(|entry| entry.header.entry.clone()).collect();
    let replaced = |post| Entry::Room(RoomEntry::Replaced { post, by });
    assert_eq!(told, [replaced(1), replaced(3)], "each once, in their order");
    let committed = feed.recv().await.unwrap();
    let pool: Vec<_> =
        committed.entries.iter().filter(|entry| entry.header.journal == JournalKey::Pool).collect();
    let subject = Subject::Room(cast.engineering);
    let changed = Entry::Pool(PoolEntry::Administered { by, subject, change: Change::Changed, operation });
    assert_eq!((pool.len(), &pool[0].header.entry), (1, &changed));
    assert_eq!(operation, pool[0].header.position.number);
    assert_eq!(pool[0].body.as_ref().unwrap().text, "{\"verb\":\"purge\"}");
    let shown = cast.store.history(cast.engineering, Window::Last(9)).await.unwrap().posts;
    let shown: Vec<_> = shown.iter().map(text).collect();
    assert_eq!(shown, ["taken out", "secret 2", "taken out", "secret 4"]);

    let act = Act { operation: Some(operation), ..asked.act.clone() };
    let rest = Amend { posts: vec![4], act, ..asked };
    let outcome = cast.store.amend(rest).await.unwrap();
    let AmendOutcome::Amended { operation: same, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(same, operation, "a further part bears the number of the first");
    let committed = feed.recv().await.unwrap();
    let part = committed.entries.iter().find(|entry| entry.header.journal == JournalKey::Pool).unwrap();
    assert_eq!((&part.header.entry, &part.body), (&changed, &None), "what was asked is written once");
    for journal in [JournalKey::Room(cast.engineering), JournalKey::Pool] {
        cast.store.verify(journal).await.unwrap();
    }
}

pub async fn more_than_one_transaction_takes_is_refused(stage: Stage) {
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "hello").await;
    let many: Vec<u32> = (1..).take(AMEND_POSTS_MAX + 1).collect();
    let refused = amend(&cast.store, cast.engineering, &many, Amendment::Remove).await;
    assert_eq!(refused, AmendOutcome::TooMany { limit: AMEND_POSTS_MAX });
    let long = replacement(&"x".repeat(8_000));
    let limit = long.posts_max();
    assert!((100..AMEND_POSTS_MAX).contains(&limit), "a long text counts for each post: {limit}");
    let refused = amend(&cast.store, cast.engineering, &many[..=limit], long).await;
    assert_eq!(refused, AmendOutcome::TooMany { limit });
    assert_eq!(texts(&cast.store, cast.engineering).await, ["hello"]);
}

pub async fn a_removed_room_and_a_moved_standing_are_left_alone(stage: Stage) {
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "hello").await;
    let standing = cast.store.person(cast.carol).await.unwrap().unwrap().standing;
    let by_carol = |id: PersonId| Act { by: Actor::Person(id), standing: Some(standing), ..by_root() };
    let disabled = store::PersonDraft { enabled: false, ..person_draft("carol") };
    administer(
        &cast.store,
        RowChange::SetPerson { id: cast.carol, expected_standing: None, draft: disabled },
    )
    .await;
    let asked = |act| Amend { room: cast.engineering, posts: vec![1], to: Amendment::Remove, act };
    let rules = cast.store.room(cast.engineering).await.unwrap().unwrap().rules;
    let on_older = Act { rules: Some(rules - 1), ..by_root() };
    assert_eq!(cast.store.amend(asked(on_older)).await.unwrap(), AmendOutcome::Stale);
    assert_eq!(cast.store.amend(asked(by_carol(cast.carol))).await.unwrap(), AmendOutcome::Moved);
    administer(&cast.store, RowChange::RemovePerson(cast.carol)).await;
    assert_eq!(cast.store.amend(asked(by_carol(cast.carol))).await.unwrap(), AmendOutcome::Moved);
    assert_eq!(texts(&cast.store, cast.engineering).await, ["hello"], "who lost the right changes nothing");

    administer(&cast.store, RowChange::RemoveRoom(cast.engineering)).await;
    let journal = JournalKey::Room(cast.engineering);
    let head = cast.store.head(journal).await.unwrap();
    assert_eq!(cast.store.amend(asked(by_root())).await.unwrap(), AmendOutcome::NoSuchRoom);
    let swept = cast.store.sweep(&everything(&cast), 0, 9).await.unwrap();
    assert_eq!((swept.posts, swept.next), (vec![], None));
    assert_eq!(cast.store.head(journal).await.unwrap(), head);
    let nowhere = Amend { room: chat::RoomId(99), ..asked(by_root()) };
    assert_eq!(cast.store.amend(nowhere).await.unwrap(), AmendOutcome::NoSuchRoom);
    assert_eq!(
        cast.store.amend(asked(Act { by: ROOT, ..by_root() })).await.unwrap(),
        AmendOutcome::NoSuchRoom
    );
}

pub async fn a_large_room_is_purged_step_by_step(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let count = SWEEP_POSTS_MAX + AMEND_POSTS_MAX + 10;
    let post = cast.draft(cast.alice, cast.engineering, "noise").await;
    for _ in 0..count {
        recorded(cast.store.post(post.clone()).await.unwrap());
    }
    cast.say(cast.bob, cast.engineering, "signal").await;
    let signal = Sweep { authors: Some(vec![cast.bob]), ..everything(&cast) };
    let page = cast.store.sweep(&signal, 0, 9).await.unwrap();
    assert_eq!((page.posts.len(), page.next), (0, Some(SWEEP_POSTS_MAX as u32)), "a page may be empty");
    assert_eq!(meant(&cast, &signal).await, [count as u32 + 1]);

    let noise = Sweep { filter: filter("noise", MatchClause::And), ..everything(&cast) };
    let (mut steps, mut after) = (Vec::new(), Some(0));
    while let Some(from) = after {
        let (outcome, next) = cast.store.purge(&noise, from, Amendment::Remove, by_root()).await.unwrap();
        let AmendOutcome::Amended { entries, .. } = outcome else { panic!("{outcome:?}") };
        steps.push(entries.len());
        after = next;
    }
    assert_eq!(steps.iter().sum::<usize>(), count);
    assert!(steps.len() >= count.div_ceil(AMEND_POSTS_MAX) && steps.iter().all(|n| *n <= AMEND_POSTS_MAX));
    let left = cast.store.history(cast.engineering, Window::Last(9)).await.unwrap().posts;
    assert_eq!(left.iter().map(text).collect::<Vec<_>>(), ["signal"]);
}
