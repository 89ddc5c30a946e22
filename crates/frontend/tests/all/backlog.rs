//! Stories of clients that do not keep up: what they are shown waits for them in order, or they lose what they do not want.
//! Limits of time are `time.rs`.

use std::collections::VecDeque;

use frontend::limits::{Limits, OUTSTANDING_MAX};
use testkit::House;
use testkit::wire::{Message, Person};

use crate::scene::{BEGIN, XCCOS, furnished, hears, house, joined, status, works};
use crate::talk::begin_post;

/// Alice, who saw Bob come, and Bob.
async fn two(house: &House, lobby: &str) -> (Person, Person) {
    let mut alice = joined(house, "alice", lobby).await;
    let bob = joined(house, "bob", lobby).await;
    alice.next_where(|body| body.contains("ntc:join")).await.expect("alice sees bob come");
    (alice, bob)
}

/// What the server asks of a person until it answers this; nothing of it is answered.
async fn unanswered_until_pong(person: &mut Person) -> Vec<Message> {
    let ping = person.write("OPTIONS", "sip:example.com", "", "");
    person.start(&ping).await.expect("it is sent");
    let mut asked = Vec::new();
    loop {
        let message = person.any().await.expect("the link stays open");
        if ping.is_answered_by(&message) {
            return asked;
        }
        asked.extend(message.method().is_some().then_some(message));
    }
}

async fn answer(person: &mut Person, request: &Message, with: &str) {
    let response = person.response(request, with);
    person.raw(&response).await.expect("it is sent");
}

#[tokio::test]
async fn what_a_client_does_not_answer_is_held_back() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let (mut alice, mut bob) = two(&house, &lobby).await;
    let posts = OUTSTANDING_MAX + 40;
    for number in 0..posts {
        assert_eq!(bob.post(&lobby, &number.to_string()).await, Ok(200));
    }
    let mut shown = Vec::new();
    while shown.len() < OUTSTANDING_MAX {
        shown.push(alice.any().await.expect("a post"));
    }
    assert!(unanswered_until_pong(&mut alice).await.is_empty(), "no more than that at once");
    for (number, request) in shown.iter().enumerate() {
        assert!(request.body.contains(&format!("<chat>{number}</chat>")), "{}", request.body);
        answer(&mut alice, request, "200 OK").await;
    }
    for number in OUTSTANDING_MAX..posts {
        assert_eq!(hears(&mut alice).await, number.to_string());
    }
}

#[tokio::test]
async fn a_client_that_reads_nothing_misses_nothing() {
    let live = rooms::Limits { outbox: 50, memory_bytes: 20_000, ..rooms::Limits::default() };
    let house = House::found_with(BEGIN, Limits::default(), live).await;
    let (house, lobby) = furnished(house, &["alice", "bob"]).await;
    let (mut alice, mut bob) = two(&house, &lobby).await;
    let mut waiting = VecDeque::new();
    for number in 0..1_200 {
        waiting.push_back(begin_post(&mut bob, &lobby, &number.to_string()).await);
        if waiting.len() == 16 {
            let first = waiting.pop_front().expect("sixteen wait");
            assert_eq!(status(bob.answer_to(&first).await), 200);
        }
    }
    for number in 0..1_200 {
        assert_eq!(hears(&mut alice).await, number.to_string());
    }
    assert_eq!(alice.settled().await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_client_that_knows_the_dialog_no_more_loses_only_the_dialog() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    for refusal in ["481 Call/Transaction Does Not Exist", "487 Request Terminated"] {
        let mut alice = joined(&house, "alice", &lobby).await;
        assert_eq!(bob.post(&lobby, "hello").await, Ok(200));
        let info = alice.any().await.expect("a post");
        answer(&mut alice, &info, refusal).await;
        bob.next_where(|body| body.contains("ntc:part")).await.expect("bob sees her leave");
        let lost = alice.in_dialog("UPDATE", "", "").await;
        assert_eq!(status(lost), 481, "{refusal}");
        alice.enter().await.expect("she opens another");
        assert!(alice.join(&lobby).await.is_ok_and(|reply| reply.contains("code=\"200\"")));
    }
}

#[tokio::test]
async fn a_client_that_cannot_take_a_post_loses_its_link() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    for refusal in
        ["500 Server Internal Error", "503 Service Unavailable", "408 Request Timeout", "603 Decline"]
    {
        let mut alice = joined(&house, "alice", &lobby).await;
        assert_eq!(bob.post(&lobby, "hello").await, Ok(200));
        let info = alice.any().await.expect("a post");
        answer(&mut alice, &info, refusal).await;
        assert!(alice.until_closed().await.is_empty(), "{refusal}");
        bob.next_where(|body| body.contains("ntc:part")).await.expect("bob sees her leave");
    }
}

#[tokio::test]
async fn responses_to_nothing_are_ignored() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let (mut alice, mut bob) = two(&house, &lobby).await;
    assert_eq!(bob.post(&lobby, "one").await, Ok(200));
    let mut info = alice.any().await.expect("a post");
    answer(&mut alice, &info, "100 Trying").await;
    answer(&mut alice, &info, "200 OK").await;
    answer(&mut alice, &info, "500 Server Internal Error").await;
    for (name, value) in &mut info.headers {
        if name == "Via" {
            value.push('0');
        }
    }
    answer(&mut alice, &info, "481 Call/Transaction Does Not Exist").await;
    assert!(works(&mut alice).await);
    assert_eq!(bob.post(&lobby, "two").await, Ok(200));
    assert_eq!(hears(&mut alice).await, "two");
}

/// Replies wait like posts; a client that asks on and on and answers nothing is refused before they pile up.
#[tokio::test]
async fn a_client_that_asks_and_never_answers_is_refused() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    let (mut asked, mut replies) = (Vec::new(), Vec::new());
    let mut statuses = Vec::new();
    for _ in 0..400 {
        let body = alice.envelope("<cmd id=\"cmd:requri\" seqid=\"1\"><data/></cmd>");
        let written = alice.write_in_dialog("INFO", XCCOS, &body);
        alice.start(&written).await.expect("it is sent");
        asked.push(written);
        let number = asked.len() - 1;
        while statuses.len() == number {
            let message = alice.any().await.expect("the link stays open");
            if asked[number].is_answered_by(&message) {
                statuses.push(message.status().unwrap_or_default());
            } else if message.method().is_some() {
                replies.push(message);
            }
        }
    }
    let granted = statuses.iter().filter(|status| **status == 200).count();
    let refused = statuses.iter().filter(|status| **status == 503).count();
    assert_eq!(granted + refused, 400, "{statuses:?}");
    assert!(refused > 200, "only {refused} were refused");
    assert_eq!(replies.len(), OUTSTANDING_MAX);
    for reply in replies.drain(..) {
        answer(&mut alice, &reply, "200 OK").await;
    }
    for _ in OUTSTANDING_MAX..granted {
        assert!(alice.next().await.is_ok_and(|body| body.contains("rpl:requri")));
    }
    assert_eq!(alice.settled().await, Ok(Vec::new()), "what was refused was not carried out");
}
