//! Stories of add-ins and of further addresses of the pool.

use admin::{
    AddInGet, AddInList, AddInNew, AddInRemove, AddInSet, EndpointList, EndpointNew, EndpointRemove,
    GroupGet, GroupSet, Operation, Revised, RoomFields, RoomList, UserRemove,
};
use serde_json::{Value, json};

use crate::groups::new_group;
use crate::house::{
    House, conflict, denied, invalid, members, new_room, new_user, not_found, set_room, stale, value, values,
};
use crate::office::{house_with_office, import, of, office};

const BOARD: &str = "https://tickets.example.com/board";

fn new(name: &str, url: &str) -> Operation {
    Operation::AddInNew(AddInNew { name: name.into(), url: url.into() })
}

fn set(add_in: &str, name: Option<&str>, url: Option<&str>) -> Operation {
    let (name, url) = (name.map(str::to_owned), url.map(str::to_owned));
    Operation::AddInSet(AddInSet { add_in: add_in.into(), name, url })
}

fn remove(add_in: &str, force: bool) -> Operation {
    Operation::AddInRemove(AddInRemove { add_in: add_in.into(), force })
}

fn showing(name: Revised<String>) -> RoomFields {
    RoomFields { add_in: name, ..RoomFields::default() }
}

fn board() -> RoomFields {
    showing(Revised::To("Ticket board".into()))
}

fn endpoint(address: &str, display_name: Option<&str>) -> Operation {
    let display_name = display_name.map(str::to_owned);
    Operation::EndpointNew(EndpointNew { address: address.into(), display_name })
}

#[tokio::test]
async fn an_add_in_is_registered_shown_renamed_and_removed() {
    let house = House::furnished().await;
    let made = house.must(new("Ticket board", BOARD)).await;
    let guid = value(&made, "guid").as_str().expect("a GUID").to_owned();
    for word in ["ticket BOARD", "pool.example.com\\Ticket board", &guid] {
        let get = Operation::AddInGet(AddInGet { add_in: word.into() });
        assert_eq!(value(&house.must(get).await, "url"), json!(BOARD), "{word}");
    }
    let renamed = house.must(set("Ticket board", Some("Tickets"), None)).await;
    assert_eq!((value(&renamed, "name"), value(&renamed, "guid")), (json!("Tickets"), json!(guid)));
    assert!(house.must(set("Tickets", Some("Tickets"), None)).await.changes.is_empty());
    house.must(remove("tickets", false)).await;
    not_found(house.run(remove("tickets", false)).await);
}

#[tokio::test]
async fn nothing_is_called_by_what_reads_as_a_guid() {
    let house = House::furnished().await;
    let made = house.must(new("Ticket board", BOARD)).await;
    let group = house.must(new_group("Traders", &[])).await;
    for guid in [value(&made, "guid"), value(&group, "guid"), json!("{4f0c1a2e-0000-4000-8000-00000000000a}")]
    {
        let guid = guid.as_str().expect("a GUID");
        let called = GroupSet { group: "Traders".into(), name: Some(guid.into()), ..GroupSet::default() };
        for asked in [
            new(guid, BOARD),
            set("Ticket board", Some(guid), None),
            new_group(guid, &[]),
            Operation::GroupSet(called),
        ] {
            let message = invalid(house.run(asked).await);
            assert!(message.contains("written like a GUID"), "{message}");
        }
    }
}

#[tokio::test]
async fn a_group_of_a_directory_that_is_called_like_a_guid_hides_no_other() {
    let house = house_with_office().await;
    // The name of Traders is the GUID of Staff.
    let guid = "00000000-0000-4000-8000-000000000011";
    house.must(of(import(&office(&[("CN=Traders,", &format!("CN={guid},"))])))).await;
    for (text, name) in [
        (guid.to_owned(), "Staff"),
        (format!("group:{guid}"), guid),
        (format!("CN={guid},DC=example,DC=com"), guid),
    ] {
        let found = house.must(Operation::GroupGet(GroupGet { group: text.clone() })).await;
        assert_eq!(value(&found, "name"), json!(name), "{text}");
    }
}

#[tokio::test]
async fn names_and_pages_are_checked() {
    let house = House::furnished().await;
    house.must(new("Ticket board", BOARD)).await;
    let message = conflict(house.run(new("TICKET board", BOARD)).await);
    assert!(message.contains("causerie add-in set 'TICKET board'"), "{message}");
    house.must(new(&"n".repeat(50), &format!("https://example.com/{}", "u".repeat(235)))).await;
    conflict(house.run(set(&"n".repeat(50), Some("ticket board"), None)).await);
    for (name, url) in [
        ("", BOARD),
        (&*"n".repeat(51), BOARD),
        ("two\nlines", BOARD),
        ("Other", "tickets.example.com"),
        ("Other", "javascript:alert(1)"),
        ("Other", "https://user@example.com/"),
        ("Other", &*format!("https://example.com/{}", "u".repeat(236))),
    ] {
        invalid(house.run(new(name, url)).await);
    }
    invalid(house.run(set("Ticket board", None, None)).await);
}

#[tokio::test]
async fn a_room_shows_an_add_in_and_none_again() {
    let house = House::furnished().await;
    house.must(new("Ticket board", BOARD)).await;
    let made = house.must(new_room("Plans", board())).await;
    assert_eq!(value(&made, "addIn"), json!("Ticket board"));
    house.set_room("Engineering", board()).await.expect("it is registered");
    let list =
        |add_in: &str| Operation::RoomList(RoomList { add_in: Some(add_in.into()), ..RoomList::default() });
    assert_eq!(values(&house.must(list("ticket board")).await, "name"), ["Engineering", "Plans"]);
    let other =
        house.set_room("Plans", members(&["sip:alice@example.com"])).await.expect("Alice is in scope");
    assert_eq!(value(&other, "addIn"), json!("Ticket board"), "what is not named stays");
    let cleared = house.set_room("Plans", showing(Revised::Cleared)).await.expect("it can be cleared");
    assert_eq!(cleared.changes.len(), 1);
    assert_eq!(value(&cleared, "addIn"), Value::Null);
    assert_eq!(values(&house.must(list("ticket board")).await, "name"), ["Engineering"]);
    house.must(new("Empty", BOARD)).await;
    assert!(house.must(list("Empty")).await.rows.values().is_empty());
    let message = not_found(house.set_room("Plans", showing(Revised::To("Nothing".into()))).await);
    assert!(message.contains("causerie add-in new"), "{message}");
    not_found(house.run(list("Nothing")).await);
}

#[tokio::test]
async fn an_add_in_that_rooms_show_goes_only_by_force_and_says_from_which() {
    let house = House::furnished().await;
    house.must(new("Ticket board", BOARD)).await;
    house.set_room("Engineering", board()).await.expect("it is registered");
    for number in 0..11 {
        house.must(new_room(&format!("Plan {number:02}"), board())).await;
    }
    let message = conflict(house.run(remove("Ticket board", false)).await);
    assert!(message.contains("'Engineering'") && message.contains("and 2 more"), "{message}");
    assert!(message.contains("--force"), "{message}");
    let before = house.room_now("Engineering").await;
    let would = house.rehearse(remove("Ticket board", true)).await;
    assert_eq!(house.room_now("Engineering").await, before);
    let done = house.must(remove("Ticket board", true)).await;
    assert_eq!(done.changes, would.changes);
    let rooms = done.changes.iter().filter(|change| change.field == "addIn").count();
    assert_eq!(rooms, 12, "each room is told");
    let after = house.room_now("Engineering").await;
    assert_eq!(after.add_in, None);
    assert_ne!(after.etag, before.etag, "the room is in another state");
}

#[tokio::test]
async fn everybody_signed_on_sees_the_add_ins_and_administrators_change_them() {
    let house = House::furnished().await;
    let made = house.must(new("Ticket board", BOARD)).await;
    let list = || Operation::AddInList(AddInList { q: Some("TICKET".into()), ..AddInList::default() });
    let alice = "sip:alice@example.com";
    assert_eq!(values(&house.by(alice, list()).await.expect("she may look"), "name"), ["Ticket board"]);
    denied(house.by(alice, set("Ticket board", Some("Mine"), None)).await);
    denied(house.by(alice, new("Mine", BOARD)).await);
    house.must(Operation::UserDisable(admin::UserDisable { user: alice.into() })).await;
    denied(house.by(alice, list()).await);
    let etag = value(&made, "etag").as_str().expect("an etag").to_owned();
    house.on(&etag, set("Ticket board", Some("Tickets"), None)).await.expect("that is how it is");
    stale(house.on(&etag, set("Tickets", Some("Board"), None)).await);
    stale(house.on(&etag, remove("Tickets", true)).await);
}

#[tokio::test]
async fn the_pool_is_found_under_further_addresses() {
    let house = House::furnished().await;
    let made = house.must(endpoint("sip:Chat@example.com", Some("Company chat"))).await;
    assert_eq!(value(&made, "address"), json!("sip:chat@example.com"));
    let plain = house.must(endpoint("sip:rooms@example.com", None)).await;
    assert_eq!(value(&plain, "displayName"), json!("rooms"));
    let list = |q: Option<&str>| {
        Operation::EndpointList(EndpointList { q: q.map(str::to_owned), ..EndpointList::default() })
    };
    assert_eq!(house.must(list(None)).await.rows.values().len(), 2);
    assert_eq!(values(&house.must(list(Some("COMPANY"))).await, "address"), ["sip:chat@example.com"]);
    let remove = |name: &str| Operation::EndpointRemove(EndpointRemove { endpoint: name.into() });
    house.rehearse(remove("company chat")).await;
    house.must(remove("company chat")).await;
    house.must(remove("sip:rooms@example.com")).await;
    not_found(house.run(remove("sip:rooms@example.com")).await);
}

#[tokio::test]
async fn an_address_of_the_pool_is_of_its_domain_and_nobody_elses() {
    let house = House::furnished().await;
    let message = invalid(house.run(endpoint("sip:chat@other.example", None)).await);
    assert!(message.contains("example.com"), "{message}");
    invalid(house.run(endpoint("sip:ocschat@example.com", None)).await);
    invalid(house.run(endpoint("chat", None)).await);
    let message = conflict(house.run(endpoint("sip:alice@example.com", None)).await);
    assert!(message.contains("causerie user remove sip:alice@example.com"), "{message}");
    house.must(Operation::UserRemove(UserRemove { user: "sip:alice@example.com".into() })).await;
    house.must(endpoint("sip:alice@example.com", None)).await;
    conflict(house.run(endpoint("sip:alice@example.com", None)).await);
    let message = conflict(house.run(new_user("sip:alice@example.com", None, false)).await);
    assert!(message.contains("causerie endpoint remove sip:alice@example.com"), "{message}");
    denied(house.by("sip:bob@example.com", endpoint("sip:chat@example.com", None)).await);
    house
        .must(set_room(
            "Engineering",
            RoomFields { description: Some("Pumps".into()), ..RoomFields::default() },
        ))
        .await;
}
