//! Stories of sessions with browsers: found by their hash, ended once for all, and gone when nobody can use them any more.

use chat::{PersonId, Time};
use store::{Clearance, RowChange, SessionRow, Store};

use crate::stage::{Cast, Stage, administer};

fn at(stage: &Stage) -> Time {
    chat::Clock::now(&*stage.clock)
}

fn minute_ago(stage: &Stage) -> Time {
    at(stage).plus_micros(-60_000_000)
}

fn row(stage: &Stage, number: u8, person: PersonId) -> SessionRow {
    SessionRow { hash: [number; 32], person, admission: 1, made: at(stage), used: at(stage) }
}

fn clearance(stage: &Stage) -> Clearance {
    Clearance { per_person_max: 2, used_before: at(stage).plus_micros(-1_800_000_000) }
}

async fn open(store: &Store, stage: &Stage, number: u8, person: PersonId) {
    stage.clock.advance_micros(1_000_000);
    store.open_session(row(stage, number, person), clearance(stage)).await.unwrap();
}

/// Which sessions of these numbers are open.
async fn open_ones(store: &Store, numbers: &[u8]) -> Vec<u8> {
    let mut open = Vec::new();
    for number in numbers {
        if store.session([*number; 32]).await.unwrap().is_some() {
            open.push(*number);
        }
    }
    open
}

pub async fn a_session_outlives_the_server_and_ends_once_for_all(stage: Stage) {
    let cast = Cast::on(&stage).await;
    open(&cast.store, &stage, 1, cast.alice).await;
    let made = at(&stage);
    open(&cast.store, &stage, 2, cast.bob).await;
    stage.clock.advance_micros(5_000_000);
    let later = at(&stage);
    cast.store.use_sessions(vec![([1; 32], later), ([9; 32], later)]).await.unwrap();
    cast.store.use_sessions(vec![([1; 32], made)]).await.unwrap();
    cast.store.close().await;

    let store = stage.open();
    let found = store.session([1; 32]).await.unwrap().expect("she is signed on");
    let expected = SessionRow { hash: [1; 32], person: cast.alice, admission: 1, made, used: later };
    assert_eq!(found, expected, "uses only move forward");
    assert_eq!(store.session([9; 32]).await.unwrap(), None);
    store.end_session([1; 32]).await.unwrap();
    store.end_session([9; 32]).await.unwrap();
    assert_eq!(open_ones(&store, &[1, 2]).await, [2]);
    assert_eq!(store.ended_sessions(minute_ago(&stage)).await.unwrap(), [[1; 32]]);
    store.use_sessions(vec![([1; 32], at(&stage))]).await.unwrap();
    assert_eq!(open_ones(&store, &[1, 2]).await, [2], "a use of what is over opens nothing");
    stage.clock.advance_micros(61_000_000);
    assert!(store.ended_sessions(minute_ago(&stage)).await.unwrap().is_empty(), "everybody knows");
}

pub async fn the_least_lately_used_session_gives_way_and_what_is_over_goes(stage: Stage) {
    let cast = Cast::on(&stage).await;
    let store = &cast.store;
    for (number, person) in [(1, cast.alice), (2, cast.bob), (3, cast.alice)] {
        open(store, &stage, number, person).await;
    }
    stage.clock.advance_micros(1_000_000);
    store.use_sessions(vec![([1; 32], at(&stage))]).await.unwrap();
    open(store, &stage, 4, cast.alice).await;
    assert_eq!(open_ones(store, &[1, 2, 3, 4]).await, [1, 2, 4]);
    assert_eq!(store.ended_sessions(minute_ago(&stage)).await.unwrap(), [[3; 32]]);
    assert_eq!(stage.count("session"), 4);
    stage.clock.advance_micros(1_799_000_000);
    open(store, &stage, 5, cast.carol).await;
    assert_eq!(open_ones(store, &[1, 2, 4, 5]).await, [4, 5], "half an hour without use");
    assert_eq!(stage.count("session"), 2, "what is over is not even there");
}

pub async fn what_everybody_knows_to_be_over_goes_although_it_was_used_lately(stage: Stage) {
    let cast = Cast::on(&stage).await;
    open(&cast.store, &stage, 1, cast.alice).await;
    cast.store.end_session([1; 32]).await.unwrap();
    open(&cast.store, &stage, 2, cast.bob).await;
    assert_eq!(stage.count("session"), 2, "its end is still told");
    stage.clock.advance_micros(61_000_000);
    open(&cast.store, &stage, 3, cast.carol).await;
    assert_eq!(stage.count("session"), 2, "and then it is gone");
}

pub async fn nobody_stays_who_was_removed_nor_what_a_copy_remembers(stage: Stage) {
    let cast = Cast::on(&stage).await;
    open(&cast.store, &stage, 1, cast.alice).await;
    open(&cast.store, &stage, 2, cast.bob).await;
    administer(&cast.store, RowChange::RemovePerson(cast.alice)).await;
    assert_eq!(open_ones(&cast.store, &[1, 2]).await, [2]);
    cast.store.close().await;
    Store::raise_era(stage.location()).unwrap();
    let store = stage.open();
    assert_eq!(open_ones(&store, &[1, 2]).await, Vec::<u8>::new(), "he may have signed off since the copy");
}
