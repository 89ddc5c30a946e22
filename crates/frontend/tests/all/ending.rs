//! Stories of links that end because somebody else decides so: people disabled, doors full, the house stopping.
//! Links that end by time are `time.rs`; by a fault of the client `signatures.rs` and `framing.rs`.

use std::time::Duration;

use frontend::limits::{LINKS_PER_PERSON_MAX, Limits};
use testkit::House;
use testkit::wire::{Message, Person};
use tokio::time::timeout;

use crate::scene::{BEGIN, hears, house, house_with, joined, part, status, works};
use crate::talk::begin_post;

/// What comes until the link is closed, which it is within five seconds.
async fn last_words(person: &mut Person) -> Vec<Message> {
    timeout(Duration::from_secs(5), person.until_closed()).await.expect("the link is closed in time")
}

#[tokio::test]
async fn who_is_disabled_is_out_at_once() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let mut quiet = house.client("alice").await;
    assert_eq!(status(quiet.sign_on().await), 200);
    alice.settled().await.expect("the link stays open");
    house.admin("user disable sip:alice@example.com").await;
    assert_eq!(bob.post(&lobby, "she is gone").await, Ok(200));
    assert!(last_words(&mut alice).await.is_empty(), "no word after that");
    assert!(last_words(&mut quiet).await.is_empty(), "neither on a link without a dialog");
    let mut again = house.client("alice").await;
    assert_eq!(status(again.sign_on().await), 401);
    assert!(works(&mut bob).await);
}

#[tokio::test]
async fn who_is_removed_is_out_at_once() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    alice.settled().await.expect("the link stays open");
    house.admin("user remove sip:alice@example.com").await;
    assert!(last_words(&mut alice).await.is_empty());
    bob.next_where(|body| body.contains("ntc:part")).await.expect("bob sees her leave");
}

#[tokio::test]
async fn nothing_is_done_for_somebody_disabled() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = house.arrive("bob").await;
    house.admin("user disable sip:alice@example.com").await;
    let answer = alice.post(&lobby, "one more thing").await;
    assert_ne!(answer, Ok(200));
    assert_eq!(bob.history(&lobby, 10).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_full_house_closes_its_door() {
    let limits = Limits { links: 2, ..Limits::default() };
    let (house, _) = house_with(&["alice", "bob"], limits).await;
    let mut alice = house.arrive("alice").await;
    let mut bob = house.client("bob").await;
    assert_eq!(status(bob.register(None, "").await), 401);
    let mut third = house.client("bob").await;
    assert!(third.until_closed().await.is_empty());
    assert!(works(&mut alice).await);
}

#[tokio::test]
async fn too_many_strangers_are_told_to_come_later() {
    let limits = Limits { strangers: 1, ..Limits::default() };
    let (house, _) = house_with(&["alice", "bob"], limits).await;
    let mut alice = house.client("alice").await;
    assert_eq!(status(alice.register(None, "").await), 401);
    let mut bob = house.client("bob").await;
    let answer = bob.register(None, "").await.expect("an answer");
    assert_eq!((answer.status(), answer.header("Retry-After")), (Some(503), Some("5")));
    assert!(bob.until_closed().await.is_empty());
    assert_eq!(status(alice.sign_on().await), 200);
    let mut bob = house.client("bob").await;
    assert_eq!(status(bob.sign_on().await), 200, "alice is no stranger any more");
}

#[tokio::test]
async fn a_person_has_so_many_links() {
    let (house, _) = house(&["alice", "bob"]).await;
    let mut links = Vec::new();
    for _ in 0..LINKS_PER_PERSON_MAX {
        let mut link = house.client("alice").await;
        assert_eq!(status(link.sign_on().await), 200);
        links.push(link);
    }
    let mut more = house.client("alice").await;
    let answer = more.sign_on().await.expect("an answer");
    assert_eq!(answer.status(), Some(503));
    assert!(answer.header("Retry-After").is_some());
    assert_eq!(status(links[0].register(None, "").await), 200, "those who are there stay");
    assert_eq!(status(links[0].register(None, "Expires: 0\r\n").await), 200);
    assert_eq!(status(more.sign_on().await), 200, "there is room again");
    house.arrive("bob").await;
}

#[tokio::test]
async fn a_lost_link_leaves_the_rooms() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let alice = joined(&house, "alice", &lobby).await;
    drop(alice);
    let notice = bob.next_where(|body| body.contains("ntc:part")).await.expect("bob sees her leave");
    assert!(notice.contains("sip:alice@example.com"), "{notice}");
}

#[tokio::test]
async fn a_post_whose_author_is_gone_is_kept() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let hold = house.hold();
    begin_post(&mut alice, &lobby, "last words").await;
    assert!(works(&mut alice).await, "it came in");
    drop(alice);
    drop(hold);
    assert_eq!(hears(&mut bob).await, "last words");
}

/// Posts one text after the other until the house refuses or closes; returns the last messages and what was granted.
async fn talks_to_the_end(mut person: Person, lobby: String) -> (Vec<Message>, Vec<String>) {
    let (mut waiting, mut granted) = (Vec::new(), Vec::new());
    let mut last = Vec::new();
    let mut number = 0;
    loop {
        while waiting.len() < 8 {
            let text = format!("{} {number}", person.address);
            let post = person.post_element(&lobby, &text);
            let body = person.envelope(&post);
            let written = person.write_in_dialog("INFO", crate::scene::XCCOS, &body);
            number += 1;
            // When the house is gone, what it said before can still be read.
            let _ = person.start(&written).await;
            waiting.push((written, text));
        }
        let Ok(message) = person.any().await else { return (last, granted) };
        if message.method().is_some() {
            let response = person.response(&message, "200 OK");
            let _ = person.raw(&response).await;
        }
        if let Some(at) = waiting.iter().position(|(written, _)| written.is_answered_by(&message)) {
            let (_, text) = waiting.swap_remove(at);
            granted.extend((message.status() == Some(200)).then_some(text));
        }
        last.push(message);
    }
}

#[tokio::test]
async fn a_house_that_stops_keeps_what_it_granted_and_nothing_else() {
    let (mut house, lobby) = house(&["alice", "bob"]).await;
    let mut talkers = Vec::new();
    for who in ["alice", "bob", "alice"] {
        let person = joined(&house, who, &lobby).await;
        talkers.push(tokio::spawn(talks_to_the_end(person, lobby.clone())));
    }
    let mut listener = joined(&house, "bob", &lobby).await;
    for _ in 0..100 {
        hears(&mut listener).await;
    }
    drop(listener);
    house.stop().await;
    let mut granted = Vec::new();
    for talker in talkers {
        let (last, own) = talker.await.expect("the test client does not panic");
        granted.extend(own);
        for message in &last {
            let expected = matches!(message.status(), Some(200 | 503)) || message.method() == Some("INFO");
            assert!(expected, "neither BYE nor NOTIFY, and no other refusal: {message:?}");
        }
    }
    let mut kept = house.kept(&lobby).await;
    kept.sort();
    granted.sort();
    assert_eq!(kept, granted);
}

#[tokio::test]
async fn a_house_that_stops_refuses_what_it_has_not_begun() {
    let (mut house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let hold = house.hold();
    let running = begin_post(&mut alice, &lobby, "begun").await;
    let body = alice
        .envelope(&format!("<cmd id=\"cmd:part\" seqid=\"1\"><data><chanib uri=\"{lobby}\"/></data></cmd>"));
    let command = alice.write_in_dialog("INFO", crate::scene::XCCOS, &body);
    alice.start(&command).await.expect("it is sent");
    let behind = begin_post(&mut alice, &lobby, "not begun").await;
    assert!(works(&mut alice).await, "all came in");
    let stopping = async {
        house.stop().await;
        house
    };
    let opened = async {
        // The refusal comes while the first post still waits: then the house is stopping.
        assert_eq!(status(alice.answer_to(&behind).await), 503);
        drop(hold);
        let rest = alice.until_closed().await;
        assert_eq!(rest.iter().filter(|message| running.is_answered_by(message)).count(), 1, "{rest:?}");
        assert!(rest.iter().all(|message| message.status() == Some(200)), "{rest:?}");
    };
    let (house, ()) = tokio::join!(stopping, opened);
    assert_eq!(house.kept(&lobby).await, ["begun"]);
}

#[tokio::test]
async fn a_house_that_stops_waits_for_no_silent_client() {
    let mut house = House::found(BEGIN).await;
    house.person("alice").await;
    let mut stranger = house.client("alice").await;
    stranger.raw(b"OPTIONS sip:example.com SIP/2.0\r\nVia: ").await.expect("it is sent");
    let mut alice = house.arrive("alice").await;
    assert!(works(&mut alice).await);
    timeout(Duration::from_secs(8), house.stop()).await.expect("it stops in time");
    assert!(alice.until_closed().await.is_empty() && stranger.until_closed().await.is_empty());
}

#[tokio::test]
async fn part_is_answered_also_to_people_who_are_not_in() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    assert!(part(&mut alice, &lobby).await.contains("code=\"200\""));
}
