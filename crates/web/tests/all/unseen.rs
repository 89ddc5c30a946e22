//! Rooms somebody may not know of, and the work that is done when they are asked after: the same statements, in the same order,
//! as for a room that does not exist. That the answers are the same to the octet, `side_doors.rs` says of the same doors.

use hyper::Method;
use serde_json::Value;
use testkit::{Browser, House};
use web::limits::Limits;

use crate::scene::arrives;
use crate::side_doors::{NAMING, Room, SHOWING, furnish, hidden, nowhere, spelt};

/// A house that tells its statements, in which Bob lives with an open room and one of his own.
async fn watched() -> House {
    let mut house = House::found_watched("2026-11-24T10:00:00Z").await;
    for who in ["ana", "bob"] {
        house.person(who).await;
    }
    // Nobody is slowed: there are many doors.
    let limits = Limits { caller_burst: 10_000, address_burst: 10_000, ..Limits::default() };
    house.open_web(limits).await;
    furnish(&house).await;
    house
}

/// The work at each door where a room is named, and for each way to spell it.
async fn work(house: &House, bob: &mut Browser, room: &Room) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for (method, path, body) in NAMING {
        let body: Option<Value> =
            body.map(|body| serde_json::from_str(&body.replace("{name}", room.name)).expect("JSON"));
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        for path in spelt(path, room) {
            let _ = house.statements();
            bob.ask(method.clone(), &format!("/api/v1{path}"), body.as_ref()).await;
            all.push(begun(house));
        }
    }
    all
}

/// The statements begun at a door, without what is begun beside it: the index of texts, which holds those of all rooms, looks at
/// so many of its pages as follow from everything in it; what was read is written together every few seconds; and which sessions were
/// ended is asked every second, in a transaction of its own.
fn begun(house: &House) -> Vec<String> {
    let beside = ["'main'.", "INSERT INTO read_mark", "UPDATE server SET batch", "BEGIN IMMEDIATE", "COMMIT"];
    let mut begun = house.statements();
    while let Some(at) = begun.iter().position(|statement| statement.contains("FROM session WHERE ended")) {
        let asked: Vec<String> = begun.drain(at - 1..at + 2).collect();
        assert_eq!((asked[0].as_str(), asked[2].as_str()), ("BEGIN", "ROLLBACK"), "{asked:?}");
    }
    begun.retain(|statement| !beside.iter().any(|part| statement.contains(part)));
    begun
}

#[tokio::test]
async fn a_hidden_room_is_looked_for_by_the_work_of_one_that_does_not_exist() {
    let house = watched().await;
    let rooms = hidden(&house).await;
    house.settle().await;
    let mut bob = arrives(&house, "bob").await;
    let nothing = work(&house, &mut bob, &nowhere()).await;
    let doors: Vec<String> = NAMING
        .iter()
        .flat_map(|(method, path, _)| {
            spelt(path, &nowhere()).into_iter().map(move |path| format!("{method} {path}"))
        })
        .collect();
    for room in &rooms {
        let done = work(&house, &mut bob, room).await;
        for ((done, nothing), door) in done.iter().zip(&nothing).zip(&doors) {
            assert_eq!(done, nothing, "{} at {door}", room.name);
        }
    }
    // The doors lead somewhere: many of them read, and for Ana, who may know of the room, others.
    let reads = nothing.iter().filter(|work| !work.is_empty()).count();
    assert!(reads * 3 > nothing.len(), "{reads} of {} doors read", nothing.len());
    let mut ana = arrives(&house, "ana").await;
    let hers = work(&house, &mut ana, &rooms[0]).await;
    assert!(hers.iter().zip(&nothing).any(|(hers, nothing)| hers != nothing), "she is answered");
}

#[tokio::test]
async fn lists_and_searches_do_the_same_work_with_hidden_rooms_and_without() {
    let house = watched().await;
    let mut bob = arrives(&house, "bob").await;
    house.settle().await;
    // At first invitations get their numbers.
    shown(&house, &mut bob).await;
    let before = shown(&house, &mut bob).await;
    hidden(&house).await;
    house.settle().await;
    let after = shown(&house, &mut bob).await;
    for ((after, before), path) in after.iter().zip(&before).zip(SHOWING) {
        assert_eq!(after, before, "{path}");
    }
}

/// The work at each door that shows all there is.
async fn shown(house: &House, bob: &mut Browser) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for path in SHOWING {
        let _ = house.statements();
        bob.get(&format!("/api/v1{path}")).await;
        all.push(begun(house));
    }
    all
}
