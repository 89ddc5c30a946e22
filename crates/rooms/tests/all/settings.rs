//! Stories of what administrators set for everybody while people are in: policies, the size of a crowd, the length of history,
//! add-ins, further addresses of the pool.

use chat::{Configuration, Refusal, Url};
use rooms::{Association, RoomQuery, Rooms};
use testkit::Rows;

use crate::house::{Guest, House, address, users};

const BOB: &str = "sip:bob@example.com";

async fn crowd_from(house: &House, people: u32) {
    let set = |settings| Configuration { participant_update_limit: people, ..settings };
    Rows::of(&house.store).settings(set).await;
    house.settle().await;
}

async fn come<const N: usize>(house: &House, names: [&str; N]) -> [Guest; N] {
    let mut guests = Vec::new();
    for name in names {
        guests.push(house.guest_in(name, "Lobby").await);
    }
    guests.try_into().unwrap_or_else(|_| unreachable!("as many came as were named"))
}

#[tokio::test]
async fn whose_policy_is_switched_off_is_out_of_everything_until_it_is_on() {
    let house = House::open().await;
    let (alice, bob) = (house.guest("alice").await, house.guest("bob").await);
    alice.join_all(&["Lobby", "Kitchen"]).await;
    bob.join_all(&["Lobby", "Kitchen"]).await;
    let idle = house.guest("bob").await;
    alice.say("Lobby", "unseen").await;
    Rows::of(&house.store).grant(BOB, Some(false)).await;
    house.settle().await;
    alice.say("Lobby", "is he gone?").await;
    assert_eq!(bob.session.over().await, rooms::EndReason::PolicyOff, "before anything is taken");
    assert_eq!(bob.heard().await, ["ended: PolicyOff"], "nothing but that is shown");
    assert_eq!(idle.heard().await, ["ended: PolicyOff"], "wherever he is");
    assert_eq!(bob.try_say("Lobby", "hello?").await, Err(Refusal::NotFound.into()));
    assert_eq!(bob.history("Lobby", None).await, Err(Refusal::NotFound.into()));
    assert!(bob.session.visitor().find(&RoomQuery::default()).rooms.is_empty());
    assert!(bob.session.visitor().associated(Association::Member, None).is_empty());
    assert_eq!(house.try_guest("bob").await.err(), Some(Refusal::NotAllowed));
    let heard = ["bob comes at once to Kitchen, Lobby", "Lobby 1 alice: unseen", "bob leaves Kitchen, Lobby"];
    assert_eq!(alice.heard().await[..3], heard);

    Rows::of(&house.store).grant(BOB, Some(true)).await;
    house.settle().await;
    house.guest_in("bob", "Lobby").await.say("Lobby", "back").await;
    assert_eq!(bob.heard().await, [""; 0], "the old session stays ended");
}

#[tokio::test]
async fn the_policy_for_everybody_ends_all_but_those_with_another() {
    let house = House::open().await;
    Rows::of(&house.store).grant(&address("alice"), Some(true)).await;
    house.settle().await;
    let [alice, bob, carol] = come(&house, ["alice", "bob", "carol"]).await;
    let rows = Rows::of(&house.store);
    // The porter says when all is followed: he may stay, too.
    rows.grant(&address("porter"), Some(true)).await;
    house.settle().await;
    rows.policy(false).await;
    house.settle().await;
    for guest in [&bob, &carol] {
        assert_eq!(guest.heard().await.last().expect("it is told"), "ended: PolicyOff");
    }
    alice.say("Lobby", "alone").await;
    let heard = ["bob comes to Lobby", "carol comes to Lobby"];
    let heard: Vec<_> =
        alice.heard().await.into_iter().filter(|line| !heard.contains(&line.as_str())).collect();
    assert_eq!(heard, ["bob leaves Lobby", "carol leaves Lobby", "Lobby 1 alice: alone"]);
    rows.policy(true).await;
    house.settle().await;
    house.guest_in("bob", "Lobby").await;
}

#[tokio::test]
async fn a_session_ends_for_its_face_before_what_it_is_behind_in() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Lobby").await, house.guest_in("bob", "Lobby").await);
    let mut over = Box::pin(bob.session.over());
    alice.say("Lobby", "he takes nothing").await;
    let early =
        std::future::poll_fn(|context| std::task::Poll::Ready(over.as_mut().poll(context).is_ready()));
    assert!(!early.await, "not yet");
    house
        .must(testkit::admin::Operation::UserDisable(testkit::admin::UserDisable { user: address("bob") }))
        .await;
    assert_eq!(over.await, rooms::EndReason::PersonGone);
}

#[tokio::test]
async fn a_smaller_crowd_makes_a_running_room_large_at_once() {
    let house = House::open().await;
    let [alice, bob, carol, dave] = come(&house, ["alice", "bob", "carol", "dave"]).await;
    crowd_from(&house, 3).await;
    alice.heard().await;
    let joined = bob.join("Lobby").await;
    assert_eq!((joined.large, users(&joined.participants)), (true, vec!["bob"]), "four are more than three");
    drop(dave);
    house.new_person("erin").await;
    let erin = house.guest_in("erin", "Lobby").await;
    assert!(alice.heard().await.is_empty(), "nobody is told who comes and goes");

    drop((carol, erin));
    let told = alice.heard().await;
    assert_eq!(
        told,
        ["carol leaves Lobby", "dave leaves Lobby"],
        "two are few enough: what was missed is told"
    );
}

#[tokio::test]
async fn a_larger_crowd_makes_a_running_room_normal_at_once() {
    let house = House::open().await;
    crowd_from(&house, 2).await;
    let [alice, bob, carol] = come(&house, ["alice", "bob", "carol"]).await;
    assert!(carol.join("Lobby").await.large);
    alice.heard().await;
    crowd_from(&house, 75).await;
    assert_eq!(alice.heard().await, ["Lobby has carol"]);
    assert_eq!(carol.heard().await, ["Lobby has alice, bob"]);
    assert!(!bob.join("Lobby").await.large);
}

#[tokio::test]
async fn a_limit_within_the_margin_changes_nothing_for_those_who_are_in() {
    let house = House::open().await;
    crowd_from(&house, 2).await;
    let [alice, _bob, carol] = come(&house, ["alice", "bob", "carol"]).await;
    alice.heard().await;
    crowd_from(&house, 3).await;
    assert!(carol.join("Lobby").await.large, "three are not below four fifths of three");
    assert!(alice.heard().await.is_empty());
}

#[tokio::test]
async fn history_is_as_long_as_it_is_set() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    for n in 1..=4 {
        alice.say("Lobby", &n.to_string()).await;
    }
    let posts = async |asked| alice.history("Lobby", asked).await.expect("she may read").len();
    for (set, unasked) in [(2, 2), (500, 4), (1, 1)] {
        let change = |settings| Configuration { default_chat_history: set, ..settings };
        Rows::of(&house.store).settings(change).await;
        house.settle().await;
        assert_eq!(
            (posts(None).await, posts(Some(3)).await),
            (unasked, 3),
            "asked for, it is as long as asked"
        );
    }
}

#[tokio::test]
async fn the_settings_in_force_are_handed_out() {
    let house = House::open().await;
    assert_eq!(house.rooms.settings(), Configuration::default());
    Rows::of(&house.store).management_pages(Some("https://rooms.example.com/")).await;
    house.settle().await;
    let url = Url::parse("https://rooms.example.com/").expect("an address");
    assert_eq!(house.rooms.settings().room_management_url, Some(url));
}

#[tokio::test]
async fn an_add_in_is_shown_as_it_is_registered() {
    let house = House::open().await;
    let alice = house.guest("alice").await;
    let shown = || {
        let cards =
            alice.session.visitor().find(&RoomQuery { words: "lobby".into(), ..RoomQuery::default() });
        cards.rooms[0].add_in.as_ref().map(|add_in| format!("{} {}", add_in.name, add_in.url))
    };
    assert_eq!(shown(), None);
    let rows = Rows::of(&house.store);
    rows.add_in("Order book", "https://pages.example.com/orders", "Lobby").await;
    house.settle().await;
    assert_eq!(shown().as_deref(), Some("Order book https://pages.example.com/orders"));
    let known = house.store.add_ins().await.expect("a read").remove(0);
    let url = Url::parse("https://pages.example.com/book").expect("an address");
    let draft = store::AddInDraft { name: known.name, url };
    rows.change(vec![store::RowChange::SetAddIn { id: known.id, expected_version: None, draft }]).await;
    house.settle().await;
    assert_eq!(shown().as_deref(), Some("Order book https://pages.example.com/book"));
    rows.change(vec![store::RowChange::RemoveAddIn(known.id)]).await;
    house.settle().await;
    assert_eq!(shown(), None);
}

#[tokio::test]
async fn further_addresses_are_known_at_once_and_from_the_beginning() {
    let house = House::open().await;
    let known =
        |rooms: &Rooms| -> Vec<String> { rooms.endpoints().iter().map(ToString::to_string).collect() };
    let rows = Rows::of(&house.store).known_to(&house.rooms);
    rows.endpoint("sip:rooms@example.com").await;
    assert_eq!(known(&house.rooms), ["sip:rooms@example.com"]);
    let later = Rooms::start(house.store.clone()).await.expect("the store can be read");
    assert_eq!(known(&later), ["sip:rooms@example.com"]);
    later.stop().await;
    rows.remove_endpoint("sip:rooms@example.com").await;
    assert!(known(&house.rooms).is_empty());
    assert!(later.settled().await.is_err(), "what is over follows nothing");
}
