//! Stories of lists that the store sieves: large rooms, groups and domains in the place of a person, pages by name.

use admin::{MessageRemove, Operation, RoomFields, RoomList, Spec, UserList};
use serde_json::json;

use crate::house::{House, add, allowed, members, not_found};

async fn rooms(house: &House, asked: RoomList) -> Vec<String> {
    let rows = house.must(Operation::RoomList(asked)).await.rows;
    rows.values().iter().map(|row| row["name"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn rooms_are_found_by_how_much_is_kept_of_what_was_said_there() {
    let house = House::furnished().await;
    house
        .room("Archive", RoomFields { privacy: Some(admin::RoomPrivacy::Open), ..RoomFields::default() })
        .await;
    let large = |mb| RoomList { content_exceeds_mb: Some(mb), ..RoomList::default() };
    assert!(rooms(&house, large(0)).await.is_empty(), "nothing was said anywhere");
    house.say("alice", "Engineering", "short").await;
    let long = "x".repeat(7_900);
    for _ in 0..140 {
        house.say("alice", "Archive", &long).await;
    }
    assert_eq!(rooms(&house, large(0)).await, ["Archive", "Engineering"]);
    assert_eq!(rooms(&house, large(1)).await, ["Archive"], "1,106,000 octets");
    assert!(rooms(&house, large(2)).await.is_empty());

    let shorter = MessageRemove {
        room: "Archive".into(),
        replace_message: Some("-".into()),
        ..MessageRemove::default()
    };
    house.must(Operation::MessageRemove(shorter)).await;
    assert!(rooms(&house, large(1)).await.is_empty(), "what is gone takes no room");
    assert_eq!(rooms(&house, large(0)).await, ["Archive", "Engineering"]);
    let gone = MessageRemove { room: "Archive".into(), remove: true, ..MessageRemove::default() };
    house.must(Operation::MessageRemove(gone)).await;
    assert_eq!(rooms(&house, large(0)).await, ["Engineering"]);
}

#[tokio::test]
async fn a_person_is_a_member_also_by_its_groups_and_its_domain() {
    let house = House::furnished().await;
    let group = |verb: &str, fields: serde_json::Value| {
        let fields = fields.as_object().cloned().expect("an object");
        Spec::find("group", verb).expect("there is one").read(fields).expect("it is complete")
    };
    house.must(group("new", json!({ "name": "Ops" }))).await;
    house.must(group("set", json!({ "group": "Ops", "members": { "add": ["sip:bob@example.com"] } }))).await;
    house.set_category("General", allowed(&["group:Ops"])).await.expect("it grows");
    house.room("By group", members(&["group:Ops"])).await;
    house.room("By domain", members(&["domain:example.com"])).await;
    house.room("By name", members(&["sip:bob@example.com"])).await;
    let managed = RoomFields { managers: add(&["group:Ops"]), ..RoomFields::default() };
    house.room("Managed", managed).await;
    let member = |who: &str| RoomList { member: Some(who.into()), ..RoomList::default() };
    assert_eq!(rooms(&house, member("sip:bob@example.com")).await, ["By domain", "By group", "By name"]);
    assert_eq!(rooms(&house, member("sip:alice@example.com")).await, ["By domain"]);
    assert_eq!(
        rooms(&house, member("group:Ops")).await,
        ["By domain", "By group"],
        "a local group is of the domain"
    );
    let manager = RoomList { manager: Some("sip:bob@example.com".into()), ..RoomList::default() };
    assert_eq!(rooms(&house, manager).await, ["Managed"]);
    let both = RoomList { q: Some("by".into()), ..member("sip:bob@example.com") };
    assert_eq!(rooms(&house, RoomList { limit: Some(2), ..both }).await, ["By domain", "By group"]);
    not_found(house.run(Operation::RoomList(member("group:Nobody"))).await);
}

#[tokio::test]
async fn rooms_come_in_pages_by_name_whatever_is_sieved() {
    let house = House::furnished().await;
    let mut names: Vec<String> = Vec::new();
    for number in 1..=23 {
        let description = (number % 2 == 0).then(|| "ÉVEN".to_owned());
        let name = format!("room {number:02}");
        house.room(&name, RoomFields { description: description.clone(), ..RoomFields::default() }).await;
        names.extend(description.map(|_| name));
    }
    let asked =
        RoomList { q: Some("éven".into()), search_description: true, limit: Some(4), ..RoomList::default() };
    let (mut paged, mut cursor) = (Vec::new(), None);
    loop {
        let page = house.must(Operation::RoomList(RoomList { cursor, ..asked.clone() })).await;
        let rows = page.rows.values();
        assert!(rows.len() <= 4);
        paged.extend(rows.iter().map(|row| row["name"].as_str().unwrap_or_default().to_owned()));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(paged, names);
    let none = RoomList { limit: Some(0), ..RoomList::default() };
    assert!(rooms(&house, none).await.is_empty());
}

#[tokio::test]
async fn people_come_in_pages_by_address() {
    let house = House::furnished().await;
    for number in 1..=7 {
        house.person(&format!("sip:person{number}@example.com")).await;
    }
    let asked = UserList { q: Some("PERSON".into()), limit: Some(3), ..UserList::default() };
    let (mut paged, mut cursor) = (Vec::new(), None);
    loop {
        let page = house.must(Operation::UserList(UserList { cursor, ..asked.clone() })).await;
        paged.extend(
            page.rows.values().iter().map(|row| row["address"].as_str().unwrap_or_default().to_owned()),
        );
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let all: Vec<String> = (1..=7).map(|number| format!("sip:person{number}@example.com")).collect();
    assert_eq!(paged, all);
}
