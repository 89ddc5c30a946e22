//! Stories of mentions: kept with the text that makes them, counted while they are unread, gone with the text.

use chat::{JournalKey, Mention, PersonId, RoomId};
use store::{Amendment, ReadMark, RowChange, Store, StoreFault, Window};

use crate::stage::{Cast, Stage, administer, amend, client_id, new_person, recorded, replacement, say};

fn mention(person: PersonId, name: &str) -> Mention {
    Mention { person, name: name.into() }
}

/// Says something that mentions people.
async fn name(cast: &Cast, room: RoomId, text: &str, mentions: &[Mention], kept: bool) {
    let post = cast.draft(cast.alice, room, text).await;
    let post = store::NewPost { mentions: mentions.to_vec(), kept, ..post };
    let told = recorded(cast.store.post(post).await.unwrap());
    assert_eq!(told.body.as_ref().unwrap().mentions, mentions);
}

/// Unread posts of a room, and those that mention the reader.
async fn unread(store: &Store, reader: PersonId, room: RoomId, pending: &[(RoomId, u32)]) -> (u32, u32) {
    let reading = store.reading(reader, pending).await.unwrap();
    let one = reading.iter().find(|one| one.room == room).expect("the room was read");
    (one.unread, one.mentions)
}

pub async fn mentions_are_kept_with_the_text_and_come_back_with_it(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let both = [mention(cast.bob, "Bob"), mention(cast.carol, "Ca\u{301}rol"), mention(cast.bob, "b\u{f6}b")];
    name(&cast, cast.engineering, "@Bob, @Ca\u{301}rol and @b\u{f6}b", &both, true).await;
    cast.say(cast.alice, cast.engineering, "@Bob").await;
    let history = cast.store.history(cast.engineering, Window::Last(9)).await.unwrap();
    let shown: Vec<&[Mention]> =
        history.posts.iter().map(|post| post.body.as_ref().unwrap().mentions.as_slice()).collect();
    assert_eq!(shown, [&both[..], &[]], "what was not resolved when it was kept never is");
    let entries = cast.store.entries(JournalKey::Room(cast.engineering), 1, 9).await.unwrap();
    assert_eq!(entries[0].body.as_ref().unwrap().mentions, both);
    let found = cast.store.search(crate::stage::search(&[cast.engineering], "bob", 9)).await.unwrap();
    assert_eq!(found.posts.last().unwrap().body.as_ref().unwrap().mentions, both);
    let verified = cast.store.verify(JournalKey::Room(cast.engineering)).await.unwrap();
    assert_eq!(verified.bodies, 2);
}

pub async fn unread_mentions_are_counted_for_whom_they_mean(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let (room, kitchen) = (cast.engineering, cast.kitchen);
    let bob = mention(cast.bob, "Bob");
    say(&cast.store, cast.alice, room, "good morning").await;
    say(&cast.store, cast.alice, kitchen, "coffee").await;
    let mark = |person, room| ReadMark { person, room, posts: 1 };
    let marks = vec![mark(cast.bob, room), mark(cast.bob, kitchen), mark(cast.carol, room)];
    cast.store.mark_read(marks).await.unwrap();
    name(&cast, room, "@Bob", std::slice::from_ref(&bob), true).await;
    name(&cast, room, "@Bob and @bob", &[bob.clone(), mention(cast.bob, "bob")], true).await;
    say(&cast.store, cast.alice, room, "hello").await;
    name(&cast, kitchen, "@Carol", &[mention(cast.carol, "Carol")], true).await;
    assert_eq!(unread(&cast.store, cast.bob, room, &[]).await, (3, 2), "a post counts once");
    assert_eq!(unread(&cast.store, cast.carol, room, &[]).await, (3, 0));
    assert_eq!(unread(&cast.store, cast.bob, kitchen, &[]).await, (1, 0));
    assert_eq!(
        unread(&cast.store, cast.bob, room, &[(room, 2)]).await,
        (2, 1),
        "what is not kept yet counts"
    );
    cast.store.mark_read(vec![ReadMark { person: cast.bob, room, posts: 3 }]).await.unwrap();
    assert_eq!(unread(&cast.store, cast.bob, room, &[]).await, (1, 0));
}

pub async fn a_text_that_goes_mentions_nobody_any_more(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let room = cast.engineering;
    let bob = [mention(cast.bob, "Bob")];
    say(&cast.store, cast.alice, room, "good morning").await;
    cast.store.mark_read(vec![ReadMark { person: cast.bob, room, posts: 1 }]).await.unwrap();
    for text in ["one for @Bob", "two for @Bob", "three for @Bob"] {
        name(&cast, room, text, &bob, true).await;
    }
    name(&cast, room, "in passing: @Bob", &bob, false).await;
    assert_eq!(unread(&cast.store, cast.bob, room, &[]).await, (4, 4));
    amend(&cast.store, room, &[2], Amendment::Remove).await;
    amend(&cast.store, room, &[3], replacement("three for @Bob, again")).await;
    assert_eq!(unread(&cast.store, cast.bob, room, &[]).await, (4, 2));
    let history = cast.store.history(room, Window::Last(9)).await.unwrap();
    let mentions: Vec<usize> =
        history.posts.iter().map(|post| post.body.as_ref().unwrap().mentions.len()).collect();
    assert_eq!(mentions, [0, 0, 1]);
    cast.store.verify(JournalKey::Room(room)).await.unwrap();

    // What was said in passing goes with the next start.
    cast.store.close().await;
    let store = stage.open();
    assert_eq!(unread(&store, cast.bob, room, &[]).await, (4, 1));
}

pub async fn whoever_or_whatever_is_removed_is_mentioned_no_more(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let bob = mention(cast.bob, "Bob");
    name(&cast, cast.engineering, "@Bob", std::slice::from_ref(&bob), true).await;
    name(&cast, cast.kitchen, "@Bob, @Carol", &[bob, mention(cast.carol, "Carol")], true).await;
    assert_eq!(stage.count("mention"), 3);
    administer(&cast.store, RowChange::RemovePerson(cast.bob)).await;
    assert_eq!(stage.count("mention"), 1);
    administer(&cast.store, RowChange::RemoveRoom(cast.kitchen)).await;
    assert_eq!(stage.count("mention"), 0);
    let dora = new_person(&cast.store, "bob").await;
    assert_eq!(
        cast.store.reading(dora, &[(cast.engineering, 0)]).await.unwrap()[0].mentions,
        0,
        "somebody else"
    );
}

pub async fn a_post_that_comes_again_is_the_same_whomever_it_mentions_now(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut post = cast.draft(cast.alice, cast.engineering, "@Bob").await;
    post.client_id = Some(client_id("urn:1"));
    let first = recorded(cast.store.post(post.clone()).await.unwrap());
    post.mentions = vec![mention(cast.bob, "Bob")];
    let again = cast.store.post(post).await.unwrap();
    assert_eq!(again, store::PostOutcome::Repeated(crate::stage::said(&first)), "Bob came meanwhile");
    assert_eq!(stage.count("mention"), 0);
}

pub async fn a_store_of_the_former_program_goes_on_with_all_that_was_said(stage: Stage) {
    let cast = Cast::on(&stage).await;
    say(&cast.store, cast.alice, cast.engineering, "@Bob, said when nobody was mentioned").await;
    cast.store.close().await;
    stage.behind(&[
        "DROP INDEX read_mark_room",
        "DROP INDEX invitation_room",
        "ALTER TABLE lease DROP COLUMN confirmed",
        "DROP TABLE session",
        "DROP TABLE mention",
        "ALTER TABLE body DROP COLUMN mentions",
        "UPDATE schema SET version = 6, min_writer = 5",
    ]);
    let store = stage.open();
    let history = store.history(cast.engineering, Window::Last(9)).await.unwrap();
    let body = history.posts[0].body.as_ref().unwrap();
    assert_eq!(body.text, "@Bob, said when nobody was mentioned");
    assert!(body.mentions.is_empty());
    let verified = store.verify(JournalKey::Room(cast.engineering)).await.unwrap();
    assert_eq!(verified.bodies, 1, "its code holds without mentions");
    let post = crate::stage::new_post(&store, cast.alice, cast.engineering, "@Bob").await;
    let post = store::NewPost { mentions: vec![mention(cast.bob, "Bob")], ..post };
    recorded(store.post(post).await.unwrap());
    assert_eq!((stage.count("mention"), stage.count("session")), (1, 0));
}

#[tokio::test]
async fn a_post_costs_one_statement_more_for_each_it_mentions_and_none_when_it_mentions_nobody() {
    let stage = Stage::sqlite();
    let statements = stage.statements();
    let cast = Cast::on(&stage).await;
    let mut begun = Vec::new();
    for mentions in [vec![], vec![mention(cast.bob, "Bob"), mention(cast.carol, "Carol")]] {
        let _ = statements.take();
        name(&cast, cast.engineering, "@Bob, @Carol", &mentions, true).await;
        let mut done = statements.take();
        // The index of texts looks at so many of its pages as follow from what is in it.
        done.retain(|statement| !statement.contains("'main'."));
        begun.push(done);
    }
    let more = begun[1].extract_if(.., |statement| statement.starts_with("INSERT INTO mention "));
    assert_eq!(more.count(), 2);
    assert_eq!(begun[0], begun[1], "nothing else is asked or written");
}

#[tokio::test]
async fn a_mention_cannot_be_put_into_somebodys_mouth_behind_the_store() {
    let stage = Stage::sqlite();
    let cast = Cast::on(&stage).await;
    name(&cast, cast.engineering, "@Bob", &[mention(cast.bob, "Bob")], true).await;
    let key = JournalKey::Room(cast.engineering);
    cast.store.verify(key).await.unwrap();
    let behind = rusqlite::Connection::open(stage.file()).unwrap();
    for change in ["mentions = NULL", "mentions = x'00000000000000030003426f62'", "mentions = x'00'"] {
        behind.execute(&format!("UPDATE body SET {change} WHERE text = '@Bob'"), []).unwrap();
        let found = cast.store.verify(key).await;
        assert!(matches!(found, Err(StoreFault::Damaged { .. })), "{change}: {found:?}");
    }
}
