//! Stories of local groups: who belongs to what, which rights follow, and what happens when a group changes or goes.

use admin::{
    AdminError, Asker, CategoryFields, Explain, GroupGet, GroupList, GroupNew, GroupRemove, GroupSet,
    ListChange, Operation, Outcome, PrincipalRefresh, Request, RoomFields, RoomPrivacy, Rows, UserRemove,
};
use chat::{Actor, JournalKey, PersonId, Right, Role};
use serde_json::{Value, json};
use store::{Order, Premise, RowChange};

use crate::house::{
    House, ROOT, add, allowed, conflict, invalid, members, new_room, not_found, remove, replace, root,
};

const ALICE: &str = "sip:alice@example.com";
const BOB: &str = "sip:bob@example.com";

pub fn new_group(name: &str, who: &[&str]) -> Operation {
    Operation::GroupNew(GroupNew { name: name.into(), members: add(who) })
}

pub fn set_group(group: &str, members: ListChange) -> Operation {
    Operation::GroupSet(GroupSet { group: group.into(), name: None, members })
}

pub fn remove_group(group: &str) -> Operation {
    Operation::GroupRemove(GroupRemove { group: group.into() })
}

fn get_group(group: &str) -> Operation {
    Operation::GroupGet(GroupGet { group: group.into() })
}

/// The one group of an outcome, as JSON.
fn group(outcome: &Outcome) -> Value {
    assert!(matches!(outcome.rows, Rows::Groups(_)));
    outcome.rows.values().remove(0)
}

async fn group_now(house: &House, name: &str) -> Value {
    group(&house.must(get_group(name)).await)
}

/// Whether somebody has a right in a room, by the rules and rows as they are.
pub async fn may(house: &House, address: &str, room: &str, right: Right) -> bool {
    let person = house.store.person(house.id(address).await).await.expect("a read").expect("a person");
    let rooms = house.store.rooms().await.expect("a read");
    let room = rooms.iter().find(|one| one.name.as_str() == room).expect("a room");
    let home = house.store.category(room.category).await.expect("a read").expect("a category");
    room.allows(&home, &person, right).is_ok()
}

async fn standing(house: &House, address: &str) -> u64 {
    house.store.person(house.id(address).await).await.expect("a read").expect("a person").standing
}

fn rehearsed(operation: Operation) -> Request {
    Request { dry_run: true, ..Request::of(operation) }
}

#[tokio::test]
async fn a_group_is_made_listed_changed_renamed_and_removed() {
    let house = House::furnished().await;
    let made = group(&house.must(new_group("Traders", &[BOB])).await);
    assert_eq!(made["name"], "Traders");
    assert_eq!((&made["principal"], &made["type"]), (&json!("group:Traders"), &json!("group")));
    assert_eq!((&made["members"], &made["belongsTo"]), (&json!([BOB]), &json!([])));
    assert_eq!(group_now(&house, "Traders").await, made);
    for name in ["group:traders", "TRADERS", made["guid"].as_str().expect("a GUID")] {
        assert_eq!(group_now(&house, name).await, made, "'{name}' is another way to say it");
    }
    let changed = group(&house.must(set_group("Traders", add(&[ALICE]))).await);
    assert_eq!(changed["members"], json!([ALICE, BOB]));
    assert_ne!(changed["etag"], made["etag"]);
    let renamed = Operation::GroupSet(GroupSet {
        group: "Traders".into(),
        name: Some("Dealers".into()),
        members: ListChange::default(),
    });
    assert_eq!(group(&house.must(renamed).await)["principal"], "group:Dealers");
    let listed = house.must(Operation::GroupList(GroupList::default())).await.rows.values();
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0]["name"], listed[0].get("members")), (&json!("Dealers"), None));
    house.must(remove_group("Dealers")).await;
    assert!(house.must(Operation::GroupList(GroupList::default())).await.rows.values().is_empty());
    let message = not_found(house.run(get_group("Dealers")).await);
    assert!(
        message.contains("there is no group 'Dealers'") && message.contains("causerie group"),
        "{message}"
    );
}

#[tokio::test]
async fn groups_are_found_by_a_part_of_their_name_in_pages() {
    let house = House::furnished().await;
    for name in ["North desk", "South desk", "West desk", "Cooks"] {
        house.must(new_group(name, &[])).await;
    }
    let mut asked = GroupList { q: Some("DESK".into()), limit: Some(2), ..GroupList::default() };
    let first = house.must(Operation::GroupList(asked.clone())).await;
    let names = |outcome: &Outcome| {
        let rows = outcome.rows.values();
        rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&first), ["North desk", "South desk"]);
    asked.cursor = first.next;
    let second = house.must(Operation::GroupList(asked)).await;
    assert_eq!((names(&second), second.next), (vec!["West desk".to_owned()], None));
}

#[tokio::test]
async fn whoever_is_in_a_group_within_a_group_is_admitted_and_is_told_by_which_way() {
    let house = House::furnished().await;
    house.must(new_group("Night shift", &[BOB])).await;
    house.must(new_group("Traders", &["group:Night shift"])).await;
    house.must(new_group("Staff", &["group:Traders"])).await;
    house
        .set_room("Engineering", members(&["group:Staff"]))
        .await
        .expect("a group of the domain is in scope");
    assert!(may(&house, BOB, "Engineering", Right::Post).await, "Bob is in it, three groups deep");
    assert!(!may(&house, ALICE, "Engineering", Right::Join).await, "Alice is not");
    let explain = Explain { person: BOB.into(), name: "Engineering".into(), ..Explain::default() };
    let told = house.must(Operation::Explain(explain)).await.rows.values();
    let join = told.iter().find(|right| right["right"] == "join").expect("it is told");
    let fact = join["facts"].as_array().expect("facts").iter().find(|fact| fact["fact"] == "member");
    let fact = fact.expect("he is a member");
    assert_eq!(fact["by"], "group:Staff");
    assert_eq!(fact["path"], json!(["group:Night shift", "group:Traders", "group:Staff"]));
    let said = join["because"].to_string();
    assert!(said.contains("through group:Night shift > group:Traders > group:Staff"), "{said}");
}

#[tokio::test]
async fn whoever_leaves_a_group_loses_at_once_what_it_gave_and_its_standing_rises() {
    let house = House::furnished().await;
    house.must(new_group("Night shift", &[BOB])).await;
    house.must(new_group("Staff", &["group:Night shift", ALICE])).await;
    house.set_room("Engineering", members(&["group:Staff"])).await.expect("it is in scope");
    let before = (standing(&house, ALICE).await, standing(&house, BOB).await);
    house.must(set_group("Night shift", remove(&[BOB]))).await;
    assert!(!may(&house, BOB, "Engineering", Right::Join).await);
    assert!(may(&house, ALICE, "Engineering", Right::Join).await);
    let after = (standing(&house, ALICE).await, standing(&house, BOB).await);
    assert_eq!(after.0, before.0, "of Alice nothing has changed");
    assert!(after.1 > before.1, "what Bob was about to do is decided again");
    house.must(set_group("Staff", remove(&["group:Night shift"]))).await;
    house.must(set_group("Night shift", add(&[BOB]))).await;
    assert!(
        !may(&house, BOB, "Engineering", Right::Join).await,
        "the group he is in again is not in Staff any more"
    );
}

#[tokio::test]
async fn a_group_on_the_lists_of_a_category_admits_creates_and_denies() {
    let house = House::furnished().await;
    house.must(new_group("Traders", &[ALICE, BOB])).await;
    house.must(new_group("Trainees", &[BOB])).await;
    let fields = CategoryFields {
        allowed_members: add(&["group:Traders"]),
        denied_members: add(&["group:Trainees"]),
        creators: add(&["group:Traders"]),
        ..CategoryFields::default()
    };
    house.category("Trading", fields).await;
    let open = RoomFields { privacy: Some(RoomPrivacy::Open), ..RoomFields::default() };
    let Operation::RoomNew(mut fx) = new_room("FX", open) else { unreachable!() };
    fx.category = "Trading".into();
    house.must(Operation::RoomNew(fx)).await;
    assert!(may(&house, ALICE, "FX", Right::Join).await);
    assert!(!may(&house, BOB, "FX", Right::See).await, "denied by a group is denied");
    house.must(set_group("Trainees", remove(&[BOB]))).await;
    assert!(may(&house, BOB, "FX", Right::Join).await);
    let bob = Asker::new(Actor::Person(house.id(BOB).await), "127.0.0.1");
    let Operation::RoomNew(mut bobs) = new_room("Bonds", RoomFields::default()) else { unreachable!() };
    bobs.category = "Trading".into();
    let made = house.desk.run(bob.clone(), Request::of(Operation::RoomNew(bobs.clone()))).await;
    made.expect("he is a creator by his group");
    house.must(set_group("Traders", remove(&[BOB]))).await;
    bobs.name = "Swaps".into();
    let refused = house.desk.run(bob, Request::of(Operation::RoomNew(bobs))).await;
    assert!(matches!(refused, Err(AdminError::NotFound(_))), "{refused:?}");
}

#[tokio::test]
async fn a_group_that_is_removed_is_off_every_list_and_raises_the_rules_there() {
    let house = House::furnished().await;
    house.must(new_group("Traders", &[BOB])).await;
    house.must(new_group("Staff", &["group:Traders"])).await;
    house.set_category("General", allowed(&["group:Traders"])).await.expect("it can be allowed");
    house.set_room("Engineering", members(&["group:Traders", ALICE])).await.expect("both are in scope");
    let (room, category) =
        (house.room_now("Engineering").await, house.store.categories().await.expect("a read"));
    house.must(remove_group("Traders")).await;
    let (room_after, category_after) =
        (house.room_now("Engineering").await, house.store.categories().await.expect("a read"));
    assert_eq!(room_after.members, [ALICE]);
    assert_ne!(room_after.etag, room.etag, "posts decided before are decided again");
    assert!(category_after[0].rules > category[0].rules);
    assert_eq!(category_after[0].scope.allowed.len(), 1, "only the domain is left");
    assert_eq!(group_now(&house, "Staff").await["members"], json!([]));
    assert!(!may(&house, BOB, "Engineering", Right::Join).await);
    let bob = house.store.person(house.id(BOB).await).await.expect("a read").expect("a person");
    assert_eq!(bob.ancestors.as_slice(), [], "he belongs to nothing");
    house.must(new_group("Traders", &[])).await;
    assert_eq!(
        house.room_now("Engineering").await.members,
        [ALICE],
        "a new group of that name is another one"
    );
}

#[tokio::test]
async fn groups_may_be_in_each_other_in_a_circle() {
    let house = House::furnished().await;
    house.must(new_group("One", &[ALICE])).await;
    house.must(new_group("Two", &["group:One"])).await;
    house.must(new_group("Three", &["group:Two", BOB])).await;
    house.must(set_group("One", add(&["group:Three"]))).await;
    house.set_room("Engineering", members(&["group:Two"])).await.expect("it is in scope");
    assert!(
        may(&house, BOB, "Engineering", Right::Join).await,
        "Bob is in Three, which is in One, which is in Two"
    );
    assert!(may(&house, ALICE, "Engineering", Right::Join).await);
    let circle = json!(["group:One", "group:Two", "group:Three"]);
    assert_eq!(group_now(&house, "One").await["belongsTo"], circle);
    house.must(set_group("One", remove(&["group:Three"]))).await;
    assert!(!may(&house, BOB, "Engineering", Right::Join).await);
    assert_eq!(group_now(&house, "One").await["belongsTo"], json!(["group:Two", "group:Three"]));
}

#[tokio::test]
async fn what_a_group_cannot_be_or_hold_is_said() {
    let house = House::furnished().await;
    house.must(new_group("Traders", &[])).await;
    let message = conflict(house.run(new_group("TRADERS", &[])).await);
    assert!(message.contains("exists already"), "{message}");
    for (who, said) in [
        ("sip:ghost@example.com", "there is no person sip:ghost@example.com"),
        ("group:Ghosts", "there is no group 'group:Ghosts'"),
        ("CN=Ghosts,DC=example,DC=com", "there is no group"),
    ] {
        let message = not_found(house.run(new_group("Other", &[who])).await);
        assert!(message.contains(said), "{message}");
    }
    let message = invalid(house.run(new_group("Other", &["domain:example.com"])).await);
    assert!(message.contains("put the domain on a list itself"), "{message}");
    let message = invalid(house.run(new_group("Other", &["bob"])).await);
    assert!(message.contains("'bob' is no principal"), "{message}");
    let message = invalid(house.run(new_group("", &[])).await);
    assert!(!message.is_empty());
    let message = invalid(house.run(set_group("Traders", ListChange::default())).await);
    assert!(message.contains("nothing to change was given"), "{message}");
    not_found(house.run(get_group("Other")).await);
    let name = Some("Traders".into());
    let taken = GroupSet { group: "Cooks".into(), name, members: ListChange::default() };
    house.must(new_group("Cooks", &[])).await;
    conflict(house.run(Operation::GroupSet(taken)).await);
}

#[tokio::test]
async fn a_dry_run_of_a_group_says_what_would_change_and_changes_nothing() {
    let house = House::furnished().await;
    house.must(new_group("Traders", &[BOB])).await;
    house.set_room("Engineering", members(&["group:Traders"])).await.expect("it is in scope");
    for operation in [
        new_group("Staff", &["group:Traders"]),
        set_group("Traders", replace(&[ALICE])),
        remove_group("Traders"),
    ] {
        let what = operation.recorded().to_string();
        let before = house.kept();
        let would = house.ask(rehearsed(operation.clone())).await.expect("it can be done");
        assert_eq!(house.changed_since(&before), [""; 0], "{what} was only rehearsed");
        let done = house.must(operation).await;
        assert!(would.dry_run && !done.dry_run && !would.changes.is_empty());
        assert_eq!(would.changes, done.changes, "{what} is what was said");
        assert_ne!(house.changed_since(&before), [""; 0], "{what} was done");
        let told = house.told().await;
        let last: Value = serde_json::from_str(told.lines().last().expect("an entry")).expect("JSON");
        assert_eq!(last["changes"], serde_json::to_value(&done.changes).expect("plain values"));
    }
}

#[tokio::test]
async fn what_is_set_twice_changes_nothing_the_second_time() {
    let house = House::furnished().await;
    house.must(new_group("Traders", &[])).await;
    let first = house.must(set_group("Traders", add(&[BOB]))).await;
    let before = house.kept();
    let second = house.must(set_group("Traders", add(&[BOB]))).await;
    assert_eq!((second.rows, second.changes), (first.rows, Vec::new()));
    assert_eq!(house.changed_since(&before), [""; 0]);
}

#[tokio::test]
async fn whoever_names_an_older_state_of_a_group_changes_nothing() {
    let house = House::furnished().await;
    let made = group(&house.must(new_group("Traders", &[BOB])).await);
    let on = |etag: &Value, operation: Operation| Request {
        if_match: Some(etag.as_str().expect("an etag").to_owned()),
        ..Request::of(operation)
    };
    let done =
        house.ask(on(&made["etag"], set_group("Traders", add(&[ALICE])))).await.expect("that is how it is");
    for operation in [set_group("Traders", remove(&[BOB])), remove_group("Traders")] {
        let refused = house.ask(on(&made["etag"], operation)).await.expect_err("it was changed");
        assert_eq!(refused.code(), "DataCollision");
    }
    let now = group_now(&house, "Traders").await;
    assert_eq!(now, group(&done));
    house.must(Operation::UserRemove(UserRemove { user: ALICE.into() })).await;
    let after = group_now(&house, "Traders").await;
    assert_eq!(after["members"], json!([BOB]));
    assert_ne!(after["etag"], now["etag"], "with a member that went it is another state");
    house.ask(on(&after["etag"], remove_group("Traders"))).await.expect("that is how it is");
}

#[tokio::test]
async fn groups_are_for_administrators_of_people() {
    let house = House::furnished().await;
    house.must(new_group("Traders", &[BOB])).await;
    let asked = [
        new_group("Staff", &[]),
        set_group("Traders", add(&[ALICE])),
        remove_group("Traders"),
        Operation::PrincipalRefresh(PrincipalRefresh { principal: BOB.into() }),
    ];
    let asker = |id: PersonId| Asker::new(Actor::Person(id), "127.0.0.1");
    let alice = house.id(ALICE).await;
    let before = house.kept();
    for operation in asked.iter().chain([&get_group("Traders")]) {
        let refused = house.desk.run(asker(alice), Request::of(operation.clone())).await;
        assert!(matches!(refused, Err(AdminError::Denied(_))), "{refused:?}");
    }
    assert_eq!(house.changed_since(&before), [""; 0]);
    grant(&house, alice, Role::Reader).await;
    house.desk.run(asker(alice), Request::of(get_group("Traders"))).await.expect("a reader may look");
    for operation in &asked {
        let refused = house.desk.run(asker(alice), Request::of(operation.clone())).await;
        assert!(matches!(refused, Err(AdminError::Denied(_))), "{refused:?}");
    }
    grant(&house, alice, Role::UserAdministrator).await;
    for operation in asked {
        house.desk.run(asker(alice), Request::of(operation)).await.expect("an administrator of people may");
    }
}

pub async fn grant(house: &House, person: PersonId, role: Role) {
    let order = Order::of(ROOT, "{}".into());
    house.store.administer(order, vec![RowChange::GrantRole(person, role)]).await.expect("it is granted");
}

#[tokio::test]
async fn many_who_change_groups_at_once_all_change_theirs() {
    let house = House::furnished().await;
    house.must(new_group("Staff", &[])).await;
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..12 {
        let address = format!("sip:person{number}@example.com");
        house.person(&address).await;
        house.must(new_group(&format!("Team {number}"), &[])).await;
        let desk = house.desk.clone();
        asking.spawn(async move {
            let team = format!("Team {number}");
            desk.run(root(), Request::of(set_group(&team, add(&[&address])))).await?;
            desk.run(root(), Request::of(set_group("Staff", add(&[&format!("group:{team}")])))).await
        });
    }
    while let Some(done) = asking.join_next().await {
        done.expect("nobody panics").expect("everybody is served");
    }
    assert_eq!(group_now(&house, "Staff").await["members"].as_array().map(Vec::len), Some(12));
    house.set_room("Engineering", members(&["group:Staff"])).await.expect("it is in scope");
    for number in 0..12 {
        assert!(may(&house, &format!("sip:person{number}@example.com"), "Engineering", Right::Join).await);
    }
}

#[tokio::test]
async fn whoever_decided_on_memberships_that_have_changed_begins_anew() {
    let house = House::furnished().await;
    house.must(new_group("Traders", &[])).await;
    let number = house.store.graph_number().await.expect("a read");
    house.must(set_group("Traders", add(&[BOB]))).await;
    let stale = vec![RowChange::Assert(Premise::Graph(number))];
    let refused = house.store.administer(Order::of(ROOT, "{}".into()), stale).await;
    assert_eq!(refused, Err(store::AdminFault::Stale));
    // Two desks over one store do not wait for each other: one of them is refused by the store and looks again.
    let other = admin::Desk::new(house.store.clone(), house.directory.clone());
    for round in 0..8 {
        let (one, two) = (format!("One {round}"), format!("Two {round}"));
        let (first, second) = tokio::join!(
            house.run(new_group(&one, &[ALICE])),
            other.run(root(), Request::of(new_group(&two, &[ALICE])))
        );
        first.and(second).expect("both are made");
    }
    let alice = house.store.person(house.id(ALICE).await).await.expect("a read").expect("a person");
    assert_eq!(alice.ancestors.as_slice().len(), 16, "she is in all of them");
}

#[tokio::test]
async fn affiliations_that_were_lost_are_found_again() {
    let house = House::furnished().await;
    house.must(new_group("Traders", &[BOB])).await;
    house.must(new_group("Staff", &["group:Traders"])).await;
    let refresh = Operation::PrincipalRefresh(PrincipalRefresh { principal: BOB.into() });
    let nothing = house.must(refresh.clone()).await;
    assert!(nothing.changes.is_empty() && nothing.warnings[0].contains("up to date"), "{nothing:?}");
    let lost = RowChange::Affiliate {
        people: vec![(house.id(BOB).await, chat::Ancestors::default())],
        groups: vec![],
    };
    house.store.administer(Order::of(ROOT, "{}".into()), vec![lost]).await.expect("it is written");
    let before = house.kept();
    let would = house.ask(rehearsed(refresh.clone())).await.expect("it can be done");
    assert_eq!(house.changed_since(&before), [""; 0]);
    let done = house.must(refresh).await;
    assert_eq!(would.changes, done.changes);
    assert_eq!(done.changes[0].after, json!(["group:Traders", "group:Staff"]));
    let bob = house.store.person(house.id(BOB).await).await.expect("a read").expect("a person");
    assert_eq!(bob.ancestors.as_slice().len(), 2);
    for (who, code) in [("sip:ghost@example.com", "NoSuchPrincipal"), ("domain:example.com", "RuleBroken")] {
        let refused =
            house.run(Operation::PrincipalRefresh(PrincipalRefresh { principal: who.into() })).await;
        assert_eq!(refused.expect_err("it has no affiliations").code(), code);
    }
}

#[tokio::test]
async fn whoever_left_the_scope_by_a_group_stands_in_nobodys_way() {
    let house = House::furnished().await;
    house.must(new_group("Traders", &[ALICE, BOB])).await;
    house.category("Trading", allowed(&["group:Traders"])).await;
    let Operation::RoomNew(mut fx) = new_room("FX", members(&[ALICE, BOB])) else { unreachable!() };
    fx.category = "Trading".into();
    house.must(Operation::RoomNew(fx)).await;
    house.must(set_group("Traders", remove(&[BOB]))).await;
    assert!(!may(&house, BOB, "FX", Right::Join).await, "he is named and not admitted");
    let described = RoomFields { description: Some("Currencies".into()), ..RoomFields::default() };
    house.set_room("FX", described).await.expect("the description has nothing to do with him");
    let described = CategoryFields { description: Some("Desks".into()), ..CategoryFields::default() };
    let done = house.set_category("Trading", described).await.expect("nor has this");
    assert_eq!(done.changes.len(), 1, "{:?}", done.changes);
    let message = invalid(house.set_room("FX", members(&["sip:mallory@other.example"])).await);
    assert!(message.contains("does not allow it"), "{message}");
    assert_eq!(house.room_now("FX").await.members, [ALICE, BOB]);
    house.must(set_group("Traders", add(&[BOB]))).await;
    assert!(may(&house, BOB, "FX", Right::Join).await);
}

#[tokio::test]
async fn each_change_of_a_group_is_one_operation_of_the_record() {
    let house = House::furnished().await;
    house.must(new_group("Traders", &[])).await;
    let before = house.store.head(JournalKey::Pool).await.expect("a read").position.number;
    house.must(set_group("Traders", add(&[ALICE, BOB]))).await;
    let entries = house.store.entries(JournalKey::Pool, before, 100).await.expect("a read");
    let with_body = entries.iter().filter(|entry| entry.body.is_some()).count();
    assert_eq!((with_body, entries.len()), (1, 3), "the group, and each of the two who belong to it now");
}
