//! Stories of who comes and goes: what the others are told, what is kept of it, and that who has left hears nothing.

use chat::{Mask, PartReason, Refusal, ServerEntry};

use crate::house::{House, users};

#[tokio::test]
async fn who_joins_learns_who_is_there_and_the_others_learn_of_him() {
    let house = House::open().await;
    let alice = house.guest("alice").await;
    let joined = alice.join("Engineering").await;
    assert_eq!(users(&joined.participants), ["alice"]);
    assert_eq!((joined.card.participants, joined.large), (1, false));
    let member = Mask::JOIN.with(Mask::CHAT).with(Mask::READ).with(Mask::SEE);
    assert_eq!(joined.mask, member);

    let joined = house.guest("bob").await.join("Engineering").await;
    assert_eq!(users(&joined.participants), ["alice", "bob"], "by address, himself included");
    assert_eq!(joined.participants[0].1, member);
    assert_eq!(joined.at.number, 1, "the room's making was the last thing there");
    assert_eq!(alice.heard().await, ["bob comes to Engineering", "bob leaves Engineering"]);
}

#[tokio::test]
async fn everything_after_the_place_of_a_join_is_delivered_and_nothing_before() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    let before = alice.say("Lobby", "before").await;
    let bob = house.guest("bob").await;
    let joined = bob.join("Lobby").await;
    assert_eq!(joined.at, before);
    alice.say("Lobby", "after").await;
    assert_eq!(bob.heard().await, ["Lobby 2 alice: after"]);
}

#[tokio::test]
async fn others_are_told_only_of_the_first_and_the_last_endpoint_of_bob() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    let (desk, phone) = (house.guest_in("bob", "Lobby").await, house.guest("bob").await);
    let joined = phone.join("Lobby").await;
    assert_eq!(users(&joined.participants), ["alice", "bob"], "each person once");
    assert_eq!(joined.card.participants, 2);
    assert_eq!(alice.heard().await, ["bob comes to Lobby"]);
    assert!(desk.heard().await.is_empty(), "his own endpoints are no news to him");

    desk.part("Lobby").await.expect("it was in");
    assert!(alice.heard().await.is_empty() && phone.heard().await.is_empty());
    phone.part("Lobby").await.expect("it was in");
    assert_eq!(alice.heard().await, ["bob leaves Lobby"]);
}

#[tokio::test]
async fn joining_again_gives_fresh_values_and_tells_nobody() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    let said = alice.say("Lobby", "hello").await;
    assert_eq!(bob.next_line().await, "Lobby 1 alice: hello");
    let told = house.told().await;
    let again = bob.join("Lobby").await;
    assert_eq!((users(&again.participants), again.at), (vec!["alice", "bob"], said));
    assert_eq!(house.told().await, told, "nothing is kept of it");
    assert_eq!(alice.heard().await, ["bob comes to Lobby", "Lobby 1 alice: hello"]);
    alice.say("Lobby", "hello again").await;
    assert_eq!(bob.heard().await, ["Lobby 2 alice: hello again"], "he is still there once");
}

#[tokio::test]
async fn a_batch_join_tells_each_receiver_only_of_the_rooms_it_is_in() {
    let house = House::open().await;
    let (alice, bob) = (house.guest("alice").await, house.guest("bob").await);
    alice.join_all(&["Lobby", "Kitchen", "Engineering"]).await;
    bob.join("Kitchen").await;
    assert_eq!(alice.heard().await, ["bob comes to Kitchen"]);
    let carol = house.guest("carol").await;
    let joined = carol.join_all(&["Lobby", "Engineering", "Kitchen", "Nowhere", "Hall"]).await;

    let names: Vec<_> = joined.iter().map(|room| room.as_ref().map(|room| room.card.name.as_str())).collect();
    let [closed, none] = [Refusal::NotAllowed, Refusal::NotFound];
    assert_eq!(names, [Ok("Lobby"), Err(&closed), Ok("Kitchen"), Err(&none), Ok("Hall")], "as asked");
    assert_eq!(alice.heard().await, ["carol comes at once to Kitchen, Lobby"]);
    assert_eq!(bob.heard().await, ["carol comes at once to Kitchen"]);

    drop(carol);
    assert_eq!(alice.heard().await, ["carol leaves Kitchen, Lobby"]);
    assert_eq!(bob.heard().await, ["carol leaves Kitchen"]);
}

#[tokio::test]
async fn a_room_named_twice_in_one_join_is_joined_once() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest("bob").await);
    let joined = bob.join_all(&["Lobby", "Lobby"]).await;
    assert!(joined.iter().all(Result::is_ok));
    assert_eq!(alice.heard().await, ["bob comes at once to Lobby"]);
    alice.say("Lobby", "hello").await;
    assert_eq!(bob.heard().await, ["Lobby 1 alice: hello"]);
}

#[tokio::test]
async fn who_has_left_gets_nothing_more_not_even_what_was_waiting() {
    let house = House::open().await;
    let (alice, bob) = (house.guest("alice").await, house.guest("bob").await);
    alice.join_all(&["Lobby", "Kitchen"]).await;
    bob.join_all(&["Lobby", "Kitchen"]).await;
    let carol = house.guest("carol").await;
    carol.join_all(&["Lobby", "Kitchen"]).await;
    alice.say("Lobby", "nobody has seen this yet").await;
    alice.say("Kitchen", "coffee?").await;
    house.settle().await;
    bob.part("Lobby").await.expect("he was in");
    alice.say("Lobby", "he is gone").await;

    assert_eq!(bob.heard().await, ["carol comes at once to Kitchen", "Kitchen 1 alice: coffee?"]);
    assert_eq!(bob.part("Lobby").await, Err(Refusal::NotJoined), "he has left already");
    assert_eq!(alice.heard().await.last().expect("she hears herself"), "Lobby 2 alice: he is gone");
}

#[tokio::test]
async fn a_closed_session_parts_and_that_is_kept_when_it_returns() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    let bob_id = house.id("bob").await;
    bob.session.close(PartReason::Gone).await;
    let told = house.told().await;
    let Some(ServerEntry::Parted { person, reason: PartReason::Gone, rooms, .. }) = told.last() else {
        panic!("a part was expected: {told:?}")
    };
    assert_eq!((*person, rooms[0].room), (bob_id, house.room("Lobby")));
    assert_eq!(alice.waiting().await, ["bob comes to Lobby", "bob leaves Lobby"]);
    assert_eq!(alice.join("Lobby").await.card.participants, 1);
}

#[tokio::test]
async fn a_dropped_session_parts_and_that_is_kept_at_the_latest_by_the_stop() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    drop(bob);
    assert_eq!(alice.waiting().await, ["bob comes to Lobby", "bob leaves Lobby"]);
    house.stop().await;
    let told = house.told().await;
    let parted =
        told.iter().filter(|told| matches!(told, ServerEntry::Parted { reason: PartReason::Gone, .. }));
    assert_eq!(parted.count(), 1, "{told:?}");
}

#[tokio::test]
async fn the_store_knows_who_is_present() {
    let house = House::open().await;
    let present = async |name: &str| {
        let (id, all) = (house.id(name).await, house.store.roster().await.expect("a read").present);
        let rooms = all.into_iter().filter(|present| present.person == id).map(|present| present.rooms);
        let mut rooms: Vec<_> = rooms.collect();
        rooms.sort();
        rooms
    };
    let [lobby, kitchen] = ["Lobby", "Kitchen"].map(|room| house.room(room));
    let (desk, phone) = (house.guest("alice").await, house.guest_in("alice", "Lobby").await);
    desk.join_all(&["Lobby", "Kitchen"]).await;
    assert_eq!(present("alice").await, [vec![lobby], vec![lobby, kitchen]], "by endpoint");
    desk.part("Lobby").await.expect("it was in");
    phone.session.close(PartReason::Left).await;
    assert_eq!(present("alice").await, [vec![kitchen]]);
    assert!(present("bob").await.is_empty());
}

#[tokio::test]
async fn what_is_kept_of_a_join_says_where_the_room_stood() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    let said = alice.say("Lobby", "hello").await;
    let bob = house.guest("bob").await;
    bob.join_all(&["Lobby", "Kitchen"]).await;
    let after = alice.say("Lobby", "hello bob").await;
    house.settle().await;
    bob.part("Lobby").await.expect("he was in");

    let bob_id = house.id("bob").await;
    let stands = house.told().await.into_iter().filter_map(|told| match told {
        ServerEntry::Joined { person, rooms, .. } if person == bob_id => Some(rooms),
        ServerEntry::Parted { person, reason: PartReason::Left, rooms, .. } if person == bob_id => {
            Some(rooms)
        }
        _ => None,
    });
    let [joined, parted] = &stands.collect::<Vec<_>>()[..] else { panic!("two entries were expected") };
    let at: Vec<_> = joined.iter().map(|stand| (stand.room, stand.at.number)).collect();
    assert_eq!(at, [(house.room("Lobby"), said.number), (house.room("Kitchen"), 1)], "one entry for all");
    assert_eq!((parted.len(), parted[0].at), (1, after));
}

#[tokio::test]
async fn who_joins_while_others_talk_misses_nothing_after_his_place() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest("bob").await);
    for round in 0..10 {
        let talk = async {
            for n in 0..4 {
                alice.say("Lobby", &format!("round {round} line {n}")).await;
            }
        };
        let (joined, ()) = tokio::join!(bob.join("Lobby"), talk);
        let heard = bob.heard().await;
        let first = joined.at.number as usize; // the first entry is the room's making
        let after: Vec<String> =
            house.said("Lobby").await.iter().map(|line| format!("Lobby {line}")).collect();
        assert!(heard.ends_with(&after[first - 1..]), "after {first}: {heard:?}");
        bob.part("Lobby").await.expect("he was in");
    }
}
