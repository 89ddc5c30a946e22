//! Stories of a house that is emptied: people are led out with everything they said kept and answered, and find the door of another.
//! Which servers of a pool are emptied is told by the server's own stories.

use std::time::Duration;

use rooms::Welcome;
use testkit::wire::Person;
use testkit::{House, PASSWORD};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::scene::{house, joined, status};
use crate::talk::begin_post;

/// Whether the house listens for links.
async fn listens(house: &House) -> bool {
    // Whoever opens and closes the door comes first.
    yield_now().await;
    Person::connect(house.way(), "sip:bob@example.com", PASSWORD, 99).await.is_ok()
}

#[tokio::test]
async fn whoever_is_led_out_is_answered_first_and_leaves_without_a_bye() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let mut quiet = house.client("bob").await;
    assert_eq!(status(quiet.sign_on().await), 200);
    let hold = house.hold();
    let running = begin_post(&mut alice, &lobby, "before I go").await;
    assert!(crate::scene::works(&mut alice).await, "it came in");
    house.rooms.admit(Welcome::Nobody { elsewhere: true });
    for person in [&mut bob, &mut quiet] {
        let last = timeout(Duration::from_secs(4), person.until_closed()).await.expect("nothing keeps it");
        assert!(last.iter().all(|message| message.method() != Some("BYE")), "{last:?}");
    }
    assert!(!listens(&house).await, "whoever comes by the name of the pool tries the next address");
    drop(hold);
    let last = alice.until_closed().await;
    let answer = last.iter().find(|message| running.is_answered_by(message)).expect("it is answered");
    assert_eq!(answer.status(), Some(200));

    house.rooms.admit(Welcome::Everybody);
    assert!(listens(&house).await, "and at the same address as before");
    let mut alice = joined(&house, "alice", &lobby).await;
    let history = alice.history(&lobby, 5).await.expect("the link stays open");
    assert_eq!(history.len(), 1, "{history:?}");
}

#[tokio::test]
async fn whoever_comes_where_no_other_house_is_open_is_told_so() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    house.rooms.admit(Welcome::Nobody { elsewhere: false });
    alice.until_closed().await;
    let mut bob = house.client("bob").await;
    assert_eq!(status(bob.sign_on().await), 503);
    house.rooms.admit(Welcome::Everybody);
    assert_eq!(status(bob.sign_on().await), 200, "it was taken back");
}

#[tokio::test]
async fn a_house_that_stands_by_keeps_whom_it_has() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    house.rooms.admit(Welcome::WhoIsHere);
    let mut bob = house.client("bob").await;
    assert_eq!(status(bob.sign_on().await), 503);
    assert_eq!(alice.post(&lobby, "still here").await, Ok(200));
}
