//! Stories of what a person may know of: every door gives the same answer, and what may not be seen is as if it were not.

use chat::{Refusal, RoomKind};
use rooms::{Association, RoomQuery, Trouble};
use testkit::admin::{
    CategoryFields, ListChange, Operation, RoomFields, RoomPrivacy, RoomRemove, RoomSet, UserSet,
};
use uuid::Uuid;

use crate::house::{Guest, House, add, remove};

/// What every door says about a room: found by its GUID, joined, read, posted in.
#[derive(PartialEq, Eq, Debug)]
struct Answers {
    found: bool,
    joined: Result<(), Refusal>,
    read: Result<usize, Trouble>,
    posted: Result<(), Trouble>,
}

/// Asks at every door, and goes out again.
async fn ask(guest: &Guest, house: &House, room: &str) -> Answers {
    let by_guid = RoomQuery { guid: Some(house.guid(room)), ..RoomQuery::default() };
    let found = !guest.find(&by_guid).is_empty();
    let posted = guest.try_say(room, "who is there?").await.map(|_| ());
    let read = guest.history(room, None).await.map(|shown| shown.len());
    let joined = guest.try_join(room).await.map(|_| ());
    if joined.is_ok() {
        guest.part(room).await.expect("he was in");
    }
    Answers { found, joined, read, posted }
}

fn query(words: &str) -> RoomQuery {
    RoomQuery { words: words.into(), ..RoomQuery::default() }
}

#[tokio::test]
async fn who_may_not_know_of_a_room_is_told_what_is_told_of_a_room_that_is_not() {
    let house = House::open().await;
    let (alice, dave) = (house.guest_in("alice", "Board").await, house.guest("dave").await);
    let mallory = house.guest("mallory").await;
    alice.say("Board", "nobody must know").await;
    let nowhere = ask(&dave, &house, "Nowhere").await;
    let refused = || Err(Trouble::Refused(Refusal::NotFound));
    let not_found = Answers {
        found: false,
        joined: Err(Refusal::NotFound),
        read: refused().map(|()| 0),
        posted: refused(),
    };
    assert_eq!(nowhere, not_found);
    assert_eq!(ask(&dave, &house, "Board").await, nowhere, "a secret room, to one in scope");
    for room in ["Board", "Engineering", "Lobby", "Hall"] {
        assert_eq!(ask(&mallory, &house, room).await, nowhere, "{room}, to one out of scope");
    }
    alice.part("Board").await.expect("she was in");
    assert_eq!(ask(&dave, &house, "Board").await, nowhere, "also when nobody is in it");
    house.set_room("Board", RoomFields { disabled: Some(true), ..RoomFields::default() }).await;
    assert_eq!(ask(&dave, &house, "Board").await, nowhere, "also when it is disabled");
}

#[tokio::test]
async fn every_door_of_a_room_gives_the_answer_of_its_privacy() {
    let house = House::open().await;
    let outside = Answers {
        found: true,
        joined: Err(Refusal::NotAllowed),
        read: Err(Refusal::NotAllowed.into()),
        posted: Err(Refusal::NotAllowed.into()),
    };
    let inside = Answers { found: true, joined: Ok(()), read: Ok(0), posted: Err(Refusal::NotJoined.into()) };
    for (name, room, expected) in [
        ("dave", "Engineering", &outside),
        ("carol", "Board", &outside), // who manages a room is no member by that
        ("dave", "Lobby", &inside),
        ("alice", "Engineering", &inside),
        ("alice", "Board", &inside),
    ] {
        let guest = house.guest(name).await;
        assert_eq!(ask(&guest, &house, room).await, *expected, "{name} at {room}, where nobody is");
        let bob = house.guest_in("bob", room).await;
        assert_eq!(ask(&guest, &house, room).await, *expected, "{name} at {room}, where Bob is");
        drop(bob);
    }
}

#[tokio::test]
async fn a_disabled_room_says_so_to_those_who_may_know_of_it_and_is_found_by_nobody() {
    let house = House::open().await;
    house.set_room("Engineering", RoomFields { disabled: Some(true), ..RoomFields::default() }).await;
    let disabled = Answers {
        found: false,
        joined: Err(Refusal::Disabled),
        read: Err(Refusal::Disabled.into()),
        posted: Err(Refusal::Disabled.into()),
    };
    for name in ["alice", "carol", "dave"] {
        let guest = house.guest(name).await;
        assert_eq!(ask(&guest, &house, "Engineering").await, disabled, "{name}");
    }
}

#[tokio::test]
async fn a_room_without_words_finds_every_visible_room_by_name() {
    let house = House::open().await;
    let (alice, dave) = (house.guest("alice").await, house.guest("dave").await);
    let found = alice.find(&query(""));
    assert_eq!(Guest::names(&found), ["Board", "Engineering", "Hall", "Kitchen", "Lobby"]);
    let found = dave.find(&query("  "));
    assert_eq!(Guest::names(&found), ["Engineering", "Hall", "Kitchen", "Lobby"]);
    assert!(house.guest("mallory").await.find(&query("")).is_empty());

    let two = RoomQuery { limit: Some(2), ..RoomQuery::default() };
    assert_eq!(Guest::names(&dave.find(&two)), ["Engineering", "Hall"], "what is hidden is not counted");
}

#[tokio::test]
async fn words_are_looked_for_in_names_and_if_asked_in_descriptions() {
    let house = House::open().await;
    let described = |text: &str| RoomFields {
        description: Some(text.into()),
        privacy: Some(RoomPrivacy::Open),
        ..RoomFields::default()
    };
    house.new_room("Red Roses", described("thorns")).await;
    house.new_room("White Roses", described("thorns and red ribbons")).await;
    let dave = house.guest("dave").await;
    let rows: [(&str, RoomQuery, &[&str]); 9] = [
        ("one word is enough", query("RED kitchen"), &["Kitchen", "Red Roses"]),
        ("every word", RoomQuery { all_words: true, ..query("roses red") }, &["Red Roses"]),
        ("a part of a word", query("ose"), &["Red Roses", "White Roses"]),
        ("a phrase", RoomQuery { exact: true, ..query("red roses") }, &["Red Roses"]),
        ("no such phrase", RoomQuery { exact: true, ..query("roses red") }, &[]),
        ("not in descriptions", query("thorns"), &[]),
        ("in descriptions", RoomQuery { extended: true, ..query("thorns") }, &["Red Roses", "White Roses"]),
        (
            "every word, anywhere",
            RoomQuery { extended: true, all_words: true, ..query("white ribbons") },
            &["White Roses"],
        ),
        ("nothing", query("violets"), &[]),
    ];
    for (what, query, expected) in rows {
        assert_eq!(Guest::names(&dave.find(&query)), expected, "{what}");
    }
}

#[tokio::test]
async fn a_card_shows_the_room_as_it_is_and_counts_each_person_once() {
    let house = House::open().await;
    let (desk, phone) = (house.guest_in("alice", "Hall").await, house.guest_in("alice", "Hall").await);
    let bob = house.guest_in("bob", "Hall").await;
    let card = desk.find(&query("hall")).remove(0);
    assert_eq!((card.participants, card.kind, card.logged), (2, RoomKind::Auditorium, true));
    assert_eq!((card.guid, card.file_upload, card.disabled), (house.guid("Hall"), false, false));
    drop((phone, bob));
    assert_eq!(desk.find(&query("hall"))[0].participants, 1);
}

#[tokio::test]
async fn whatever_an_administrator_changes_is_seen_at_once() {
    let house = House::open().await;
    let dave = house.guest("dave").await;
    house.new_room("Garden", RoomFields { privacy: Some(RoomPrivacy::Open), ..RoomFields::default() }).await;
    assert_eq!(Guest::names(&dave.find(&query("garden"))), ["Garden"]);
    let renamed = Operation::RoomSet(RoomSet {
        room: "Garden".into(),
        name: Some("Greenhouse".into()),
        ..RoomSet::default()
    });
    house.must(renamed).await;
    assert!(dave.find(&query("garden")).is_empty());
    assert_eq!(Guest::names(&dave.find(&query("greenhouse"))), ["Greenhouse"]);

    let hidden = RoomFields { privacy: Some(RoomPrivacy::Secret), ..RoomFields::default() };
    house.set_room("Greenhouse", hidden).await;
    assert!(dave.find(&query("greenhouse")).is_empty());
    house.set_room("Greenhouse", RoomFields { members: add(&["dave"]), ..RoomFields::default() }).await;
    assert_eq!(Guest::names(&dave.find(&query("greenhouse"))), ["Greenhouse"]);
    house.must(Operation::RoomRemove(RoomRemove { room: "Greenhouse".into() })).await;
    assert!(dave.find(&query("greenhouse")).is_empty());
}

#[tokio::test]
async fn somebody_belongs_to_the_rooms_that_name_him_or_his_domain() {
    let house = House::open().await;
    let (alice, carol) = (house.guest("alice").await, house.guest("carol").await);
    let associated = |guest: &Guest, role, limit| {
        let cards = guest.session.visitor().associated(role, limit);
        Guest::names(&cards).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(associated(&alice, Association::Member, None), ["Board", "Engineering"]);
    assert!(associated(&alice, Association::Manager, None).is_empty());
    assert_eq!(associated(&carol, Association::Manager, None), ["Board", "Engineering"]);
    assert!(associated(&carol, Association::Member, None).is_empty());
    assert_eq!(associated(&alice, Association::Member, Some(1)), ["Board"]);

    let domain = ListChange { add: vec!["domain:example.com".into()], ..ListChange::default() };
    house.new_room("All", RoomFields { members: domain, ..RoomFields::default() }).await;
    assert_eq!(associated(&carol, Association::Member, None), ["All"]);
    assert!(associated(&house.guest("mallory").await, Association::Member, None).is_empty());

    house.set_room("Board", RoomFields { disabled: Some(true), ..RoomFields::default() }).await;
    assert_eq!(associated(&alice, Association::Member, None), ["All", "Engineering"]);
    assert_eq!(
        associated(&carol, Association::Manager, None),
        ["Board", "Engineering"],
        "to enable it again"
    );
    house.set_room("Engineering", RoomFields { members: remove(&["alice"]), ..RoomFields::default() }).await;
    assert_eq!(associated(&alice, Association::Member, None), ["All"]);
}

#[tokio::test]
async fn creators_inside_the_scope_see_where_they_may_create_rooms() {
    let house = House::open().await;
    let (alice, bob) = (house.guest("alice").await, house.guest("bob").await);
    let creatable = |guest: &Guest| {
        let found = guest.session.visitor().creatable();
        found.iter().map(|category| category.name.to_string()).collect::<Vec<_>>()
    };
    assert!(creatable(&alice).is_empty());
    house.set_category(CategoryFields { creators: add(&["alice"]), ..CategoryFields::default() }).await;
    assert_eq!((creatable(&alice), creatable(&bob)), (vec!["General".to_owned()], vec![]));
    house.set_category(CategoryFields { denied_members: add(&["alice"]), ..CategoryFields::default() }).await;
    assert!(creatable(&alice).is_empty(), "whom the scope denies creates nothing");
}

#[tokio::test]
async fn everybody_is_known_by_address_and_the_pool_by_its_name() {
    let house = House::open().await;
    let at = |text: &str| text.parse().expect("an address");
    let alice = house.rooms.person(&at("sip:Alice@Example.com")).expect("Alice lives here");
    assert_eq!(alice.address.as_str(), "sip:alice@example.com");
    assert!(house.rooms.person(&at("sip:nobody@example.com")).is_none());
    let facts = house.rooms.facts();
    assert_eq!((facts.domain.as_str(), facts.pool_name.as_str()), ("example.com", "pool.example.com"));
    assert_eq!(facts.pool_guid, Uuid::from_u128(1));

    let guest = house.guest("alice").await;
    let renamed = Operation::UserSet(UserSet {
        user: "sip:alice@example.com".into(),
        display_name: Some("Alice Martin".into()),
        ..UserSet::default()
    });
    house.must(renamed).await;
    assert_eq!(guest.session.person().expect("she is here").display_name.as_str(), "Alice Martin");
}
