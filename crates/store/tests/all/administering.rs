//! Stories of administration: all or nothing, unique names, numbers that rise.

use chat::{
    Actor, Change, Description, Domain, Entry, Invitations, JournalKey, PersonId, PersonState, PoolEntry,
    Principal, Privacy, RoomEntry, RoomId, RoomKind, Subject,
};
use store::{AdminFault, Credentials, Founding, Order, RoomDraft, RowChange, RowDone, Store, Who, Window};

use crate::stage::{
    Cast, ROOT, Stage, administer, category_draft, everybody, new_person, new_room, person_draft, room_draft,
};

async fn refused(store: &Store, change: RowChange) -> AdminFault {
    store.administer(Order::of(ROOT, "{}".into()), vec![change]).await.unwrap_err()
}

pub async fn a_founded_store_keeps_its_identity(stage: Stage) {
    let first = stage.open();
    let other = Founding {
        domain: Domain::parse("example.org").unwrap(),
        pool_name: "other".into(),
        pool_guid: uuid::Uuid::nil(),
        site: "Default".into(),
        chat: true,
    };
    assert_eq!((first.identity().era, first.identity().epoch), (1, 1));
    first.close().await;
    let again = Store::open(stage.location(), &other, std::sync::Arc::clone(&stage.clock) as _).unwrap();

    let founded = stage.founding();
    assert_eq!(again.identity().domain, founded.domain);
    assert_eq!(again.identity().pool_name, founded.pool_name);
    assert_eq!(again.identity().pool_guid, founded.pool_guid);
    assert_eq!(again.identity().epoch, 2);
}

pub async fn rows_come_back_as_they_were_put(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut draft = category_draft("Projects");
    draft.description = Description::parse("All of them").unwrap();
    draft.scope.denied = vec![Principal::Person(cast.carol)];
    draft.creators = vec![Principal::Person(cast.bob), everybody(), Principal::Person(cast.bob)];
    draft.file_upload = true;
    let RowDone::Category(category) = administer(&cast.store, RowChange::NewCategory(draft.clone())).await
    else {
        panic!("a category was expected")
    };
    assert_eq!((category.name, category.description), (draft.name, draft.description));
    assert_eq!(category.scope, draft.scope);
    assert_eq!(category.creators, [Principal::Person(cast.bob), everybody()], "each once, in order");
    assert!(category.file_upload && category.invitations && category.history && category.rules == 1);

    let mut draft = room_draft(category.id, "Auditorium");
    draft.privacy = Privacy::Secret;
    draft.kind = RoomKind::Auditorium;
    draft.invitations = Invitations::Off;
    draft.disabled = true;
    draft.members = vec![everybody(), Principal::Person(cast.alice)];
    draft.managers = vec![Principal::Person(cast.bob)];
    draft.presenters = vec![Principal::Person(cast.carol)];
    let RowDone::Room(room) = administer(&cast.store, RowChange::NewRoom(draft.clone())).await else {
        panic!("a room was expected")
    };
    assert_eq!((room.category, &room.name), (category.id, &draft.name));
    assert_eq!((room.privacy, room.kind), (draft.privacy, draft.kind));
    assert_eq!((room.invitations, room.disabled), (draft.invitations, true));
    assert_eq!((&room.members, &room.managers), (&draft.members, &draft.managers));
    assert_eq!((&room.presenters, room.rules), (&draft.presenters, 1));
    assert_eq!(cast.store.room(room.id).await.unwrap(), Some(room.clone()));
    assert_eq!(cast.store.rooms().await.unwrap().last(), Some(&room));

    draft.members.clear();
    draft.disabled = false;
    let set = RowChange::SetRoom { id: room.id, expected_rules: Some(1), draft };
    let RowDone::Room(changed) = administer(&cast.store, set).await else { panic!("a room was expected") };
    assert!(changed.members.is_empty() && !changed.disabled);
    assert_eq!((changed.rules, changed.guid), (2, room.guid));
}

pub async fn names_are_unique_over_rooms_and_categories(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    let general = cast.general;
    for taken in ["ENGINEERING", "general"] {
        let room = RowChange::NewRoom(room_draft(general, taken));
        assert_eq!(refused(store, room).await, AdminFault::DuplicateName, "{taken}");
        let category = RowChange::NewCategory(category_draft(taken));
        assert_eq!(refused(store, category).await, AdminFault::DuplicateName, "{taken}");
        let draft = room_draft(general, taken);
        let rename = RowChange::SetRoom { id: cast.kitchen, expected_rules: None, draft };
        assert_eq!(refused(store, rename).await, AdminFault::DuplicateName, "{taken}");
    }
    let draft = room_draft(general, "KITCHEN");
    administer(store, RowChange::SetRoom { id: cast.kitchen, expected_rules: None, draft }).await;
    administer(store, RowChange::RemoveRoom(cast.kitchen)).await;
    new_room(store, general, "Kitchen").await;
}

pub async fn a_refused_operation_leaves_nothing(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let head = cast.store.head(JournalKey::Pool).await.unwrap();
    let mut feed = cast.store.feed();
    let changes = vec![
        RowChange::NewPerson(person_draft("dave")),
        RowChange::NewRoom(room_draft(cast.general, "Library")),
        RowChange::NewRoom(room_draft(cast.general, "library")),
    ];
    let fault = cast.store.administer(Order::of(ROOT, "{}".into()), changes.clone()).await.unwrap_err();

    assert_eq!(fault, AdminFault::DuplicateName);
    assert_eq!(cast.store.people().await.unwrap().len(), 3);
    assert_eq!(cast.store.rooms().await.unwrap().len(), 2);
    assert_eq!(cast.store.head(JournalKey::Pool).await.unwrap(), head);
    assert!(feed.try_recv().is_err());
    assert_eq!(
        cast.store.administer(Order::of(ROOT, "{}".into()), changes[..2].to_vec()).await.unwrap().done.len(),
        2
    );
}

pub async fn a_stale_change_is_refused(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let room = |expected_rules| RowChange::SetRoom {
        id: cast.kitchen,
        expected_rules,
        draft: room_draft(cast.general, "Kitchen"),
    };
    administer(&cast.store, room(Some(1))).await;
    assert_eq!(refused(&cast.store, room(Some(1))).await, AdminFault::Stale);

    let narrowed = RowChange::SetCategory {
        id: cast.general,
        expected_rules: Some(1),
        draft: category_draft("General"),
    };
    administer(&cast.store, narrowed).await;
    let decided_before = || RoomDraft { under_category_rules: Some(1), ..room_draft(cast.general, "Attic") };
    assert_eq!(refused(&cast.store, RowChange::NewRoom(decided_before())).await, AdminFault::Stale);
    let set = RowChange::SetRoom { id: cast.kitchen, expected_rules: None, draft: decided_before() };
    assert_eq!(refused(&cast.store, set).await, AdminFault::Stale);

    let draft = category_draft("General");
    let category = RowChange::SetCategory { id: cast.general, expected_rules: Some(9), draft };
    assert_eq!(refused(&cast.store, category).await, AdminFault::Stale);
    let draft = person_draft("alice");
    let person = RowChange::SetPerson { id: cast.alice, expected_standing: Some(9), draft };
    assert_eq!(refused(&cast.store, person).await, AdminFault::Stale);
}

pub async fn only_an_empty_category_is_removed(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let remove = || RowChange::RemoveCategory(cast.general);
    assert_eq!(refused(&cast.store, remove()).await, AdminFault::NotEmpty);
    administer(&cast.store, RowChange::RemoveRoom(cast.engineering)).await;
    assert_eq!(refused(&cast.store, remove()).await, AdminFault::NotEmpty);
    administer(&cast.store, RowChange::RemoveRoom(cast.kitchen)).await;

    let gone = Subject::Category(cast.general);
    assert_eq!(administer(&cast.store, remove()).await, RowDone::Removed(gone));
    assert_eq!(refused(&cast.store, remove()).await, AdminFault::NoSuch(gone));
    assert!(cast.store.categories().await.unwrap().is_empty());
    administer(&cast.store, RowChange::NewCategory(category_draft("General"))).await;
}

pub async fn an_address_given_out_again_is_somebody_new(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    let mut draft = room_draft(cast.general, "Board");
    draft.members = vec![Principal::Person(cast.alice)];
    let RowDone::Room(board) = administer(store, RowChange::NewRoom(draft)).await else { panic!("a room") };
    cast.say(cast.alice, board.id, "the old Alice was here").await;
    let again = RowChange::NewPerson(person_draft("alice"));
    assert_eq!(refused(store, again).await, AdminFault::DuplicateAddress);
    administer(store, RowChange::RemovePerson(cast.alice)).await;

    let new = new_person(store, "alice").await;
    assert_ne!(new, cast.alice);
    let board = store.room(board.id).await.unwrap().unwrap();
    let category = store.category(cast.general).await.unwrap().unwrap();
    let person = store.person(new).await.unwrap().unwrap();
    assert!(!person.is_any(&board.members), "no old rights");
    assert!(category.scope.admits(&person), "but those of the domain");
    let said = store.history(board.id, Window::Last(1)).await.unwrap();
    assert_eq!(said.posts[0].author, cast.alice, "old posts keep the old author");
    let old = store.person(cast.alice).await.unwrap().unwrap();
    assert_eq!((old.state, old.address), (PersonState::Removed, person.address));
    let draft = person_draft("alice");
    let back = RowChange::SetPerson { id: cast.alice, expected_standing: None, draft };
    assert_eq!(refused(store, back).await, AdminFault::NoSuch(Subject::Person(cast.alice)));
    let draft = person_draft("alice");
    let clash = RowChange::SetPerson { id: cast.bob, expected_standing: None, draft };
    assert_eq!(refused(store, clash).await, AdminFault::DuplicateAddress);
}

pub async fn a_removed_person_leaves_every_list(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    let alice = Principal::Person(cast.alice);
    let mut draft = room_draft(cast.general, "Kitchen");
    (draft.members, draft.managers) = (vec![alice.clone(), everybody()], vec![alice.clone()]);
    administer(store, RowChange::SetRoom { id: cast.kitchen, expected_rules: None, draft }).await;
    let mut draft = category_draft("General");
    draft.creators = vec![alice];
    administer(store, RowChange::SetCategory { id: cast.general, expected_rules: None, draft }).await;
    let before = store.head(JournalKey::Pool).await.unwrap().position.number;
    administer(store, RowChange::RemovePerson(cast.alice)).await;

    let kitchen = store.room(cast.kitchen).await.unwrap().unwrap();
    assert_eq!((kitchen.members, kitchen.managers, kitchen.rules), (vec![everybody()], vec![], 3));
    let general = store.category(cast.general).await.unwrap().unwrap();
    assert_eq!((general.creators, general.rules), (vec![], 3));
    assert_eq!(store.room(cast.engineering).await.unwrap().unwrap().rules, 1, "others are untouched");
    let told: Vec<Entry> = store
        .entries(JournalKey::Pool, before, 9)
        .await
        .unwrap()
        .iter()
        .map(|entry| entry.header.entry.clone())
        .collect();
    let operation = before + 1;
    let administered =
        |subject, change| Entry::Pool(PoolEntry::Administered { by: ROOT, subject, change, operation });
    assert_eq!(
        told,
        [
            administered(Subject::Person(cast.alice), Change::Removed),
            administered(Subject::Category(cast.general), Change::Changed),
            administered(Subject::Room(cast.kitchen), Change::Changed)
        ]
    );
    let journal = JournalKey::Room(cast.kitchen);
    let last = store.head(journal).await.unwrap().position.number;
    let changed = &store.entries(journal, last - 1, 1).await.unwrap()[0].header.entry;
    assert_eq!(*changed, Entry::Room(RoomEntry::Changed { change: Change::Changed, by: ROOT, rules: 3 }));
}

pub async fn an_operation_is_told_in_the_journals(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let mut feed = cast.store.feed();
    let mut draft = room_draft(cast.general, "Kitchen");
    draft.disabled = true;
    let by = Actor::Person(cast.bob);
    let changes = vec![
        RowChange::SetRoom { id: cast.kitchen, expected_rules: None, draft },
        RowChange::NewPerson(person_draft("dave")),
        RowChange::PutCredentials { person: Who::JustMade, credentials: Credentials::default() },
    ];
    let order = Order::of(by, "{\"as\":\"asked\"}".into());
    let operation = cast.store.administer(order, changes).await.unwrap().operation;

    let committed = feed.try_recv().unwrap();
    let told: Vec<(&Entry, Option<&str>)> = committed
        .entries
        .iter()
        .map(|entry| (&entry.header.entry, entry.body.as_ref().map(|body| body.text.as_str())))
        .collect();
    let subject = Subject::Room(cast.kitchen);
    let first = Entry::Pool(PoolEntry::Administered { by, subject, change: Change::Disabled, operation });
    assert_eq!(told[0], (&first, Some("{\"as\":\"asked\"}")));
    let subject = Subject::Person(PersonId(4));
    let second = Entry::Pool(PoolEntry::Administered { by, subject, change: Change::Created, operation });
    assert_eq!(told[1], (&second, None), "the operation is written once");
    let third = Entry::Room(RoomEntry::Changed { change: Change::Disabled, by, rules: 2 });
    assert_eq!(told[2], (&third, None));
    assert_eq!(told.len(), 4, "and what moved");
}

pub async fn credentials_are_replaced_and_erased(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    let put = |credentials| RowChange::PutCredentials { person: Who::Known(cast.alice), credentials };
    assert_eq!(store.credentials(cast.alice).await.unwrap(), None);
    let both = Credentials { argon2: Some("$argon2id$x".into()), nt: Some(vec![1, 2, 3]) };
    administer(store, put(both.clone())).await;
    assert_eq!(store.credentials(cast.alice).await.unwrap(), Some(both.clone()));
    assert_eq!(format!("{both:?}"), "Credentials { argon2: true, nt: true }", "never shown");

    let one = Credentials { argon2: Some("$argon2id$y".into()), nt: None };
    administer(store, put(one.clone())).await;
    assert_eq!(store.credentials(cast.alice).await.unwrap(), Some(one));
    administer(store, put(Credentials::default())).await;
    assert_eq!(store.credentials(cast.alice).await.unwrap(), None);

    let nobody = RowChange::PutCredentials { person: Who::JustMade, credentials: both };
    assert!(matches!(refused(store, nobody).await, AdminFault::NoSuch(Subject::Person(_))));
}

pub async fn notes_of_unfinished_work_come_and_go(stage: Stage) {
    let store = stage.open();
    let note = |is_open| RowChange::NoteUnfinished { name: "unfinished.lunch".into(), is_open };
    administer(&store, note(true)).await;
    assert_eq!(store.settings().await.unwrap(), [("unfinished.lunch".to_owned(), "1".to_owned())]);
    administer(&store, note(false)).await;
    assert!(store.settings().await.unwrap().is_empty(), "nothing tells of it, and it is kept all the same");
}

pub async fn unknown_subjects_are_named(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let nobody = PersonId(99);
    let mut draft = room_draft(cast.general, "Kitchen");
    draft.members = vec![Principal::Person(nobody)];
    let set = RowChange::SetRoom { id: cast.kitchen, expected_rules: None, draft };
    assert_eq!(refused(&cast.store, set).await, AdminFault::NoSuch(Subject::Person(nobody)));
    let nowhere = chat::CategoryId(99);
    let new = RowChange::NewRoom(room_draft(nowhere, "Attic"));
    assert_eq!(refused(&cast.store, new).await, AdminFault::NoSuch(Subject::Category(nowhere)));
    let gone = RowChange::RemoveRoom(RoomId(99));
    let fault = refused(&cast.store, gone).await;
    assert_eq!(fault, AdminFault::NoSuch(Subject::Room(RoomId(99))));
    assert_eq!(fault.to_string(), "there is no such room");
}
