//! The house of these stories: Ana and Bob may sign on, the web is open, and time passes when a story says so.
//! Shows nothing by itself.

use std::time::Duration;

use testkit::House;
use web::limits::Limits;

/// A house with these people, open to the web.
pub async fn house(people: &[&str]) -> House {
    house_with(people, Limits::default()).await
}

/// The same with other limits.
pub async fn house_with(people: &[&str], limits: Limits) -> House {
    let mut house = House::found("2026-11-24T10:00:00Z").await;
    for who in people {
        house.person(who).await;
    }
    house.open_web(limits).await;
    house
}

/// Makes this much time pass for connections and requests; the clock of the house does not move.
pub async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

/// Moves the clock of the house, by which sessions end.
pub fn later(house: &House, minutes: i64) {
    house.clock.advance_micros(minutes * 60_000_000);
}
