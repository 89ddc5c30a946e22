//! Stories of administrative roles: who gives them, who has them since when, and what the last one means.

use admin::{
    About, AuditList, EndpointNew, EndpointRemove, Explain, ListChange, Operation, RoleGrant, RoleList,
    RoleName, RoleRevoke, RoomFields, RoomSet, UserDisable, UserEnable, UserGet, UserRemove, UserSet,
};
use chat::Role;
use serde_json::{Value, json};

use crate::house::{House, denied, new_user, not_found, set_user, stale, user, value, values};

const ALICE: &str = "sip:alice@example.com";
const BOB: &str = "sip:bob@example.com";

fn grant(role: RoleName, user: &str) -> Operation {
    Operation::RoleGrant(RoleGrant { role, user: user.into() })
}

fn revoke(role: RoleName, user: &str) -> Operation {
    Operation::RoleRevoke(RoleRevoke { role, user: user.into() })
}

fn list() -> Operation {
    Operation::RoleList(RoleList::default())
}

#[tokio::test]
async fn whoever_has_a_role_is_listed_with_who_gave_it_and_when() {
    let house = House::furnished().await;
    let granted = house.must(grant(RoleName::Administrator, ALICE)).await;
    assert_eq!(value(&granted, "grantedBy"), json!("uid 0"));
    house.clock.advance_micros(60_000_000);
    house.by(ALICE, grant(RoleName::Reader, BOB)).await.expect("she is an administrator");
    let all = house.must(list()).await;
    assert_eq!(values(&all, "user"), [ALICE, BOB]);
    assert_eq!(values(&all, "role"), ["administrator", "reader"]);
    assert_eq!(values(&all, "grantedBy"), ["uid 0", ALICE]);
    assert_eq!(values(&all, "grantedAt"), ["2026-11-24T10:00:00.0000000Z", "2026-11-24T10:01:00.0000000Z"]);
    let of = |role, user: Option<&str>| {
        Operation::RoleList(RoleList { role, user: user.map(str::to_owned), ..RoleList::default() })
    };
    assert_eq!(values(&house.must(of(Some(RoleName::Reader), None)).await, "user"), [BOB]);
    assert_eq!(values(&house.must(of(None, Some(ALICE))).await, "role"), ["administrator"]);
    not_found(house.run(of(None, Some("sip:ghost@example.com"))).await);
}

#[tokio::test]
async fn a_role_given_twice_is_there_once_and_taken_twice_is_gone() {
    let house = House::furnished().await;
    let first = house.must(grant(RoleName::UserAdministrator, ALICE)).await;
    let told = house.told().await;
    let second = house.must(grant(RoleName::UserAdministrator, ALICE)).await;
    assert_eq!((second.rows, second.changes.len()), (first.rows, 0));
    assert_eq!(house.told().await, told);
    house.must(revoke(RoleName::UserAdministrator, ALICE)).await;
    let message = not_found(house.run(revoke(RoleName::UserAdministrator, ALICE)).await);
    assert!(message.contains("user-administrator"), "{message}");
    assert!(house.must(list()).await.rows.values().is_empty());
}

#[tokio::test]
async fn a_rehearsed_grant_gives_nothing() {
    let house = House::furnished().await;
    let would = house.rehearse(grant(RoleName::Administrator, ALICE)).await;
    assert_eq!(would.changes.len(), 1);
    assert_eq!((&would.changes[0].field, &would.changes[0].before), (&"role".to_owned(), &Value::Null));
    assert_eq!(value(&would, "grantedAt"), json!(""));
    assert!(house.must(list()).await.rows.values().is_empty());
    denied(house.by(ALICE, list()).await);
    let done = house.must(grant(RoleName::Administrator, ALICE)).await;
    assert_eq!(done.changes, would.changes);
    house.rehearse(revoke(RoleName::Administrator, ALICE)).await;
    house.by(ALICE, list()).await.expect("she still is one");
}

#[tokio::test]
async fn only_administrators_give_roles_and_readers_see_them() {
    let house = House::furnished().await;
    for role in [Role::ChatAdministrator, Role::UserAdministrator, Role::Reader] {
        house.give_role(BOB, role).await;
    }
    for operation in [grant(RoleName::Reader, BOB), revoke(RoleName::Reader, BOB)] {
        let message = denied(house.by(BOB, operation).await);
        assert!(message.contains("needs the role administrator"), "{message}");
    }
    house.by(BOB, list()).await.expect("a reader sees everything that is shown");
    not_found(house.run(grant(RoleName::Reader, "sip:ghost@example.com")).await);
}

#[tokio::test]
async fn the_last_administrator_may_go_and_is_told() {
    let house = House::furnished().await;
    house.must(grant(RoleName::Administrator, ALICE)).await;
    house.must(grant(RoleName::Administrator, BOB)).await;
    assert!(house.must(revoke(RoleName::Administrator, BOB)).await.warnings.is_empty());
    let last = house.by(ALICE, revoke(RoleName::Administrator, ALICE)).await.expect("she may");
    assert!(last.warnings[0].contains("a shell on the server"), "{:?}", last.warnings);
    denied(house.by(ALICE, list()).await);
}

#[tokio::test]
async fn whoever_is_disabled_makes_no_use_of_a_role() {
    let house = House::furnished().await;
    house.must(Operation::UserDisable(UserDisable { user: ALICE.into() })).await;
    let granted = house.must(grant(RoleName::Administrator, ALICE)).await;
    assert!(granted.warnings[0].contains("is disabled"), "{:?}", granted.warnings);
    assert_eq!(value(&granted, "enabled"), json!(false));
    denied(house.by(ALICE, list()).await);
}

#[tokio::test]
async fn whoever_saw_the_person_in_another_state_gives_no_role() {
    let house = House::furnished().await;
    let etag = user(house.must(Operation::UserGet(UserGet { user: ALICE.into() })).await).etag;
    house.on(&etag, grant(RoleName::Reader, ALICE)).await.expect("that is how she is");
    stale(house.on(&etag, grant(RoleName::Administrator, ALICE)).await);
    stale(house.on(&etag, revoke(RoleName::Reader, ALICE)).await);
}

#[tokio::test]
async fn nobody_changes_a_person_with_a_role_beyond_his_own() {
    const CAROL: &str = "sip:carol@example.com";
    let house = House::furnished().await;
    house.person(CAROL).await;
    house.must(grant(RoleName::Administrator, ALICE)).await;
    house.must(grant(RoleName::UserAdministrator, BOB)).await;
    let before = (house.credentials(ALICE).await, house.told().await);
    let named = UserSet { user: ALICE.into(), display_name: Some("Not Alice".into()), ..UserSet::default() };
    for asked in [
        set_user(ALICE, Some("another horse 7"), None),
        Operation::UserSet(named),
        Operation::UserDisable(UserDisable { user: ALICE.into() }),
        Operation::UserEnable(UserEnable { user: ALICE.into() }),
        Operation::UserRemove(UserRemove { user: ALICE.into() }),
    ] {
        let message = denied(house.by(BOB, asked).await);
        assert!(message.contains("has the role administrator, which you do not have"), "{message}");
    }
    assert_eq!((house.credentials(ALICE).await, house.told().await), before, "nothing of it was done");
    let disable = |user: &str| Operation::UserDisable(UserDisable { user: user.into() });
    house.by(BOB, disable(CAROL)).await.expect("she has no role");
    house.by(BOB, set_user(BOB, Some("another horse 7"), None)).await.expect("his roles are his own");
    house.by(ALICE, disable(BOB)).await.expect("an administrator has every role");
}

#[tokio::test]
async fn wherever_somebody_is_named_the_address_is_enough() {
    let house = House::furnished().await;
    house.must(new_user("dora@example.com", None, false)).await;
    house.must(grant(RoleName::Reader, "dora@example.com")).await;
    assert_eq!(values(&house.must(list()).await, "user"), ["sip:dora@example.com"]);
    let members = ListChange { add: vec!["dora@example.com".into()], ..ListChange::default() };
    let fields = RoomFields { members, ..RoomFields::default() };
    let set = RoomSet { room: "Engineering".into(), fields, ..RoomSet::default() };
    let room = house.must(Operation::RoomSet(set)).await;
    assert_eq!(value(&room, "members"), json!(["sip:dora@example.com"]));
    let person = "dora@example.com".to_owned();
    let explain = Explain { person, about: About::Room, name: "Engineering".into(), right: None };
    house.must(Operation::Explain(explain)).await;
    let about = AuditList { about: Some("dora@example.com".into()), ..AuditList::default() };
    assert!(!values(&house.must(Operation::AuditList(about)).await, "verb").is_empty());
    house.by("sip:dora@example.com", list()).await.expect("a reader");
    let by = AuditList { by: Some("dora@example.com".into()), ..AuditList::default() };
    house.must(Operation::AuditList(by)).await;
    let new = EndpointNew { address: "help@example.com".into(), ..EndpointNew::default() };
    house.must(Operation::EndpointNew(new)).await;
    let remove = EndpointRemove { endpoint: "help@example.com".into() };
    house.must(Operation::EndpointRemove(remove)).await;
}
