//! Stories of the record: who did what, from where, when, to what; found by each of these, also when people and rooms are gone.

use admin::{
    AdminError, Asker, AuditGet, AuditList, CategoryFields, GroupNew, GroupRemove, Moment, Operation,
    Outcome, RecordView, Request, RoomFields, RoomImport, RoomRemove, Rows, Spec, UserRemove,
};
use chat::{Actor, Role};
use serde_json::{Value, json};
use store::{Order, RowChange};

use crate::house::{House, PASSWORD, add, allowed, invalid, members, new_user, not_found, set_room};
use crate::talk::DAY;

fn records(outcome: &Outcome) -> &[RecordView] {
    match &outcome.rows {
        Rows::Record(records) => records,
        other => panic!("not the record: {other:?}"),
    }
}

async fn listed(house: &House, asked: AuditList) -> Vec<RecordView> {
    records(&house.must(Operation::AuditList(asked)).await).to_vec()
}

async fn verbs(house: &House, asked: AuditList) -> String {
    let all = listed(house, asked).await;
    all.iter().map(|record| record.verb.clone()).collect::<Vec<_>>().join(", ")
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A house in which root furnished, and a day later Alice, who administers, renamed Engineering.
async fn lived_in() -> House {
    let house = House::furnished().await;
    house.clock.advance_micros(DAY);
    let alice = house.id("sip:alice@example.com").await;
    let body = json!({ "operation": { "verb": "role-grant" }, "from": "socket", "changes": [] }).to_string();
    let grant = vec![RowChange::GrantRole(alice, Role::Administrator)];
    house.store.administer(Order::of(Actor::Shell(0), body), grant).await.expect("it is granted");
    let fields = RoomFields { description: text("Pumps"), ..RoomFields::default() };
    let asker = Asker::new(Actor::Person(alice), "192.0.2.7");
    house.desk.run(asker, Request::of(set_room("Engineering", fields))).await.expect("she may");
    house
}

#[tokio::test]
async fn the_record_says_who_did_what_from_where_and_when_and_what_changed() {
    let house = lived_in().await;
    let all = listed(&house, AuditList::default()).await;
    assert_eq!(
        all.iter().map(|record| record.verb.as_str()).collect::<Vec<_>>(),
        ["room-set", "role-grant", "room-new", "category-new", "user-new", "user-new", "user-new"],
        "the newest first"
    );
    let newest = &all[0];
    assert_eq!((newest.by.as_str(), newest.from.as_str()), ("sip:alice@example.com", "192.0.2.7"));
    assert!(newest.time.starts_with("2026-11-25T10:00:00"), "{}", newest.time);
    assert_eq!(newest.asked, json!({ "room": "Engineering", "description": "Pumps" }));
    let changed = &newest.changes[0];
    assert_eq!((changed.object.as_str(), changed.field.as_str()), ("room Engineering", "description"));
    assert_eq!((&changed.before, &changed.after), (&Value::Null, &json!("Pumps")));
    assert_eq!((newest.part, newest.things), (1, 1));
    assert_eq!(all[2].by, "uid 0");
}

#[tokio::test]
async fn it_is_found_by_who_did_it_by_what_it_was_about_by_verb_and_by_time() {
    let house = lived_in().await;
    let all = AuditList::default;
    let moment = |text: &str| Some(Moment(text.into()));
    for (asked, expected) in [
        (AuditList { by: text("sip:alice@example.com"), ..all() }, "room-set"),
        (AuditList { by: text("uid:0"), what: text("room new"), ..all() }, "room-new"),
        (AuditList { by: text("uid:7"), ..all() }, ""),
        (AuditList { by: text("server"), ..all() }, ""),
        (AuditList { by: text("sip:ghost@example.com"), ..all() }, ""),
        (AuditList { about: text("engineering"), ..all() }, "room-set, room-new"),
        (AuditList { about: text("General"), ..all() }, "category-new"),
        (AuditList { about: text("sip:alice@example.com"), ..all() }, "role-grant, user-new"),
        (AuditList { about: text("Nowhere"), ..all() }, ""),
        (AuditList { what: text("category-new"), ..all() }, "category-new"),
        (AuditList { start_date: moment("2026-11-25"), ..all() }, "room-set, role-grant"),
        (AuditList { end_date: moment("2026-11-24"), about: text("Engineering"), ..all() }, "room-new"),
        (AuditList { start_date: moment("2026-11-26"), ..all() }, ""),
    ] {
        assert_eq!(verbs(&house, asked.clone()).await, expected, "{asked:?}");
    }
    let guid = house.room_now("Engineering").await.guid;
    assert_eq!(verbs(&house, AuditList { about: Some(guid), ..all() }).await, "room-set, room-new");
    let refused = house.run(Operation::AuditList(AuditList { by: text("Alice"), ..all() })).await;
    assert!(invalid(refused).contains("uid:NUMBER"));
}

#[tokio::test]
async fn whoever_and_whatever_is_gone_is_named_all_the_same() {
    let house = lived_in().await;
    house.must(Operation::RoomRemove(RoomRemove { room: "Engineering".into() })).await;
    house.must(Operation::UserRemove(UserRemove { user: "sip:alice@example.com".into() })).await;
    // Both names are taken again, by others.
    house.person("sip:alice@example.com").await;
    house.room("Engineering", RoomFields::default()).await;
    let by_alice = AuditList { by: text("sip:alice@example.com"), ..AuditList::default() };
    let hers = listed(&house, by_alice).await;
    assert_eq!((hers.len(), hers[0].by.as_str()), (1, "sip:alice@example.com"));
    let about = |what: &str| AuditList { about: text(what), ..AuditList::default() };
    assert_eq!(verbs(&house, about("Engineering")).await, "room-new, room-remove, room-set, room-new");
    assert_eq!(
        verbs(&house, about("sip:alice@example.com")).await,
        "user-new, user-remove, role-grant, user-new"
    );
}

#[tokio::test]
async fn a_group_whose_row_is_gone_is_found_by_the_name_the_record_has() {
    let house = lived_in().await;
    let asked = |verb: &str| {
        let field = if verb == "new" { "name" } else { "group" };
        let fields = [(field.to_owned(), json!("Ops"))].into_iter().collect();
        Spec::find("group", verb).expect("there is one").read(fields).expect("it is complete")
    };
    house.must(asked("new")).await;
    let about = || AuditList { about: text("group:Ops"), ..AuditList::default() };
    assert_eq!(verbs(&house, about()).await, "group-new");
    house.must(asked("remove")).await;
    for name in ["Ops", "group:Ops", "group: ops "] {
        let asked = AuditList { about: text(name), ..AuditList::default() };
        assert_eq!(verbs(&house, asked).await, "group-remove, group-new", "'{name}'");
    }
    let other = AuditList { about: text("group:Engineering"), ..AuditList::default() };
    assert_eq!(verbs(&house, other).await, "", "a room of that name is no group");
}

#[tokio::test]
async fn the_removal_of_a_group_or_person_is_found_by_each_room_and_category_that_named_it() {
    let house = House::furnished().await;
    let crew = GroupNew { name: "Crew".into(), members: add(&["sip:alice@example.com"]) };
    house.must(Operation::GroupNew(crew)).await;
    for room in ["Bridge", "Deck"] {
        house.room(room, members(&["group:Crew", "sip:bob@example.com"])).await;
    }
    house.category("Harbour", allowed(&["group:Crew", "sip:bob@example.com"])).await;
    house.must(Operation::GroupRemove(GroupRemove { group: "Crew".into() })).await;
    house.must(Operation::UserRemove(UserRemove { user: "sip:bob@example.com".into() })).await;
    let about = |what: &str| AuditList { about: text(what), ..AuditList::default() };
    for room in ["Bridge", "Deck"] {
        assert_eq!(verbs(&house, about(room)).await, "user-remove, group-remove, room-new", "{room}");
    }
    assert_eq!(verbs(&house, about("Harbour")).await, "user-remove, group-remove, category-new");
    assert_eq!(verbs(&house, about("Engineering")).await, "room-new", "which named neither");
    let removal = &listed(&house, about("group:Crew")).await[0];
    assert_eq!(
        (removal.verb.as_str(), removal.things),
        ("group-remove", 5),
        "two rooms, a category, Alice, itself"
    );
}

#[tokio::test]
async fn the_record_is_read_in_pages_whatever_is_looked_for() {
    let house = House::furnished().await;
    for number in 1..=12 {
        let fields = RoomFields { description: Some(format!("state {number}")), ..RoomFields::default() };
        house.set_room("Engineering", fields).await.expect("it is set");
        house.person(&format!("sip:person{number}@example.com")).await;
    }
    for asked in [
        AuditList { what: text("room-set"), ..AuditList::default() },
        AuditList { about: text("Engineering"), ..AuditList::default() },
        AuditList { by: text("uid:0"), ..AuditList::default() },
    ] {
        let whole = listed(&house, asked.clone()).await;
        let (mut paged, mut cursor) = (Vec::new(), None);
        loop {
            let page = AuditList { limit: Some(5), cursor, ..asked.clone() };
            let page = house.must(Operation::AuditList(page)).await;
            assert!(records(&page).len() <= 5);
            paged.extend(records(&page).to_vec());
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(paged, whole, "{asked:?}");
    }
    let none = AuditList { limit: Some(0), ..AuditList::default() };
    assert!(listed(&house, none).await.is_empty());
    let torn = AuditList { cursor: text("zz"), ..AuditList::default() };
    assert_eq!(house.run(Operation::AuditList(torn)).await.expect_err("no cursor").field(), Some("cursor"));
}

#[tokio::test]
async fn an_operation_of_many_transactions_is_one_and_shown_part_by_part() {
    let house = House::furnished().await;
    let lines: String = (1..=1_100).map(|n| format!("Room {n:05},General\n")).collect();
    let rows = format!("name,category\n{lines}");
    house.must(Operation::RoomImport(RoomImport { rows, skip_bad: false })).await;
    let all = listed(&house, AuditList::default()).await;
    let import = &all[0];
    assert_eq!((import.verb.as_str(), import.part, import.things), ("room-import", 3, 1_100));
    assert_eq!(import.changes.len(), 20, "a list shows the first");
    assert!(import.more_changes > 0);

    let get = |limit: Option<u32>, cursor: Option<String>| {
        Operation::AuditGet(AuditGet { operation: import.operation.to_string(), limit, cursor })
    };
    let whole = house.must(get(None, None)).await;
    let parts = records(&whole);
    assert_eq!(
        parts.iter().map(|part| (part.part, part.things)).collect::<Vec<_>>(),
        [(1, 500), (2, 500), (3, 100)]
    );
    let names = parts.iter().flat_map(|part| &part.changes).filter(|change| change.field == "name");
    assert_eq!(names.count(), 1_100, "everything is there");
    let (mut paged, mut cursor) = (Vec::new(), None);
    loop {
        let page = house.must(get(Some(1), cursor)).await;
        paged.extend(records(&page).to_vec());
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(paged, parts);

    for absent in ["0", "2", "999999", "twelve"] {
        // The second entry of the import is no operation of its own.
        let number = if absent == "2" { (import.operation + 1).to_string() } else { absent.to_owned() };
        let asked = AuditGet { operation: number, ..AuditGet::default() };
        not_found(house.run(Operation::AuditGet(asked)).await);
    }
}

#[tokio::test]
async fn the_record_holds_no_secret_readers_read_it_and_nothing_changes_it() {
    let house = lived_in().await;
    house.must(new_user("sip:carol@example.com", Some(PASSWORD), true)).await;
    let all = serde_json::to_string(&listed(&house, AuditList::default()).await).expect("JSON");
    assert!(!all.contains(PASSWORD) && all.contains("(set)"), "{all}");

    let bob = Asker::new(Actor::Person(house.id("sip:bob@example.com").await), "127.0.0.1");
    let asked = || Request::of(Operation::AuditList(AuditList::default()));
    let refused = house.desk.run(bob.clone(), asked()).await;
    assert!(matches!(refused, Err(AdminError::Denied(_))), "{refused:?}");
    let role = vec![RowChange::GrantRole(house.id("sip:bob@example.com").await, Role::Reader)];
    house.store.administer(Order::of(Actor::Shell(0), "{}".into()), role).await.expect("it is granted");
    let read = house.desk.run(bob, asked()).await.expect("a reader may");
    assert!(records(&read).len() > 5);
    // An operation whose body has another form is told all the same.
    assert_eq!((records(&read)[0].verb.as_str(), records(&read)[0].by.as_str()), ("", "uid 0"));

    let audit = admin::SPECS.iter().filter(|spec| spec.noun == "audit");
    assert!(audit.into_iter().all(|spec| spec.only_reads), "there is no verb that changes it");
    let before = house.told().await;
    house.set_room("Engineering", members(&["sip:bob@example.com"])).await.expect("he is in scope");
    house
        .category(
            "Other",
            CategoryFields { allowed_members: add(&["sip:bob@example.com"]), ..CategoryFields::default() },
        )
        .await;
    assert!(house.told().await.starts_with(&before), "what was written stays as it is");
}
