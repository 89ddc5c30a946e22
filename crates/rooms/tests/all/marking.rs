//! Stories of how far somebody has read: seen at once, kept within seconds, and only told where one may read.

use chat::Refusal;
use rooms::{Rooms, Trouble, Visitor};
use testkit::admin::RoomFields;

use crate::house::{House, remove, within};

/// How far somebody has read, as (room, read, unread).
async fn marks(house: &House, visitor: &Visitor) -> Vec<(&'static str, u32, u32)> {
    let states = within(visitor.read_marks()).await.expect("the store can be read");
    let name = |guid| {
        let rooms = ["Lobby", "Kitchen", "Engineering", "Board"];
        rooms.into_iter().find(|room| house.guid(room) == guid).expect("a room of the story")
    };
    let mut rows: Vec<_> = states.iter().map(|state| (name(state.room), state.read, state.unread)).collect();
    rows.sort_unstable();
    rows
}

#[tokio::test]
async fn a_mark_is_seen_at_once_and_kept_at_the_end() {
    let house = House::open().await;
    for room in ["Lobby", "Lobby", "Lobby", "Kitchen"] {
        house.post("alice", room, "hello").await;
    }
    let bob = house.visitor("bob").await;
    let mark = async |room: &str, post| within(bob.mark_read(house.guid(room), post)).await;
    assert!(marks(&house, &bob).await.is_empty(), "there is no mark before something was read");
    mark("Lobby", 2).await.expect("he may read");
    mark("Kitchen", 1).await.expect("he may read");
    assert_eq!(marks(&house, &bob).await, [("Kitchen", 1, 0), ("Lobby", 2, 1)]);
    mark("Lobby", 1).await.expect("he may read");
    assert_eq!(marks(&house, &bob).await, [("Kitchen", 1, 0), ("Lobby", 2, 1)], "it never goes back");
    mark("Lobby", 0).await.expect("nothing is read by that");
    house.post("alice", "Kitchen", "more").await;
    assert_eq!(marks(&house, &bob).await, [("Kitchen", 1, 1), ("Lobby", 2, 1)]);
    let beyond = Refusal::BadArgument("the number of the post");
    assert_eq!(mark("Lobby", 4).await, Err(Trouble::Refused(beyond)), "nobody has read the future");
    assert!(marks(&house, &house.visitor("dave").await).await.is_empty(), "each has his own");

    house.stop().await;
    assert_eq!(within(bob.read_marks()).await, Err(Trouble::Stopping));
    let again = Rooms::start(house.store.clone()).await.expect("the store can be read");
    let later = again.of(house.id("bob").await).expect("he may ask");
    assert_eq!(marks(&house, &later).await, [("Kitchen", 1, 1), ("Lobby", 2, 1)], "the stop has kept them");
    again.stop().await;
}

#[tokio::test]
async fn a_link_and_a_visitor_have_one_mark() {
    let house = House::open().await;
    let bob = house.guest_in("bob", "Lobby").await;
    for text in ["one", "two", "three"] {
        house.post("alice", "Lobby", text).await;
    }
    assert_eq!(bob.heard().await.len(), 3);
    let visitor = bob.session.visitor();
    assert_eq!(marks(&house, &visitor).await, [("Lobby", 3, 0)], "what was shown on a link was read");
    house.post("alice", "Kitchen", "coffee").await;
    bob.history("Kitchen", None).await.expect("he may read");
    assert_eq!(marks(&house, &visitor).await, [("Kitchen", 1, 0), ("Lobby", 3, 0)]);
}

#[tokio::test]
async fn marks_of_rooms_that_may_not_be_read_are_not_told() {
    let house = House::open().await;
    for room in ["Lobby", "Engineering", "Board"] {
        house.post("alice", room, "hello").await;
    }
    let bob = house.visitor("bob").await;
    for room in ["Lobby", "Engineering", "Board"] {
        within(bob.mark_read(house.guid(room), 1)).await.expect("he may read");
    }
    assert_eq!(marks(&house, &bob).await.len(), 3);
    let without_bob = || RoomFields { members: remove(&["bob"]), ..RoomFields::default() };
    house.set_room("Engineering", without_bob()).await;
    house.set_room("Board", without_bob()).await;
    assert_eq!(marks(&house, &bob).await, [("Lobby", 1, 0)]);
    house.set_room("Lobby", RoomFields { disabled: Some(true), ..RoomFields::default() }).await;
    assert!(marks(&house, &bob).await.is_empty(), "a disabled room is read by nobody");
    let refused = [("Engineering", Refusal::NotAllowed), ("Board", Refusal::NotFound)];
    for (room, refusal) in refused {
        let marked = within(bob.mark_read(house.guid(room), 1)).await;
        assert_eq!(marked, Err(Trouble::Refused(refusal)), "{room}");
    }
}
