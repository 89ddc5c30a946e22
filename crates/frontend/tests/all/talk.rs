//! Stories of people who talk: copies, notices, what is answered when, and in which order.
//! Single commands and their replies are told by the transcripts; people who do not keep up are `backlog.rs`.

use testkit::wire::{Message, Person, Written};

use crate::scene::{XCCOS, hears, house, joined, part, status, works};

/// Sends a post without waiting for its answer.
pub async fn begin_post(person: &mut Person, room: &str, text: &str) -> Written {
    let post = person.post_element(room, text);
    let body = person.envelope(&post);
    let written = person.write_in_dialog("INFO", XCCOS, &body);
    person.start(&written).await.expect("the link stays open");
    written
}

#[tokio::test]
async fn the_author_gets_a_copy_like_everybody() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    assert_eq!(alice.post(&lobby, "grüße & <b>").await, Ok(200));
    for person in [&mut alice, &mut bob] {
        let body = person.next_where(|body| body.contains("<grpchat ")).await.expect("a copy");
        let expected = (1, "sip:alice@example.com".to_owned(), "grüße & <b>".to_owned());
        assert_eq!(testkit::wire::said(&body), Some(expected));
    }
    assert_eq!(alice.settled().await.map(|rest| rest.len()), Ok(1), "bob's arrival and nothing more");
}

#[tokio::test]
async fn somebody_with_two_clients_is_one_person() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let mut desk = joined(&house, "alice", &lobby).await;
    let mut phone = joined(&house, "alice", &lobby).await;
    assert_eq!(bob.post(&lobby, "hello").await, Ok(200));
    for client in [&mut desk, &mut phone] {
        assert_eq!(client.next().await.map(|body| body.contains("<chat>hello</chat>")), Ok(true));
    }
    assert_eq!(desk.post(&lobby, "from my desk").await, Ok(200));
    assert_eq!(hears(&mut phone).await, "from my desk");
    assert_eq!(hears(&mut desk).await, "from my desk");
    part(&mut desk, &lobby).await;
    assert_eq!(phone.post(&lobby, "still here").await, Ok(200));
    assert_eq!(status(phone.bye().await), 200);
    bob.next_where(|body| body.contains("ntc:part")).await.expect("bob sees her leave");
    let rest = bob.settled().await.expect("the link stays open");
    let notices: Vec<_> = rest.iter().filter(|body| body.contains("<ntc ")).collect();
    assert_eq!(notices.len(), 1, "she came once and left once: {notices:?}");
    assert!(notices[0].contains("ntc:join"), "{notices:?}");
    assert_eq!(rest.iter().filter(|body| body.contains("<grpchat ")).count(), 3);
}

#[tokio::test]
async fn a_post_is_answered_when_it_is_kept_and_holds_nothing_else_up() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    alice.next_where(|body| body.contains("ntc:join")).await.expect("alice sees bob come");
    let hold = house.hold();
    let written = begin_post(&mut alice, &lobby, "waiting for the disk").await;
    for method in ["UPDATE", "OPTIONS"] {
        let other = alice.write_in_dialog(method, "", "");
        alice.start(&other).await.expect("it is sent");
        let first = alice.any().await.expect("an answer");
        assert!(other.is_answered_by(&first), "nothing but the answer to {method}: {first:?}");
    }
    assert_eq!(bob.settled().await, Ok(Vec::new()), "nobody has heard of it");
    drop(hold);
    assert_eq!(status(alice.answer_to(&written).await), 200);
    assert_eq!(hears(&mut alice).await, "waiting for the disk");
    assert_eq!(hears(&mut bob).await, "waiting for the disk");
}

#[tokio::test]
async fn posts_in_flight_keep_their_order() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let hold = house.hold();
    let mut waiting = Vec::new();
    for number in 0..20 {
        waiting.push(begin_post(&mut alice, &lobby, &number.to_string()).await);
    }
    assert!(works(&mut alice).await, "all came in");
    drop(hold);
    let mut answered = 0;
    while answered < waiting.len() {
        let message = alice.any_answered().await.expect("the link stays open");
        if let Some(written) = waiting.iter().find(|written| written.is_answered_by(&message)) {
            assert_eq!(message.status(), Some(200), "{}", written.cseq());
            answered += 1;
        }
    }
    for number in 0..20 {
        assert_eq!(hears(&mut bob).await, number.to_string());
    }
    let history = bob.history(&lobby, 100).await.expect("the link stays open");
    let texts: Vec<_> = history.into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(texts, (0..20).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn commands_and_posts_are_carried_out_in_the_order_they_came() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    let guid = lobby.rsplit_once('/').expect("an address").1;
    let join = format!(
        "<cmd id=\"cmd:join\" seqid=\"1\"><data><chanid key=\"0\" domain=\"example.com\" value=\"{guid}\"/></data></cmd>"
    );
    let leave = format!("<cmd id=\"cmd:part\" seqid=\"1\"><data><chanib uri=\"{lobby}\"/></data></cmd>");
    let mut octets = Vec::new();
    let mut posts = Vec::new();
    for (element, text) in [(&join, "in"), (&leave, "out"), (&join, "in again")] {
        let body = alice.envelope(element);
        octets.extend(alice.write_in_dialog("INFO", XCCOS, &body).octets);
        let post = alice.post_element(&lobby, text);
        let body = alice.envelope(&post);
        posts.push(alice.write_in_dialog("INFO", XCCOS, &body));
        octets.extend_from_slice(&posts[posts.len() - 1].octets);
    }
    alice.raw(&octets).await.expect("it is sent");
    let mut answers = [0; 3];
    while answers.contains(&0) {
        let message = alice.any_answered().await.expect("the link stays open");
        let of = posts.iter().position(|post| post.is_answered_by(&message));
        if let Some(at) = of {
            answers[at] = message.status().unwrap_or_default();
        }
    }
    assert_eq!(answers, [200, 403, 200]);
}

/// Sends a command of the room; returns the posts that are shown before its reply.
async fn shown_before(person: &mut Person, element: &str, reply: &str) -> Vec<Message> {
    let body = person.envelope(element);
    let written = person.write_in_dialog("INFO", XCCOS, &body);
    person.start(&written).await.expect("it is sent");
    let mut posts = Vec::new();
    loop {
        let message = person.any_answered().await.expect("the link stays open");
        if message.body.contains(reply) {
            return posts;
        }
        posts.extend(message.body.contains("<grpchat ").then_some(message));
    }
}

#[tokio::test]
async fn between_part_and_join_nothing_of_the_room_is_shown() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    alice.settled().await.expect("the link stays open");
    let guid = lobby.rsplit_once('/').expect("an address").1;
    let join = format!(
        "<cmd id=\"cmd:join\" seqid=\"1\"><data><chanid key=\"0\" domain=\"example.com\" value=\"{guid}\"/></data></cmd>"
    );
    let leave = format!("<cmd id=\"cmd:part\" seqid=\"1\"><data><chanib uri=\"{lobby}\"/></data></cmd>");
    let (said, mut count) = tokio::sync::watch::channel(0);
    let talking = tokio::spawn(async move {
        let mut number = 0;
        // He talks as long as somebody counts.
        while said.send(number).is_ok() {
            assert_eq!(bob.post(&lobby, &number.to_string()).await, Ok(200));
            number += 1;
        }
    });
    for _ in 0..25 {
        alice.next_where(|body| body.contains("<grpchat ")).await.expect("a post falls into her time");
        shown_before(&mut alice, &leave, "rpl:part").await;
        // Of two more posts the second was begun after she left.
        let before = *count.borrow();
        count.wait_for(|now| *now >= before + 2).await.expect("bob talks");
        let posts = shown_before(&mut alice, &join, "rpl:join").await;
        assert!(posts.is_empty(), "posts of a room she is not in: {posts:?}");
    }
    drop(count);
    talking.await.expect("bob was never refused");
}

#[tokio::test]
async fn two_dialogs_of_one_link_are_two_sessions() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let first = alice.dialog.clone();
    assert_eq!(status(alice.invite(crate::scene::POOL).await), 200);
    assert_eq!(alice.post(&lobby, "not joined here").await, Ok(403));
    let second = std::mem::replace(&mut alice.dialog, first);
    assert_eq!(alice.post(&lobby, "joined here").await, Ok(200));
    assert_eq!(hears(&mut alice).await, "joined here");
    assert_eq!(status(alice.bye().await), 200);
    alice.dialog = second;
    assert_eq!(alice.settled().await, Ok(Vec::new()));
}
