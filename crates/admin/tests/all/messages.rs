//! Stories of messages that are taken away or replaced: which are meant, what stands in their place, what is recorded.

use admin::{
    Asker, MatchWord, MessageRemove, MessageView, Moment, Operation, Outcome, Request, Rows, Spec, UserRemove,
};
use chat::{Actor, Entry, JournalKey, PoolEntry, Role};
use serde_json::json;
use store::limits::AMEND_POSTS_MAX;
use store::{Order, RowChange};

use crate::house::{House, invalid, not_found};

const STAND_IN: &str = "This message was replaced by the Persistent Chat administrator.";

fn of(room: &str) -> MessageRemove {
    MessageRemove { room: room.into(), remove: true, ..MessageRemove::default() }
}

fn asked(asked: MessageRemove) -> Operation {
    Operation::MessageRemove(asked)
}

fn rehearsed(operation: Operation) -> Request {
    Request { dry_run: true, ..Request::of(operation) }
}

fn messages(outcome: &Outcome) -> Vec<u32> {
    listed(outcome).iter().map(|message| message.message).collect()
}

fn listed(outcome: &Outcome) -> &[MessageView] {
    match &outcome.rows {
        Rows::Messages(messages) => messages,
        other => panic!("not messages: {other:?}"),
    }
}

/// A house in whose room Engineering four people said something on four days.
async fn talkative() -> House {
    let house = House::furnished().await;
    for (who, text) in [
        ("alice", "the alpha release"),
        ("bob", "alpha and beta"),
        ("bob", "Beta only"),
        ("alice", "card number 4711"),
    ] {
        house.say(who, "Engineering", text).await;
        house.clock.advance_micros(crate::talk::DAY);
    }
    house
}

#[tokio::test]
async fn what_is_meant_is_all_of_what_is_asked() {
    let house = talkative().await;
    let moment = |text: &str| Some(Moment(text.into()));
    let words = |words: &str, clause| MessageRemove {
        filter: Some(words.into()),
        match_clause: clause,
        ..of("Engineering")
    };
    let bob = Some("sip:bob@example.com".to_owned());
    for (asking, expected) in [
        (of("engineering"), vec![1, 2, 3, 4]),
        (MessageRemove { user_uri: bob.clone(), ..of("Engineering") }, vec![2, 3]),
        (MessageRemove { start_date: moment("2026-11-25"), ..of("Engineering") }, vec![2, 3, 4]),
        (MessageRemove { end_date: moment("2026-11-25"), ..of("Engineering") }, vec![1, 2]),
        (MessageRemove { end_date: moment("2026-11-24T10:00:01Z"), ..of("Engineering") }, vec![1]),
        (MessageRemove { end_date: moment("2026-11-24T10:00:00Z"), ..of("Engineering") }, vec![]),
        (words("alpha", None), vec![1, 2]),
        (words("alpha beta", None), vec![2]),
        (words("alpha beta", Some(MatchWord::All)), vec![2]),
        (words("alpha beta", Some(MatchWord::And)), vec![2]),
        (words("alpha beta", Some(MatchWord::Or)), vec![1, 2, 3]),
        (words("card number", Some(MatchWord::Exact)), vec![4]),
        (words("number card", Some(MatchWord::Exact)), vec![]),
        (MessageRemove { case_sensitive: true, ..words("beta", None) }, vec![2]),
        (MessageRemove { user_uri: bob, ..words("alpha", None) }, vec![2]),
    ] {
        let outcome = house.ask(rehearsed(asked(asking.clone()))).await.expect("it can be asked");
        assert_eq!(messages(&outcome), expected, "{asking:?}");
        let counted = outcome.changes.first().map_or(json!(0), |change| change.before.clone());
        assert_eq!(counted, json!(expected.len()));
    }
    assert_eq!(house.shown("Engineering").await.len(), 4, "nothing was done");
}

#[tokio::test]
async fn what_is_taken_away_is_gone_and_its_number_author_and_time_are_told() {
    let house = talkative().await;
    let operation = asked(MessageRemove { filter: Some("alpha".into()), ..of("Engineering") });
    let would = house.ask(rehearsed(operation.clone())).await.expect("it can be done");
    let done = house.must(operation.clone()).await;
    assert_eq!((&would.rows, &would.changes), (&done.rows, &done.changes), "it is what was said");
    let first = &listed(&done)[0];
    assert_eq!((first.message, first.author.as_str()), (1, "sip:alice@example.com"));
    assert!(first.time.starts_with("2026-11-24T10:00:01"), "{}", first.time);
    assert_eq!(house.shown("Engineering").await, ["3: Beta only", "4: card number 4711"]);
    let told = house.told().await;
    assert!(!told.contains("alpha release") && told.contains("\"filter\":\"alpha\""), "{told}");

    let before = house.told().await;
    let again = house.must(operation).await;
    assert!(again.changes.is_empty() && messages(&again).is_empty(), "done twice is done once");
    assert_eq!(house.told().await, before, "nothing is written");
}

#[tokio::test]
async fn a_text_is_put_in_the_place_of_messages_and_without_one_the_known_one() {
    let house = talkative().await;
    let replaced = |words: &str, text: Option<&str>| {
        asked(MessageRemove {
            filter: Some(words.into()),
            replace_message: text.map(str::to_owned),
            remove: false,
            ..of("Engineering")
        })
    };
    let first = house.must(replaced("card", Some("Removed by compliance."))).await;
    assert_eq!(first.changes[0].after, json!("replaced: Removed by compliance."));
    house.must(replaced("only", None)).await;
    assert_eq!(
        house.shown("Engineering").await[2..],
        [format!("3: {STAND_IN}"), "4: Removed by compliance.".to_owned()]
    );

    let by_alice = |text: Option<&str>| {
        let user_uri = Some("sip:alice@example.com".into());
        let replace_message = text.map(str::to_owned);
        asked(MessageRemove { user_uri, replace_message, remove: false, ..of("Engineering") })
    };
    assert_eq!(messages(&house.must(by_alice(None)).await), [1, 4]);
    let before = house.told().await;
    assert!(house.must(by_alice(None)).await.changes.is_empty(), "they say that already");
    assert_eq!(house.told().await, before);
}

#[tokio::test]
async fn many_messages_go_in_portions_under_one_number() {
    let house = House::furnished().await;
    let many = AMEND_POSTS_MAX * 2 + 10;
    for number in 0..many {
        house.say("alice", "Engineering", &format!("noise {number}")).await;
    }
    house.say("bob", "Engineering", "signal").await;
    let before = house.store.head(JournalKey::Pool).await.expect("a read").position.number;
    let done = house.must(asked(MessageRemove { filter: Some("noise".into()), ..of("Engineering") })).await;
    assert_eq!(done.changes[0].before, json!(many));
    assert_eq!(house.shown("Engineering").await, [format!("{}: signal", many + 1)]);

    let entries = house.store.entries(JournalKey::Pool, before, 100).await.expect("a read");
    let operations: Vec<u64> = entries
        .iter()
        .map(|entry| match entry.header.entry {
            Entry::Pool(PoolEntry::Administered { operation, .. }) => operation,
            ref other => panic!("not told as an operation: {other:?}"),
        })
        .collect();
    assert_eq!(operations, [before + 1; 3], "three transactions, one operation");
    assert_eq!(entries.iter().filter(|entry| entry.body.is_some()).count(), 1, "what was asked is kept once");
}

#[tokio::test]
async fn whoever_posted_and_was_removed_can_still_be_named() {
    let house = talkative().await;
    house.must(Operation::UserRemove(UserRemove { user: "sip:bob@example.com".into() })).await;
    house.person("sip:bob@example.com").await;
    let by = |who: &str| asked(MessageRemove { user_uri: Some(who.into()), ..of("Engineering") });
    assert_eq!(messages(&house.must(by("sip:bob@example.com")).await), [2, 3]);
    assert!(not_found(house.run(by("sip:ghost@example.com")).await).contains("there is no person"));
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_with_its_field() {
    let house = talkative().await;
    let moment = |text: &str| Some(Moment(text.into()));
    let both = MessageRemove { replace_message: Some("gone".into()), ..of("Engineering") };
    let clause = MessageRemove { match_clause: Some(MatchWord::Or), ..of("Engineering") };
    let blank = MessageRemove { filter: Some("  ".into()), ..of("Engineering") };
    let turned = MessageRemove {
        start_date: moment("2026-11-26"),
        end_date: moment("2026-11-25"),
        ..of("Engineering")
    };
    let empty = MessageRemove { remove: false, replace_message: Some(" ".into()), ..of("Engineering") };
    for (asking, field, said) in [
        (both, "replaceMessage", "give one of them"),
        (clause, "filter", "give the words"),
        (blank, "filter", "holds no word"),
        (turned, "startDate", "exchange them"),
        (empty, "replaceMessage", "empty"),
        (MessageRemove { start_date: moment("yesterday"), ..of("Engineering") }, "startDate", "is no time"),
    ] {
        let refused = house.run(asked(asking)).await;
        assert_eq!(refused.as_ref().expect_err("it is refused").field(), Some(field));
        let message = invalid(refused);
        assert!(message.contains(said), "'{said}' in '{message}'");
    }
    assert!(not_found(house.run(asked(of("Nowhere"))).await).contains("there is no room"));
    assert_eq!(house.shown("Engineering").await.len(), 4);
}

#[tokio::test]
async fn only_a_persistent_chat_administrator_takes_messages_away() {
    let house = talkative().await;
    let alice = house.id("sip:alice@example.com").await;
    let asker = || Asker::new(Actor::Person(alice), "127.0.0.1");
    let operation = || asked(of("Engineering"));
    let grant = |role| Order::of(Actor::Shell(0), json!({ "role": format!("{role:?}") }).to_string());
    for role in [Role::Reader, Role::UserAdministrator] {
        let granted = vec![RowChange::GrantRole(alice, role)];
        house.store.administer(grant(role), granted).await.expect("it is granted");
        let refused = house.desk.run(asker(), Request::of(operation())).await.expect_err("she may not");
        assert_eq!(refused.code(), "ErrorPermission");
    }
    let role = Role::ChatAdministrator;
    let granted = vec![RowChange::GrantRole(alice, role)];
    house.store.administer(grant(role), granted).await.expect("it is granted");
    let done = house.desk.run(asker(), Request::of(operation())).await.expect("she may");
    assert_eq!(messages(&done), [1, 2, 3, 4]);
}

#[tokio::test]
async fn whoever_names_an_older_state_of_the_room_takes_nothing_away() {
    let house = talkative().await;
    let stale = Request { if_match: Some("999".into()), ..Request::of(asked(of("Engineering"))) };
    assert_eq!(house.ask(stale).await.expect_err("it is in another state").code(), "DataCollision");
    assert_eq!(house.shown("Engineering").await.len(), 4);
}

#[test]
fn the_question_says_that_asking_for_nothing_means_everything() {
    let spec = Spec::find("message", "remove").expect("there is one");
    let fields = [("room".to_owned(), json!("Hall"))].into_iter().collect();
    let question = spec.question(&fields).expect("it is asked about");
    assert!(question.contains("'Hall'") && question.contains("every message"), "{question}");
}
