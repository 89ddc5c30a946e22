//! Stories of messages that are not proven: the link ends without a word, for clients loop on a challenge ([MS-SIPAE] 3.1).
//! That every message of the server is signed is checked by the test client on each of them.

use testkit::House;
use testkit::wire::{Person, spoilt};

use crate::scene::{XCCOS, hears, house, joined};

/// The link ends, and nothing is said before.
async fn ends_without_a_word(person: &mut Person, story: &str) {
    let last = person.until_closed().await;
    assert!(last.is_empty(), "{story}: {last:?}");
}

async fn in_the_lobby() -> (House, String, Person) {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let alice = joined(&house, "alice", &lobby).await;
    (house, lobby, alice)
}

#[tokio::test]
async fn an_unsigned_request_ends_the_link() {
    let (house, _) = house(&["alice"]).await;
    for method in ["OPTIONS", "INVITE", "SUBSCRIBE", "BYE", "ACK", "NONSENSE"] {
        let mut alice = house.arrive("alice").await;
        alice.signs = false;
        let written = alice.write(method, "sip:example.com", "", "");
        alice.start(&written).await.expect("it is sent");
        ends_without_a_word(&mut alice, method).await;
    }
}

#[tokio::test]
async fn a_wrongly_signed_request_ends_the_link() {
    let (_house, lobby, mut alice) = in_the_lobby().await;
    let post = alice.post_element(&lobby, "not proven");
    let body = alice.envelope(&post);
    let written = alice.write_in_dialog("INFO", XCCOS, &body).spoilt();
    alice.start(&written).await.expect("it is sent");
    ends_without_a_word(&mut alice, "spoilt").await;
}

#[tokio::test]
async fn what_a_wrongly_signed_request_asks_is_not_done() {
    let (house, lobby, mut alice) = in_the_lobby().await;
    let mut bob = joined(&house, "bob", &lobby).await;
    alice.next_where(|body| body.contains("ntc:join")).await.expect("alice sees bob come");
    let post = alice.post_element(&lobby, "not proven");
    let body = alice.envelope(&post);
    let written = alice.write_in_dialog("INFO", XCCOS, &body).spoilt();
    alice.start(&written).await.expect("it is sent");
    assert!(alice.until_closed().await.is_empty());
    assert_eq!(bob.history(&lobby, 10).await, Ok(Vec::new()));
}

/// Alice signs a request, one piece of which is changed on its way.
async fn a_change_ends_the_link(house: &House, before: &str, after: &str) {
    let mut alice = house.arrive("alice").await;
    let written = alice.write("OPTIONS", "sip:example.com", "", "");
    let changed = written.text().replacen(before, after, 1);
    assert_ne!(changed, written.text(), "{before} is there");
    alice.raw(changed.as_bytes()).await.expect("it is sent");
    ends_without_a_word(&mut alice, after).await;
}

#[tokio::test]
async fn a_changed_header_is_noticed() {
    let (house, _) = house(&["alice"]).await;
    for (before, after) in [
        ("Call-ID: ", "Call-ID: x"),
        ("CSeq: 1 ", "CSeq: 2 "),
        ("From: <sip:alice@", "From: <sip:alic3@"),
        ("To: <sip:example.com", "To: <sip:example.org"),
        (";tag=", ";tag=x"),
        ("Max-Forwards", "Expires: 7\r\nMax-Forwards"),
    ] {
        a_change_ends_the_link(&house, before, after).await;
    }
}

#[tokio::test]
async fn a_replayed_request_ends_the_link() {
    let (_house, lobby, mut alice) = in_the_lobby().await;
    assert_eq!(alice.post(&lobby, "once").await, Ok(200));
    assert_eq!(hears(&mut alice).await, "once");
    // The post itself: the last that was sent before the test client answered its copy.
    let replay = alice.last_sent.clone();
    alice.raw(&replay).await.expect("it is sent");
    ends_without_a_word(&mut alice, "replay").await;
}

#[tokio::test]
async fn the_numbers_of_signatures_rise() {
    let (house, _) = house(&["alice"]).await;
    for step in [0, 1, 5] {
        let mut alice = house.arrive("alice").await;
        let signing = alice.signing.as_mut().expect("she is signed on");
        signing.cnum = signing.cnum.saturating_sub(1 + step);
        let written = alice.write("OPTIONS", "sip:example.com", "", "");
        alice.start(&written).await.expect("it is sent");
        ends_without_a_word(&mut alice, "an old number").await;
    }
    let mut alice = house.arrive("alice").await;
    alice.signing.as_mut().expect("she is signed on").cnum += 1_000;
    assert!(alice.outside("OPTIONS", "sip:example.com", "", "").await.is_ok(), "gaps are allowed");
}

#[tokio::test]
async fn credentials_that_cannot_be_read_end_the_link() {
    let (house, _) = house(&["alice"]).await;
    for (before, after) in [
        ("cnum=\"", "cnum=\"-"),
        ("cnum=\"", "cnum=\"99999999999999999999"),
        ("cnum=", "cnumber="),
        ("crand=", "craned="),
        ("opaque=\"", "opaque=\"0"),
        ("response=\"", "response=\"xyz"),
        ("Authorization: NTLM", "Authorization: Kerberos"),
        ("Authorization: NTLM ", "Authorization: NTLM ,=,\""),
        ("Authorization: NTLM ", "Authorization: NTLM a=b\r\nAuthorization: NTLM "),
    ] {
        a_change_ends_the_link(&house, before, after).await;
    }
}

#[tokio::test]
async fn a_signature_of_another_link_ends_the_link() {
    let (house, _) = house(&["alice"]).await;
    let mut here = house.arrive("alice").await;
    let mut there = house.arrive("alice").await;
    let written = here.write("OPTIONS", "sip:example.com", "", "");
    there.start(&written).await.expect("it is sent");
    ends_without_a_word(&mut there, "another association").await;
    assert!(here.exchange(&written).await.is_ok(), "on its own link it is good");
}

#[tokio::test]
async fn a_wrongly_signed_refresh_is_not_challenged() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    let written = alice.write("REGISTER", "sip:example.com", "To: <sip:alice@example.com>\r\n", "");
    alice.start(&written.spoilt()).await.expect("it is sent");
    ends_without_a_word(&mut alice, "refresh").await;
}

#[tokio::test]
async fn a_wrongly_signed_response_ends_the_link() {
    let (house, lobby, mut alice) = in_the_lobby().await;
    let mut bob = joined(&house, "bob", &lobby).await;
    alice.next_where(|body| body.contains("ntc:join")).await.expect("alice sees bob come");
    assert_eq!(bob.post(&lobby, "hello").await, Ok(200));
    let info = alice.any().await.expect("a post");
    let response = String::from_utf8(alice.response(&info, "200 OK")).expect("text");
    alice.raw(spoilt(response).as_bytes()).await.expect("it is sent");
    ends_without_a_word(&mut alice, "spoilt response").await;
}

#[tokio::test]
async fn an_unsigned_response_ends_the_link() {
    let (house, lobby, mut alice) = in_the_lobby().await;
    let mut bob = joined(&house, "bob", &lobby).await;
    alice.next_where(|body| body.contains("ntc:join")).await.expect("alice sees bob come");
    assert_eq!(bob.post(&lobby, "hello").await, Ok(200));
    let info = alice.any().await.expect("a post");
    alice.signs = false;
    let response = alice.response(&info, "200 OK");
    alice.raw(&response).await.expect("it is sent");
    ends_without_a_word(&mut alice, "unsigned response").await;
}
