//! Stories of what is kept for one person.

use chat::RoomId;
use store::limits::{DOCUMENT_BYTES_MAX, DOCUMENT_NAME_BYTES_MAX};
use store::{Document, PutOutcome, ReadMark, Reading, RowChange, Shelf, Store, StoreFault};

use crate::stage::{Cast, Stage, administer, amend, replacement, say};

pub async fn documents_have_versions(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let put = |expected, content: Option<&str>| {
        let (store, content) = (cast.store.clone(), content.map(|text| text.as_bytes().to_vec()));
        async move { store.put_document(cast.alice, Shelf::Preference, "rooms", expected, content).await.unwrap() }
    };
    assert_eq!(put(Some(1), Some("x")).await, PutOutcome::Conflict(0));
    assert_eq!(put(Some(0), Some("a")).await, PutOutcome::Stored(1));
    assert_eq!(put(Some(0), Some("b")).await, PutOutcome::Conflict(1));
    assert_eq!(put(None, Some("c")).await, PutOutcome::Stored(2));

    let document = Document { name: "rooms".into(), version: 2, content: b"c".to_vec() };
    let read = cast.store.document(cast.alice, Shelf::Preference, "rooms").await.unwrap();
    assert_eq!(read, Some(document.clone()));
    assert_eq!(cast.store.documents(cast.alice, Shelf::Preference).await.unwrap(), [document]);
    assert!(cast.store.documents(cast.alice, Shelf::Contacts).await.unwrap().is_empty());
    assert!(cast.store.documents(cast.bob, Shelf::Preference).await.unwrap().is_empty());

    assert_eq!(put(Some(1), None).await, PutOutcome::Conflict(2));
    assert_eq!(put(Some(2), None).await, PutOutcome::Removed);
    assert_eq!(put(None, None).await, PutOutcome::Removed);
    assert_eq!(cast.store.document(cast.alice, Shelf::Preference, "rooms").await.unwrap(), None);
    administer(&cast.store, RowChange::RemovePerson(cast.alice)).await;
    assert_eq!(put(None, Some("d")).await, PutOutcome::NoSuchPerson);
}

pub async fn a_full_shelf_refuses(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let limit = chat::limits::PREFERENCES_MAX;
    let put = |name: String| {
        let store = cast.store.clone();
        async move { store.put_document(cast.alice, Shelf::Preference, &name, None, Some(vec![1])).await.unwrap() }
    };
    for n in 0..limit {
        assert_eq!(put(format!("label {n}")).await, PutOutcome::Stored(1));
    }
    assert_eq!(put("one more".into()).await, PutOutcome::TooMany { limit });
    assert_eq!(put("label 0".into()).await, PutOutcome::Stored(2), "what is there can be replaced");
}

pub async fn too_large_a_document_is_refused(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let put = |name: String, size: usize| {
        let (store, content) = (cast.store.clone(), Some(vec![0; size]));
        async move { store.put_document(cast.alice, Shelf::Contacts, &name, None, content).await.unwrap() }
    };
    let limit = DOCUMENT_BYTES_MAX;
    assert_eq!(put("list".into(), limit + 1).await, PutOutcome::TooLarge { limit });
    assert_eq!(put("list".into(), limit).await, PutOutcome::Stored(1));
    let limit = DOCUMENT_NAME_BYTES_MAX;
    assert_eq!(put("x".repeat(limit + 1), 1).await, PutOutcome::TooLarge { limit });
}

pub async fn invitations_are_numbered_once(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let (engineering, kitchen) = (cast.engineering, cast.kitchen);
    let ids = |granted: Vec<RoomId>| {
        let store = cast.store.clone();
        async move {
            let invitations = store.invitations(cast.alice, &granted).await.unwrap();
            invitations.into_iter().map(|invitation| (invitation.room, invitation.id)).collect::<Vec<_>>()
        }
    };
    assert_eq!(ids(vec![kitchen]).await, [(kitchen, 1)]);
    assert_eq!(ids(vec![engineering, kitchen]).await, [(kitchen, 1), (engineering, 2)]);
    assert_eq!(ids(vec![engineering]).await, [(engineering, 2)], "a grant withdrawn is not shown");
    assert_eq!(ids(vec![kitchen]).await, [(kitchen, 1)], "granted again it has its old number");
    assert_eq!(ids(vec![RoomId(99)]).await, []);
    let bobs = cast.store.invitations(cast.bob, &[engineering]).await.unwrap();
    assert_eq!((bobs[0].id, bobs[0].time), (1, chat::Clock::now(&*stage.clock)));
}

pub async fn read_marks_only_move_forward(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mark = |room, posts| ReadMark { person: cast.alice, room, posts };
    cast.store.mark_read(vec![mark(cast.engineering, 5), mark(cast.kitchen, 1)]).await.unwrap();
    cast.store.mark_read(vec![mark(cast.engineering, 3), mark(RoomId(99), 1)]).await.unwrap();
    cast.store.mark_read(vec![mark(cast.kitchen, 2)]).await.unwrap();

    let marks = async |person| {
        let reading = cast.store.reading(person, &[]).await.unwrap();
        reading.iter().map(|reading| (reading.room, reading.read)).collect::<Vec<_>>()
    };
    assert_eq!(marks(cast.alice).await, [(cast.engineering, 5), (cast.kitchen, 2)]);
    assert!(marks(cast.bob).await.is_empty());
}

pub async fn what_is_unread_leaves_out_the_gaps_of_eras(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let (alice, bob, room, kitchen) = (cast.alice, cast.bob, cast.engineering, cast.kitchen);
    for text in ["one", "two", "three"] {
        cast.say(alice, room, text).await;
    }
    cast.say(alice, kitchen, "coffee").await;
    let mut store = cast.store;
    let mark = |room, posts| ReadMark { person: bob, room, posts };
    store.mark_read(vec![mark(room, 1), mark(kitchen, 1)]).await.unwrap();
    let of = |room, read, posts, unread| Reading { room, read, posts, unread, mentions: 0 };
    let reading = store.reading(bob, &[]).await.unwrap();
    assert_eq!(reading, [of(room, 1, 3, 2), of(kitchen, 1, 1, 0)]);
    let pending = store.reading(bob, &[(room, 2), (kitchen, 0)]).await.unwrap();
    assert_eq!(pending, [of(room, 2, 3, 1), of(kitchen, 1, 1, 0)], "what is not kept yet counts");

    // Two eras: in the first nothing is said in the kitchen, but its journal goes on.
    for era in [2, 3] {
        store.close().await;
        assert_eq!(Store::raise_era(stage.location()).unwrap(), era);
        store = stage.open();
        say(&store, alice, room, "once more").await;
        amend(&store, kitchen, &[1], replacement(&format!("tea {era}"))).await;
    }
    say(&store, alice, kitchen, "cake").await;
    let skip = u32::try_from(store::limits::ERA_SKIP).unwrap();
    let reading = store.reading(bob, &[]).await.unwrap();
    assert_eq!(reading, [of(room, 1, 3 + 2 * (skip + 1), 4), of(kitchen, 1, 2 + 2 * skip, 1)]);
    for (read, unread) in [(3, 2), (9, 2), (3 + skip, 2), (4 + skip, 1), (5 + 2 * skip, 0)] {
        let reading = store.reading(bob, &[(room, read)]).await.unwrap();
        assert_eq!((reading[0].read, reading[0].unread), (read, unread), "after {read}");
    }

    administer(&store, RowChange::RemoveRoom(kitchen)).await;
    assert_eq!(store.reading(bob, &[(kitchen, 1)]).await.unwrap().len(), 1, "a removed room is not read");
}

pub async fn no_text_that_is_kept_or_looked_for_holds_the_character_of_number_0(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let (store, name) = (cast.store.clone(), "na\0me");
    let fault =
        store.put_document(cast.alice, Shelf::Preference, name, None, Some(vec![1])).await.unwrap_err();
    assert!(matches!(fault, StoreFault::Rejected { .. }), "{fault:?}");
    let fault = store.document(cast.alice, Shelf::Preference, name).await.unwrap_err();
    assert!(matches!(fault, StoreFault::Rejected { .. }), "{fault:?}");
    assert!(!fault.to_string().contains("na"), "nothing of it is told: {fault}");
    assert!(store.documents(cast.alice, Shelf::Preference).await.unwrap().is_empty());
}
