//! Stories of octets: how messages are cut out of what comes, and what becomes of what is no message (RFC 3261 7 and 18.3).
//! What messages ask for is told elsewhere.

use testkit::House;
use testkit::wire::{Person, Written};

use crate::scene::{BEGIN, XCCOS, hears, house, joined, status};

/// A request of a stranger, to be spoilt: well formed it is answered 403.
const WELL: &str = "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5\r\nFrom: <sip:a@example.com>;tag=1\r\n\
                    To: <sip:example.com>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nContent-Type: text/plain\r\n\
                    Content-Length: 2\r\n\r\nhi";

/// What a stranger is told before the link is closed.
async fn told_at_last(house: &House, octets: &[u8]) -> Vec<u16> {
    let mut stranger = house.client("a").await;
    // The link may be closed before all of it is written.
    let _ = stranger.raw(octets).await;
    stranger.until_closed().await.iter().filter_map(testkit::wire::Message::status).collect()
}

#[tokio::test]
async fn what_cannot_be_cut_is_refused_and_ends_the_link() {
    let house = House::found(BEGIN).await;
    let long = format!("Via: SIP/2.0/TCP 127.0.0.1:5\r\nX: {}\r\n", "x".repeat(70_000));
    let many = format!("Via: SIP/2.0/TCP 127.0.0.1:5\r\n{}", "X: y\r\n".repeat(200));
    for (before, after, expected) in [
        ("Content-Length: 2\r\n", "", 400),
        ("Content-Length: 2", "Content-Length: two", 400),
        ("Content-Length: 2", "Content-Length: -2", 400),
        ("Content-Length: 2", "Content-Length: 2\r\nl: 3", 400),
        ("Content-Length: 2", "Content-Length: 262145", 413),
        ("Content-Length: 2", "Content-Length: 99999999999999999999", 400),
        ("Call-ID: c\r\n", "Call-ID: c\n", 400),
        ("Via: SIP/2.0/TCP 127.0.0.1:5\r\n", &long, 513),
        ("Via: SIP/2.0/TCP 127.0.0.1:5\r\n", &many, 513),
    ] {
        let spoilt = WELL.replacen(before, after, 1);
        assert_ne!(spoilt, WELL, "{before} is there");
        assert_eq!(told_at_last(&house, spoilt.as_bytes()).await, [expected], "{after:.60}");
    }
}

#[tokio::test]
async fn what_is_no_sip_ends_the_link_without_a_word() {
    let house = House::found(BEGIN).await;
    let endless = "OPTIONS sip:".to_owned() + &"a".repeat(70_000);
    for octets in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\x16",
        b"\0",
        b"\xff\xfe\xfd",
        b"garbage\r\n",
        b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
        b" OPTIONS sip:example.com SIP/2.0\r\n",
        endless.as_bytes(),
    ] {
        let told = told_at_last(&house, octets).await;
        assert_eq!(told, [0; 0], "{:?}", String::from_utf8_lossy(&octets[..octets.len().min(40)]));
    }
}

#[tokio::test]
async fn what_cannot_be_answered_ends_the_link_without_a_word() {
    let house = House::found(BEGIN).await;
    for (before, after) in [
        ("Via: SIP/2.0/TCP 127.0.0.1:5\r\n", ""),
        ("OPTIONS sip:example.com SIP/2.0", "SIP/2.0 20 OK"),
        ("OPTIONS sip:example.com SIP/2.0", "ACK sip:example.com SIP/2.0"),
    ] {
        let spoilt = WELL.replacen(before, after, 1);
        assert_eq!(told_at_last(&house, spoilt.as_bytes()).await, [0; 0], "{after}");
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_refused_and_the_link_goes_on() {
    let house = House::found(BEGIN).await;
    let mut stranger = house.client("a").await;
    for (before, after, expected) in [
        ("OPTIONS sip:example.com SIP/2.0", "OPTIONS sip:example.com SIP/3.0", 505),
        ("OPTIONS sip:example.com", "OPTIONS tel:123", 416),
        ("OPTIONS sip:example.com", "OPTIONS  sip:example.com", 400),
        ("From: <sip:a@example.com>;tag=1\r\n", "", 400),
        ("From: <sip:a@example.com>;tag=1", "From: <sip:a@example.com;tag=1", 400),
        ("To: <sip:example.com>\r\n", "", 400),
        ("To: <sip:example.com>", "To: <sip:example.com>\r\nt: <sip:example.com>", 400),
        ("Call-ID: c\r\n", "", 400),
        ("Call-ID: c", "Call-ID:", 400),
        ("CSeq: 1 OPTIONS\r\n", "", 400),
        ("CSeq: 1 OPTIONS", "CSeq: 1 INVITE", 400),
        ("CSeq: 1 OPTIONS", "CSeq: 4294967296 OPTIONS", 400),
        ("CSeq: 1 OPTIONS", "CSeq: one OPTIONS", 400),
        ("Via: SIP/2.0/TCP 127.0.0.1:5", "Via: nonsense", 400),
        ("Content-Length: 2", "Content-Length: 2\r\nMax-Forwards: many", 400),
        ("Content-Length: 2", "Content-Length: 2\r\nno colon here", 400),
        ("Content-Length: 2", "Content-Length: 2\r\nX: a\0b", 400),
        ("OPTIONS sip:example.com", "OPTIONS sip:example.com", 403),
    ] {
        stranger.raw(WELL.replacen(before, after, 1).as_bytes()).await.expect("the link is open");
        let answer = stranger.any().await;
        assert_eq!(status(answer.clone()), expected, "{after}");
        let warned = answer.is_ok_and(|answer| answer.header("Warning").is_some());
        assert!(warned, "the fault is named: {after}");
    }
    stranger.raw(&[WELL.as_bytes(), b"\r\n"].concat()).await.expect("the link is open");
    assert_eq!(status(stranger.any().await), 403);
}

#[tokio::test]
async fn a_body_longer_than_it_says_ends_the_link() {
    let house = House::found(BEGIN).await;
    let short = WELL.replacen("Content-Length: 2", "Content-Length: 1", 1);
    assert_eq!(told_at_last(&house, &[short.as_bytes(), b"\r\n\r\n"].concat()).await, [403]);
}

#[tokio::test]
async fn keep_alives_are_answered() {
    let house = House::found(BEGIN).await;
    house.person("alice").await;
    let mut alice = house.client("alice").await;
    for _ in 0..3 {
        alice.raw(b"\r\n\r\n").await.expect("it is sent");
        assert_eq!(alice.octets(2).await, Ok(b"\r\n".to_vec()));
    }
    alice.raw(b"\r\n").await.expect("it is sent");
    assert_eq!(status(alice.sign_on().await), 200);
    alice.raw(b"\r\n\r\n\r\n\r\n").await.expect("it is sent");
    assert_eq!(alice.octets(4).await, Ok(b"\r\n\r\n".to_vec()));
}

/// The same post, written in another way that means the same.
fn other_spelling(written: &Written, spelling: &str) -> Written {
    let text = written.text();
    let (head, body) = text.split_once("\r\n\r\n").expect("a message has a head");
    let lines = head.split("\r\n").map(|line| respelt(line, spelling));
    written.with(lines.collect::<Vec<_>>().join("\r\n") + "\r\n\r\n" + body)
}

fn respelt(line: &str, spelling: &str) -> String {
    let Some((name, value)) = line.split_once(": ").filter(|(name, _)| !name.contains(' ')) else {
        return line.to_owned();
    };
    match spelling {
        "compact" => {
            let names = [("Via", "v"), ("From", "f"), ("To", "t"), ("Call-ID", "i"), ("Content-Type", "c")];
            let compact = names.into_iter().chain([("Content-Length", "l")]).find(|(long, _)| *long == name);
            format!("{}:{value}", compact.map_or(name, |(_, compact)| compact))
        }
        "folded" => format!("{name}:\r\n {}", value.replace(", ", ",\r\n\t")),
        "loud" => format!("{} \t: \t {value} \t", name.to_uppercase()),
        _ => format!("{}:{value}", name.to_lowercase()),
    }
}

#[tokio::test]
async fn headers_are_read_in_every_spelling_and_written_in_one() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    for spelling in ["compact", "folded", "loud", "quiet"] {
        let post = alice.post_element(&lobby, spelling);
        let body = alice.envelope(&post);
        let written = alice.write_in_dialog("INFO", XCCOS, &body);
        let written = other_spelling(&written, spelling);
        let answer = alice.exchange(&written).await.expect("an answer");
        assert_eq!(answer.status(), Some(200), "{spelling}");
        assert!(answer.headers.iter().all(|(name, _)| name.len() > 1), "{:?}", answer.headers);
        assert_eq!(hears(&mut alice).await, spelling);
    }
}

async fn in_single_octets(person: &mut Person, octets: &[u8]) {
    for octet in octets {
        person.raw(&[*octet]).await.expect("the link is open");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_message_may_come_in_single_octets() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let post = alice.post_element(&lobby, "drop by drop");
    let body = alice.envelope(&post);
    let written = alice.write_in_dialog("INFO", XCCOS, &body);
    in_single_octets(&mut alice, &written.octets).await;
    assert_eq!(status(alice.answer_to(&written).await), 200);
    in_single_octets(&mut alice, b"\r\n\r\n").await;
    assert_eq!(hears(&mut alice).await, "drop by drop");
}

#[tokio::test]
async fn many_messages_in_one_write_keep_their_order() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut octets = Vec::new();
    for number in 0..100 {
        let post = alice.post_element(&lobby, &number.to_string());
        let body = alice.envelope(&post);
        let written = alice.write_in_dialog("INFO", XCCOS, &body);
        octets.extend_from_slice(&written.octets);
        octets.extend_from_slice(b"\r\n\r\n");
    }
    alice.raw(&octets).await.expect("it is sent");
    for number in 0..100 {
        assert_eq!(hears(&mut alice).await, number.to_string());
    }
    assert_eq!(alice.settled().await, Ok(Vec::new()), "and nothing twice");
}
