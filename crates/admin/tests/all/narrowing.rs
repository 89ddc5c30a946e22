//! Stories of categories that admit fewer people than before: the category first, its rooms after it in chunks, all of it one
//! operation; and what is left by a crash in the middle.

use std::sync::Arc;

use admin::{CategoryFields, Desk, ListChange, Operation, Request, RoomFields, RoomSet, Rows};
use chat::{Actor, Category, Entry, JournalKey, PoolEntry, Principal, Privacy, Right, Room, Subject};
use serde_json::{Value, json};
use store::{CategoryDraft, Node, Order, Recorded, RoomDraft, RowChange};

use crate::house::{Doomed, House, ROOT, add, members, remove, root, set_category};

const BOB: &str = "sip:bob@example.com";

fn deny(who: &str) -> CategoryFields {
    CategoryFields { denied_members: add(&[who]), ..CategoryFields::default() }
}

async fn general(house: &House) -> Category {
    match house.store.node_named("general").await.expect("a read") {
        Some(Node::Category(id)) => house.store.category(id).await.expect("a read").expect("it is there"),
        other => panic!("no category: {other:?}"),
    }
}

/// A house with this many further rooms, each with Alice and Bob as members.
async fn crowded(rooms: usize) -> House {
    let house = House::furnished().await;
    let home = general(&house).await;
    let both = [house.id("sip:alice@example.com").await, house.id(BOB).await].map(Principal::Person);
    let template =
        house.store.room(house.room_id("Engineering").await).await.expect("a read").expect("it is");
    let room = |number: usize| {
        RowChange::NewRoom(RoomDraft {
            category: home.id,
            under_category_rules: Some(home.rules),
            name: chat::NodeName::parse(&format!("Room {number:05}")).expect("a name"),
            description: template.description.clone(),
            privacy: Privacy::Closed,
            kind: template.kind,
            invitations: template.invitations,
            disabled: false,
            add_in: None,
            members: both.to_vec(),
            managers: Vec::new(),
            presenters: Vec::new(),
        })
    };
    let rooms = (1..=rooms).map(room).collect();
    house.store.administer(Order::of(ROOT, "{}".into()), rooms).await.expect("they are made");
    house
}

/// The entries of the pool's journal after a number.
async fn told_since(house: &House, number: u64) -> Vec<Arc<Recorded>> {
    let (mut all, mut after) = (Vec::new(), number);
    loop {
        let page = house.store.entries(JournalKey::Pool, after, 1_000).await.expect("a read");
        let Some(last) = page.last() else { return all };
        after = last.header.position.number;
        all.extend(page);
    }
}

fn about(entry: &Recorded) -> (Subject, u64) {
    match entry.header.entry {
        Entry::Pool(PoolEntry::Administered { subject, operation, .. }) => (subject, operation),
        ref other => panic!("not an operation: {other:?}"),
    }
}

fn by(entry: &Recorded) -> Actor {
    match entry.header.entry {
        Entry::Pool(PoolEntry::Administered { by, .. }) => by,
        ref other => panic!("not an operation: {other:?}"),
    }
}

async fn pool_head(house: &House) -> u64 {
    house.store.head(JournalKey::Pool).await.expect("a read").position.number
}

async fn holding(house: &House, who: &str) -> usize {
    let who = Principal::Person(house.id(who).await);
    let rooms: Vec<Room> = house.store.rooms().await.expect("a read");
    rooms.iter().filter(|room| room.members.contains(&who)).count()
}

/// The category's own change to one that denies these.
fn denying(home: &Category, who: &[Principal]) -> RowChange {
    let draft = CategoryDraft {
        name: home.name.clone(),
        description: home.description.clone(),
        scope: chat::Scope { allowed: home.scope.allowed.clone(), denied: who.to_vec() },
        creators: Vec::new(),
        invitations: home.invitations,
        file_upload: home.file_upload,
        history: home.history,
    };
    RowChange::SetCategory { id: home.id, expected_rules: None, draft }
}

#[tokio::test]
async fn a_thousand_rooms_are_purged_in_chunks_after_the_category_under_one_number() {
    let rooms = 1_100;
    let house = crowded(rooms).await;
    let before = pool_head(&house).await;
    let rules = general(&house).await.rules;
    let mut feed = house.store.feed();
    let would = Request { dry_run: true, ..Request::of(set_category("General", deny(BOB))) };
    let would = house.ask(would).await.expect("it can be done");
    assert_eq!(pool_head(&house).await, before, "it was only asked what would change");

    let done = house.must(set_category("General", deny(BOB))).await;
    assert_eq!(would.changes, done.changes, "it is what was said");
    assert_eq!(would.warnings, done.warnings);
    assert_eq!(done.changes.len(), 1 + rooms, "the category, and every room");
    assert!(done.warnings.last().is_some_and(|told| told.starts_with("1000 more rooms")), "not one by one");
    assert_eq!((holding(&house, BOB).await, holding(&house, "sip:alice@example.com").await), (0, rooms));

    let told = told_since(&house, before).await;
    assert_eq!(told.len(), 1 + rooms);
    assert!(told.iter().all(|entry| about(entry).1 == before + 1), "one operation");
    assert_eq!(about(&told[0]).0, Subject::Category(general(&house).await.id), "the category moved first");
    assert_eq!(general(&house).await.rules, rules + 1);
    let mut chunks = Vec::new();
    while let Ok(committed) = feed.try_recv() {
        let entries = committed.entries.iter().filter(|entry| entry.header.journal == JournalKey::Pool);
        chunks.push(entries.count());
    }
    // Engineering, which nobody is a member of, is looked at with the first chunk.
    assert_eq!(chunks, [1, 499, 500, 101], "each a transaction of its own");
    let bodies: Vec<Value> = told
        .iter()
        .filter_map(|entry| entry.body.as_ref())
        .map(|body| serde_json::from_str(&body.text).expect("JSON"))
        .collect();
    assert_eq!(bodies.len(), 4, "each says what changed by it");
    let listed: usize = bodies.iter().map(|body| body["changes"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!((listed, &bodies[0]["operation"]["verb"]), (1 + rooms, &json!("category-set")));
}

#[tokio::test]
async fn what_a_crash_left_gives_nothing_and_goes_when_the_same_is_asked_again() {
    let house = crowded(3).await;
    let home = general(&house).await;
    let bob = house.id(BOB).await;
    // The server ended after the category's own transaction.
    let set = denying(&home, &[Principal::Person(bob)]);
    house.store.administer(Order::of(ROOT, "{}".into()), vec![set]).await.expect("it is changed");
    assert_eq!(holding(&house, BOB).await, 3, "the rooms still name him");
    let person = house.store.person(bob).await.expect("a read").expect("he is there");
    let room =
        house.store.room(house.room_id("Room 00002").await).await.expect("a read").expect("it is there");
    let now = general(&house).await;
    assert!(room.allows(&now, &person, Right::Join).is_err(), "and it gives him nothing");

    let done = house.must(set_category("General", deny(BOB))).await;
    assert_eq!(holding(&house, BOB).await, 0);
    assert!(
        done.changes.iter().all(|change| change.object.starts_with("room ")),
        "the category is as it was"
    );
    assert_eq!(general(&house).await.rules, now.rules, "and its number stays");
    assert_eq!(done.changes.len(), 3);

    let before = pool_head(&house).await;
    assert_eq!(house.must(set_category("General", deny(BOB))).await.changes, []);
    assert_eq!(pool_head(&house).await, before, "done twice is done once");
}

#[tokio::test]
async fn a_server_that_stopped_between_two_chunks_goes_on_at_its_next_start() {
    let rooms = 1_100;
    let house = crowded(rooms).await;
    let before = pool_head(&house).await;
    let mut feed = house.store.feed();
    let narrowing = Doomed::asked(&house, set_category("General", deny(BOB)));
    for _ in ["the category", "the first chunk"] {
        feed.recv().await.expect("it is written");
    }
    narrowing.ends().await;
    let left = holding(&house, BOB).await;
    assert!(left > 0 && left < rooms, "in the middle: {left}");

    let next = Desk::new(house.store.clone(), house.directory.clone());
    next.resume().await.expect("it goes on");
    assert_eq!((holding(&house, BOB).await, holding(&house, "sip:alice@example.com").await), (0, rooms));
    let told = told_since(&house, before).await;
    let by: Vec<Actor> = told.iter().map(|entry| by(entry)).collect();
    assert!(by.first() == Some(&ROOT) && by.last() == Some(&Actor::Server), "the record says who went on");
    assert_eq!(told.len(), 1 + rooms, "each room once");

    let head = pool_head(&house).await;
    next.resume().await.expect("there is nothing to do");
    assert_eq!(pool_head(&house).await, head);
}

#[tokio::test]
async fn who_began_earlier_does_not_take_away_the_note_of_a_later_change() {
    let house = crowded(1_100).await;
    let both = [house.id("sip:alice@example.com").await, house.id(BOB).await].map(Principal::Person);
    let mut feed = house.store.feed();
    let desk = house.desk.clone();
    let narrowing =
        tokio::spawn(async move { desk.run(root(), Request::of(set_category("General", deny(BOB)))).await });
    for _ in ["the category", "the first chunk"] {
        feed.recv().await.expect("it is written");
    }
    // Somebody denies Alice as well, and the server that should take her from the rooms ends there.
    let home = general(&house).await;
    let note = format!("unfinished.narrowing.{}.{}", home.id.0, home.rules);
    let later = vec![denying(&home, &both), RowChange::NoteUnfinished { name: note, is_open: true }];
    house.store.administer(Order::of(ROOT, "{}".into()), later).await.expect("it is changed");
    narrowing.await.expect("nobody panics").expect("it can be done");
    assert!(holding(&house, "sip:alice@example.com").await >= 499, "the first chunk names her still");

    let next = Desk::new(house.store.clone(), house.directory.clone());
    next.resume().await.expect("it goes on");
    assert_eq!((holding(&house, BOB).await, holding(&house, "sip:alice@example.com").await), (0, 0));
    let head = pool_head(&house).await;
    next.resume().await.expect("there is nothing to do");
    assert_eq!(pool_head(&house).await, head, "and no note is left");
}

#[tokio::test]
async fn nobody_is_looked_for_when_the_scope_only_grows() {
    let house = crowded(3).await;
    let home = general(&house).await;
    // Somebody outside the scope stands in a room, as after a crash.
    let mallory = house.id("sip:mallory@other.example").await;
    let room =
        house.store.room(house.room_id("Room 00001").await).await.expect("a read").expect("it is there");
    let draft = RoomDraft {
        category: room.category,
        under_category_rules: None,
        name: room.name.clone(),
        description: room.description.clone(),
        privacy: room.privacy,
        kind: room.kind,
        invitations: room.invitations,
        disabled: room.disabled,
        add_in: None,
        members: vec![Principal::Person(mallory)],
        managers: Vec::new(),
        presenters: Vec::new(),
    };
    let set = RowChange::SetRoom { id: room.id, expected_rules: None, draft };
    house.store.administer(Order::of(ROOT, "{}".into()), vec![set]).await.expect("it is changed");

    let grown =
        CategoryFields { allowed_members: add(&["domain:third.example"]), ..CategoryFields::default() };
    let done = house.set_category("General", grown).await.expect("it grows");
    assert_eq!(done.changes.len(), 1);
    assert_eq!(holding_of(&house, mallory).await, 1);
    assert!(general(&house).await.rules > home.rules);

    let shrunk =
        CategoryFields { allowed_members: remove(&["domain:third.example"]), ..CategoryFields::default() };
    let done = house.set_category("General", shrunk).await.expect("it shrinks");
    assert_eq!(done.changes.len(), 2, "the category, and whoever stood outside");
    assert_eq!(holding_of(&house, mallory).await, 0);
}

async fn holding_of(house: &House, who: chat::PersonId) -> usize {
    let rooms = house.store.rooms().await.expect("a read");
    rooms.iter().filter(|room| room.members.contains(&Principal::Person(who))).count()
}

#[tokio::test]
async fn rooms_that_change_while_their_category_is_narrowed_end_without_whom_it_does_not_admit() {
    let house = crowded(40).await;
    let narrowing = house.run(set_category("General", deny(BOB)));
    let busy = async {
        for number in 1..=40 {
            let fields = RoomFields { description: Some(format!("busy {number}")), ..RoomFields::default() };
            let set = RoomSet { room: format!("Room {number:05}"), fields, ..RoomSet::default() };
            house.must(Operation::RoomSet(set)).await;
        }
    };
    let (narrowed, ()) = tokio::join!(narrowing, busy);
    narrowed.expect("it is narrowed, whatever else is done");
    assert_eq!(holding(&house, BOB).await, 0);
    let rooms = house.store.rooms().await.expect("a read");
    let busy = rooms.iter().filter(|room| room.description.as_str().starts_with("busy")).count();
    assert_eq!(busy, 40, "and nothing of that is lost");
}

#[tokio::test]
async fn a_room_that_moves_loses_whom_its_new_category_does_not_admit_in_one_transaction() {
    let house = House::furnished().await;
    house.set_room("Engineering", members(&["sip:alice@example.com", BOB])).await.expect("they are in scope");
    house
        .category("Other", CategoryFields { allowed_members: add(&[BOB]), ..CategoryFields::default() })
        .await;
    let mut feed = house.store.feed();
    let moved = RoomSet { room: "Engineering".into(), category: Some("Other".into()), ..RoomSet::default() };
    house.must(Operation::RoomSet(moved)).await;
    assert_eq!(house.room_now("Engineering").await.members, [BOB]);
    assert!(feed.try_recv().is_ok() && feed.try_recv().is_err(), "one transaction");
}

#[tokio::test]
async fn whoever_named_an_older_state_narrows_nothing() {
    let house = crowded(3).await;
    let asked = Request { if_match: Some("999".into()), ..Request::of(set_category("General", deny(BOB))) };
    assert_eq!(house.ask(asked).await.expect_err("it is in another state").code(), "DataCollision");
    assert_eq!(holding(&house, BOB).await, 3);
    let nobody = CategoryFields {
        allowed_members: ListChange { replace: Some(vec![]), ..ListChange::default() },
        ..CategoryFields::default()
    };
    let done = house.set_category("General", nobody).await.expect("it is narrowed to nobody");
    assert_eq!((holding(&house, BOB).await, holding(&house, "sip:alice@example.com").await), (0, 0));
    let Rows::Categories(rows) = done.rows else { panic!("a category") };
    assert_eq!(rows[0].rooms, 4);
}
