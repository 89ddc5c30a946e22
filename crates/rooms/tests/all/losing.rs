//! Stories of rights withdrawn while people are in: who loses one gets nothing more, the others learn of it, and no word
//! slips in afterwards.

use chat::{Change, Entry, PartReason, Refusal, RoomEntry, ServerEntry};
use rooms::Trouble;
use testkit::admin::{
    CategoryFields, CategoryNew, Operation, RoomFields, RoomPrivacy, RoomRemove, RoomSet, UserDisable,
    UserEnable, UserRemove,
};
use tokio::task::yield_now;

use crate::house::{Guest, House, add, address, all, remove};

fn members(remove_them: &[&str]) -> RoomFields {
    RoomFields { members: remove(remove_them), ..RoomFields::default() }
}

/// Bob in a room through two endpoints, and Alice who is told of it.
async fn alice_and_bob_twice(house: &House, room: &str) -> (Guest, [Guest; 2]) {
    let alice = house.guest_in("alice", room).await;
    let bob = [house.guest_in("bob", room).await, house.guest_in("bob", room).await];
    assert_eq!(alice.heard().await, [format!("bob comes to {room}")]);
    (alice, bob)
}

/// How often the journal says that somebody was put out, in rooms.
async fn put_out(house: &House, name: &str) -> usize {
    let who = house.id(name).await;
    let told = house.told().await;
    let rooms = told.iter().filter_map(|told| match told {
        ServerEntry::Parted { person, reason: PartReason::Removed, rooms, .. } if *person == who => {
            Some(rooms.len())
        }
        _ => None,
    });
    rooms.sum()
}

#[tokio::test]
async fn a_removed_member_is_put_out_and_hears_nothing_more() {
    let house = House::open().await;
    let (alice, bob) = alice_and_bob_twice(&house, "Engineering").await;
    alice.say("Engineering", "before").await;
    house.set_room("Engineering", members(&["bob"])).await;
    alice.say("Engineering", "after").await;

    for endpoint in &bob {
        assert_eq!(endpoint.heard().await, ["Engineering 1 alice: before", "put out of Engineering"]);
        let refused = endpoint.try_say("Engineering", "I am still here").await;
        assert_eq!(refused, Err(Trouble::Refused(Refusal::NotAllowed)));
        assert_eq!(endpoint.history("Engineering", None).await, Err(Refusal::NotAllowed.into()));
    }
    let heard = ["Engineering 1 alice: before", "bob leaves Engineering", "Engineering 2 alice: after"];
    assert_eq!(alice.heard().await, heard, "he left once");
    assert_eq!(alice.join("Engineering").await.card.participants, 1);
    house.stop().await;
    assert_eq!(put_out(&house, "bob").await, 2, "kept for each endpoint");
}

#[tokio::test]
async fn a_removed_member_of_a_secret_room_no_longer_knows_of_it() {
    let house = House::open().await;
    let (alice, [bob, _]) = alice_and_bob_twice(&house, "Board").await;
    house.set_room("Board", members(&["bob"])).await;
    assert_eq!(bob.heard().await, ["put out of Board"]);
    assert_eq!(bob.try_say("Board", "hello?").await, Err(Refusal::NotFound.into()));
    assert_eq!(alice.heard().await, ["bob leaves Board"]);

    house.set_room("Board", RoomFields { members: add(&["bob"]), ..RoomFields::default() }).await;
    bob.join("Board").await;
    alice.say("Board", "welcome back").await;
    assert_eq!(bob.heard().await, ["Board 1 alice: welcome back"]);
}

/// What waits to be read then is of his earlier seat: told after the join it would put him out of a room that he is in.
#[tokio::test]
async fn whoever_is_let_in_again_before_reading_of_having_been_put_out_is_in_and_starts_there() {
    let house = House::open().await;
    let (alice, [bob, other]) = alice_and_bob_twice(&house, "Engineering").await;
    alice.say("Engineering", "before").await;
    house.set_room("Engineering", members(&["bob"])).await;
    alice.say("Engineering", "behind his back").await;
    house.set_room("Engineering", RoomFields { members: add(&["bob"]), ..RoomFields::default() }).await;
    let joined = bob.join("Engineering").await;
    assert!(!joined.again, "he left his seat in between");
    alice.say("Engineering", "welcome back").await;

    let said = ["Engineering 1 alice: before", "Engineering 3 alice: welcome back"];
    assert_eq!(bob.heard().await, [said[1]]);
    assert_eq!(other.heard().await, [said[0], "put out of Engineering"], "who has not come in again");
    assert!(bob.join("Engineering").await.again);
}

#[tokio::test]
async fn whom_a_narrower_category_does_not_admit_is_put_out_of_all_its_rooms() {
    let house = House::open().await;
    let (alice, bob) = (house.guest("alice").await, house.guest("bob").await);
    alice.join_all(&["Lobby", "Engineering"]).await;
    bob.join_all(&["Lobby", "Engineering"]).await;
    house.set_category(CategoryFields { denied_members: add(&["bob"]), ..CategoryFields::default() }).await;
    alice.say("Lobby", "is he gone?").await;

    let mut out = bob.heard().await;
    out.sort();
    assert_eq!(out, ["put out of Engineering", "put out of Lobby"]);
    for room in ["Lobby", "Engineering"] {
        assert_eq!(bob.try_say(room, "hello?").await, Err(Refusal::NotFound.into()), "he is out of scope");
    }
    let mut heard = alice.heard().await;
    heard[1..3].sort();
    let left = ["bob leaves Engineering", "bob leaves Lobby"];
    assert_eq!(
        heard,
        ["bob comes at once to Engineering, Lobby", left[0], left[1], "Lobby 1 alice: is he gone?"]
    );
}

#[tokio::test]
async fn a_disabled_person_is_out_of_everything_until_enabled() {
    let house = House::open().await;
    let (alice, bob) = (house.guest("alice").await, house.guest("bob").await);
    alice.join_all(&["Lobby", "Kitchen"]).await;
    bob.join_all(&["Lobby", "Kitchen"]).await;
    let idle = house.guest("bob").await;
    alice.say("Lobby", "unseen").await;
    house.must(Operation::UserDisable(UserDisable { user: address("bob") })).await;
    alice.say("Lobby", "is he gone?").await;

    assert_eq!(bob.heard().await, ["ended: PersonGone"], "nothing but that is shown");
    assert_eq!(idle.heard().await, ["ended: PersonGone"], "wherever he is");
    assert_eq!(bob.try_say("Lobby", "hello?").await, Err(Refusal::NotFound.into()));
    assert!(bob.try_join("Lobby").await.is_err());
    assert_eq!(house.try_guest("bob").await.err(), Some(Refusal::NotAllowed));
    let heard = alice.heard().await;
    assert_eq!(
        heard[1..],
        ["Lobby 1 alice: unseen", "bob leaves Kitchen, Lobby", "Lobby 2 alice: is he gone?"]
    );

    house.must(Operation::UserEnable(UserEnable { user: address("bob") })).await;
    house.guest_in("bob", "Lobby").await.say("Lobby", "back").await;
    assert!(bob.heard().await.is_empty(), "the old session stays ended");
    assert_eq!(put_out(&house, "bob").await, 2);
}

#[tokio::test]
async fn whoever_gets_the_address_of_a_removed_person_is_somebody_else() {
    let house = House::open().await;
    let (alice, bob) =
        (house.guest_in("alice", "Engineering").await, house.guest_in("bob", "Engineering").await);
    bob.say("Engineering", "farewell").await;
    house.must(Operation::UserRemove(UserRemove { user: address("bob") })).await;
    assert_eq!(bob.heard().await.last().expect("it is told"), "ended: PersonGone");
    house.new_person("bob").await;
    let namesake = house.guest("bob").await;
    assert_eq!(namesake.try_join("Engineering").await.unwrap_err(), Refusal::NotAllowed);
    assert_eq!(bob.try_say("Engineering", "it is me").await, Err(Refusal::NotFound.into()));
    let heard = ["bob comes to Engineering", "Engineering 1 bob: farewell", "bob leaves Engineering"];
    assert_eq!(alice.heard().await, heard);
    assert_eq!(
        alice.history("Engineering", None).await.expect("she may read"),
        ["Engineering 1 bob: farewell"]
    );
}

#[tokio::test]
async fn a_removed_room_is_gone_for_everybody_in_it() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    alice.say("Lobby", "last words").await;
    house.must(Operation::RoomRemove(RoomRemove { room: "Lobby".into() })).await;
    for guest in [&alice, &bob] {
        let heard = guest.heard().await;
        assert_eq!(heard.last().expect("it is told"), "put out of Lobby");
        assert!(!heard.iter().any(|line| line.contains("leaves")), "nobody is left to be told: {heard:?}");
        assert_eq!(guest.try_say("Lobby", "hello?").await, Err(Refusal::NotFound.into()));
        assert_eq!(guest.history("Lobby", None).await, Err(Refusal::NotFound.into()));
        assert_eq!(guest.try_join("Lobby").await.unwrap_err(), Refusal::NotFound);
    }
}

#[tokio::test]
async fn a_room_that_closes_or_moves_puts_out_whom_it_no_longer_admits() {
    let house = House::open().await;
    let (alice, dave) = (house.guest_in("alice", "Lobby").await, house.guest_in("dave", "Lobby").await);
    let closed =
        RoomFields { privacy: Some(RoomPrivacy::Closed), members: add(&["alice"]), ..RoomFields::default() };
    house.set_room("Lobby", closed).await;
    assert_eq!(dave.heard().await, ["put out of Lobby"]);
    assert_eq!(alice.heard().await, ["dave comes to Lobby", "dave leaves Lobby"]);

    let inner = CategoryFields { allowed_members: add(&["bob"]), ..CategoryFields::default() };
    house.must(Operation::CategoryNew(CategoryNew { name: "Inner".into(), fields: inner })).await;
    let moved = Operation::RoomSet(RoomSet {
        room: "Lobby".into(),
        category: Some("Inner".into()),
        ..RoomSet::default()
    });
    house.must(moved).await;
    assert_eq!(alice.heard().await, ["put out of Lobby"]);
    assert_eq!(alice.try_say("Lobby", "hello?").await, Err(Refusal::NotFound.into()));
}

#[tokio::test]
async fn a_word_decided_before_the_removal_and_written_after_it_is_refused() {
    let house = House::open().await;
    let (alice, bob) =
        (house.guest_in("alice", "Engineering").await, house.guest_in("bob", "Engineering").await);
    let removal = house.kept(Operation::RoomSet(RoomSet {
        room: "Engineering".into(),
        fields: members(&["bob"]),
        ..RoomSet::default()
    }));
    tokio::pin!(removal);
    let shut = house.gate.shut();
    tokio::select! {
        biased;
        () = &mut removal => panic!("it was kept behind a shut gate"),
        () = shut.reached() => (),
    }
    // The removal is being written. Bob's post is decided now, under what was true until then, and waits behind it.
    let bobs = bob.try_say("Engineering", "one last word");
    let alices = alice.try_say("Engineering", "I may");
    let open = async {
        yield_now().await;
        drop(shut);
    };
    let (refused, granted, (), ()) = tokio::join!(bobs, alices, open, removal);

    assert_eq!(refused, Err(Refusal::NotAllowed.into()));
    granted.expect("it was decided again and is allowed still");
    assert_eq!(house.said("Engineering").await, ["1 alice: I may"]);
    assert_eq!(bob.heard().await, ["put out of Engineering"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn however_the_removal_falls_between_his_posts_no_word_of_bob_follows_it() {
    let house = House::open().await;
    for round in 0..15 {
        let bob = house.guest_in("bob", "Engineering").await;
        let texts: Vec<String> = (0..12).map(|n| format!("round {round} word {n}")).collect();
        let posts = all(texts.iter().map(|text| bob.try_say("Engineering", text)));
        let removal = Operation::RoomSet(RoomSet {
            room: "Engineering".into(),
            fields: members(&["bob"]),
            ..RoomSet::default()
        });
        let (answers, ()) = tokio::join!(posts, house.kept(removal));

        let journal = house.journal("Engineering").await;
        let removed = journal
            .iter()
            .rposition(|entry| {
                matches!(entry.header.entry, Entry::Room(RoomEntry::Changed { change: Change::Changed, .. }))
            })
            .expect("the removal is kept");
        assert_eq!(removed, journal.len() - 1, "no word follows the removal");
        let kept: Vec<&str> =
            journal.iter().filter_map(|entry| Some(entry.body.as_ref()?.text.as_str())).collect();
        for (text, answer) in texts.iter().zip(answers) {
            assert_eq!(kept.contains(&text.as_str()), answer.is_ok(), "{text}: {answer:?}");
        }
        house.set_room("Engineering", RoomFields { members: add(&["bob"]), ..RoomFields::default() }).await;
    }
}

#[tokio::test]
async fn a_harmless_change_while_people_talk_refuses_nobody() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    let describe = Operation::RoomSet(RoomSet {
        room: "Lobby".into(),
        fields: RoomFields { description: Some("now with chairs".into()), ..RoomFields::default() },
        ..RoomSet::default()
    });
    let shut = house.gate.shut();
    let change = house.kept(describe);
    tokio::pin!(change);
    tokio::select! {
        biased;
        () = &mut change => panic!("it was kept behind a shut gate"),
        () = shut.reached() => (),
    }
    let texts = ["one", "two", "three"];
    let posts = all(texts.iter().map(|text| alice.try_say("Lobby", text)));
    let open = async {
        yield_now().await;
        drop(shut);
    };
    let (answers, (), ()) = tokio::join!(posts, open, change);

    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(alice.heard().await, ["Lobby 1 alice: one", "Lobby 2 alice: two", "Lobby 3 alice: three"]);
}

#[tokio::test]
async fn who_is_removed_while_joining_is_not_in_and_is_shown_nothing() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Engineering").await, house.guest("bob").await);
    let removal = Operation::RoomSet(RoomSet {
        room: "Engineering".into(),
        fields: members(&["bob"]),
        ..RoomSet::default()
    });
    let shut = house.gate.shut();
    let word = alice.say("Engineering", "between you and me");
    tokio::pin!(word);
    tokio::select! {
        biased;
        _ = &mut word => panic!("it was kept behind a shut gate"),
        () = shut.reached() => (),
    }
    let open = async {
        yield_now().await;
        drop(shut);
    };
    let (_, joined, (), ()) = tokio::join!(word, bob.try_join("Engineering"), open, house.kept(removal));

    house.settle().await;
    let heard = bob.heard().await;
    match joined {
        Ok(_) => assert_eq!(heard.last().expect("it is told"), "put out of Engineering"),
        Err(_) => assert_eq!(heard, [""; 0], "he was never in"),
    }
    alice.say("Engineering", "is he gone?").await;
    assert!(bob.heard().await.is_empty());
    house.stop().await;
    let present = house.store.roster().await.expect("a read").present;
    let bob_id = house.id("bob").await;
    assert!(present.iter().all(|present| present.person != bob_id), "what is kept says so, too");
}
