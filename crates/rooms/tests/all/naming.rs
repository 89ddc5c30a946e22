//! Stories of mentions: whoever may read a room is mentioned by what is said there, and nobody else, wherever it is shown.

use rooms::{Mentioned, Outgoing, Page, Post, Start, TextQuery};
use store::Amendment;
use testkit::admin::{Operation, RoomFields, UserSet};

use crate::house::{Guest, House, address, draft, remove, within};

/// Mentions as `bob (as Bob)`.
fn lines(mentions: &[Mentioned]) -> Vec<String> {
    mentions.iter().map(|one| format!("{} (as {})", one.person.address.user(), one.name)).collect()
}

async fn next_post(guest: &Guest) -> std::sync::Arc<Post> {
    loop {
        if let Outgoing::Post(post) = guest.next().await {
            return post;
        }
    }
}

/// Unread posts of a room, and those that mention the reader.
async fn unread(house: &House, reader: &str, room: &str) -> (u32, u32) {
    let visitor = house.visitor(reader).await;
    let states = within(visitor.read_marks()).await.expect("the store can be read");
    let state = states.into_iter().find(|state| state.room == house.guid(room)).expect("it was read");
    (state.unread, state.mentions)
}

#[tokio::test]
async fn whoever_is_mentioned_is_shown_live_in_pages_and_in_what_is_found() {
    let house = House::open().await;
    let bob = house.guest_in("bob", "Lobby").await;
    house.post("alice", "Lobby", "hello @Bob and @carol, says @alice").await;
    let expected = ["bob (as Bob)", "carol (as carol)"];
    assert_eq!(lines(&next_post(&bob).await.mentions), expected, "nobody mentions oneself");
    let visitor = house.visitor("bob").await;
    let history = within(visitor.history(house.guid("Lobby"), None)).await.expect("he may read");
    assert_eq!(lines(&history[0].mentions), expected);
    let beginning = chat::Position { era: 1, number: 0 };
    for from in [Start::Newest, Start::After(beginning), Start::Post(1)] {
        let page = within(visitor.messages(house.guid("Lobby"), Page { from, limit: None })).await;
        assert_eq!(lines(&page.expect("he may read").messages[0].mentions), expected);
    }
    let query = TextQuery { words: "hello".into(), ..TextQuery::default() };
    let found = within(visitor.search(&query)).await.expect("he may search");
    assert_eq!(lines(&found.hits[0].mentions), expected);
}

#[tokio::test]
async fn what_is_said_on_a_link_mentions_as_well() {
    let house = House::open().await;
    let (alice, bob) = (house.guest_in("alice", "Board").await, house.guest_in("bob", "Board").await);
    alice.say("Board", "@bob?").await;
    assert_eq!(lines(&next_post(&bob).await.mentions), ["bob (as bob)"]);
}

#[tokio::test]
async fn nobody_is_mentioned_where_he_may_not_read() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Engineering").await;
    let table: &[(&str, &[&str])] = &[
        ("@dave is no member", &[]),
        ("@mallory is of elsewhere", &[]),
        ("@nobody is not there", &[]),
        ("@carol only manages", &[]),
        ("@bob is a member", &["bob (as bob)"]),
    ];
    for (text, expected) in table {
        alice.say("Engineering", text).await;
        assert_eq!(lines(&next_post(&alice).await.mentions), *expected, "{text}");
    }
    house.set_room("Engineering", RoomFields { members: remove(&["bob"]), ..RoomFields::default() }).await;
    alice.say("Engineering", "@bob has gone").await;
    assert!(lines(&next_post(&alice).await.mentions).is_empty());
}

#[tokio::test]
async fn a_new_name_counts_from_then_on_and_the_old_one_stays_where_it_was_said() {
    let house = House::open().await;
    let alice = house.guest_in("alice", "Lobby").await;
    alice.say("Lobby", "@bob").await;
    assert_eq!(lines(&next_post(&alice).await.mentions), ["bob (as bob)"]);
    let fields =
        UserSet { user: address("bob"), display_name: Some("Robert Example".into()), ..UserSet::default() };
    house.must(Operation::UserSet(fields)).await;
    alice.say("Lobby", "@Robert Example").await;
    assert_eq!(lines(&next_post(&alice).await.mentions), ["bob (as Robert Example)"]);
    let history = within(alice.session.visitor().history(house.guid("Lobby"), None)).await;
    let history = history.expect("she may read");
    assert_eq!(lines(&history[0].mentions), ["bob (as bob)"]);
    assert_eq!(history[0].mentions[0].person.display_name.as_str(), "Robert Example");
}

#[tokio::test]
async fn unread_mentions_are_counted_and_one_that_is_replaced_or_taken_away_counts_no_more() {
    let house = House::open().await;
    for text in ["good morning", "@bob one", "@bob two", "@carol", "@bob three"] {
        house.post("alice", "Lobby", text).await;
    }
    let bob = house.visitor("bob").await;
    within(bob.mark_read(house.guid("Lobby"), 1)).await.expect("he may read");
    assert_eq!(unread(&house, "bob", "Lobby").await, (4, 3));
    house.amend("Lobby", &[2], Amendment::Remove).await;
    house.amend("Lobby", &[3], Amendment::Replace(draft("@bob, two, or three"))).await;
    assert_eq!(unread(&house, "bob", "Lobby").await, (4, 1));
    let page = Page { from: Start::Newest, limit: None };
    let page = within(bob.messages(house.guid("Lobby"), page)).await.expect("he may read");
    let replaced = page.messages.iter().find(|message| message.post == 3).expect("it is there");
    assert!(replaced.mentions.is_empty(), "another text was said to nobody");
    within(bob.mark_read(house.guid("Lobby"), 5)).await.expect("he may read");
    assert_eq!(unread(&house, "bob", "Lobby").await, (0, 0));
}

#[tokio::test]
async fn whoever_begins_a_name_is_offered_the_readers_of_the_room_and_nobody_else() {
    let house = House::open().await;
    let alice = house.visitor("alice").await;
    let offered = |room: &str, begun: &str| -> Vec<String> {
        let people = alice.mentionable(house.guid(room), begun).expect("she may read");
        people.iter().map(|person| person.address.user().to_owned()).collect()
    };
    assert_eq!(offered("Lobby", "B"), ["bob"]);
    assert_eq!(offered("Lobby", "ali"), [""; 0], "nobody mentions oneself");
    for (begun, expected) in
        [("bo", &["bob"][..]), ("dave", &[]), ("mallory", &[]), ("carol", &[]), ("x", &[])]
    {
        assert_eq!(offered("Engineering", begun), expected, "{begun}");
    }
    house.set_room("Engineering", RoomFields { members: remove(&["bob"]), ..RoomFields::default() }).await;
    assert!(offered("Engineering", "bo").is_empty(), "who may not read any more is not offered");
    let bob = house.visitor("bob").await;
    assert_eq!(bob.mentionable(house.guid("Engineering"), "a"), Err(chat::Refusal::NotAllowed));
    let carol = house.visitor("carol").await;
    assert_eq!(
        carol.mentionable(house.guid("Engineering"), "a"),
        Err(chat::Refusal::NotAllowed),
        "she only manages"
    );
}
