//! Stories of looking for texts: only where one may read, only what one asked for, and nothing else is counted.

use chat::limits::{FILTER_BYTES_MAX, FILTER_WORDS_MAX};
use chat::{MatchClause, Refusal, Time};
use rooms::{Limits, TextQuery, Trouble, Visitor};
use store::Amendment;
use testkit::admin::{CategoryFields, Operation, RoomFields, UserRemove};

use crate::house::{House, add, address, draft, within};

fn words(words: &str) -> TextQuery {
    TextQuery { words: words.into(), ..TextQuery::default() }
}

/// What somebody finds, as `alice: hello`, and whether there is more.
async fn found(visitor: &Visitor, query: &TextQuery) -> (Vec<String>, bool) {
    let found = within(visitor.search(query)).await.expect("anybody may search");
    let line = |hit: &rooms::Message| {
        format!(
            "{}: {}",
            hit.author.address.user(),
            hit.text.as_deref().expect("what was taken away is not found")
        )
    };
    (found.hits.iter().map(line).collect(), found.exceeded)
}

#[tokio::test]
async fn everybody_finds_what_is_said_where_he_may_read_and_nothing_else() {
    let house = House::open().await;
    for room in ["Lobby", "Engineering", "Board", "Hall"] {
        house.post("alice", room, &format!("the penguin of {room}")).await;
    }
    let penguins =
        |rooms: &[&str]| rooms.iter().map(|room| format!("alice: the penguin of {room}")).collect();
    let rows: [(&str, Vec<String>); 4] = [
        ("bob", penguins(&["Hall", "Board", "Engineering", "Lobby"])),
        ("dave", penguins(&["Hall", "Lobby"])),
        ("carol", penguins(&["Hall", "Lobby"])), // who manages a room may not read it by that
        ("mallory", penguins(&[])),
    ];
    for (name, expected) in rows {
        let visitor = house.visitor(name).await;
        assert_eq!(found(&visitor, &words("penguin")).await, (expected, false), "{name}, newest first");
    }
    let named = TextQuery { rooms: Some(vec![house.guid("Board"), house.guid("Lobby")]), ..words("penguin") };
    assert_eq!(found(&house.visitor("dave").await, &named).await.0, penguins(&["Lobby"]));
    let limited = TextQuery { limit: Some(2), ..words("penguin") };
    let dave = found(&house.visitor("dave").await, &limited).await;
    assert_eq!(dave, (penguins(&["Hall", "Lobby"]), false), "what he may not read does not count");
    assert!(found(&house.visitor("bob").await, &limited).await.1);

    house.set_room("Lobby", RoomFields { disabled: Some(true), ..RoomFields::default() }).await;
    assert_eq!(found(&house.visitor("dave").await, &words("penguin")).await.0, penguins(&["Hall"]));
    house.set_room("Engineering", RoomFields { members: add(&["dave"]), ..RoomFields::default() }).await;
    let now = penguins(&["Hall", "Engineering"]);
    assert_eq!(found(&house.visitor("dave").await, &words("penguin")).await.0, now, "a new member at once");
    let history = CategoryFields { chat_history: Some(false), ..CategoryFields::default() };
    house.set_category(history).await;
    assert!(
        found(&house.visitor("bob").await, &words("penguin")).await.0.is_empty(),
        "no history, no search"
    );
}

#[tokio::test]
async fn a_query_is_narrowed_by_words_authors_and_time() {
    let house = House::open().await;
    let mut times: Vec<Time> = Vec::new();
    for (name, text) in
        [("alice", "Red roses"), ("bob", "red violets"), ("alice", "roses, red"), ("carol", "blue")]
    {
        times.push(house.post(name, "Lobby", text).await.time);
        house.gate.advance_micros(1_000_000);
    }
    house.must(Operation::UserRemove(UserRemove { user: "sip:bob@example.com".into() })).await;
    let dave = house.visitor("dave").await;
    let by =
        |names: &[&str]| Some(names.iter().map(|name| address(name).parse().expect("an address")).collect());
    let roses = || words("red roses");
    for (what, query, expected) in [
        ("all words", roses(), vec!["alice: roses, red", "alice: Red roses"]),
        (
            "any word",
            TextQuery { clause: MatchClause::Or, ..words("violets blue") },
            vec!["carol: blue", "bob: red violets"],
        ),
        ("a phrase", TextQuery { clause: MatchClause::Exact, ..roses() }, vec!["alice: Red roses"]),
        ("in small letters", TextQuery { case_sensitive: true, ..roses() }, vec!["alice: roses, red"]),
        ("by one who is gone", TextQuery { authors: by(&["bob"]), ..words("red") }, vec!["bob: red violets"]),
        ("by nobody known", TextQuery { authors: by(&["nobody"]), ..words("red") }, vec![]),
        (
            "from then on",
            TextQuery { from: Some(times[1]), ..words("red") },
            vec!["alice: roses, red", "bob: red violets"],
        ),
        (
            "up to then",
            TextQuery { to: Some(times[1]), ..words("red") },
            vec!["bob: red violets", "alice: Red roses"],
        ),
        (
            "both",
            TextQuery { from: Some(times[1]), to: Some(times[1]), ..words("red") },
            vec!["bob: red violets"],
        ),
        ("only syntax", words("\" OR NEAR( *"), vec![]),
    ] {
        assert_eq!(
            found(&dave, &query).await,
            (expected.into_iter().map(str::to_owned).collect(), false),
            "{what}"
        );
    }
    let nothing = || Refusal::BadArgument("a search without words");
    let many = Refusal::TooMany { what: "words of a search", limit: FILTER_WORDS_MAX };
    let long = Refusal::TooMany { what: "octets of a search", limit: FILTER_BYTES_MAX };
    for (bad, refusal) in [
        (String::new(), nothing()),
        ("  ".into(), nothing()),
        ("x ".repeat(FILTER_WORDS_MAX + 1), many),
        ("x".repeat(FILTER_BYTES_MAX + 1), long),
    ] {
        let refused = within(dave.search(&words(&bad))).await;
        assert_eq!(refused.err(), Some(Trouble::Refused(refusal)), "{bad:?}");
    }
    let many = TextQuery { authors: by(&["alice"; 101]), ..words("red") };
    let too_many = Refusal::TooMany { what: "authors", limit: 100 };
    assert_eq!(within(dave.search(&many)).await.err(), Some(Trouble::Refused(too_many)));
}

#[tokio::test]
async fn what_was_taken_away_is_not_found_and_what_replaced_it_is() {
    for memory_bytes in [0, Limits::default().memory_bytes] {
        let house = House::with(Limits { memory_bytes, ..Limits::default() }).await;
        for text in ["a walrus", "another walrus", "no animal"] {
            house.post("alice", "Lobby", text).await;
        }
        house.amend("Lobby", &[1], Amendment::Remove).await;
        house.amend("Lobby", &[2], Amendment::Replace(draft("a puffin"))).await;
        let bob = house.visitor("bob").await;
        assert!(found(&bob, &words("walrus")).await.0.is_empty());
        assert_eq!(found(&bob, &words("puffin")).await.0, ["alice: a puffin"]);
    }
}

#[tokio::test]
async fn what_one_answer_cannot_hold_is_said_to_be_more() {
    let house = House::open().await;
    let story = format!("[STORY]walrus {}", "x".repeat(chat::limits::STORY_BYTES_MAX - 14));
    let fit = store::limits::HISTORY_BYTES_MAX / story.len();
    for n in 0..fit + 2 {
        house.post("alice", if n % 2 == 0 { "Lobby" } else { "Kitchen" }, &story).await;
    }
    let newest = house.post("alice", "Hall", "the last walrus").await;
    let query = TextQuery { limit: Some(999), ..words("walrus") };
    let found = within(house.visitor("bob").await.search(&query)).await.expect("anybody may search");
    assert!(found.exceeded);
    assert_eq!(found.hits.len(), fit + 1);
    assert_eq!((found.hits[0].position, found.hits[0].room), (newest.position, house.guid("Hall")));
}
