//! Stories of history: what is shown of it to whom, that memory and store show the same, and that a view is kept.

use chat::{Refusal, ServerEntry};
use rooms::{Limits, Rooms, Trouble};
use store::{Act, Amend, AmendOutcome, Amendment, Window};
use testkit::admin::CategoryFields;

use crate::house::{Guest, House, ROOT, all, draft};

/// Enough posts to reach every limit of history.
const MANY: usize = 510;

/// A house whose people may say a lot at once.
fn talkative() -> Limits {
    Limits { posts_per_session: MANY, mailbox: MANY, ..Limits::default() }
}

async fn say_many(guest: &Guest, room: &str, count: usize) {
    let texts: Vec<String> = (1..=count).map(|n| format!("line {n}")).collect();
    all(texts.iter().map(|text| guest.say(room, text))).await;
}

async fn amend(house: &House, room: &str, post: u32, to: Amendment) {
    let act = Act::of(ROOT, "{}".into());
    let amend = Amend { room: house.room(room), posts: vec![post], to, act };
    let outcome = house.store.amend(amend).await.expect("it is kept");
    assert!(matches!(&outcome, AmendOutcome::Amended { entries, .. } if entries.len() == 1), "{outcome:?}");
}

fn history(on: bool) -> CategoryFields {
    CategoryFields { chat_history: Some(on), ..CategoryFields::default() }
}

#[tokio::test]
async fn history_shows_thirty_posts_unless_asked_for_up_to_five_hundred() {
    for memory_bytes in [0, Limits::default().memory_bytes] {
        let house = House::with(Limits { memory_bytes, ..talkative() }).await;
        let alice = house.guest_in("alice", "Lobby").await;
        say_many(&alice, "Lobby", MANY).await;
        let kept: Vec<String> =
            house.said("Lobby").await.iter().map(|line| format!("Lobby {line}")).collect();
        for (asked, shown) in
            [(None, 30), (Some(1), 1), (Some(200), 200), (Some(500), 500), (Some(9_999), 500)]
        {
            let found = alice.history("Lobby", asked).await.expect("she may read");
            assert_eq!(found, kept[MANY - shown..], "the newest of {asked:?}, oldest first");
        }
        let refused = Refusal::BadArgument("the number of messages");
        assert_eq!(alice.history("Lobby", Some(0)).await, Err(Trouble::Refused(refused)));
    }
}

#[tokio::test]
async fn a_post_of_history_is_the_post_that_was_shown() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    let at = alice.say("Lobby", "hello").await;
    let again = Rooms::start(house.store.clone()).await.expect("the store can be read");
    let other = again.open(house.id("bob").await).expect("Bob may come in");
    let from_memory = alice.session.visitor().history(house.guid("Lobby"), None).await.expect("she may read");
    let from_store = other.visitor().history(house.guid("Lobby"), None).await.expect("he may read");
    let kept = house.store.history(house.room("Lobby"), Window::Last(9)).await.expect("a read").posts;
    for shown in [&from_memory, &from_store] {
        let [post] = &shown[..] else { panic!("one post was expected") };
        assert_eq!((post.position, post.post, post.time), (at, 1, kept[0].time));
        assert_eq!((&*post.text, post.room, post.kept), ("hello", house.guid("Lobby"), true));
        assert_eq!(post.author.address.user(), "alice");
    }
    again.stop().await;
}

#[tokio::test]
async fn history_grows_in_memory_and_stays_what_the_store_has() {
    let house = House::with(talkative()).await;
    let alice = house.guest_in("alice", "Lobby").await;
    say_many(&alice, "Lobby", 40).await;
    drop(alice);
    house.stop().await;
    let again = Rooms::start(house.store.clone()).await.expect("the store can be read");
    let bob = again.open(house.id("bob").await).expect("Bob may come in");
    let lobby = house.guid("Lobby");
    bob.join(&[lobby], false).await.expect("it is kept").remove(0).expect("the room is open");
    for (asked, said) in [(3, 1), (10, 1), (5, 0), (100, 1), (100, 0)] {
        for _ in 0..said {
            bob.post(lobby, draft("one more"), None).await.expect("it is kept");
        }
        let shown = bob.visitor().history(lobby, Some(asked)).await.expect("he may read");
        let kept = house.store.history(house.room("Lobby"), Window::Last(asked)).await.expect("a read").posts;
        let shown: Vec<_> = shown.iter().map(|post| (post.post, post.text.to_string())).collect();
        let kept: Vec<_> =
            kept.into_iter().map(|post| (post.post, post.body.expect("a text").text)).collect();
        assert_eq!(shown, kept, "the newest {asked}");
    }
    again.stop().await;
}

#[tokio::test]
async fn a_text_taken_away_is_shown_to_nobody_any_more() {
    for memory_bytes in [0, Limits::default().memory_bytes] {
        let house = House::with(Limits { memory_bytes, ..Limits::default() }).await;
        let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
        for text in ["harmless", "regrettable", "harmless again"] {
            alice.say("Lobby", text).await;
        }
        assert_eq!(alice.history("Lobby", None).await.expect("she may read").len(), 3);
        amend(&house, "Lobby", 2, Amendment::Remove).await;

        let left = ["Lobby 1 alice: harmless", "Lobby 3 alice: harmless again"];
        assert_eq!(bob.heard().await, left, "not even to Bob, who has not looked yet");
        assert_eq!(alice.history("Lobby", None).await.expect("she may read"), left);
        assert_eq!(alice.history("Lobby", Some(2)).await.expect("she may read"), left);
    }
}

#[tokio::test]
async fn a_replaced_text_is_shown_instead_of_the_first() {
    for memory_bytes in [0, Limits::default().memory_bytes] {
        let house = House::with(Limits { memory_bytes, ..Limits::default() }).await;
        let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
        alice.say("Lobby", "teh walrus").await;
        alice.say("Lobby", "is here").await;
        assert_eq!(alice.history("Lobby", None).await.expect("she may read").len(), 2);
        amend(&house, "Lobby", 1, Amendment::Replace(draft("the walrus"))).await;
        let now = ["Lobby 1 alice: the walrus", "Lobby 2 alice: is here"];
        assert_eq!(bob.heard().await, now);
        assert_eq!(bob.history("Lobby", None).await.expect("he may read"), now);
    }
}

#[tokio::test]
async fn what_is_said_while_no_history_is_kept_is_shown_once_and_never_again() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    alice.say("Lobby", "for ever").await;
    house.set_category(history(false)).await;
    alice.say("Lobby", "for now").await;
    assert_eq!(bob.heard().await, ["Lobby 1 alice: for ever", "Lobby 2 alice: for now"]);
    assert!(alice.history("Lobby", None).await.expect("she may ask").is_empty());
    assert!(!alice.join("Lobby").await.card.logged);

    house.set_category(history(true)).await;
    alice.say("Lobby", "for ever again").await;
    let shown = ["Lobby 1 alice: for ever", "Lobby 3 alice: for ever again"];
    assert_eq!(bob.history("Lobby", None).await.expect("he may read"), shown);
    assert_eq!(bob.history("Lobby", Some(2)).await.expect("he may read"), shown);
}

#[tokio::test]
async fn that_history_was_shown_is_kept() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest("bob").await);
    bob.history("Lobby", None).await.expect("he may read, joined or not");
    for text in ["one", "two", "three"] {
        alice.say("Lobby", text).await;
    }
    house.settle().await;
    bob.history("Lobby", Some(2)).await.expect("he may read");
    bob.history("Engineering", Some(0)).await.expect_err("nothing is shown");
    house.guest("dave").await.history("Engineering", None).await.expect_err("he is no member");

    let views = house.told().await.into_iter().filter_map(|told| match told {
        ServerEntry::Viewed { person, room, from, to, head } => Some((person, room, from, to, head.number)),
        _ => None,
    });
    let (who, lobby) = (house.id("bob").await, house.room("Lobby"));
    let expected = [(who, lobby, 0, 0, 1), (who, lobby, 2, 3, 4)];
    assert_eq!(views.collect::<Vec<_>>(), expected, "who, where, from, to, and where the room stood");
}

#[tokio::test]
async fn memory_within_its_budget_forgets_the_room_used_least_lately() {
    // Room for three short posts in all rooms together.
    let memory_bytes = 3 * (rooms::limits::POST_OVERHEAD_BYTES + 40);
    let house = House::with(Limits { memory_bytes, ..Limits::default() }).await;
    let alice = house.guest("alice").await;
    alice.join_all(&["Lobby", "Kitchen"]).await;
    for n in 1..=4 {
        alice.say("Lobby", &format!("line {n}")).await;
        alice.say("Kitchen", &format!("line {n}")).await;
    }
    for room in ["Lobby", "Kitchen"] {
        for last in [1, 2, 4, 3] {
            let expected: Vec<String> =
                (5 - last..=4).map(|n| format!("{room} {n} alice: line {n}")).collect();
            assert_eq!(alice.history(room, Some(last)).await.expect("she may read"), expected);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn history_asked_for_while_people_talk_loses_nothing() {
    let one_post = rooms::limits::POST_OVERHEAD_BYTES + 40;
    for memory_bytes in [0, one_post] {
        let house = House::with(Limits { memory_bytes, ..Limits::default() }).await;
        let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
        let dave = house.guest("dave").await;
        for n in 1..=30 {
            let (text, line) = (format!("line {n}"), format!("Lobby {n} alice: line {n}"));
            let (_, shown) = tokio::join!(alice.say("Lobby", &text), dave.history("Lobby", Some(2)));
            shown.expect("he may read");
            house.settle().await;
            assert_eq!(bob.waiting().await, [line.as_str()], "with memory for {memory_bytes} octets");
            assert_eq!(dave.history("Lobby", Some(1)).await.expect("he may read"), [line]);
        }
    }
}
