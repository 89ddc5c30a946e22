//! Stories of those who are slow: what they did not take is looked up for them, once and in order, as long as they may
//! have it; who does not even take notices is sent away.

use chat::Under;
use rooms::limits::POST_OVERHEAD_BYTES;
use rooms::{EndReason, Limits, Outgoing};
use store::NewPost;
use testkit::admin::{CategoryFields, Operation, RoomFields, RoomSet, UserDisable};

use crate::house::{House, address, all, draft, remove};

/// Few things wait for a session.
fn small(memory_bytes: usize) -> Limits {
    Limits { outbox: 5, memory_bytes, ..Limits::default() }
}

/// Everything in memory, a little of it, nothing of it.
fn memories() -> [usize; 3] {
    [Limits::default().memory_bytes, 4 * (POST_OVERHEAD_BYTES + 40), 0]
}

async fn lines(house: &House, room: &str) -> Vec<String> {
    house.said(room).await.iter().map(|line| format!("{room} {line}")).collect()
}

#[tokio::test]
async fn a_slow_reader_gets_everything_once_and_in_order() {
    for memory_bytes in memories() {
        let house = House::with(small(memory_bytes)).await;
        let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
        for n in 1..=15 {
            alice.say("Lobby", &format!("line {n}")).await;
        }
        assert_eq!(bob.heard().await, lines(&house, "Lobby").await, "with memory for {memory_bytes} octets");
        alice.say("Lobby", "now he is quick").await;
        assert_eq!(bob.heard().await, ["Lobby 16 alice: now he is quick"]);
    }
}

#[tokio::test]
async fn who_catches_up_while_others_talk_misses_nothing() {
    for memory_bytes in memories() {
        let house = House::with(small(memory_bytes)).await;
        let (alice, bob) = (house.guest("alice").await, house.guest("bob").await);
        for guest in [&alice, &bob] {
            guest.join_all(&["Lobby", "Kitchen"]).await;
        }
        let mut seen = Vec::new();
        for n in 1..=12 {
            for room in ["Lobby", "Kitchen"] {
                alice.say(room, &format!("line {n}")).await;
            }
            let some = bob.session.take(1 + n % 3).await;
            seen.extend(some.into_iter().filter_map(|item| match item {
                Outgoing::Post(post) => Some((post.room, post.post)),
                _ => None,
            }));
        }
        house.settle().await;
        loop {
            let some = bob.session.take(4).await;
            if some.is_empty() {
                break;
            }
            seen.extend(some.into_iter().filter_map(|item| match item {
                Outgoing::Post(post) => Some((post.room, post.post)),
                _ => None,
            }));
        }
        for room in ["Lobby", "Kitchen"] {
            let guid = house.guid(room);
            let posts: Vec<u32> = seen.iter().filter(|(of, _)| *of == guid).map(|(_, post)| *post).collect();
            assert_eq!(posts, (1..=12).collect::<Vec<_>>(), "{room}, with memory for {memory_bytes} octets");
        }
    }
}

#[tokio::test]
async fn only_the_room_that_talks_a_lot_falls_behind_for_notices_and_posts_alike() {
    let house = House::with(small(0)).await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    let carol = house.guest_in("carol", "Lobby").await;
    for n in 1..=10 {
        alice.say("Lobby", &format!("line {n}")).await;
    }
    drop(carol);
    let mut heard = bob.heard().await;
    let notices: Vec<String> = heard.extract_if(.., |line| !line.starts_with("Lobby")).collect();
    assert_eq!(notices, ["carol comes to Lobby", "carol leaves Lobby"]);
    assert_eq!(heard, lines(&house, "Lobby").await);
}

#[tokio::test]
async fn who_does_not_even_take_notices_is_sent_away() {
    let house = House::with(small(0)).await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest("bob").await);
    for _ in 0..3 {
        bob.join("Lobby").await;
        bob.say("Lobby", "just looking in").await;
        house.settle().await;
        bob.part("Lobby").await.expect("he was in");
    }
    assert!(matches!(alice.next().await, Outgoing::Ended(EndReason::TooSlow)));
    bob.join("Lobby").await;
    bob.say("Lobby", "is she gone?").await;
    assert!(alice.heard().await.is_empty(), "nothing follows the end");
}

#[tokio::test]
async fn five_notices_wait_patiently() {
    let house = House::with(small(0)).await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest("bob").await);
    for _ in 0..2 {
        bob.join("Lobby").await;
        bob.part("Lobby").await.expect("he was in");
    }
    bob.join("Lobby").await;
    let [came, left] = ["bob comes to Lobby", "bob leaves Lobby"];
    assert_eq!(alice.heard().await, [came, left, came, left, came]);
}

#[tokio::test]
async fn what_somebody_is_behind_in_is_not_looked_up_after_the_right_is_gone() {
    for memory_bytes in memories() {
        let house = House::with(small(memory_bytes)).await;
        let (alice, bob) = (house.guest_in("alice", "Board").await, house.guest_in("bob", "Board").await);
        for n in 1..=8 {
            alice.say("Board", &format!("secret {n}")).await;
        }
        house.set_room("Board", RoomFields { members: remove(&["bob"]), ..RoomFields::default() }).await;
        alice.say("Board", "more secrets").await;
        assert_eq!(bob.heard().await, ["put out of Board"]);
    }
}

#[tokio::test]
async fn nothing_follows_the_end_of_a_session_that_was_behind() {
    for memory_bytes in memories() {
        let house = House::with(small(memory_bytes)).await;
        let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
        for n in 1..=8 {
            alice.say("Lobby", &format!("line {n}")).await;
        }
        house.must(Operation::UserDisable(UserDisable { user: address("bob") })).await;
        assert_eq!(bob.heard().await, ["ended: PersonGone"]);
    }
}

#[tokio::test]
async fn who_parts_and_joins_again_is_behind_in_nothing() {
    let house = House::with(small(0)).await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    for n in 1..=20 {
        alice.say("Lobby", &format!("line {n}")).await;
    }
    house.settle().await;
    bob.part("Lobby").await.expect("he was in");
    bob.join("Lobby").await;
    alice.say("Lobby", "welcome back").await;
    assert_eq!(bob.heard().await, ["Lobby 21 alice: welcome back"]);
}

#[tokio::test]
async fn what_was_said_without_history_is_looked_up_too_when_memory_was_filled_with_history_meanwhile() {
    let memory_bytes = 2 * (POST_OVERHEAD_BYTES + 40);
    let house = House::with(Limits { memory_bytes, ..Limits::default() }).await;
    let (alice, bob) = (house.guest("alice").await, house.guest_in("bob", "Lobby").await);
    alice.join_all(&["Lobby", "Kitchen"]).await;
    let history = |on| CategoryFields { chat_history: Some(on), ..CategoryFields::default() };
    alice.say("Lobby", "for ever").await;
    house.set_category(history(false)).await;
    alice.say("Lobby", "for now").await;
    house.set_category(history(true)).await;
    // The kitchen takes the memory, then the lobby's history takes it back.
    alice.say("Kitchen", "coffee?").await;
    alice.say("Kitchen", "tea?").await;
    house.settle().await;
    assert_eq!(alice.history("Lobby", None).await.expect("she may read"), ["Lobby 1 alice: for ever"]);

    let heard = ["alice comes at once to Lobby", "Lobby 1 alice: for ever", "Lobby 2 alice: for now"];
    assert_eq!(bob.waiting().await, heard);
}

#[tokio::test]
async fn the_server_itself_may_lag_behind_its_store_and_still_delivers_all() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Engineering").await);
    let dave = house.guest_in("dave", "Kitchen").await;
    // This thread runs the live rooms. It stands still while another writes more than the feed of the store holds.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(write_more_than_the_feed_holds(&house));
        });
    });

    let expected: Vec<String> = (1..=MORE).map(|n| format!("Lobby {n} carol: {n}")).collect();
    assert_eq!(alice.heard().await, expected);
    assert_eq!(bob.heard().await, ["put out of Engineering"]);
    assert_eq!(dave.heard().await, ["Kitchen 1 carol: quiet here"], "the one word there is not lost");
}

/// More commits than the feed holds.
const MORE: usize = store::limits::FEED_MAX + 10;

/// Bob is removed, Carol says a word in the kitchen, and then so much in the lobby that the feed forgets both.
async fn write_more_than_the_feed_holds(house: &House) {
    let (author, lobby) = (house.id("carol").await, house.room("Lobby"));
    let row = house.store.room(lobby).await.expect("a read").expect("the room exists");
    let category = house.store.category(row.category).await.expect("a read").expect("it has a category");
    let person = house.store.person(author).await.expect("a read").expect("Carol exists");
    let under = Under { room_rules: row.rules, category_rules: category.rules, standing: person.standing };
    let say = async |room, text: &str| {
        let draft = draft(text);
        let post = NewPost {
            room,
            author,
            under,
            client_id: None,
            draft,
            kept: true,
            story: false,
            mentions: Vec::new(),
        };
        house.store.post(post).await.expect("it is kept");
    };
    let fields = RoomFields { members: remove(&["bob"]), ..RoomFields::default() };
    let name = "Engineering".into();
    house.kept(Operation::RoomSet(RoomSet { room: name, fields, ..RoomSet::default() })).await;
    say(house.room("Kitchen"), "quiet here").await;
    for n in 1..=MORE {
        say(lobby, &n.to_string()).await;
    }
}

#[tokio::test]
async fn taking_little_at_a_time_is_as_good_as_taking_all() {
    let house = House::with(small(0)).await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    let texts: Vec<String> = (1..=20).map(|n| format!("line {n}")).collect();
    all(texts.iter().map(|text| alice.say("Lobby", text))).await;
    house.settle().await;
    let mut heard = Vec::new();
    for _ in 0..20 {
        heard.push(bob.next_line().await);
    }
    assert_eq!(heard, lines(&house, "Lobby").await);
    assert!(bob.heard().await.is_empty());
    assert!(bob.session.take(0).await.is_empty(), "there is nothing left");
}
