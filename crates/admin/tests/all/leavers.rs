//! Stories of people whom a directory disables, forgets, takes back, and whose addresses it gives to others.

use admin::{
    CategoryFields, CategoryGet, Operation, RoleGrant, RoleList, RoleName, RoomFields, RoomList, UserDisable,
    UserEnable, UserGet, UserRemove, UserSet,
};
use chat::{PersonState, Right};

use crate::groups::{may, new_group};
use crate::house::{
    add, allowed, category, conflict, denied, invalid, members, new_user, remove, replace, values,
};
use crate::office::{ANA, BEN, CLEO, OFFICE, counts, entry, house_with_office, import, of, office};

#[tokio::test]
async fn whoever_is_disabled_in_the_directory_is_so_here_until_it_is_enabled_there() {
    let house = house_with_office().await;
    house.room("Engineering", members(&[ANA, BEN])).await;
    let off = office(&[("userAccountControl: 512", "userAccountControl: 514")]);
    let done = house.must(of(import(&off))).await;
    assert!(counts(&done).contains(&"1 disabled person".to_owned()), "{:?}", counts(&done));
    assert!(!may(&house, ANA, "Engineering", Right::Join).await);
    let done = house.must(of(import(OFFICE))).await;
    assert!(counts(&done).contains(&"1 enabled person".to_owned()), "{:?}", counts(&done));
    assert!(may(&house, ANA, "Engineering", Right::Join).await);
    let message = conflict(house.run(Operation::UserRemove(UserRemove { user: ANA.into() })).await);
    assert!(message.contains("causerie user disable sip:ana@example.com"), "{message}");
}

#[tokio::test]
async fn whoever_is_gone_loses_everything_at_once_and_comes_back_with_its_rights() {
    let house = house_with_office().await;
    house.room("Engineering", members(&[ANA, "CN=Traders,DC=example,DC=com"])).await;
    house.must(new_group("Local", &[ANA])).await;
    house.room("Kitchen", members(&["group:Local"])).await;
    let (ana, ben) = (house.id(ANA).await, house.id(BEN).await);
    let without = office(&[(entry("CN=Ana"), ""), (entry("CN=Traders"), "")]);
    let done = house.must(of(import(&without))).await;
    for count in ["1 gone person", "1 gone group"] {
        assert!(counts(&done).iter().any(|said| said == count), "{count} in {:?}", counts(&done));
    }
    let person = house.store.person(ana).await.expect("a read").expect("her posts remain");
    assert_eq!(person.state, PersonState::Removed);
    assert_eq!(house.store.person_at(&person.address).await.expect("a read"), None, "she cannot sign on");
    assert!(!may(&house, BEN, "Engineering", Right::Join).await, "nobody is in a group that is gone");
    let message = house.run(Operation::UserGet(UserGet { user: ANA.into() })).await.expect_err("she is gone");
    assert_eq!(message.code(), "NoSuchNode");
    let described = RoomFields { description: Some("Pumps".into()), ..RoomFields::default() };
    house.set_room("Engineering", described).await.expect("who is gone stands in nobody's way");
    let narrower = CategoryFields { denied_members: add(&[CLEO]), ..CategoryFields::default() };
    house.set_category("General", narrower).await.expect("and is kept");
    let done = house.must(of(import(OFFICE))).await;
    for count in ["1 enabled person", "1 enabled group"] {
        assert!(counts(&done).iter().any(|said| said == count), "{count} in {:?}", counts(&done));
    }
    assert_eq!((house.id(ANA).await, house.id(BEN).await), (ana, ben));
    for (who, room) in [(ANA, "Engineering"), (ANA, "Kitchen"), (BEN, "Engineering")] {
        assert!(may(&house, who, room, Right::Post).await, "{who} is in {room} again");
    }
}

#[tokio::test]
async fn two_people_may_swap_their_addresses_and_three_may_pass_theirs_on() {
    let house = house_with_office().await;
    let (ana, ben, cleo) = (house.id(ANA).await, house.id(BEN).await, house.id(CLEO).await);
    let swapped = office(&[("sip:ana@", "sip:x@"), ("sip:ben@", "sip:ana@"), ("sip:x@", "sip:ben@")]);
    house.must(of(import(&swapped))).await;
    assert_eq!((house.id(ANA).await, house.id(BEN).await), (ben, ana));
    let passed = office(&[
        ("sip:ana@", "sip:x@"),
        ("sip:cleo@", "sip:ana@"),
        ("sip:ben@", "sip:cleo@"),
        ("sip:x@", "sip:ben@"),
    ]);
    house.must(of(import(&passed))).await;
    assert_eq!((house.id(ANA).await, house.id(BEN).await, house.id(CLEO).await), (cleo, ana, ben));
    let people = house.store.people().await.expect("a read");
    assert!(people.iter().all(|person| person.state == PersonState::Enabled), "{people:?}");
}

#[tokio::test]
async fn the_address_of_somebody_who_is_gone_is_free_and_taken_back_only_when_it_is() {
    let house = house_with_office().await;
    let ana = house.id(ANA).await;
    let heir = office(&[(entry("CN=Ana"), ""), ("sip:ben@", "sip:ana@")]);
    house.must(of(import(&heir))).await;
    let ben = house.id(ANA).await;
    assert_ne!(ben, ana, "whoever has the address now is somebody else");
    let message = invalid(house.run(of(import(&office(&[("sip:ben@", "sip:ana@")])))).await);
    assert!(message.contains("would be the address of two people") && message.contains("line"), "{message}");
    house.must(of(import(OFFICE))).await;
    assert_eq!((house.id(ANA).await, house.id(BEN).await), (ana, ben), "each has its own again");
}

#[tokio::test]
async fn whoever_is_disabled_here_stays_so_whatever_the_directory_says_until_enabled_here() {
    let house = house_with_office().await;
    let off = office(&[("userAccountControl: 512", "userAccountControl: 514")]);
    let disable = || Operation::UserDisable(UserDisable { user: ANA.into() });
    let enabled =
        async || house.store.person(house.id(ANA).await).await.expect("a read").expect("a person").state;
    let disabled = house.must(disable()).await;
    assert!(disabled.warnings[0].contains("stays disabled here"), "{:?}", disabled.warnings);
    for text in [OFFICE, &off, OFFICE] {
        let done = house.must(of(import(text))).await;
        assert_eq!(enabled().await, PersonState::Disabled);
        let held = counts(&done).contains(&"1 held person who is disabled here".to_owned());
        assert_eq!(held, text == OFFICE, "{:?}", counts(&done));
        assert_eq!(
            done.warnings.iter().any(|said| said.contains(ANA)),
            text == OFFICE,
            "{:?}",
            done.warnings
        );
    }
    house.must(Operation::UserEnable(UserEnable { user: ANA.into() })).await;
    assert_eq!(house.must(of(import(OFFICE))).await.changes, []);
    assert_eq!(enabled().await, PersonState::Enabled);

    house.must(of(import(&off))).await;
    house.must(disable()).await;
    house.must(of(import(OFFICE))).await;
    assert_eq!(enabled().await, PersonState::Disabled, "it was said here, too, though it was so already");
    let told = house.told().await;
    house.must(disable()).await;
    assert_eq!(house.told().await, told, "said twice is said once");
    house.must(Operation::UserEnable(UserEnable { user: ANA.into() })).await;
    house.must(of(import(&off))).await;
    assert_eq!(enabled().await, PersonState::Disabled, "the directory's own word counts again");
}

#[tokio::test]
async fn whoever_renames_somebody_of_a_directory_is_told_that_its_name_comes_from_there() {
    let house = house_with_office().await;
    let named = UserSet { user: ANA.into(), display_name: Some("Anita".into()), ..UserSet::default() };
    let set = house.must(Operation::UserSet(named)).await;
    assert!(set.warnings[0].contains("the next import writes that over this one"), "{:?}", set.warnings);
    house.must(of(import(OFFICE))).await;
    let ana = house.store.person(house.id(ANA).await).await.expect("a read").expect("a person");
    assert_eq!(ana.display_name.as_str(), "Ana");
}

#[tokio::test]
async fn whoever_is_gone_has_no_role_any_more_also_when_the_directory_takes_him_back() {
    let house = house_with_office().await;
    let roles = || Operation::RoleList(RoleList::default());
    for role in [RoleName::Administrator, RoleName::Reader] {
        house.must(Operation::RoleGrant(RoleGrant { role, user: ANA.into() })).await;
    }
    let heir = office(&[(entry("CN=Ana"), ""), ("sip:ben@", "sip:ana@")]);
    let would = house.rehearse(of(import(&heir))).await;
    assert_eq!(values(&house.must(roles()).await, "role").len(), 2, "it was only said");
    let done = house.must(of(import(&heir))).await;
    for told in [&would.changes, &done.changes] {
        let lost: Vec<_> = told.iter().filter(|one| one.field == "role").collect();
        assert_eq!(lost.len(), 2, "{told:?}");
        assert!(lost.iter().all(|one| one.object.contains("CN=Ana") && one.after.is_null()), "{lost:?}");
    }
    assert!(house.must(roles()).await.rows.values().is_empty(), "nobody is shown under the heir's address");
    house.must(of(import(OFFICE))).await;
    assert!(house.must(roles()).await.rows.values().is_empty(), "what is gone stays gone");
    denied(house.by(ANA, roles()).await);
}

#[tokio::test]
async fn a_room_read_and_written_back_gives_nobody_the_place_of_one_who_is_gone() {
    let house = house_with_office().await;
    let traders = "CN=Traders,DC=example,DC=com";
    house.room("Engineering", members(&[ANA, BEN, traders])).await;
    let creators = CategoryFields { denied_members: add(&[CLEO]), creators: add(&[ANA]), ..allowed(&[ANA]) };
    house.set_category("General", creators).await.expect("they are in the directory");
    let ana = house.id(ANA).await;
    house
        .must(of(import(&office(&[
            (entry("CN=Ana"), ""),
            (entry("CN=Traders"), ""),
            (entry("CN=Cleo"), ""),
        ]))))
        .await;
    for newcomer in [ANA, CLEO] {
        house.must(new_user(newcomer, None, false)).await;
    }
    let shown = house.room_now("Engineering").await.members;
    let gone = |number: u8| format!("guid:00000000-0000-4000-8000-0000000000{number}");
    assert_eq!(shown, [gone(21), BEN.to_owned(), gone(12)]);
    let listed = house.must(Operation::RoomList(RoomList::default())).await;
    assert_eq!(listed.rows.values()[0]["members"], serde_json::json!(shown), "a list shows the same");
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let back = RoomFields { members: replace(&shown), ..RoomFields::default() };
    let done = house.set_room("Engineering", back).await.expect("it is what there is");
    assert_eq!(done.changes, []);
    assert!(!may(&house, ANA, "Engineering", Right::Join).await, "the newcomer is somebody else");

    let now = category(house.must(Operation::CategoryGet(CategoryGet { category: "General".into() })).await);
    assert!(now.creators.contains(&gone(21)) && now.denied_members == [gone(23)], "{now:?}");
    let whole = |list: &[String]| replace(&list.iter().map(String::as_str).collect::<Vec<_>>());
    let back = CategoryFields {
        allowed_members: whole(&now.allowed_members),
        denied_members: whole(&now.denied_members),
        creators: whole(&now.creators),
        ..CategoryFields::default()
    };
    assert_eq!(house.set_category("General", back).await.expect("it is what there is").changes, []);

    let newcomer = RoomFields { members: add(&[ANA]), ..RoomFields::default() };
    let done = house.set_room("Engineering", newcomer).await.expect("she is allowed");
    assert_eq!(done.changes[0].after, serde_json::json!([ANA]), "who comes beside one who is gone is told");
    let without = RoomFields { members: remove(&[&gone(21), &gone(12)]), ..RoomFields::default() };
    house.set_room("Engineering", without).await.expect("they are on the list");
    assert_eq!(house.room_now("Engineering").await.members, [BEN, ANA]);
    assert_ne!(house.id(ANA).await, ana);
    let stranger = RoomFields { members: add(&[&gone(99)]), ..RoomFields::default() };
    let refused = house.set_room("Engineering", stranger).await.expect_err("it is nobody's");
    assert!(refused.to_string().contains("nobody on the lists"), "{refused}");
}
