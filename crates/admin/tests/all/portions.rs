//! Stories of imports of many portions: one operation, whatever else goes on and wherever it stops.

use std::time::Duration;

use admin::{AdminError, Asker, AuditGet, AuditList, Desk, Operation, Request, UserRemove};
use chat::{Actor, Entry, JournalKey, PersonState, PoolEntry, Role};
use serde_json::{Value, json};
use store::{Order, RowChange};

use crate::groups::{new_group, remove_group, set_group};
use crate::house::{Doomed, House, ROOT, add, denied, remove, root};
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
    let importing = Doomed::asked(&house, of(import(&crowd(1_400))));
    while house.store.people().await.expect("a read").is_empty() {
        feed.recv().await.expect("it is written");
    }
    importing.ends().await;
    assert_eq!(belongs_to(&house, ANA).await, [""; 0]);

    let next = Desk::new(house.store.clone(), house.directory.clone());
    next.resume().await.expect("it goes on");
    assert_eq!(belongs_to(&house, ANA).await, ["Sales", "example.com"]);
    let told = house.store.head(JournalKey::Pool).await.expect("a read");
    next.resume().await.expect("there is nothing to do");
    assert_eq!(house.store.head(JournalKey::Pool).await.expect("a read"), told);
}

#[tokio::test]
async fn an_import_goes_on_when_whoever_asked_hangs_up() {
    let house = House::found();
    let mut feed = house.store.feed();
    let (desk, asked) = (house.desk.clone(), Request::of(of(import(&crowd(1_400)))));
    let asking = tokio::spawn(async move { desk.run(root(), asked).await });
    while house.store.people().await.expect("a read").is_empty() {
        feed.recv().await.expect("it is written");
    }
    asking.abort();
    assert!(asking.await.is_err(), "nobody waits for the answer");
    house.desk.stop(Duration::from_secs(60)).await;
    assert_eq!(house.store.people().await.expect("a read").len(), 1_403, "all of them came");
    assert_eq!(belongs_to(&house, ANA).await, ["Sales", "Staff", "example.com"]);
    assert_eq!(belongs_to(&house, "sip:clerk1399@example.com").await, ["Sales", "Staff", "example.com"]);

    let refused = house.run(of(import(OFFICE))).await.expect_err("nothing is begun after the stop");
    assert!(
        matches!(&refused, AdminError::Unavailable(why) if why.contains("nothing was changed")),
        "{refused}"
    );
}

#[tokio::test]
async fn a_stop_breaks_off_what_takes_too_long_and_the_next_start_goes_on_with_it() {
    let house = House::found();
    let mut feed = house.store.feed();
    let (desk, asked) = (house.desk.clone(), Request::of(of(import(&crowd(1_400)))));
    let asking = tokio::spawn(async move { desk.run(root(), asked).await });
    while house.store.people().await.expect("a read").is_empty() {
        feed.recv().await.expect("it is written");
    }
    house.desk.stop(Duration::ZERO).await;
    let refused = asking.await.expect("nobody panics").expect_err("it was broken off");
    assert!(matches!(&refused, AdminError::Unavailable(why) if why.contains("the same again")), "{refused}");
    assert_eq!(belongs_to(&house, ANA).await, [""; 0]);

    let next = Desk::new(house.store.clone(), house.directory.clone());
    next.resume().await.expect("it goes on");
    assert_eq!(belongs_to(&house, ANA).await, ["Sales", "example.com"]);
}

#[tokio::test]
async fn the_server_works_out_who_belongs_to_what_when_the_asker_loses_the_role_within_an_import() {
    let house = House::found();
    let zoe = "sip:zoe@example.com";
    house.person(zoe).await;
    let zoe = house.id(zoe).await;
    let role = |change| house.store.administer(Order::of(ROOT, "{}".into()), vec![change]);
    role(RowChange::GrantRole(zoe, Role::Administrator)).await.expect("it is granted");
    let mut feed = house.store.feed();
    let (desk, asked) = (house.desk.clone(), Request::of(of(import(&crowd(1_400)))));
    let asking =
        tokio::spawn(async move { desk.run(Asker::new(Actor::Person(zoe), "127.0.0.1"), asked).await });
    while house.store.people().await.expect("a read").len() < 2 {
        feed.recv().await.expect("it is written");
    }
    role(RowChange::RevokeRole(zoe, Role::Administrator)).await.expect("it is revoked");
    let refused = denied(asking.await.expect("nobody panics"));
    assert!(refused.contains("an administrator can grant it"), "{refused}");
    assert!(!refused.contains("next start"), "{refused}");
    assert!(house.store.people().await.expect("a read").len() < 1_404, "the rest was not imported");
    assert_eq!(belongs_to(&house, ANA).await, ["Sales", "example.com"], "what was imported counts at once");

    let told = house.store.head(JournalKey::Pool).await.expect("a read");
    let next = Desk::new(house.store.clone(), house.directory.clone());
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
