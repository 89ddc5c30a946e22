//! Stories of links and dialogs that end because too much time passes. The time of links is made to pass; nobody waits.
//! The clock of the house, which dates posts, does not move.

use std::time::Duration;

use frontend::limits::Limits;
use testkit::House;
use testkit::wire::Person;

use crate::scene::{POOL, hears, house, house_with, joined, status, works};

/// Makes this much time pass for every link.
pub async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

/// Somebody arrives, and all of it has come in.
async fn arrives(house: &House, who: &str) -> Person {
    let mut person = house.arrive(who).await;
    assert!(works(&mut person).await);
    person
}

/// Does nothing but what is asked of it for this long, in steps that keep the link alive.
async fn stays_alive(person: &mut Person, seconds: u64) {
    for _ in 0..seconds / 25 {
        pass(25).await;
        assert!(works(person).await);
    }
}

#[tokio::test]
async fn nobody_lingers_without_signing_on() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.client("alice").await;
    assert_eq!(status(alice.register(None, "").await), 401);
    pass(59).await;
    assert_eq!(status(alice.register(None, "").await), 401);
    pass(1).await;
    assert!(alice.until_closed().await.is_empty());
}

#[tokio::test]
async fn who_signs_off_does_not_linger_either() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = arrives(&house, "alice").await;
    pass(300).await;
    assert_eq!(status(alice.register(None, "Expires: 0\r\n").await), 200);
    pass(61).await;
    assert!(alice.until_closed().await.is_empty());
}

#[tokio::test]
async fn a_registration_runs_out() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = arrives(&house, "alice").await;
    assert_eq!(status(alice.register(None, "Expires: 60\r\n").await), 200);
    pass(50).await;
    assert_eq!(status(alice.register(None, "Expires: 60\r\n").await), 200);
    pass(50).await;
    assert!(works(&mut alice).await, "it was refreshed");
    pass(10).await;
    assert!(alice.until_closed().await.is_empty());
}

#[tokio::test]
async fn a_silent_link_is_dead() {
    let limits = Limits { silence: Duration::from_secs(180), ..Limits::default() };
    let (house, _) = house_with(&["alice"], limits).await;
    let mut alice = arrives(&house, "alice").await;
    pass(179).await;
    alice.raw(b"\r\n\r\n").await.expect("it is sent");
    assert_eq!(alice.octets(2).await, Ok(b"\r\n".to_vec()));
    pass(179).await;
    assert!(works(&mut alice).await, "a keep-alive is a sign of life");
    pass(181).await;
    assert!(alice.until_closed().await.is_empty());
}

#[tokio::test]
async fn a_dialog_nobody_refreshes_ends_its_link() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    bob.next_where(|body| body.contains("ntc:join")).await.expect("bob sees her come");
    assert!(works(&mut bob).await);
    assert_eq!(status(alice.in_dialog("UPDATE", "Session-Expires: 100\r\n", "").await), 200);
    pass(99).await;
    assert_eq!(alice.post(&lobby, "a sign of life").await, Ok(200));
    assert_eq!(hears(&mut alice).await, "a sign of life");
    assert_eq!(hears(&mut bob).await, "a sign of life");
    assert!(works(&mut alice).await && works(&mut bob).await);
    pass(99).await;
    assert_eq!(status(alice.in_dialog("UPDATE", "Session-Expires: 100\r\n", "").await), 200);
    pass(101).await;
    assert!(alice.until_closed().await.iter().all(|message| message.method() == Some("INFO")), "no BYE");
    bob.next_where(|body| body.contains("ntc:part")).await.expect("bob sees her leave");
}

#[tokio::test]
async fn a_dialog_without_its_ack_is_forgotten() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let headers = "Contact: <sip:alice@example.com>\r\n";
    let invite = alice.write("INVITE", POOL, headers, "");
    let accepted = alice.exchange(&invite).await.expect("an answer");
    stays_alive(&mut alice, 50).await;
    let same = format!("Call-ID: {}\r\nCSeq: 2 UPDATE\r\n", invite.call_id());
    let from = format!("From: <sip:alice@example.com>;tag={}\r\n", accepted.tag("From"));
    let to = format!("To: <{POOL}>;tag={}\r\n", accepted.tag("To"));
    let answer = alice.outside("UPDATE", POOL, &format!("{same}{from}{to}"), "").await;
    assert_eq!(status(answer), 481);
    assert_eq!(alice.post(&lobby, "the other dialog lives").await, Ok(200));
    assert_eq!(hears(&mut alice).await, "the other dialog lives");
}

#[tokio::test]
async fn a_client_that_never_answers_loses_its_link() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    assert_eq!(bob.post(&lobby, "hello?").await, Ok(200));
    bob.next_where(|body| body.contains("ntc:join")).await.expect("bob sees her come");
    assert_eq!(hears(&mut bob).await, "hello?");
    assert!(works(&mut bob).await);
    alice.any().await.expect("the post");
    pass(31).await;
    let ping = alice.write("OPTIONS", "sip:example.com", "", "");
    alice.start(&ping).await.expect("it is sent");
    assert!(alice.any().await.is_ok_and(|message| ping.is_answered_by(&message)));
    pass(1).await;
    assert!(alice.until_closed().await.is_empty());
    bob.next_where(|body| body.contains("ntc:part")).await.expect("bob sees her leave");
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let limits = Limits { stall: Duration::from_secs(8), ..Limits::default() };
    let (house, lobby) = house_with(&["alice", "bob"], limits).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    let long = "x".repeat(8_000);
    for _ in 0..130 {
        assert_eq!(bob.post(&lobby, &long).await, Ok(200));
    }
    let mut alice = joined(&house, "alice", &lobby).await;
    let history = format!(
        "<cmd id=\"cmd:bccontext\" seqid=\"1\"><data><chanib uri=\"{lobby}\"/><bcq><last cnt=\"500\"/></bcq></data></cmd>"
    );
    // More than the network holds: a megabyte each.
    for _ in 0..30 {
        let body = alice.envelope(&history);
        let written = alice.write_in_dialog("INFO", crate::scene::XCCOS, &body);
        alice.start(&written).await.expect("it is sent");
    }
    // What she does not answer would end her link, too, but only after 32 seconds.
    for _ in 0..3 {
        // While he reads the same, more comes for her, until the network holds no more.
        for _ in 0..10 {
            bob.history(&lobby, 500).await.expect("he takes everything");
        }
        pass(8).await;
        if bob.settled().await.expect("he takes everything").iter().any(|body| body.contains("ntc:part")) {
            return;
        }
    }
    panic!("bob never sees her leave");
}
