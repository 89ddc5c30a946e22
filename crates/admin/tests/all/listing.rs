//! Stories of lists: what is in them, and how they are read in pages.

use admin::{
    CategoryFields, CategoryList, Operation, RoomFields, RoomInvitations, RoomList, RoomPrivacy, RoomType,
    UserList,
};

use crate::house::{House, add, invalid, not_found};

/// The names of the rooms listed.
async fn rooms(house: &House, asked: RoomList) -> Vec<String> {
    let rows = house.must(Operation::RoomList(asked)).await.rows;
    rows.values().iter().map(|row| row["name"].as_str().unwrap_or_default().to_owned()).collect()
}

/// A house with four rooms that differ in everything.
async fn varied() -> House {
    let house = House::furnished().await;
    house
        .category(
            "Other",
            CategoryFields { allowed_members: add(&["domain:example.com"]), ..CategoryFields::default() },
        )
        .await;
    let open = RoomFields {
        privacy: Some(RoomPrivacy::Open),
        description: Some("Pumps and drives".into()),
        disabled: Some(true),
        ..RoomFields::default()
    };
    house.room("Lobby", open).await;
    let stage = RoomFields {
        kind: Some(RoomType::Auditorium),
        invitations: Some(RoomInvitations::False),
        members: add(&["domain:example.com"]),
        managers: add(&["sip:bob@example.com"]),
        ..RoomFields::default()
    };
    house.room("Pump room", stage).await;
    let secret = RoomFields {
        privacy: Some(RoomPrivacy::Secret),
        members: add(&["sip:alice@example.com"]),
        ..RoomFields::default()
    };
    house.room("Board", secret).await;
    house
}

#[tokio::test]
async fn rooms_are_found_by_what_they_are() {
    let house = varied().await;
    let text = |text: &str| Some(text.to_owned());
    let all = RoomList::default;
    for (asked, expected) in [
        (all(), "Board, Engineering, Lobby, Pump room"),
        (RoomList { identity: text("ENGINEERING"), ..all() }, "Engineering"),
        (RoomList { identity: text("Nowhere"), ..all() }, ""),
        (RoomList { category: text("general"), ..all() }, "Board, Engineering, Lobby, Pump room"),
        (RoomList { category: text("Other"), ..all() }, ""),
        (RoomList { q: text("PUMP"), ..all() }, "Pump room"),
        (RoomList { q: text("pump"), search_description: true, ..all() }, "Lobby, Pump room"),
        (RoomList { member: text("sip:alice@example.com"), ..all() }, "Board, Pump room"),
        (RoomList { member: text("domain:example.com"), ..all() }, "Pump room"),
        (RoomList { manager: text("sip:bob@example.com"), ..all() }, "Pump room"),
        (RoomList { disabled: Some(true), ..all() }, "Lobby"),
        (
            RoomList { disabled: Some(false), privacy: Some(RoomPrivacy::Closed), ..all() },
            "Engineering, Pump room",
        ),
        (RoomList { kind: Some(RoomType::Auditorium), ..all() }, "Pump room"),
        (RoomList { invitations: Some(RoomInvitations::False), ..all() }, "Pump room"),
    ] {
        assert_eq!(rooms(&house, asked.clone()).await.join(", "), expected, "{asked:?}");
    }
    not_found(house.run(Operation::RoomList(RoomList { category: text("Nowhere"), ..all() })).await);
    not_found(
        house.run(Operation::RoomList(RoomList { member: text("sip:ghost@example.com"), ..all() })).await,
    );
}

#[tokio::test]
async fn a_list_is_read_in_pages_also_while_rooms_come_and_go() {
    let house = varied().await;
    let page = |cursor: Option<String>| {
        Operation::RoomList(RoomList { limit: Some(2), cursor, ..RoomList::default() })
    };
    let first = house.must(page(None)).await;
    assert_eq!(first.rows.values().len(), 2);
    house.room("Annex", RoomFields::default()).await;
    house.room("Kitchen", RoomFields::default()).await;
    let second = house.must(page(first.next)).await;
    let names =
        |values: Vec<serde_json::Value>| values.iter().map(|row| row["name"].to_string()).collect::<String>();
    assert_eq!(names(second.rows.values()), "\"Kitchen\"\"Lobby\"", "what lies behind the first page");
    let third = house.must(page(second.next)).await;
    assert_eq!((names(third.rows.values()), third.next), ("\"Pump room\"".to_owned(), None));
    let none = house.must(Operation::RoomList(RoomList { limit: Some(0), ..RoomList::default() })).await;
    assert!(none.rows.values().is_empty() && none.next.is_none(), "nothing was asked for");
    for cursor in ["rooms", "zz", "4", "ff"] {
        let message = invalid(house.run(page(Some(cursor.into()))).await);
        assert!(message.contains("no cursor"), "{message}");
    }
}

#[tokio::test]
async fn people_and_categories_are_found_by_a_text_and_read_in_pages() {
    let house = varied().await;
    let list = |q: &str, limit| Operation::UserList(UserList { q: Some(q.into()), limit, cursor: None });
    assert_eq!(house.must(list("SOMEBODY", None)).await.rows.values().len(), 3, "all have that name");
    assert_eq!(house.must(list("other.example", None)).await.rows.values().len(), 1);
    assert!(house.must(list("somebody", Some(1))).await.next.is_some());
    let list =
        |q: &str| Operation::CategoryList(CategoryList { q: Some(q.into()), ..CategoryList::default() });
    assert_eq!(house.must(list("oth")).await.rows.values().len(), 1);
}
