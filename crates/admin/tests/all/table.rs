//! Stories of the whole table: of each operation, that a rehearsal writes nothing and is right, what it does when it is asked twice,
//! and which role may ask for it. What single operations do is told elsewhere.

use admin::{AdminError, Asker, Need, Operation, Outcome, Request, SPECS, Spec};
use chat::{Actor, PersonId, Role, Roles};
use store::{Order, RowChange};

use crate::house::{House, ROOT, root};
use crate::stock::ALICE;

const NOTHING: [&str; 0] = [];

fn rehearsed(operation: &Operation) -> Request {
    Request { dry_run: true, ..Request::of(operation.clone()) }
}

/// The operations that change something.
fn changing() -> impl Iterator<Item = &'static Spec> {
    SPECS.iter().filter(|spec| !spec.only_reads)
}

#[tokio::test]
async fn whatever_is_read_or_only_rehearsed_writes_nothing_in_any_table() {
    let house = House::stocked().await;
    let before = house.kept();
    for spec in SPECS {
        for operation in house.examples(spec).await {
            let asked = operation.recorded();
            let request = if spec.only_reads { Request::of(operation) } else { rehearsed(&operation) };
            let told = house.ask(request).await.unwrap_or_else(|error| panic!("{asked}: {error}"));
            assert_eq!(
                (told.dry_run, told.changes.is_empty()),
                (!spec.only_reads, spec.only_reads),
                "{asked}"
            );
            assert_eq!(house.changed_since(&before), NOTHING, "{asked}");
        }
    }
}

/// What comes of an operation that is asked for again.
enum Again {
    /// Nothing is changed any more.
    Nothing,
    /// It is refused with this code.
    Refused(&'static str),
    /// It is done once more.
    Done,
}

fn again(operation: &Operation) -> Again {
    let spec = Spec::of(operation);
    match (spec.noun, spec.verb) {
        // Nobody can see that a password is the one there is.
        ("user", "set") if operation.fields().contains_key("password") => Again::Done,
        ("token", "new") | ("pool", "active-servers swap" | "join-code") => Again::Done,
        // It was made from the version before.
        ("topology", "publish") => Again::Refused("DataCollision"),
        // By its old name it is not found any more.
        ("category" | "room" | "group" | "add-in", "set") if operation.fields().contains_key("name") => {
            Again::Refused("NoSuchNode")
        }
        (_, "new") => Again::Refused("DuplicateRoomName"),
        (_, "remove") if spec.noun != "message" => Again::Refused("NoSuchNode"),
        ("role", "revoke") => Again::Refused("NoSuchNode"),
        _ => Again::Nothing,
    }
}

#[tokio::test]
async fn whatever_is_done_is_what_was_rehearsed_and_done_twice_is_done_once() {
    let sample = House::stocked().await;
    for spec in changing() {
        let count = sample.examples(spec).await.len();
        for number in 0..count {
            let house = House::stocked().await;
            let operation = house.examples(spec).await.swap_remove(number);
            done_twice(&house, operation).await;
        }
    }
}

async fn done_twice(house: &House, operation: Operation) {
    let (asked, before) = (operation.recorded(), house.kept());
    let would = house.rehearse(operation.clone()).await;
    let done = house.must(operation.clone()).await;
    assert!(would.dry_run && !done.dry_run);
    assert_eq!((&would.changes, &would.warnings), (&done.changes, &done.warnings), "{asked}");
    assert_ne!(house.changed_since(&before), NOTHING, "{asked} was done");

    let before = house.kept();
    let expected = again(&operation);
    let second = house.run(operation).await;
    match (expected, second) {
        (Again::Done, Ok(second)) => return assert_ne!(second.changes, [], "{asked}"),
        (Again::Nothing, Ok(second)) => assert_eq!(second.changes, [], "{asked}"),
        (Again::Refused(code), Err(refused)) => assert_eq!(refused.code(), code, "{asked}: {refused}"),
        (_, second) => panic!("{asked}, asked again: {second:?}"),
    }
    assert_eq!(house.changed_since(&before), NOTHING, "{asked}, asked again");
}

#[tokio::test]
async fn who_names_another_state_than_there_is_changes_nothing_or_is_told_that_it_is_not_looked_at() {
    let house = House::stocked().await;
    let before = house.kept();
    for spec in SPECS {
        let operation = house.examples(spec).await.swap_remove(0);
        let refused = house.on("999", operation).await.expect_err("it is in no such state");
        let expected =
            if spec.takes_state { ("DataCollision", None) } else { ("InvalidArgument", Some("ifMatch")) };
        assert_eq!((refused.code(), refused.field()), expected, "{}: {refused}", spec.said());
    }
    assert_eq!(house.changed_since(&before), NOTHING);
}

/// The role that somebody needs for an operation in the stocked house who manages nothing there; `None` where nobody needs one.
fn needed(spec: &Spec) -> Option<Vec<Role>> {
    match spec.need {
        Need::Role(role) => Some(vec![role]),
        Need::Either(one, other) => Some(vec![one, other]),
        // The operation itself looks who asks.
        Need::Own => match spec.said().as_str() {
            "room new" | "room set" => Some(vec![Role::ChatAdministrator]),
            "room get" | "explain" | "who-can" | "eligible-principal list" => Some(vec![Role::Reader]),
            "token revoke" => Some(vec![Role::Administrator]),
            // Whoever has signed on sees the add-ins, and the tokens that are its own.
            "add-in list" | "add-in get" | "token list" => None,
            // A token is for no more than its owner may.
            "token new" => Some(vec![Role::Reader]),
            other => panic!("who may {other} is not said here yet: say who"),
        },
    }
}

/// Whether somebody with this role may do what this one is for.
fn includes(held: Role, asked: Role) -> bool {
    held == asked || held == Role::Administrator || asked == Role::Reader
}

/// Gives Alice this role alone.
async fn give(house: &House, alice: PersonId, role: Option<Role>) {
    let order = || Order::of(ROOT, "{}".into());
    for one in Role::ALL {
        let change = RowChange::RevokeRole(alice, one);
        house.store.administer(order(), vec![change]).await.expect("it is revoked");
    }
    if let Some(role) = role {
        let change = RowChange::GrantRole(alice, role);
        house.store.administer(order(), vec![change]).await.expect("it is granted");
    }
}

async fn asks(house: &House, asker: &Asker, operation: &Operation) -> Result<Outcome, AdminError> {
    let spec = Spec::of(operation);
    house
        .desk
        .run(asker.clone(), Request { dry_run: !spec.only_reads, ..Request::of(operation.clone()) })
        .await
}

/// Somebody without the role is refused, rehearsed or not, and nothing is written.
async fn is_served_or_refused(house: &House, asker: &Asker, operation: &Operation, served: bool) {
    let what = format!("{} of {asker:?}", operation.recorded());
    match asks(house, asker, operation).await {
        Ok(_) => assert!(served, "{what} is not refused"),
        Err(refused) => {
            assert!(!served, "{what}: {refused}");
            let spec = Spec::of(operation);
            // Where the operation itself looks who asks: what somebody may not see is not there, and no token is more than its owner.
            let own = spec.need == Need::Own
                && (refused.code() == "NoSuchNode"
                    || spec.said() == "token new" && refused.field() == Some("scope"));
            assert!(refused.code() == "ErrorPermission" || own, "{what}: {refused}");
            let again = house.desk.run(asker.clone(), Request::of(operation.clone())).await;
            assert_eq!(again.expect_err("it is refused"), refused, "{what}");
        }
    }
}

#[tokio::test]
async fn each_operation_is_for_the_roles_the_table_names_and_for_nobody_else() {
    let house = House::stocked().await;
    let alice = house.id(ALICE).await;
    let person = |within: Option<Roles>| Asker { within, ..Asker::new(Actor::Person(alice), "127.0.0.1") };
    for held in Role::ALL.into_iter().map(Some).chain([None]) {
        let roles = Roles::of(held.as_slice());
        let served = |needed: &[Role]| held.is_some_and(|held| needed.iter().any(|one| includes(held, *one)));
        for spec in SPECS {
            let operation = house.examples(spec).await.swap_remove(0);
            let needed = needed(spec);
            let served = needed.as_deref().is_none_or(served);
            give(&house, alice, held).await;
            let before = house.kept();
            is_served_or_refused(&house, &person(None), &operation, served).await;
            assert_eq!(house.changed_since(&before), NOTHING, "{} as {held:?}", spec.said());
            if spec.need == Need::Own {
                continue;
            }
            // Neither a token for every role nor an administrator is more than the other lets it be.
            let all = Roles::of(&Role::ALL);
            is_served_or_refused(&house, &person(Some(all)), &operation, served).await;
            let token = Asker { within: Some(roles), ..Asker::new(Actor::Token(1), "127.0.0.1") };
            is_served_or_refused(&house, &token, &operation, served).await;
            give(&house, alice, Some(Role::Administrator)).await;
            is_served_or_refused(&house, &person(Some(roles)), &operation, served).await;
        }
    }
}

#[tokio::test]
async fn the_shell_may_everything_and_who_is_disabled_has_lost_every_role() {
    let house = House::stocked().await;
    let alice = house.id(ALICE).await;
    give(&house, alice, Some(Role::Administrator)).await;
    let disable = house.examples(Spec::find("user", "disable").expect("there is one")).await.swap_remove(0);
    let Operation::UserDisable(mut disable) = disable else { panic!("it disables") };
    disable.user = ALICE.into();
    house.must(Operation::UserDisable(disable)).await;
    let asker = Asker::new(Actor::Person(alice), "127.0.0.1");
    for spec in SPECS {
        let operation = house.examples(spec).await.swap_remove(0);
        is_served_or_refused(&house, &asker, &operation, false).await;
        is_served_or_refused(&house, &root(), &operation, true).await;
    }
}
