//! Stories of rooms that are cleared up to and including a time.

use admin::{Asker, Moment, Operation, Request, RoomClear};
use chat::{Actor, Entry, JournalKey, RoomEntry};
use serde_json::json;

use crate::house::{House, not_found};
use crate::talk::DAY;

fn clear(room: &str, until: &str) -> Operation {
    Operation::RoomClear(RoomClear { room: room.into(), end_date: Moment(until.into()) })
}

/// Three days of one post each.
async fn spoken() -> House {
    let house = House::furnished().await;
    for (day, text) in ["first", "second", "third"].iter().enumerate() {
        house.say(if day == 1 { "bob" } else { "alice" }, "Engineering", text).await;
        house.clock.advance_micros(DAY);
    }
    house
}

#[tokio::test]
async fn everything_up_to_and_including_the_day_goes() {
    let house = spoken().await;
    let would = Request { dry_run: true, ..Request::of(clear("Engineering", "2026-11-25")) };
    let would = house.ask(would).await.expect("it can be done");
    assert_eq!(would.changes[0].before, json!(2));
    assert_eq!(house.shown("Engineering").await.len(), 3, "it was only asked what would go");

    let done = house.must(clear("Engineering", "2026-11-25")).await;
    assert_eq!((done.changes, done.rows), (would.changes, would.rows));
    assert_eq!(house.shown("Engineering").await, ["3: third"]);
    assert_eq!(house.must(clear("Engineering", "2026-11-25")).await.changes, [], "done twice is done once");
    assert_eq!(house.say("alice", "Engineering", "fourth").await, 4, "numbers are not given again");
}

#[tokio::test]
async fn an_instant_is_taken_as_it_is_written() {
    let house = spoken().await;
    house.must(clear("Engineering", "2026-11-24T10:00:00Z")).await;
    assert_eq!(house.shown("Engineering").await.len(), 3);
    house.must(clear("Engineering", "2026-11-24T10:00:01Z")).await;
    assert_eq!(house.shown("Engineering").await, ["2: second", "3: third"]);
}

#[tokio::test]
async fn the_room_is_told_of_each_message_and_the_journals_prove_themselves() {
    let house = spoken().await;
    house.must(clear("Engineering", "2026-12-31")).await;
    let room = JournalKey::Room(house.room_id("Engineering").await);
    let entries = house.store.entries(room, 0, 100).await.expect("a read");
    let removed = entries.iter().filter_map(|entry| match entry.header.entry {
        Entry::Room(RoomEntry::Removed { post, by }) => Some((post, by)),
        _ => None,
    });
    assert_eq!(removed.collect::<Vec<_>>(), [1, 2, 3].map(|post| (post, Actor::Shell(0))));
    for journal in [room, JournalKey::Pool] {
        house.store.verify(journal).await.expect("it agrees");
    }
}

#[tokio::test]
async fn who_may_not_and_what_is_not_there_is_refused() {
    let house = spoken().await;
    not_found(house.run(clear("Nowhere", "2026-11-25")).await);
    let refused = house.run(clear("Engineering", "soon")).await.expect_err("that is no date");
    assert_eq!((refused.code(), refused.field()), ("InvalidArgument", Some("endDate")));
    let alice = Asker::new(Actor::Person(house.id("sip:alice@example.com").await), "127.0.0.1");
    let refused = house.desk.run(alice, Request::of(clear("Engineering", "2026-12-31"))).await;
    assert_eq!(refused.expect_err("she has no role").code(), "ErrorPermission");
    let stale = Request { if_match: Some("9".into()), ..Request::of(clear("Engineering", "2026-12-31")) };
    assert_eq!(house.ask(stale).await.expect_err("it is in another state").code(), "DataCollision");
    assert_eq!(house.shown("Engineering").await.len(), 3);
}
