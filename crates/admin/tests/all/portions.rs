//! Stories of imports of many portions: one operation, whatever else goes on and wherever it stops.

use admin::{AuditGet, AuditList, Desk, Operation, Request, UserRemove};
use chat::{Actor, Entry, JournalKey, PersonState, PoolEntry};
use serde_json::{Value, json};

use crate::groups::{new_group, remove_group, set_group};
use crate::house::{House, add, remove, root};
use crate::office::{ANA, BEN, CLEO, OFFICE, belongs_to, house_with_office, import, of, principals};

/// The office with so many clerks, all of them in Sales and in Staff.
fn crowd(clerks: usize) -> String {
    let mut text = OFFICE.to_owned();
    for number in 0..clerks {
        text += &format!(
            "\ndn: CN=Clerk {number},OU=Sales,DC=example,DC=com\nobjectClass: user\nmemberOf: CN=Staff,DC=example,DC=com\n\
             entryUUID: 00000000-0000-4000-8001-{number:012}\n\
             msRTCSIP-PrimaryUserAddress: sip:clerk{number}@example.com\n"
        );
    }
    text
}

#[tokio::test]
async fn an_import_that_was_interrupted_is_finished_by_the_next() {
    let house = House::found();
    let half = OFFICE.split("dn: CN=Ben").next().expect("a beginning");
    house.must(of(import(half))).await;
    house.must(of(import(OFFICE))).await;
    let fresh = House::found();
    fresh.must(of(import(OFFICE))).await;
    assert_eq!(principals(&house).await, principals(&fresh).await);
}

#[tokio::test]
async fn all_portions_of_an_import_are_one_operation_and_each_tells_what_it_changed() {
    let house = House::found();
    let text = crowd(1_200);
    let before = house.store.head(JournalKey::Pool).await.expect("a read").position.number;
    let done = house.must(of(import(&text))).await;
    let (mut after, mut numbers, mut bodies, mut count) = (before, Vec::new(), Vec::new(), 0);
    loop {
        let page = house.store.entries(JournalKey::Pool, after, 1_000).await.expect("a read");
        let Some(last) = page.last() else { break };
        after = last.header.position.number;
        count += page.len();
        for entry in &page {
            let Entry::Pool(PoolEntry::Administered { operation, by, .. }) = entry.header.entry else {
                panic!("another entry: {entry:?}")
            };
            assert_eq!(by, Actor::Shell(0));
            numbers.push(operation);
            bodies.extend(entry.body.as_ref().map(|body| body.text.clone()));
        }
    }
    assert!(count > 2 * 1_200, "each person is told of when it is made and when it belongs to something");
    numbers.dedup();
    assert_eq!(numbers, [before + 1], "one operation");
    let bodies: Vec<Value> = bodies.iter().map(|body| serde_json::from_str(body).expect("JSON")).collect();
    assert_eq!(bodies[0]["operation"]["ldif"], format!("({} octets)", text.len()));
    let told: Vec<Value> =
        bodies.iter().flat_map(|body| body["changes"].as_array().expect("a list").clone()).collect();
    assert_eq!(json!(told), serde_json::to_value(&done.changes).expect("plain values"));
    let most = bodies.iter().map(|body| body["changes"].as_array().expect("a list").len()).max();
    assert_eq!(most, Some(500), "no part tells of what another does");
}

#[tokio::test]
async fn an_import_whose_third_portion_is_refused_claims_no_more_than_was_done() {
    let house = House::found();
    let zoe = house.person("sip:zoe@example.com").await;
    house.must(Operation::UserRemove(UserRemove { user: zoe.address.clone() })).await;
    // Whoever was removed for ever is known by this identity still, so nobody else can have it.
    let text = crowd(1_400).replace("00000000-0000-4000-8001-000000001250", &zoe.guid);
    let refused = house.run(of(import(&text))).await.expect_err("the third cannot be written").to_string();
    let list = AuditList { what: Some("directory-import".into()), ..AuditList::default() };
    let listed = house.must(Operation::AuditList(list)).await.rows.values();
    assert_eq!(listed.len(), 1, "one act");
    let operation = listed[0]["operation"].to_string();
    assert!(refused.contains(&format!("causerie audit get {operation}")), "{refused}");
    let get = AuditGet { operation, ..AuditGet::default() };
    let parts = house.must(Operation::AuditGet(get)).await.rows.values();
    assert_eq!(json!(parts.len()), listed[0]["part"], "the list says how many parts it has");
    let changes = parts.iter().flat_map(|part| part["changes"].as_array().expect("a list"));
    let told =
        changes.filter(|change| change["field"] == "added" && change["after"].to_string().contains("sip:"));
    let people = house.store.people().await.expect("a read");
    let there = people.iter().filter(|person| person.state == PersonState::Enabled).count();
    assert_eq!((told.count(), there), (1_000, 1_000));
    assert!(
        belongs_to(&house, "sip:clerk7@example.com").await.contains(&"Sales".to_owned()),
        "and what they belong to is worked out"
    );

    house.must(of(import(&crowd(1_400)))).await;
    let fresh = House::found();
    fresh.must(of(import(&crowd(1_400)))).await;
    assert_eq!(principals(&house).await, principals(&fresh).await, "the same again goes on with the rest");
}

#[tokio::test]
async fn a_server_that_stopped_within_an_import_works_out_at_its_next_start_who_belongs_to_what() {
    let house = House::found();
    let mut feed = house.store.feed();
    let (desk, asked) = (house.desk.clone(), Request::of(of(import(&crowd(1_400)))));
    let importing = tokio::spawn(async move { desk.run(root(), asked).await });
    while house.store.people().await.expect("a read").is_empty() {
        feed.recv().await.expect("it is written");
    }
    importing.abort();
    assert!(importing.await.is_err(), "it was stopped");
    assert_eq!(belongs_to(&house, ANA).await, [""; 0]);

    let next = Desk::new(house.store.clone(), house.directory.clone());
    next.resume().await.expect("it goes on");
    assert_eq!(belongs_to(&house, ANA).await, ["Sales", "example.com"]);
    let told = house.store.head(JournalKey::Pool).await.expect("a read");
    next.resume().await.expect("there is nothing to do");
    assert_eq!(house.store.head(JournalKey::Pool).await.expect("a read"), told);
}

#[tokio::test]
async fn memberships_can_be_changed_while_an_import_goes_on() {
    let house = house_with_office().await;
    house.must(new_group("Local", &[])).await;
    let text = crowd(3_000);
    let before = house.store.people().await.expect("a read").len();
    let mut feed = house.store.feed();
    let (desk, asked) = (house.desk.clone(), Request::of(of(import(&text))));
    let importing = tokio::spawn(async move { desk.run(root(), asked).await });
    // The first portion is there, and five are to come.
    while house.store.people().await.expect("a read").len() == before {
        feed.recv().await.expect("it is written");
    }
    let mut changed = 0;
    loop {
        let who = [ANA, BEN, CLEO][changed % 3];
        let change = if (changed / 3) % 2 == 0 { add(&[who]) } else { remove(&[who]) };
        house.must(set_group("Local", change)).await;
        changed += 1;
        if importing.is_finished() {
            break;
        }
    }
    importing.await.expect("nobody panics").expect("it is imported");
    house.must(remove_group("Local")).await;
    let fresh = House::found();
    fresh.must(of(import(&text))).await;
    assert_eq!(principals(&house).await, principals(&fresh).await);
}
