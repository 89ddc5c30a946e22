//! Stories of journals: what moved is told in order, can be caught up with, and proves itself.

use chat::{
    Entry, JournalKey, Mask, PartReason, PersonId, PoolEntry, Position, RoomEntry, RoomId, ServerEntry, Stand,
};
use store::{Committed, Resume, Store};
use tokio::sync::broadcast::error::TryRecvError;

use crate::stage::{Cast, Stage, new_room, say, texts};

fn server(store: &Store) -> JournalKey {
    JournalKey::Server(store.identity().server)
}

async fn stand(store: &Store, room: RoomId) -> Stand {
    Stand { room, at: store.head(JournalKey::Room(room)).await.unwrap().position, mask: Mask::JOIN }
}

fn text_of(committed: &Committed) -> Option<String> {
    committed.entries.iter().find_map(|entry| Some(entry.body.as_ref()?.text.clone()))
}

pub async fn the_feed_tells_every_commit_in_order(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut feed = cast.store.feed();
    let said = cast.say(cast.alice, cast.engineering, "one").await;
    cast.say(cast.bob, cast.kitchen, "two").await;

    let first = feed.try_recv().expect("a kept post is in the feed before its author knows");
    let second = feed.try_recv().unwrap();
    assert_eq!((text_of(&first), text_of(&second)), (Some("one".into()), Some("two".into())));
    assert_eq!(second.server_number, first.server_number + 1);
    assert_eq!(first.entries[0], said);
    let own = &first.entries.last().unwrap().header;
    assert_eq!((own.journal, own.position.number), (server(&cast.store), first.server_number));
    let number = said.header.position.number;
    let moved = chat::Range { journal: JournalKey::Room(cast.engineering), from: number, to: number };
    assert_eq!(own.entry, Entry::Server(ServerEntry::Moved(vec![moved])));
}

pub async fn a_reader_that_lagged_catches_up_from_the_journals(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut feed = cast.store.feed();
    let seen = cast.store.head(server(&cast.store)).await.unwrap().position.number;
    let posts = store::limits::FEED_MAX + 10;
    for n in 0..posts {
        cast.say(cast.alice, cast.engineering, &format!("post {n}")).await;
    }
    let lagged = feed.try_recv().unwrap_err();
    assert!(matches!(lagged, TryRecvError::Lagged(_)), "{lagged:?}");

    let (mut after, mut caught_up) = (seen, Vec::new());
    loop {
        let page = cast.store.entries(server(&cast.store), after, 100).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.header.position.number;
        for entry in page {
            let Entry::Server(ServerEntry::Moved(ranges)) = &entry.header.entry else { continue };
            for range in ranges {
                let count = usize::try_from(range.to - range.from + 1).unwrap();
                for moved in cast.store.entries(range.journal, range.from - 1, count).await.unwrap() {
                    caught_up.push(moved.body.as_ref().unwrap().text.clone());
                }
            }
        }
    }
    assert_eq!(caught_up, (0..posts).map(|n| format!("post {n}")).collect::<Vec<_>>());
}

pub async fn joins_and_parts_are_kept_with_who_is_present(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let engineering = stand(&cast.store, cast.engineering).await;
    let kitchen = stand(&cast.store, cast.kitchen).await;
    let before = cast.store.head(server(&cast.store)).await.unwrap().position.number;
    cast.store.join(cast.alice, 1, vec![kitchen]).await.unwrap();
    cast.store.join(cast.alice, 1, vec![engineering]).await.unwrap();
    cast.store.join(cast.bob, u64::MAX, vec![engineering, kitchen]).await.unwrap();
    cast.store.part(cast.alice, 1, PartReason::Left, vec![kitchen]).await.unwrap();
    cast.store.part(cast.bob, u64::MAX, PartReason::Gone, vec![engineering, kitchen]).await.unwrap();

    let present: Vec<(PersonId, u64, Vec<RoomId>)> = cast
        .store
        .roster()
        .await
        .unwrap()
        .present
        .into_iter()
        .map(|there| (there.person, there.endpoint, there.rooms))
        .collect();
    assert_eq!(present, [(cast.alice, 1, vec![cast.engineering])]);
    let told: Vec<Entry> = cast
        .store
        .entries(server(&cast.store), before, 10)
        .await
        .unwrap()
        .iter()
        .map(|entry| entry.header.entry.clone())
        .collect();
    let (alice, bob) = (cast.alice, cast.bob);
    let joined = |person, endpoint, rooms| Entry::Server(ServerEntry::Joined { person, endpoint, rooms });
    assert_eq!(told.len(), 5, "nothing else moved");
    assert_eq!(told[0], joined(alice, 1, vec![kitchen]));
    assert_eq!(told[2], joined(bob, u64::MAX, vec![engineering, kitchen]));
    let (endpoint, reason) = (1, PartReason::Left);
    let parted = ServerEntry::Parted { person: alice, endpoint, reason, rooms: vec![kitchen] };
    assert_eq!(told[3], Entry::Server(parted));
}

pub async fn a_new_start_begins_with_nobody_present(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let there = stand(&cast.store, cast.engineering).await;
    cast.store.join(cast.alice, 1, vec![there]).await.unwrap();
    assert_eq!(cast.store.roster().await.unwrap().present.len(), 1);
    drop(cast);

    let again = stage.open();
    assert_eq!(again.roster().await.unwrap().present, []);
    let last = again.head(server(&again)).await.unwrap().position.number;
    let entries = again.entries(server(&again), last - 1, 1).await.unwrap();
    let started = ServerEntry::Started { epoch: again.identity().epoch };
    assert_eq!(entries[0].header.entry, Entry::Server(started), "the entry that ends the old presence");
}

pub async fn a_view_is_kept(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let head = cast.say(cast.alice, cast.engineering, "look").await.header.position;
    cast.store.view(cast.bob, cast.engineering, 1, 1, head).await.unwrap();

    let last = cast.store.head(server(&cast.store)).await.unwrap().position.number;
    let entries = cast.store.entries(server(&cast.store), last - 1, 1).await.unwrap();
    let viewed = ServerEntry::Viewed { person: cast.bob, room: cast.engineering, from: 1, to: 1, head };
    assert_eq!(entries[0].header.entry, Entry::Server(viewed));
}

pub async fn a_new_era_begins_with_a_gap(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let (alice, room) = (cast.alice, cast.engineering);
    let old = cast.say(alice, room, "old era").await.header.position;
    cast.store.close().await;
    assert_eq!(Store::raise_era(stage.location()).unwrap(), 2);
    let store = stage.open();
    assert_eq!(store.identity().era, 2);

    let new = say(&store, alice, room, "new era").await.header.position;
    let next = say(&store, alice, room, "next").await.header.position;
    let fork = old.number;
    assert_eq!((new.era, new.number), (2, fork + 1_000_000 + 1));
    assert_eq!(next.number, new.number + 1, "only the first append skips");
    assert!(new > old, "positions are ordered over eras");
    let gap = &store.entries(JournalKey::Room(room), fork, 1).await.unwrap()[0].header;
    assert_eq!(gap.position.number, fork + 1_000_000);
    assert_eq!(gap.entry, Entry::Room(RoomEntry::Gap { fork, to: fork + 1_000_000 }));
    let shown = store.history(room, store::Window::Last(9)).await.unwrap().posts[1].post;
    assert_eq!(shown, 1_000_002, "the number of a lost post is not given again");
    let first = store.entries(JournalKey::Pool, 0, 1).await.unwrap();
    assert!(matches!(first[0].header.entry, Entry::Pool(PoolEntry::Administered { .. })));
    for journal in [JournalKey::Room(room), server(&store), JournalKey::Pool] {
        let gaps = u64::from(journal != JournalKey::Pool);
        assert_eq!(store.verify(journal).await.unwrap().gaps, gaps, "{journal:?}");
    }
}

pub async fn who_saw_beyond_the_fork_is_reset_to_it(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let (alice, room) = (cast.alice, cast.engineering);
    let kept = cast.say(alice, room, "in the copy").await.header.position;
    let journal = JournalKey::Room(room);
    let lost = Position { era: 1, number: kept.number + 3 };
    assert_eq!(cast.store.resume(journal, lost).await.unwrap(), Resume::ResetTo(kept), "never written");
    cast.store.close().await;
    Store::raise_era(stage.location()).unwrap();
    let store = stage.open();
    let new = say(&store, alice, room, "after the restore").await.header.position;

    assert_eq!(store.resume(journal, lost).await.unwrap(), Resume::ResetTo(kept));
    assert_eq!(store.resume(journal, kept).await.unwrap(), Resume::Good);
    assert_eq!(store.resume(journal, new).await.unwrap(), Resume::Good);
}

pub async fn who_saw_another_past_is_never_told_to_go_on(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let (alice, general) = (cast.alice, cast.general);
    let journal = JournalKey::Room(cast.engineering);
    let kept = cast.say(alice, cast.engineering, "in the copy").await.header.position;
    let of_a_later_era = Position { era: 7, number: kept.number };
    let of_no_room = JournalKey::Room(RoomId(99));
    assert_eq!(cast.store.resume(journal, of_a_later_era).await.unwrap(), Resume::ResetTo(kept));
    for (number, expected) in [(0, Resume::Good), (3, Resume::ResetTo(Position { era: 1, number: 0 }))] {
        assert_eq!(cast.store.resume(of_no_room, Position { era: 1, number }).await.unwrap(), expected);
    }
    cast.store.close().await;
    Store::raise_era(stage.location()).unwrap();

    let store = stage.open();
    let made_since = new_room(&store, general, "Made since").await;
    say(&store, alice, made_since, "hello").await;
    let of_a_lost_room = Position { era: 1, number: 1 };
    assert_eq!(
        store.resume(JournalKey::Room(made_since), of_a_lost_room).await.unwrap(),
        Resume::ResetTo(Position { era: 1, number: 0 }),
        "the room that had this number before the loss was another one"
    );
}

pub async fn entries_come_in_pages(stage: Stage) {
    let cast = Cast::on(&stage).await;
    for n in 1..=5 {
        cast.say(cast.alice, cast.engineering, &format!("post {n}")).await;
    }
    let journal = JournalKey::Room(cast.engineering);
    let page = cast.store.entries(journal, 2, 2).await.unwrap();
    let numbers: Vec<u64> = page.iter().map(|entry| entry.header.position.number).collect();
    assert_eq!(numbers, [3, 4]);
    assert!(cast.store.entries(journal, 6, 2).await.unwrap().is_empty());
    assert!(cast.store.entries(JournalKey::Room(RoomId(99)), 0, 2).await.unwrap().is_empty());
    assert_eq!(cast.store.head(JournalKey::Room(RoomId(99))).await.unwrap().position.number, 0);
}

pub async fn a_page_of_long_texts_ends_early(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let journal = JournalKey::Room(cast.engineering);
    let mut rich = cast.draft(cast.alice, cast.engineering, "rich").await;
    let rtf = format!("{{\\rtf1 {}}}", "x".repeat(120_000));
    rich.draft.rtf = Some(chat::Rtf::parse(&rtf).unwrap());
    for _ in 0..80 {
        cast.store.post(rich.clone()).await.unwrap();
    }
    let (mut after, mut pages) = (0, Vec::new());
    loop {
        let page = cast.store.entries(journal, after, usize::MAX).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.header.position.number;
        pages.push(page.len());
    }
    assert_eq!(pages.iter().sum::<usize>(), 81, "nothing is left out: {pages:?}");
    assert_eq!(pages.len(), 3, "9.6 MB of text in pages of 4 MiB: {pages:?}");
}

pub async fn every_journal_of_a_busy_store_verifies(stage: Stage) {
    let cast = Cast::on(&stage).await;
    for n in 0..30 {
        cast.say(cast.alice, cast.engineering, &format!("post {n}")).await;
        cast.say(cast.bob, cast.kitchen, &format!("post {n}")).await;
    }
    let posts = texts(&cast.store, cast.kitchen).await.len() as u64;
    let room = cast.store.verify(JournalKey::Room(cast.kitchen)).await.unwrap();
    assert_eq!((room.entries, room.bodies, room.gaps), (posts + 1, posts, 0));
    assert!(cast.store.verify(server(&cast.store)).await.unwrap().entries > 60);
    assert_eq!(cast.store.verify(JournalKey::Pool).await.unwrap().entries, 6, "three people, three nodes");
    assert_eq!(cast.store.verify(JournalKey::Room(RoomId(99))).await.unwrap().entries, 0);
}
