//! Stories of what is kept for one person.

use chat::RoomId;
use store::limits::{DOCUMENT_BYTES_MAX, DOCUMENT_NAME_BYTES_MAX};
use store::{Document, PutOutcome, ReadMark, RowChange, Shelf};

use crate::stage::{Cast, Stage, administer};

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

    let marks = cast.store.read_marks(cast.alice).await.unwrap();
    assert_eq!(marks, [mark(cast.engineering, 5), mark(cast.kitchen, 2)]);
    assert!(cast.store.read_marks(cast.bob).await.unwrap().is_empty());
}
