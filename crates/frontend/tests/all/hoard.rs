//! Stories of clients that let the server keep what is large: it keeps so much of one link, and refuses or waits.
//! How many things wait is `backlog.rs`.

use frontend::limits::{OUTSTANDING_MAX, PENDING_OCTETS};
use testkit::wire::{Message, Person, Written};

use crate::scene::{POOL, XCCOS, house, joined, status, works};

/// Octets of what is large.
const LARGE: usize = 100_000;
/// How many of those one link keeps.
const KEPT: usize = PENDING_OCTETS.div_ceil(LARGE);

/// A post that is larger than its text.
fn large_post(person: &mut Person, room: &str, text: &str) -> Written {
    let post = person.post_element(room, text);
    let body = format!("{}{}", person.envelope(&post), " ".repeat(LARGE));
    person.write_in_dialog("INFO", XCCOS, &body)
}

/// Asks in the present dialog until its replies wait for answers, which nobody gives; returns them.
async fn falls_behind(person: &mut Person) -> Vec<Message> {
    let mut replies = Vec::new();
    // One more reply waits to be sent, and one more command waits for that.
    for _ in 0..OUTSTANDING_MAX + 2 {
        let body = person.envelope("<cmd id=\"cmd:requri\" seqid=\"1\"><data/></cmd>");
        let asked = person.write_in_dialog("INFO", XCCOS, &body);
        person.start(&asked).await.expect("it is sent");
        loop {
            let message = person.any().await.expect("the link stays open");
            if asked.is_answered_by(&message) {
                assert_eq!(message.status(), Some(200));
                break;
            }
            replies.push(message);
        }
    }
    while replies.len() < OUTSTANDING_MAX {
        replies.push(person.any().await.expect("a reply"));
    }
    replies
}

#[tokio::test]
async fn a_client_that_answers_nothing_has_only_so_much_kept_in_all_its_dialogs() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut replies = falls_behind(&mut alice).await;
    let first = alice.dialog.clone();
    assert_eq!(status(alice.invite(POOL).await), 200);
    replies.extend(falls_behind(&mut alice).await);
    let mut posts = Vec::new();
    for number in 0..2 * KEPT {
        if number == KEPT / 2 {
            alice.dialog.clone_from(&first);
        }
        let post = large_post(&mut alice, &lobby, &number.to_string());
        alice.start(&post).await.expect("it is sent");
        posts.push(post);
    }
    let mut refused = Vec::new();
    while refused.len() < KEPT {
        let message = alice.any().await.expect("the link stays open");
        let number =
            posts.iter().position(|post| post.is_answered_by(&message)).expect("an answer to a post");
        assert_eq!(message.status(), Some(503), "{number}");
        refused.push(number);
    }
    assert_eq!(refused, (KEPT..2 * KEPT).collect::<Vec<_>>());
    assert!(works(&mut alice).await, "what is small is still heard");
    for reply in replies {
        let response = alice.response(&reply, "200 OK");
        alice.raw(&response).await.expect("it is sent");
    }
    let mut answered = Vec::new();
    while answered.len() < KEPT {
        let message = alice.any_answered().await.expect("the link stays open");
        let number = posts.iter().position(|post| post.is_answered_by(&message));
        answered.extend(number.map(|number| (number, message.status())));
    }
    answered.sort_unstable();
    let expected = (0..KEPT).map(|number| (number, Some(if number >= KEPT / 2 { 200 } else { 403 })));
    assert_eq!(answered, expected.collect::<Vec<_>>(), "she joined in the first dialog only");
    let again = large_post(&mut alice, &lobby, "there is room again");
    assert_eq!(status(alice.exchange(&again).await), 200);
}

#[tokio::test]
async fn while_much_waits_to_be_kept_no_more_is_read() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = house.arrive("bob").await;
    let hold = house.hold();
    let mut posts = Vec::new();
    for number in 0..KEPT {
        let post = large_post(&mut alice, &lobby, &number.to_string());
        alice.start(&post).await.expect("it is sent");
        posts.push(post);
    }
    let behind = alice.write("OPTIONS", "sip:example.com", "", "");
    alice.start(&behind).await.expect("it is sent");
    for _ in 0..50 {
        assert!(works(&mut bob).await, "others are heard");
    }
    drop(hold);
    let mut answered = Vec::new();
    while answered.len() <= KEPT {
        let message = alice.any_answered().await.expect("the link stays open");
        if behind.is_answered_by(&message) {
            answered.push(None);
        }
        answered.extend(posts.iter().position(|post| post.is_answered_by(&message)).map(Some));
    }
    assert_eq!(answered[0], Some(0), "what came behind is read when something was kept: {answered:?}");
}
