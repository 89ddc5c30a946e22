//! Stories of exports of directories: what the first brings, and what each further one changes.

use admin::{DirectoryImport, GroupGet, GroupSet, Operation, Request, RoomFields, RoomPrivacy, UserGet};
use chat::Right;
use serde_json::json;

use crate::groups::{may, new_group, remove_group, set_group};
use crate::house::{House, add, allowed, conflict, members, new_room, remove};
use crate::office::{
    ACTIVE_DIRECTORY, ANA, BEN, CLEO, OFFICE, OPENLDAP, belongs_to, counts, entry, house_with_office, import,
    of, office, principals,
};

#[tokio::test]
async fn the_first_export_of_an_active_directory_brings_who_is_sip_enabled_and_all_groups() {
    let house = House::found();
    let would = house
        .ask(Request { dry_run: true, ..Request::of(of(import(ACTIVE_DIRECTORY))) })
        .await
        .expect("it can be");
    assert_eq!(principals(&house).await, json!([]), "a dry run writes nothing");
    let done = house.must(of(import(ACTIVE_DIRECTORY))).await;
    assert_eq!((counts(&would), &would.changes), (counts(&done), &done.changes));
    for count in
        ["5 added person", "4 added group", "1 added domain", "1 left-out person that is not SIP-enabled"]
    {
        assert!(counts(&done).iter().any(|said| said == count), "{count} in {:?}", counts(&done));
    }
    assert_eq!(
        belongs_to(&house, "sip:juergen@example.com").await,
        ["Desk Leads", "Domain Users", "Everybody", "Hamburg", "Traders", "Verkäufer", "example.com"]
    );
    let state = async |address: &str| {
        let user =
            house.must(Operation::UserGet(UserGet { user: address.into() })).await.rows.values().remove(0);
        user["enabled"].as_bool().expect("it is said")
    };
    assert!(state(ANA).await);
    assert!(!state("sip:dana@example.com").await, "her account is disabled there");
    assert!(!state("sip:frida@example.com").await, "she may not use SIP there");
    let group = house
        .must(Operation::GroupGet(GroupGet { group: "CN=Traders,OU=Groups,DC=example,DC=com".into() }))
        .await;
    let group = group.rows.values().remove(0);
    assert_eq!(group["source"], "ldif");
    assert_eq!(group["members"], json!(["CN=Desk Leads,OU=Groups,DC=example,DC=com", ANA]));
}

#[tokio::test]
async fn an_openldap_gives_addresses_by_mail_if_that_is_asked_for() {
    let house = House::found();
    let mut asked = import(OPENLDAP);
    asked.address_from_mail = true;
    let done = house.must(of(asked)).await;
    assert!(counts(&done).contains(&"4 added person".to_owned()), "{:?}", counts(&done));
    assert_eq!(
        belongs_to(&house, "sip:ana@example.com").await,
        ["example.com", "people", "staff", "traders"]
    );
    let facts =
        house.store.person_facts(house.id("sip:bo@example.com").await).await.expect("a read").expect("facts");
    assert_eq!(facts.mail.as_deref(), Some("bo@example.com"));
}

#[tokio::test]
async fn the_same_export_again_changes_nothing() {
    for (text, by_mail) in [(ACTIVE_DIRECTORY, false), (OPENLDAP, true), (OFFICE, false)] {
        let house = House::found();
        let asked = DirectoryImport { address_from_mail: by_mail, ..import(text) };
        house.must(of(asked.clone())).await;
        let told = (house.told().await, house.store.people().await, house.store.groups().await);
        let again = house.must(of(asked)).await;
        assert_eq!(again.changes, []);
        let counts = counts(&again);
        assert!(
            counts.iter().all(|said| said.contains("unchanged") || said.contains("left-out")),
            "{counts:?}"
        );
        assert_eq!((house.told().await, house.store.people().await, house.store.groups().await), told);
    }
}

#[tokio::test]
async fn whoever_is_renamed_or_moved_stays_who_it_is_with_all_rights() {
    let house = house_with_office().await;
    house.room("Engineering", members(&[ANA, "CN=Traders,DC=example,DC=com"])).await;
    let (ana, ben) = (house.id(ANA).await, house.id(BEN).await);
    let married = [
        ("CN=Ana,OU=Sales", "CN=Ana Maria,OU=Legal"),
        ("sip:ana@", "sip:ana.maria@"),
        ("CN=Traders,", "CN=Dealers,"),
        ("OU=Sales,", "OU=Selling,"),
    ];
    let done = house.must(of(import(&office(&married)))).await;
    for count in ["1 renamed person", "1 moved person", "1 renamed group", "1 renamed container"] {
        assert!(counts(&done).iter().any(|said| said == count), "{count} in {:?}", counts(&done));
    }
    assert_eq!(house.id("sip:ana.maria@example.com").await, ana);
    assert_eq!(house.id(BEN).await, ben);
    assert_eq!(
        house.room_now("Engineering").await.members,
        ["sip:ana.maria@example.com", "CN=Dealers,DC=example,DC=com"]
    );
    assert!(may(&house, "sip:ana.maria@example.com", "Engineering", Right::Post).await);
    assert!(may(&house, BEN, "Engineering", Right::Post).await);
    assert_eq!(belongs_to(&house, "sip:ana.maria@example.com").await, ["Legal", "Staff", "example.com"]);
    assert_eq!(belongs_to(&house, BEN).await, ["Dealers", "Selling", "Staff", "example.com"]);
}

#[tokio::test]
async fn a_container_that_moves_takes_along_whoever_is_in_it() {
    let house = house_with_office().await;
    house.category("Law", allowed(&["OU=Legal,DC=example,DC=com"])).await;
    let Operation::RoomNew(mut cases) =
        new_room("Cases", RoomFields { privacy: Some(RoomPrivacy::Open), ..RoomFields::default() })
    else {
        unreachable!()
    };
    cases.category = "Law".into();
    house.must(Operation::RoomNew(cases)).await;
    assert!(!may(&house, ANA, "Cases", Right::See).await);
    let done = house.must(of(import(&office(&[("OU=Sales,DC", "OU=Sales,OU=Legal,DC")])))).await;
    assert!(counts(&done).contains(&"1 moved container".to_owned()), "{:?}", counts(&done));
    assert!(may(&house, ANA, "Cases", Right::Join).await);
    house.must(of(import(OFFICE))).await;
    assert!(!may(&house, ANA, "Cases", Right::See).await);
    assert_eq!(belongs_to(&house, ANA).await, ["Sales", "Staff", "example.com"]);
}

#[tokio::test]
async fn what_moves_into_a_container_that_is_new_in_an_export_in_which_somebody_is_gone_lies_in_it() {
    let house = house_with_office().await;
    let new = "dn: OU=New,DC=example,DC=com\nobjectClass: organizationalUnit\n\
               entryUUID: 00000000-0000-4000-8000-000000000004\n\n";
    let moved = office(&[
        (entry("CN=Cleo"), ""),
        ("CN=Ben,OU=Sales", "CN=Ben,OU=New"),
        ("CN=Traders,DC", "CN=Traders,OU=New,DC"),
    ]);
    let moved = moved + "\n" + new;
    house.must(of(DirectoryImport { yes: true, ..import(&moved) })).await;
    assert_eq!(belongs_to(&house, BEN).await, ["New", "Staff", "Traders", "example.com"]);
    let fresh = House::found();
    fresh.must(of(import(&moved))).await;
    assert_eq!(principals(&house).await, principals(&fresh).await);
}

#[tokio::test]
async fn groups_of_a_directory_are_used_here_and_changed_there() {
    let house = house_with_office().await;
    let traders = "CN=Traders,DC=example,DC=com";
    let message = conflict(house.run(set_group(traders, add(&[ANA]))).await);
    assert!(
        message.contains("change it there") && message.contains("causerie directory import"),
        "{message}"
    );
    conflict(house.run(remove_group(traders)).await);
    house.must(new_group("Traders", &["OU=Legal,DC=example,DC=com", traders])).await;
    house.room("Engineering", members(&["group:Traders"])).await;
    assert!(
        may(&house, CLEO, "Engineering", Right::Join).await,
        "the local group has the name, and Cleo is in Legal"
    );
    assert!(may(&house, BEN, "Engineering", Right::Join).await, "Ben is in the directory's group within it");
    assert!(!may(&house, ANA, "Engineering", Right::Join).await);
    let moved = office(&[("CN=Ana,OU=Sales", "CN=Ana,OU=Legal")]);
    house.must(of(import(&moved))).await;
    assert!(may(&house, ANA, "Engineering", Right::Join).await, "she is in Legal now");
    let same = house.must(of(import(&moved))).await;
    assert_eq!(same.changes, [], "of the local group the directory knows nothing");
    house.must(set_group("Traders", remove(&["OU=Legal,DC=example,DC=com"]))).await;
    assert!(!may(&house, ANA, "Engineering", Right::Join).await);
    assert!(!may(&house, CLEO, "Engineering", Right::Join).await);
    let name = GroupSet { group: "group:Staff".into(), name: Some("Crew".into()), ..GroupSet::default() };
    conflict(house.run(Operation::GroupSet(name)).await);
}
