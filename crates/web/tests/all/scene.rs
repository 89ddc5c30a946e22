//! The house of these stories: Ana and Bob may sign on, the web is open, and time passes when a story says so.
//! Shows nothing by itself.

use std::time::Duration;

use testkit::{Browser, Heard, House, PASSWORD};
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

/// A house with Ana and Bob, and rooms: the Lobby is open, the Vault secret with Ana as its member, the Stage an auditorium
/// where Ana presents, the Attic disabled.
pub async fn office() -> House {
    let house = house(&["ana", "bob"]).await;
    house.admin("category new Floor --add-allowed-member domain:example.com --invitations").await;
    house.admin("room new Lobby --category Floor --privacy open --description \"Where all meet\"").await;
    house.admin("room new Vault --category Floor --privacy secret --add-member sip:ana@example.com").await;
    house
        .admin("room new Stage --category Floor --privacy open --type auditorium --add-presenter sip:ana@example.com")
        .await;
    house.admin("room new Attic --category Floor --privacy open --disabled").await;
    house.settle().await;
    house
}

/// Somebody who has signed on at a new browser.
pub async fn arrives(house: &House, who: &str) -> Browser {
    let mut browser = house.browser();
    assert_eq!(browser.sign_on(who, PASSWORD).await.status, 201);
    browser
}

/// The address of a room's resource.
pub async fn room(house: &House, name: &str, rest: &str) -> String {
    let rooms = house.store.rooms().await.expect("rooms can be read");
    let room = rooms.iter().find(|room| room.name.as_str() == name).expect("there is such a room");
    format!("/api/v1/rooms/{}{rest}", room.guid)
}

/// The same resource of a room that does not exist.
pub fn nowhere(rest: &str) -> String {
    format!("/api/v1/rooms/00000000-0000-4000-8000-000000000000{rest}")
}

/// Asserts that two answers cannot be told apart but by the number of their requests.
pub fn alike(one: &Heard, other: &Heard, what: &str) {
    let shown = |heard: &Heard| {
        let mut headers = heard.headers.clone();
        for name in ["request-id", "date"] {
            headers.remove(name);
        }
        (heard.status, headers, heard.text())
    };
    assert_eq!(shown(one), shown(other), "{what}");
}
