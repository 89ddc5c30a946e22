//! Stories of exports of directories: what the first brings, and what each further one changes.

use admin::{
    AdminError, Asker, DirectoryImport, GroupGet, GroupSet, Operation, Outcome, Request, RoomFields,
    RoomPrivacy, UserGet,
};
use chat::{Actor, Right, Role};
use serde_json::json;

use crate::groups::{grant, may, new_group, remove_group, set_group};
use crate::house::{House, add, allowed, conflict, denied, members, new_room, remove, root};
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

#[tokio::test]
async fn nobody_changes_a_person_with_a_role_beyond_his_own_by_an_export() {
    let house = house_with_office().await;
    let (ana, ben) = (house.id(ANA).await, house.id(BEN).await);
    grant(&house, ana, Role::Administrator).await;
    grant(&house, ben, Role::UserAdministrator).await;
    let ben = || Asker::new(Actor::Person(ben), "127.0.0.1");
    let before = (principals(&house).await, house.told().await);
    let gone = office(&[(entry("CN=Ana"), ""), ("member: CN=Ana,OU=Sales,DC=example,DC=com\n", "")]);
    for crafted in [
        office(&[("userAccountControl: 512", "userAccountControl: 514")]),
        office(&[("sip:ana@", "sip:nobody@")]),
        office(&[
            ("sip:ana@", "sip:ben@x."),
            ("sip:ben@example", "sip:ana@example"),
            ("sip:ben@x.", "sip:ben@"),
        ]),
        office(&[("CN=Ana,OU=Sales", "CN=Not Ana,OU=Sales")]),
        office(&[("ana.ruiz@", "ben@")]),
        gone,
    ] {
        for dry_run in [true, false] {
            let asked = DirectoryImport { yes: true, ..import(&crafted) };
            let message = denied(house.desk.run(ben(), Request { dry_run, ..Request::of(of(asked)) }).await);
            assert!(
                message.contains("sip:ana@example.com (administrator); an administrator can import it"),
                "{message}"
            );
        }
    }
    assert_eq!((principals(&house).await, house.told().await), before, "nothing of it was done");
    let others = office(&[("CN=Cleo,OU=Legal", "CN=Cleo,OU=Sales"), ("sip:ben@", "sip:benjamin@")]);
    house.desk.run(ben(), Request::of(of(import(&others)))).await.expect("Ana stays as she is");
    house.desk.run(root(), Request::of(of(import(OFFICE)))).await.expect("who may everything");
}

#[tokio::test]
async fn an_export_that_changes_many_with_roles_names_ten_of_them() {
    let house = House::found();
    let clerks = |mark: &str| {
        let clerk = |number: u32| {
            format!(
                "dn: CN=Clerk {number}{mark},DC=example,DC=com\nobjectClass: user\n\
                 entryUUID: 00000000-0000-4000-8000-0000000001{number:02}\n\
                 msRTCSIP-PrimaryUserAddress: sip:clerk{number}@example.com\n\n"
            )
        };
        (10..23).map(clerk).collect::<String>()
    };
    house.must(of(import(&clerks("")))).await;
    for number in 10..22 {
        grant(&house, house.id(&format!("sip:clerk{number}@example.com")).await, Role::ChatAdministrator)
            .await;
    }
    let last = house.id("sip:clerk22@example.com").await;
    grant(&house, last, Role::UserAdministrator).await;
    let asked = of(import(&clerks(" Esq.")));
    let message = denied(house.by("sip:clerk22@example.com", asked).await);
    assert!(
        message.contains("sip:clerk19@example.com (persistent-chat-administrator) and 2 more;"),
        "{message}"
    );
    assert!(!message.contains("sip:clerk20@"), "{message}");
}

fn refused(asked: Result<Outcome, AdminError>) -> String {
    asked.expect_err("it cannot be done").to_string()
}

#[tokio::test]
async fn an_export_takes_over_nobody_who_is_known_already() {
    let house = house_with_office().await;
    house.person("sip:zoe@example.com").await;
    let before = principals(&house).await;
    let taken = refused(house.run(of(import(&office(&[("sip:ben@", "sip:zoe@")])))).await);
    assert!(taken.contains("would be the address of two people"), "{taken}");
    let zoe = house.store.person(house.id("sip:zoe@example.com").await).await.expect("a read").expect("Zoe");
    let guid = zoe.guid.to_string();
    let stolen = office(&[("00000000-0000-4000-8000-000000000022", guid.as_str())]);
    let stolen = refused(house.run(of(import(&stolen))).await);
    assert!(stolen.contains("import it under the name of the source it came from"), "{stolen}");
    let elsewhere = DirectoryImport { source: Some("elsewhere".into()), ..import(OFFICE) };
    refused(house.run(of(elsewhere)).await);
    assert_eq!(principals(&house).await, before);
}

#[tokio::test]
async fn a_group_gives_nobody_a_role() {
    let house = house_with_office().await;
    let (ana, ben) = (house.id(ANA).await, house.id(BEN).await);
    grant(&house, ana, Role::Administrator).await;
    house.must(new_group("Chiefs", &[ANA])).await;
    house.must(set_group("Chiefs", add(&[BEN, "CN=Traders,DC=example,DC=com"]))).await;
    house
        .must(of(import(&office(&[(
            "member: CN=Ben",
            "member: CN=Ana,OU=Sales,DC=example,DC=com\nmember: CN=Ben",
        )]))))
        .await;
    let roles = async |id| house.store.person(id).await.expect("a read").expect("somebody").roles;
    assert_eq!(roles(ana).await, chat::Roles::of(&[Role::Administrator]));
    assert_eq!(roles(ben).await, chat::Roles::default(), "roles are each person's own");
    denied(house.by(BEN, new_group("Others", &[])).await);
}
