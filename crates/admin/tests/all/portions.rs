//! Stories of imports of many portions: one operation, whatever else goes on and wherever it stops.

use admin::Request;
use chat::{Actor, Entry, JournalKey, PoolEntry};
use serde_json::Value;

use crate::groups::{new_group, remove_group, set_group};
use crate::house::{House, add, remove, root};
use crate::office::{ANA, BEN, CLEO, OFFICE, house_with_office, import, of, principals};

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
async fn all_portions_of_an_import_are_one_operation_whose_first_entry_tells_what_it_changes() {
    let house = House::found();
    let mut text = OFFICE.to_owned();
    for number in 0..1_200 {
        text += &format!(
            "\ndn: CN=Clerk {number},OU=Sales,DC=example,DC=com\nobjectClass: user\nmemberOf: CN=Staff,DC=example,DC=com\n\
             entryUUID: 00000000-0000-4000-8001-{number:012}\n\
             msRTCSIP-PrimaryUserAddress: sip:clerk{number}@example.com\n"
        );
    }
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
    assert_eq!(bodies.len(), 1);
    let body: Value = serde_json::from_str(&bodies[0]).expect("JSON");
    assert_eq!(body["changes"], serde_json::to_value(&done.changes).expect("plain values"));
    assert_eq!(body["operation"]["ldif"], format!("({} octets)", text.len()));
}

#[tokio::test]
async fn memberships_can_be_changed_while_an_import_goes_on() {
    let house = house_with_office().await;
    house.must(new_group("Local", &[])).await;
    let mut text = OFFICE.to_owned();
    for number in 0..3_000 {
        text += &format!(
            "\ndn: CN=Clerk {number},OU=Sales,DC=example,DC=com\nobjectClass: user\nmemberOf: CN=Staff,DC=example,DC=com\n\
             entryUUID: 00000000-0000-4000-8001-{number:012}\n\
             msRTCSIP-PrimaryUserAddress: sip:clerk{number}@example.com\n"
        );
    }
    let (desk, asked) = (house.desk.clone(), Request::of(of(import(&text))));
    let importing = tokio::spawn(async move { desk.run(root(), asked).await });
    let mut changed = 0;
    while !importing.is_finished() {
        let who = [ANA, BEN, CLEO][changed % 3];
        let change = if (changed / 3) % 2 == 0 { add(&[who]) } else { remove(&[who]) };
        house.must(set_group("Local", change)).await;
        changed += 1;
    }
    importing.await.expect("nobody panics").expect("it is imported");
    assert!(changed > 2, "it was changed meanwhile: {changed}");
    house.must(remove_group("Local")).await;
    let fresh = House::found();
    fresh.must(of(import(&text))).await;
    assert_eq!(principals(&house).await, principals(&fresh).await);
}
