//! Stories of the servers of a pool: who is made active, who stands by, who is emptied, and what a pool may not be left as.

use admin::{
    ListChange, Operation, PoolActiveServersSet, PoolActiveServersSwap, PoolDrain, PoolRemove, PoolServers,
    PoolState, PoolUndrain,
};
use serde_json::{Value, json};
use store::{Options, Place, ServerState, Store};

use crate::house::House;

const OWN: &str = "pool.example.com";

/// A house with five more servers that were stopped: three are active with its own, two stand by.
async fn of_six() -> House {
    let house = House::furnished().await;
    for number in 2..=6 {
        let place = Place::of(&name(number), "another machine");
        let file = house.folder.path().join("store.db");
        let store = Store::open_place(&file, None, &place, house.clock.clone(), &Options::default());
        store.expect("there is room for eight").close().await;
    }
    house
}

fn name(number: u32) -> String {
    format!("chat{number}.example.com")
}

fn set(servers: ListChange) -> Operation {
    Operation::PoolActiveServersSet(PoolActiveServersSet { servers })
}

fn add(servers: &[String]) -> Operation {
    set(ListChange { add: servers.to_vec(), ..ListChange::default() })
}

/// What each server does, and whether it runs.
async fn states(house: &House) -> Value {
    let rows = house.must(Operation::PoolServers(PoolServers {})).await.rows.values();
    rows.iter().map(|row| json!([row["server"], row["state"], row["running"]])).collect()
}

async fn state_of(house: &House, server: &str) -> Value {
    let states = states(house).await;
    let own = states.as_array().unwrap().iter().find(|row| row[0] == server);
    own.map_or(Value::Null, |row| row[1].clone())
}

#[tokio::test]
async fn four_are_active_and_one_at_least() {
    let house = of_six().await;
    let fifth = house.run(add(&[name(5)])).await.expect_err("four are active");
    assert_eq!(fifth.field(), Some("servers"));
    assert!(fifth.to_string().contains("5 servers would be active, and 4 may be"), "{fifth}");
    let nobody = set(ListChange { replace: Some(vec![]), ..ListChange::default() });
    let none = house.run(nobody).await.expect_err("nobody could sign on");
    assert!(none.to_string().contains("leave at least one"), "{none}");
    let unknown = house.run(add(&["chat9.example.com".into()])).await.expect_err("there is none");
    assert_eq!(unknown.code(), "NoSuchNode");

    let instead =
        ListChange { add: vec![name(5).to_uppercase()], remove: vec![name(2)], ..ListChange::default() };
    house.must(set(instead)).await;
    assert_eq!(
        states(&house).await,
        json!([
            [OWN, "active", true],
            [name(2), "standby", false],
            [name(3), "active", false],
            [name(4), "active", false],
            [name(5), "active", false],
            [name(6), "standby", false],
        ])
    );
    let state = house.must(Operation::PoolState(PoolState {})).await.rows.values();
    assert_eq!(state[0]["activeServers"], json!([OWN, name(3), name(4), name(5)]));
    assert_eq!((&state[0]["state"], &state[0]["era"]), (&json!("Normal"), &json!(1)));
}

/// Two people who each see that there is room for one more.
#[tokio::test]
async fn four_are_active_and_one_at_least_whoever_asks_at_the_same_time() {
    let house = of_six().await;
    let remove = |servers: &[String]| set(ListChange { remove: servers.to_vec(), ..ListChange::default() });
    let active = async || {
        let state = house.must(Operation::PoolState(PoolState {})).await.rows.values();
        state[0]["activeServers"].as_array().unwrap().len()
    };
    house.must(remove(&[name(4)])).await;
    let (fifth, sixth) = tokio::join!(house.run(add(&[name(5)])), house.run(add(&[name(6)])));
    assert_eq!(active().await, 4);
    assert!(fifth.is_ok() != sixth.is_ok(), "{fifth:?} {sixth:?}");

    let two = ListChange { replace: Some(vec![name(2), name(3)]), ..ListChange::default() };
    house.must(set(two)).await;
    let (second, third) = tokio::join!(house.run(remove(&[name(2)])), house.run(remove(&[name(3)])));
    assert_eq!(active().await, 1);
    assert!(second.is_ok() != third.is_ok(), "{second:?} {third:?}");
}

#[tokio::test]
async fn those_that_stand_by_take_over_together() {
    let house = of_six().await;
    house.must(Operation::PoolActiveServersSwap(PoolActiveServersSwap {})).await;
    let state = house.must(Operation::PoolState(PoolState {})).await.rows.values();
    assert_eq!(state[0]["activeServers"], json!([name(5), name(6)]));
}

#[tokio::test]
async fn an_active_server_is_emptied_until_it_is_started_or_made_active_again() {
    let house = of_six().await;
    let drain = |server: &str| Operation::PoolDrain(PoolDrain { server: server.into() });
    let idle = house.run(drain(&name(6))).await.expect_err("it takes nobody");
    assert!(idle.to_string().contains("stands by"), "{idle}");
    house.must(drain(OWN)).await;
    house.must(drain(&name(2))).await;
    assert_eq!(
        (state_of(&house, OWN).await, state_of(&house, &name(2)).await),
        ("draining".into(), "draining".into())
    );

    let again = house.must(drain(OWN)).await;
    assert!(again.changes.is_empty(), "asking twice changes nothing: {:?}", again.changes);
    assert!(
        again.warnings[0].contains("no other server of the pool takes people"),
        "the others do not run: {:?}",
        again.warnings
    );
    let undrain = |server: &str| Operation::PoolUndrain(PoolUndrain { server: server.into() });
    house.must(undrain(OWN)).await;
    assert_eq!(state_of(&house, OWN).await, "active");
    let idle = house.run(undrain(&name(6))).await.expect_err("it would be one more");
    assert!(idle.to_string().contains("active-servers set --add-server chat6"), "{idle}");
    house.must(drain(OWN)).await;
    house.must(add(&[OWN.into()])).await;
    assert_eq!(state_of(&house, OWN).await, "active");
    let place = Place { state: Some(ServerState::Standby), ..Place::of(&name(2), "another machine") };
    let file = house.folder.path().join("store.db");
    let started = Store::open_place(&file, None, &place, house.clock.clone(), &Options::default());
    let _started = started.expect("it was stopped");
    assert_eq!(state_of(&house, &name(2)).await, "active", "what it was set to is what it is");
}

#[tokio::test]
async fn how_many_are_left_on_a_server_that_is_emptied_is_shown() {
    let house = House::furnished().await;
    let place = Place::of(&name(2), "another machine");
    let file = house.folder.path().join("store.db");
    let second = Store::open_place(&file, None, &place, house.clock.clone(), &Options::default());
    let second = second.expect("there is room");
    house.store.renew_lease(30).await.expect("it is its own");
    second.renew_lease(12).await.expect("it is its own");
    let drained = house.must(Operation::PoolDrain(PoolDrain { server: name(2) })).await;
    assert!(drained.warnings.is_empty(), "the other takes them: {:?}", drained.warnings);
    let state = house.must(Operation::PoolState(PoolState {})).await.rows.values();
    assert_eq!((&state[0]["endpoints"], &state[0]["leaving"]), (&json!(42), &json!(12)));
    let rows = house.must(Operation::PoolServers(PoolServers {})).await.rows.values();
    let shown: Value = rows.iter().map(|row| json!([row["server"], row["endpoints"], row["here"]])).collect();
    assert_eq!(shown, json!([[OWN, 30, true], [name(2), 12, false]]));
    second.close().await;
    let state = house.must(Operation::PoolState(PoolState {})).await.rows.values();
    assert_eq!(state[0]["leaving"], 0);
}

#[tokio::test]
async fn only_a_server_that_does_not_run_is_removed() {
    let house = of_six().await;
    let remove = |server: &str| Operation::PoolRemove(PoolRemove { server: server.into() });
    let running = house.run(remove(OWN)).await.expect_err("it runs");
    assert!(running.to_string().contains("stop it first"), "{running}");
    house.must(remove(&name(6))).await;
    assert_eq!(state_of(&house, &name(6)).await, Value::Null);
    assert_eq!(house.run(remove(&name(6))).await.expect_err("it is gone").code(), "NoSuchNode");
}
