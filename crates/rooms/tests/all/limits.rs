//! Stories of limits: whoever asks too much is told so, nothing of it is done, and afterwards all goes on.

use std::time::Duration;

use chat::Refusal;
use rooms::{Limits, Trouble};

use crate::house::{Guest, House, all, within};

#[tokio::test]
async fn a_person_has_only_so_many_sessions() {
    let house = House::with(Limits { sessions_per_person: 2, ..Limits::default() }).await;
    let (first, _second) = (house.guest("alice").await, house.guest("alice").await);
    let too_many = Refusal::TooMany { what: "sessions of one person", limit: 2 };
    assert_eq!(house.try_guest("alice").await.err(), Some(too_many));
    house.guest("bob").await;
    drop(first);
    house.guest("alice").await;
}

#[tokio::test]
async fn a_session_is_in_only_so_many_rooms() {
    let house = House::with(Limits { rooms_per_session: 2, ..Limits::default() }).await;
    let (alice, bob) = (house.guest("alice").await, house.guest_in("bob", "Lobby").await);
    let three = ["Lobby", "Kitchen", "Hall"].map(|room| house.guid(room));
    let at_once = Refusal::TooMany { what: "rooms at once", limit: 2 };
    let refused = within(alice.session.join(&three, true)).await;
    assert_eq!(refused.err(), Some(Trouble::Refused(at_once)));
    assert!(bob.heard().await.is_empty(), "nothing of it was done");

    alice.join_all(&["Lobby", "Kitchen"]).await;
    let third = Refusal::TooMany { what: "rooms of one session", limit: 2 };
    assert_eq!(alice.try_join("Hall").await.err(), Some(third));
    alice.join("Lobby").await;
    alice.part("Kitchen").await.expect("she was in");
    alice.join("Hall").await;
}

#[tokio::test]
async fn a_session_has_only_so_many_posts_on_their_way() {
    let house = House::with(Limits { posts_per_session: 3, ..Limits::default() }).await;
    let alice = house.guest_in("alice", "Lobby").await;
    let answers = all((1..=5).map(|n| say(&alice, n))).await;
    assert!(answers[..3].iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(answers[3..], [Err(Trouble::Busy), Err(Trouble::Busy)]);
    say(&alice, 6).await.expect("the others were answered");
    let kept = ["1 alice: line 1", "2 alice: line 2", "3 alice: line 3", "4 alice: line 6"];
    assert_eq!(house.said("Lobby").await, kept, "what was refused was not done");
}

#[tokio::test]
async fn a_room_has_only_so_many_posts_waiting() {
    let house = House::with(Limits { mailbox: 3, ..Limits::default() }).await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    // All are posted before the room's task has its turn.
    let answers = all([say(&alice, 1), say(&bob, 2), say(&alice, 3), say(&bob, 4), say(&alice, 5)]).await;
    assert!(answers[..3].iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(answers[3..], [Err(Trouble::Busy), Err(Trouble::Busy)]);
    say(&bob, 6).await.expect("there is room again");
    let kept = ["1 alice: line 1", "2 bob: line 2", "3 alice: line 3", "4 bob: line 6"];
    assert_eq!(house.said("Lobby").await, kept);
    let dave = house.guest("dave").await;
    let posts = all([say(&alice, 7), say(&bob, 8), say(&alice, 9), say(&dave, 10)]).await;
    assert_eq!(posts[3], Err(Trouble::Busy), "also for somebody who is not in");
}

#[tokio::test]
async fn a_full_mailbox_is_no_news_to_who_may_not_know_of_the_room() {
    let house = House::with(Limits { mailbox: 1, ..Limits::default() }).await;
    let (alice, dave) = (house.guest_in("alice", "Board").await, house.guest("dave").await);
    let posts = all([alice.try_say("Board", "one"), dave.try_say("Board", "two")]).await;
    assert_eq!(posts[1], Err(Trouble::Refused(Refusal::NotFound)));
    posts[0].clone().expect("it is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_ends_when_idle_loses_no_post() {
    let house = House::with(Limits { mailbox_idle: Duration::ZERO, ..Limits::default() }).await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    let talk = async |guest: &Guest| {
        for n in 1..=40 {
            say(guest, n).await.expect("it is kept");
        }
    };
    tokio::join!(talk(&alice), talk(&bob));
    let said = house.said("Lobby").await;
    assert_eq!(said.len(), 80);
    assert_eq!(bob.heard().await, said.iter().map(|line| format!("Lobby {line}")).collect::<Vec<_>>());
}

async fn say(guest: &Guest, n: usize) -> Result<chat::Position, Trouble> {
    guest.try_say("Lobby", &format!("line {n}")).await
}
