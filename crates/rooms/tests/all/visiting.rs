//! Stories of people who ask without a link: they see what a session sees, and post without having joined.

use std::time::Duration;

use chat::{Refusal, ServerEntry};
use rooms::{Association, Limits, Page, RoomQuery, Rooms, Start, TextQuery, Trouble, Visitor};
use testkit::admin::{CategoryFields, Operation, RoomFields, RoomPrivacy, RoomRemove, UserDisable};
use uuid::Uuid;

use crate::house::{Guest, House, all, draft, remove, within};

/// What every door says to somebody without a link.
#[derive(PartialEq, Eq, Debug)]
struct Answers {
    card: Result<String, Refusal>,
    named: Result<Uuid, Refusal>,
    found: usize,
    read: Result<usize, Trouble>,
    caught_up: Result<usize, Trouble>,
    newest: Result<usize, Trouble>,
    posted: Result<(), Trouble>,
    marked: Result<(), Trouble>,
    sought: usize,
}

async fn ask(visitor: &Visitor, house: &House, name: &str) -> Answers {
    let room = house.guid(name);
    let query = RoomQuery { guid: Some(room), ..RoomQuery::default() };
    let words = TextQuery { words: "there".into(), rooms: Some(vec![room]), ..TextQuery::default() };
    let page = async |from| {
        let page = within(visitor.messages(room, Page { from, limit: None })).await?;
        Ok(page.messages.len())
    };
    let begin = chat::Position { era: 1, number: 0 };
    Answers {
        card: visitor.card(room).map(|card| card.name.to_string()),
        named: visitor.card_named(&name.to_uppercase()).map(|card| card.guid),
        found: visitor.find(&query).rooms.len(),
        read: page(Start::Newest).await,
        caught_up: page(Start::After(begin)).await,
        newest: within(visitor.history(room, None)).await.map(|posts| posts.len()),
        posted: within(visitor.post(room, draft("who is there?"), None)).await.map(|_| ()),
        marked: within(visitor.mark_read(room, 1)).await,
        sought: within(visitor.search(&words)).await.map_or(0, |found| found.hits.len()),
    }
}

fn not_found() -> Answers {
    let refused = || Trouble::Refused(Refusal::NotFound);
    Answers {
        card: Err(Refusal::NotFound),
        named: Err(Refusal::NotFound),
        found: 0,
        read: Err(refused()),
        caught_up: Err(refused()),
        newest: Err(refused()),
        posted: Err(refused()),
        marked: Err(refused()),
        sought: 0,
    }
}

#[tokio::test]
async fn who_may_not_know_of_a_room_is_told_at_every_door_that_it_is_not() {
    let house = House::open().await;
    for room in ["Board", "Engineering", "Lobby", "Hall"] {
        house.post("alice", room, "somebody is there").await;
    }
    let (dave, mallory) = (house.visitor("dave").await, house.visitor("mallory").await);
    assert_eq!(ask(&dave, &house, "Nowhere").await, not_found());
    assert_eq!(ask(&dave, &house, "Board").await, not_found(), "a secret room");
    for room in ["Board", "Engineering", "Lobby", "Hall"] {
        assert_eq!(ask(&mallory, &house, room).await, not_found(), "{room}, to one out of scope");
    }
    let alice = house.visitor("alice").await;
    let seen = Answers {
        card: Ok("Board".into()),
        named: Ok(house.guid("Board")),
        found: 1,
        read: Ok(1),
        caught_up: Ok(1),
        newest: Ok(1),
        posted: Ok(()),
        marked: Ok(()),
        sought: 2,
    };
    assert_eq!(ask(&alice, &house, "Board").await, seen);
}

#[tokio::test]
async fn a_refusal_is_the_same_also_when_the_store_says_nothing_any_more() {
    // Nothing of it looks into the store, neither for a room that is not nor for one that is hidden. Each has a house of its
    // own, because a search looks for nothing, but there.
    for room in ["Nowhere", "Board"] {
        let house = House::open().await;
        let dave = house.visitor("dave").await;
        house.store.close().await;
        assert_eq!(ask(&dave, &house, room).await, not_found(), "{room}");
    }
}

#[tokio::test]
async fn who_sees_a_room_and_may_not_enter_is_told_so() {
    let house = House::open().await;
    house.post("alice", "Engineering", "somebody is there").await;
    let refused = || Trouble::Refused(Refusal::NotAllowed);
    let outside = Answers {
        card: Ok("Engineering".into()),
        named: Ok(house.guid("Engineering")),
        found: 1,
        read: Err(refused()),
        caught_up: Err(refused()),
        newest: Err(refused()),
        posted: Err(refused()),
        marked: Err(refused()),
        sought: 0,
    };
    for name in ["dave", "carol"] {
        assert_eq!(ask(&house.visitor(name).await, &house, "Engineering").await, outside, "{name}");
    }
    house.set_room("Engineering", RoomFields { disabled: Some(true), ..RoomFields::default() }).await;
    let alice = ask(&house.visitor("alice").await, &house, "Engineering").await;
    let disabled = || Trouble::Refused(Refusal::Disabled);
    assert_eq!((alice.read, alice.posted, alice.marked), (Err(disabled()), Err(disabled()), Err(disabled())));
    assert_eq!((alice.found, alice.sought), (0, 0));
}

#[tokio::test]
async fn rooms_come_in_pages_by_name() {
    let house = House::open().await;
    let dave = house.visitor("dave").await;
    let page = |after: Option<String>| {
        let page = dave.find(&RoomQuery { limit: Some(3), after, ..RoomQuery::default() });
        (Guest::names(&page.rooms).into_iter().map(str::to_owned).collect::<Vec<_>>(), page.next)
    };
    let (first, next) = page(None);
    assert_eq!(first, ["Engineering", "Hall", "Kitchen"]);
    house.new_room("Lab", RoomFields { privacy: Some(RoomPrivacy::Open), ..RoomFields::default() }).await;
    house.must(Operation::RoomRemove(RoomRemove { room: "Kitchen".into() })).await;
    let (second, next) = page(next);
    assert_eq!(
        (second, next),
        (vec!["Lab".to_owned(), "Lobby".to_owned()], None),
        "also behind a room that went"
    );
    assert_eq!(page(Some("LAB".into())).0, ["Lobby"], "without regard to case");
    assert_eq!(page(Some("Lobby".into())), (vec![], None));
    let two = dave.find(&RoomQuery { limit: Some(4), ..RoomQuery::default() });
    assert_eq!((two.rooms.len(), two.next), (4, None), "an exact fit is the last page");
}

#[tokio::test]
async fn a_visitor_belongs_to_the_same_rooms_as_a_guest() {
    let house = House::open().await;
    house.set_category(CategoryFields { invitations: Some(true), ..CategoryFields::default() }).await;
    let visitor = house.visitor("alice").await;
    let rooms = visitor.associated(Association::Member, None);
    assert_eq!(Guest::names(&rooms), ["Board", "Engineering"]);
    let invited = within(visitor.invitations(1)).await.expect("she may ask");
    assert_eq!(invited.iter().map(|invited| invited.id).collect::<Vec<_>>(), [2]);
    assert_eq!(visitor.person().expect("she is known").address.user(), "alice");
    let id = house.id("alice").await;
    assert_eq!(house.rooms.person_by_id(id).expect("she is known").id, id);
}

#[tokio::test]
async fn what_a_visitor_says_is_heard_like_everybodys() {
    let house = House::open().await;
    let bob = house.guest_in("bob", "Lobby").await;
    let said = house.post("alice", "Lobby", "hello from nowhere").await;
    bob.say("Lobby", "who was that?").await;
    assert_eq!(bob.heard().await, ["Lobby 1 alice: hello from nowhere", "Lobby 2 bob: who was that?"]);
    assert_eq!(said.post, 1);
    house.post("alice", "Kitchen", "nobody is here").await;
    assert_eq!(house.said("Kitchen").await, ["1 alice: nobody is here"], "also where nobody is");
    let carol = house.guest_in("carol", "Kitchen").await;
    house.post("alice", "Kitchen", "now somebody is").await;
    assert_eq!(carol.heard().await, ["Kitchen 2 alice: now somebody is"]);
    let alice = house.id("alice").await;
    let came = |told: &ServerEntry| matches!(told, ServerEntry::Joined { person, .. } if *person == alice);
    assert!(!house.told().await.iter().any(came), "she never came in");
}

#[tokio::test]
async fn only_presenters_post_in_an_auditorium_joined_or_not() {
    let house = House::open().await;
    house.post("alice", "Hall", "welcome").await;
    let bob = house.visitor("bob").await;
    let refused = within(bob.post(house.guid("Hall"), draft("me too"), None)).await;
    assert_eq!(refused, Err(Trouble::Refused(Refusal::NotAllowed)));
}

#[tokio::test]
async fn the_same_client_id_gets_the_same_answer() {
    let house = House::open().await;
    let (alice, bob) = (house.visitor("alice").await, house.visitor("bob").await);
    let send = async |visitor: &Visitor, room: &str, text: &str| {
        within(visitor.post(house.guid(room), draft(text), chat::ClientId::parse("id 1").ok()))
            .await
            .expect("it is kept")
    };
    let first = send(&alice, "Lobby", "hello").await;
    house.post("bob", "Lobby", "meanwhile").await;
    assert_eq!(send(&alice, "Lobby", "hello").await, first, "where and when it was said first");
    let other =
        within(alice.post(house.guid("Lobby"), draft("hello again"), chat::ClientId::parse("id 1").ok()))
            .await;
    assert_eq!(other, Err(Trouble::ClientIdTaken), "something else is no repetition");
    let again = Rooms::start(house.store.clone()).await.expect("the store can be read");
    let later = again.of(house.id("alice").await).expect("she may ask");
    assert_eq!(send(&later, "Lobby", "hello").await, first, "also after a new start");
    again.stop().await;
    assert_ne!(send(&bob, "Lobby", "hello").await, first, "Bob has his own");
    send(&alice, "Kitchen", "hello").await;
    assert_eq!(house.said("Lobby").await, ["1 alice: hello", "2 bob: meanwhile", "3 bob: hello"]);
    assert_eq!(house.said("Kitchen").await, ["1 alice: hello"], "each room has its own");
}

#[tokio::test]
async fn a_person_without_a_session_has_only_so_many_posts_on_their_way() {
    let house = House::with(Limits { posts_per_session: 2, ..Limits::default() }).await;
    let alice = house.visitor("alice").await;
    let lobby = house.guid("Lobby");
    let answers = all((1..=3).map(|n| {
        let visitor = alice.clone();
        async move { visitor.post(lobby, draft(&format!("line {n}")), None).await }
    }))
    .await;
    assert!(answers[..2].iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(answers[2], Err(Trouble::Busy));
    house.post("alice", "Lobby", "the others were answered").await;
    assert_eq!(house.said("Lobby").await.len(), 3);
}

#[tokio::test]
async fn rooms_only_visitors_post_in_fall_asleep_again() {
    let house = House::with(Limits { mailbox_idle: Duration::ZERO, ..Limits::default() }).await;
    for n in 1..=20 {
        house.post("alice", "Lobby", &format!("line {n}")).await;
    }
    assert_eq!(house.said("Lobby").await.len(), 20, "each was kept");
    let bob = house.guest_in("bob", "Lobby").await;
    house.post("alice", "Lobby", "line 21").await;
    assert_eq!(bob.heard().await, ["Lobby 21 alice: line 21"]);
}

#[tokio::test]
async fn a_right_lost_is_lost_for_visitors_at_once() {
    let house = House::open().await;
    let alice = house.visitor("alice").await;
    house.set_room("Engineering", RoomFields { members: remove(&["alice"]), ..RoomFields::default() }).await;
    let post = async |room: &str| within(alice.post(house.guid(room), draft("hello"), None)).await;
    assert_eq!(post("Engineering").await, Err(Trouble::Refused(Refusal::NotAllowed)));
    house.kept(Operation::UserDisable(UserDisable { user: "sip:alice@example.com".into() })).await;
    assert_eq!(post("Lobby").await, Err(Trouble::Refused(Refusal::NotFound)), "decided again by the store");
    house.settle().await;
    assert_eq!(house.rooms.of(house.id("alice").await).err(), Some(Refusal::NotAllowed));
    assert!(alice.find(&RoomQuery::default()).rooms.is_empty());
    assert!(alice.associated(Association::Member, None).is_empty());
}

#[tokio::test]
async fn a_store_that_takes_nothing_says_so_to_visitors() {
    let house = House::open().await;
    let alice = house.visitor("alice").await;
    house.post("alice", "Lobby", "hello").await;
    let id = house.id("alice").await;
    house.store.close().await;
    let page = Page { from: Start::Newest, limit: None };
    assert_eq!(within(alice.messages(house.guid("Lobby"), page)).await.err(), Some(Trouble::Stopping));
    assert_eq!(house.rooms.of(id).err(), Some(Refusal::NotAllowed), "nothing goes on without it");
}

#[tokio::test]
async fn what_there_is_can_be_counted() {
    let house = House::open().await;
    let counted = || {
        let counts = house.rooms.counts();
        (counts.sessions, counts.people, counts.seats, counts.joined_rooms, counts.mailboxes)
    };
    assert_eq!(counted(), (1, 1, 1, 1, 0), "the porter");
    let (desk, phone) = (house.guest_in("alice", "Lobby").await, house.guest("alice").await);
    phone.join_all(&["Lobby", "Kitchen"]).await;
    let bob = house.guest_in("bob", "Lobby").await;
    assert_eq!(counted(), (4, 3, 5, 3, 0));
    let shut = house.gate.shut();
    let (lobby, visitor) = (house.guid("Lobby"), house.visitor("alice").await);
    let first = tokio::spawn({
        let visitor = visitor.clone();
        async move { visitor.post(lobby, draft("one"), None).await }
    });
    shut.reached().await;
    let second = tokio::spawn(async move { visitor.post(lobby, draft("two"), None).await });
    while house.rooms.counts().mailboxes == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(house.rooms.counts().mailboxes, 1, "one is being written, one waits");
    drop(shut);
    for post in [first, second] {
        within(post).await.expect("it ran").expect("it is kept");
    }
    drop((desk, phone, bob));
    assert_eq!(house.rooms.counts().seats, 1);
}
