//! Stories of what is said: it comes back to everybody, in one order, once, and never before it is kept.

use std::collections::BTreeSet;

use chat::{Draft, Refusal, Rtf, Text};
use rooms::{Outgoing, Trouble};
use testkit::admin::{ListChange, RoomFields};
use tokio::task::JoinSet;

use crate::house::{Guest, House, add, all, draft, remove, within};

#[tokio::test]
async fn what_alice_says_comes_back_to_her_and_to_bob_under_one_number() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    assert_eq!(alice.next_line().await, "bob comes to Lobby");
    let answered = alice.say("Lobby", "hello").await;

    for guest in [&alice, &bob] {
        let Outgoing::Post(post) = guest.next().await else { panic!("a post was expected") };
        assert_eq!((post.position, post.post, &*post.text), (answered, 1, "hello"));
        assert_eq!(post.author.address.user(), "alice");
        assert!(post.kept && !post.alert && !post.story);
    }
    assert!(alice.heard().await.is_empty() && bob.heard().await.is_empty(), "nobody hears it twice");
}

#[tokio::test]
async fn alert_rich_text_and_story_arrive_as_they_were_posted() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    let rich = Rtf::parse("{\\rtf1 fire}").expect("rich text");
    let alert = Draft { text: Text::parse("fire").expect("a text"), rtf: Some(rich), alert: true };
    alice.session.post(house.guid("Lobby"), alert, None).await.expect("it is kept");
    let Outgoing::Post(post) = alice.next().await else { panic!("a post was expected") };
    assert_eq!((post.alert, post.rtf.as_deref()), (true, Some("{\\rtf1 fire}")));

    alice.say("Lobby", "[STORY title=\"It rains\"]all day").await;
    let Outgoing::Post(post) = alice.next().await else { panic!("a post was expected") };
    assert!(post.story && !post.alert);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sees_a_post_finds_it_in_the_store() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    let talk = tokio::spawn(async move {
        for n in 1..=20 {
            alice.say("Lobby", &format!("line {n}")).await;
        }
        alice
    });

    for n in 1..=20 {
        let seen = bob.next_line().await;
        let kept = house.said("Lobby").await;
        assert!(kept.iter().any(|line| seen == format!("Lobby {line}")), "{seen} is not kept: {kept:?}");
        assert_eq!(seen, format!("Lobby {n} alice: line {n}"));
    }
    talk.await.expect("she may say all that");
}

#[tokio::test]
async fn nothing_is_shown_while_it_is_being_kept() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    assert_eq!(alice.next_line().await, "bob comes to Lobby");
    let shut = house.gate.shut();
    let saying = alice.say("Lobby", "hello");
    tokio::pin!(saying);
    tokio::select! {
        biased;
        _ = &mut saying => panic!("it was answered before it was kept"),
        () = shut.reached() => (),
    }
    assert!(bob.waiting().await.is_empty() && alice.waiting().await.is_empty());

    drop(shut);
    saying.await;
    assert_eq!(bob.next_line().await, "Lobby 1 alice: hello");
    assert_eq!(alice.next_line().await, "Lobby 1 alice: hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_one_order_without_gap_when_all_talk_at_once() {
    let house = House::open().await;
    let mut talkers = JoinSet::new();
    let listener = house.guest_in("dave", "Lobby").await;
    let mut guests = Vec::new();
    for name in ["alice", "bob", "carol"] {
        guests.push((name, house.guest_in(name, "Lobby").await));
    }
    for (name, talker) in guests {
        talkers.spawn(async move {
            for n in 0..40 {
                talker.say("Lobby", &format!("{name} {n}")).await;
            }
            talker
        });
    }
    let talkers = talkers.join_all().await;

    let kept: Vec<String> = house.said("Lobby").await.iter().map(|line| format!("Lobby {line}")).collect();
    assert_eq!(kept.len(), 120);
    for (n, line) in kept.iter().enumerate() {
        assert!(line.starts_with(&format!("Lobby {} ", n + 1)), "{line} is not number {}", n + 1);
    }
    let texts: BTreeSet<&str> = kept.iter().filter_map(|line| Some(line.split_once(": ")?.1)).collect();
    assert_eq!(texts.len(), 120, "each was kept once");
    for guest in talkers.iter().chain([&listener]) {
        let mut heard = guest.heard().await;
        heard.retain(|line| line.starts_with("Lobby"));
        assert_eq!(heard, kept, "everybody saw all of it in the order of the store");
    }
}

#[tokio::test]
async fn what_one_session_says_without_waiting_stays_in_order() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    let texts: Vec<String> = (1..=50).map(|n| format!("line {n}")).collect();
    let positions = all(texts.iter().map(|text| alice.say("Lobby", text))).await;
    assert!(positions.is_sorted(), "the answers name rising numbers");

    let expected: Vec<String> = (1..=50).map(|n| format!("Lobby {n} alice: line {n}")).collect();
    assert_eq!(alice.heard().await, expected);
}

#[tokio::test]
async fn a_post_sent_again_under_its_client_id_is_kept_once() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    let send = async |guest: &Guest, text: &str| {
        within(guest.session.post(house.guid("Lobby"), draft(text), chat::ClientId::parse("urn:1").ok()))
            .await
    };
    let first = send(&alice, "once").await.expect("it is kept");
    let second = house.guest_in("alice", "Lobby").await;
    for again in [send(&alice, "once").await, send(&second, "once").await] {
        assert_eq!(
            again.expect("it is known"),
            first,
            "the place of the first, also through another endpoint"
        );
    }
    let both = tokio::join!(send(&bob, "mine"), send(&bob, "mine"));
    assert_eq!(both.0.expect("it is kept"), both.1.expect("it is known"), "twice at once is once");
    assert_eq!(house.rooms.counts().posts, 2, "what was not kept again is not counted again");

    let once = ["Lobby 1 alice: once", "Lobby 2 bob: mine"];
    assert_eq!(bob.heard().await, once, "somebody else's client id is another one");
    assert_eq!(alice.history("Lobby", None).await.expect("alice may read"), once);
}

#[tokio::test]
async fn each_endpoint_of_alice_gets_everything() {
    let house = House::open().await;
    let (desk, phone) = (house.guest_in("alice", "Lobby").await, house.guest_in("alice", "Lobby").await);
    let bob = house.guest_in("bob", "Lobby").await;
    desk.say("Lobby", "from the desk").await;
    phone.say("Lobby", "from the phone").await;

    let said = ["Lobby 1 alice: from the desk", "Lobby 2 alice: from the phone"];
    assert_eq!(bob.heard().await, said);
    for endpoint in [&desk, &phone] {
        assert_eq!(endpoint.heard().await, ["bob comes to Lobby", said[0], said[1]]);
    }
}

#[tokio::test]
async fn rooms_do_not_mix() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Kitchen").await);
    alice.join("Kitchen").await;
    alice.say("Lobby", "hello lobby").await;
    alice.say("Kitchen", "hello kitchen").await;
    assert_eq!(bob.heard().await, ["alice comes to Kitchen", "Kitchen 1 alice: hello kitchen"]);
    assert_eq!(alice.heard().await, ["Lobby 1 alice: hello lobby", "Kitchen 1 alice: hello kitchen"]);
}

#[tokio::test]
async fn only_who_has_joined_may_post() {
    let house = House::open().await;
    let (alice, bob) = (house.guest("alice").await, house.guest_in("bob", "Kitchen").await);
    let not_joined = Err(Trouble::Refused(Refusal::NotJoined));
    assert_eq!(alice.try_say("Lobby", "hello").await, not_joined, "nobody is in the room");
    assert_eq!(alice.try_say("Kitchen", "hello").await, not_joined, "only somebody else is");
    let phone = house.guest_in("alice", "Kitchen").await;
    assert_eq!(alice.try_say("Kitchen", "hello").await, not_joined, "only her other endpoint is");

    alice.join("Kitchen").await;
    alice.say("Kitchen", "hello").await;
    assert_eq!(bob.heard().await, ["alice comes to Kitchen", "Kitchen 1 alice: hello"]);
    alice.part("Kitchen").await.expect("she was in");
    assert_eq!(alice.try_say("Kitchen", "hello again").await, not_joined, "she has left");
    assert_eq!(phone.heard().await, ["Kitchen 1 alice: hello"]);
    assert!(house.said("Lobby").await.is_empty(), "what was refused is not kept");
}

#[tokio::test]
async fn in_an_auditorium_only_presenters_speak_and_everybody_hears() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Hall").await, house.guest_in("bob", "Hall").await);
    assert_eq!(bob.try_say("Hall", "a question").await, Err(Trouble::Refused(Refusal::NotAllowed)));
    alice.say("Hall", "welcome").await;
    assert_eq!(bob.heard().await, ["Hall 1 alice: welcome"]);

    let presenters = |presenters: ListChange| RoomFields { presenters, ..RoomFields::default() };
    house.set_room("Hall", presenters(add(&["bob"]))).await;
    bob.say("Hall", "a question").await;
    house.set_room("Hall", presenters(remove(&["bob"]))).await;
    assert_eq!(bob.try_say("Hall", "another").await, Err(Trouble::Refused(Refusal::NotAllowed)));
    assert_eq!(house.said("Hall").await, ["1 alice: welcome", "2 bob: a question"]);
}

#[tokio::test]
async fn a_disabled_room_takes_no_posts_until_it_is_enabled() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    let disabled = |disabled| RoomFields { disabled: Some(disabled), ..RoomFields::default() };
    house.set_room("Lobby", disabled(true)).await;
    assert_eq!(alice.waiting().await, ["put out of Lobby"]);
    assert_eq!(alice.try_say("Lobby", "hello").await, Err(Trouble::Refused(Refusal::Disabled)));
    assert_eq!(alice.try_join("Lobby").await.unwrap_err(), Refusal::Disabled);

    house.set_room("Lobby", disabled(false)).await;
    assert_eq!(alice.try_say("Lobby", "hello").await, Err(Trouble::Refused(Refusal::NotJoined)));
    alice.join("Lobby").await;
    alice.say("Lobby", "hello").await;
    assert_eq!(alice.heard().await, ["Lobby 1 alice: hello"]);
}

#[tokio::test]
async fn who_stops_waiting_for_news_loses_none() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    for n in 1..=5 {
        {
            let ready = bob.session.ready();
            tokio::pin!(ready);
            tokio::select! {
                biased;
                () = &mut ready => panic!("nothing was said yet"),
                () = std::future::ready(()) => (),
            }
            alice.say("Lobby", "hello").await;
            house.settle().await;
            // It was woken and goes away without having looked.
        }
        assert_eq!(bob.next_line().await, format!("Lobby {n} alice: hello"));
    }
}

#[tokio::test]
async fn who_stops_waiting_for_an_answer_takes_nothing_back() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    let shut = house.gate.shut();
    tokio::select! {
        biased;
        _ = alice.try_say("Lobby", "hello") => panic!("it was answered before it was kept"),
        () = shut.reached() => (),
    }
    drop(shut);
    assert_eq!(bob.next_line().await, "Lobby 1 alice: hello");
}
