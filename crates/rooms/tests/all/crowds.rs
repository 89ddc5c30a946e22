//! Stories of large rooms: beyond a number of people nobody is told who comes and goes, until it is quiet again.

use std::time::Duration;

use rooms::Limits;
use rooms::limits::TOLD_AT_ONCE_MAX;
use testkit::admin::{Operation, RoomFields, RoomPrivacy, UserDisable};
use tokio::time::timeout;

use crate::house::{Guest, House, address, remove, users};

/// Only a guard, and shorter than that of whoever waits: who looks because his time is over was not told.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

/// More than five people are a crowd, fewer than four are none any more.
async fn house() -> House {
    let house = House::with(Limits { participant_updates: Some(5), ..Limits::default() }).await;
    for name in ["erin", "frank", "grace"] {
        house.new_person(name).await;
    }
    house
}

async fn come<const N: usize>(house: &House, names: [&str; N]) -> [Guest; N] {
    let mut guests = Vec::new();
    for name in names {
        guests.push(house.guest_in(name, "Lobby").await);
    }
    guests.try_into().unwrap_or_else(|_| unreachable!("as many came as were named"))
}

#[tokio::test]
async fn five_people_are_told_of_each_other_and_a_sixth_of_nobody() {
    let house = house().await;
    let [alice, bob, carol, dave, erin] = come(&house, ["alice", "bob", "carol", "dave", "erin"]).await;
    assert_eq!(
        alice.heard().await,
        ["bob", "carol", "dave", "erin"].map(|who| format!("{who} comes to Lobby"))
    );
    let joined = alice.join("Lobby").await;
    assert_eq!((joined.large, users(&joined.participants).len()), (false, 5));

    let frank = house.guest("frank").await;
    let joined = frank.join("Lobby").await;
    assert!(joined.large);
    assert_eq!(users(&joined.participants), ["frank"], "himself only");
    assert_eq!(joined.card.participants, 6, "how many there are is no secret");
    for guest in [&alice, &frank] {
        assert!(guest.heard().await.is_empty());
    }
    frank.say("Lobby", "what a crowd").await;
    for guest in [&alice, &bob, &carol, &dave, &erin, &frank] {
        assert_eq!(guest.heard().await.last().expect("all hear it"), "Lobby 1 frank: what a crowd");
    }
}

#[tokio::test]
async fn everybody_in_a_room_that_is_told_in_slices_hears_all_in_order() {
    let endpoints = TOLD_AT_ONCE_MAX + 50;
    let house = House::with(Limits { sessions_per_person: endpoints, ..Limits::default() }).await;
    let mut crowd = Vec::new();
    for _ in 0..endpoints {
        crowd.push(house.guest_in("bob", "Lobby").await);
    }
    let alice = house.guest_in("alice", "Lobby").await;
    house.settle().await;
    let mut listening = Vec::new();
    for guest in crowd {
        guest.waiting().await;
        listening.push(tokio::spawn(async move { (guest.next_line().await, guest) }));
    }
    // From here on each of them waits, and has to be told.
    for _ in 0..endpoints {
        tokio::task::yield_now().await;
    }
    alice.say("Lobby", "one").await;
    let mut crowd = Vec::new();
    for listener in listening {
        let (line, guest) = timeout(TOLD_WITHIN, listener).await.expect("it is told").expect("it comes");
        assert_eq!(line, "Lobby 1 alice: one");
        crowd.push(guest);
    }
    alice.say("Lobby", "two").await;
    alice.say("Lobby", "three").await;
    house.settle().await;
    for guest in &crowd {
        assert_eq!(guest.waiting().await, ["Lobby 2 alice: two", "Lobby 3 alice: three"]);
    }
}

#[tokio::test]
async fn below_four_fifths_everybody_learns_what_was_missed() {
    let house = house().await;
    let [alice, bob, carol, dave, erin] = come(&house, ["alice", "bob", "carol", "dave", "erin"]).await;
    alice.heard().await;
    let [frank, grace] = come(&house, ["frank", "grace"]).await;
    drop((bob, carol, dave));
    for guest in [&alice, &frank, &grace] {
        assert!(guest.heard().await.is_empty(), "four are left, nobody is told yet");
    }

    drop(erin);
    let left = ["bob", "carol", "dave", "erin"].map(|who| format!("{who} leaves Lobby"));
    let mut told = vec!["Lobby has frank, grace".to_owned()];
    told.extend(left);
    assert_eq!(alice.heard().await, told, "Alice, who knew the first five");
    assert_eq!(frank.heard().await, ["Lobby has alice, grace"], "Frank, who knew nobody");
    assert_eq!(grace.heard().await, ["Lobby has alice, frank"]);

    let bob = house.guest("bob").await;
    let joined = bob.join("Lobby").await;
    assert_eq!((joined.large, users(&joined.participants)), (false, vec!["alice", "bob", "frank", "grace"]));
    for guest in [&alice, &frank, &grace] {
        assert_eq!(guest.heard().await, ["bob comes to Lobby"], "all is as it was");
    }
}

#[tokio::test]
async fn who_went_and_came_back_in_the_crowd_is_no_news() {
    let house = house().await;
    let [alice, bob, carol] = come(&house, ["alice", "bob", "carol"]).await;
    let [dave, erin, frank] = come(&house, ["dave", "erin", "frank"]).await;
    alice.heard().await;
    drop(bob);
    let bob = house.guest_in("bob", "Lobby").await;
    drop((carol, dave, frank));
    let left = ["carol leaves Lobby", "dave leaves Lobby"];
    assert_eq!(alice.heard().await, left, "Frank came and went unseen, Bob is there as before");
    assert_eq!(
        bob.heard().await,
        ["Lobby has alice, erin"],
        "he joined a crowd and learns who is left of it"
    );
    drop(erin);
    assert_eq!(bob.heard().await, ["erin leaves Lobby"]);
}

#[tokio::test]
async fn people_are_counted_and_not_their_endpoints() {
    let house = house().await;
    let [alice, _a, _b, _c, _d, _e] = come(&house, ["alice"; 6]).await;
    let bob = house.guest("bob").await;
    let joined = bob.join("Lobby").await;
    assert_eq!((joined.large, users(&joined.participants)), (false, vec!["alice", "bob"]));
    assert_eq!(alice.heard().await, ["bob comes to Lobby"]);
}

#[tokio::test]
async fn who_joins_a_crowd_again_is_told_everybody_when_it_has_gone() {
    let house = house().await;
    let [alice, bob, carol] = come(&house, ["alice", "bob", "carol"]).await;
    let [dave, erin, frank] = come(&house, ["dave", "erin", "frank"]).await;
    alice.heard().await;
    let again = alice.join("Lobby").await;
    assert_eq!((again.large, users(&again.participants)), (true, vec!["alice"]), "her list begins anew");
    drop((carol, dave, erin));
    assert_eq!(alice.heard().await, ["Lobby has bob, frank"]);
    drop((bob, frank));
}

#[tokio::test]
async fn an_administrator_can_disperse_a_crowd() {
    let house = house().await;
    let [alice, bob, carol] = come(&house, ["alice", "bob", "carol"]).await;
    let [dave, erin, frank] = come(&house, ["dave", "erin", "frank"]).await;
    alice.heard().await;
    for name in ["carol", "dave", "erin"] {
        house.must(Operation::UserDisable(UserDisable { user: address(name) })).await;
    }
    let left = ["carol", "dave", "erin"].map(|who| format!("{who} leaves Lobby"));
    let mut told = vec!["Lobby has frank".to_owned()];
    told.extend(left);
    assert_eq!(alice.heard().await, told);
    assert_eq!(frank.heard().await, ["Lobby has alice, bob"]);
    for gone in [&carol, &dave, &erin] {
        assert_eq!(gone.heard().await.last().expect("it is told"), "ended: PersonGone");
    }
    drop(bob);
}

#[tokio::test]
async fn a_crowd_whose_room_closes_learns_who_is_left() {
    let house = house().await;
    let [alice, bob, _carol] = come(&house, ["alice", "bob", "carol"]).await;
    let [_dave, _erin, frank] = come(&house, ["dave", "erin", "frank"]).await;
    alice.heard().await;
    let members = testkit::admin::ListChange { add: vec![address("alice"), address("bob")], ..remove(&[]) };
    let closed = RoomFields { privacy: Some(RoomPrivacy::Closed), members, ..RoomFields::default() };
    house.set_room("Lobby", closed).await;
    assert_eq!(frank.heard().await, ["put out of Lobby"]);
    let left = ["carol", "dave", "erin"].map(|who| format!("{who} leaves Lobby"));
    assert_eq!(alice.heard().await, left);
    let joined = bob.join("Lobby").await;
    assert_eq!((joined.large, users(&joined.participants)), (false, vec!["alice", "bob"]));
}
