//! Stories of requests that are understood and not granted: each is refused by name, and the link goes on.
//! What cannot be read at all is `framing.rs`.

use testkit::wire::Person;

use crate::scene::{POOL, XCCOS, hears, house, joined, status, works};

const OFFER: &str = "Content-Type: application/sdp\r\nContact: <sip:alice@example.com>\r\n";

#[tokio::test]
async fn methods_we_have_no_use_for() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    for (method, expected) in
        [("MESSAGE", 405), ("NOTIFY", 405), ("REFER", 405), ("PRACK", 501), ("PUBLISH", 501), ("invite", 501)]
    {
        for inside in [false, true] {
            let answer = match inside {
                true => alice.in_dialog(method, "", "").await,
                false => alice.outside(method, POOL, "", "").await,
            };
            let answer = answer.expect("an answer");
            assert_eq!(answer.status(), Some(expected), "{method}, inside: {inside}");
            assert!(answer.header("Allow").is_some_and(|allow| allow.contains("INVITE")), "{method}");
        }
    }
    assert!(works(&mut alice).await);
}

#[tokio::test]
async fn requests_of_a_dialog_without_one() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    for method in ["INFO", "UPDATE", "BYE"] {
        let answer = alice.outside(method, POOL, XCCOS, "<xccos/>").await.expect("an answer");
        assert_eq!(answer.status(), Some(481), "{method}");
        assert!(answer.header("ms-diagnostics").is_some_and(|value| value.starts_with("20006;")));
    }
}

#[tokio::test]
async fn offers_we_cannot_take() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    for (headers, offer, expected) in [
        (OFFER, "v=0\r\nm=audio 5060 RTP/AVP 0\r\n", 488),
        (OFFER, "v=0\r\n", 488),
        (OFFER, "\0\0\0", 488),
        ("Content-Type: text/plain\r\nContact: <sip:alice@example.com>\r\n", "m=message 5 sip null", 415),
        ("Contact: <sip:alice@example.com>\r\n", "m=message 5 sip null", 415),
        ("Content-Type: /\r\nContact: <sip:alice@example.com>\r\n", "m=message 5 sip null", 400),
        ("Content-Type: application/sdp\r\n", "m=message 5 sip null", 400),
        ("Content-Type: application/sdp\r\nContact: *\r\n", "m=message 5 sip null", 400),
        (
            "Content-Type: application/sdp\r\nContact: <mailto:alice@example.com>\r\n",
            "m=message 5 sip null",
            400,
        ),
        (
            "Content-Type: application/sdp\r\nContact: <sip:a@b>\r\nRecord-Route: x\r\n",
            "m=message 5 sip null",
            400,
        ),
    ] {
        let answer = alice.outside("INVITE", POOL, headers, offer).await.expect("an answer");
        assert_eq!(answer.status(), Some(expected), "{headers}{offer}");
        let told = answer.header("ms-diagnostics").is_some_and(|value| value.starts_with("20003;"));
        assert_eq!(told, expected == 488, "a refused session says why: {answer:?}");
    }
    assert!(works(&mut alice).await);
}

#[tokio::test]
async fn extensions_we_do_not_know() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    for method in ["OPTIONS", "INVITE"] {
        let answer =
            alice.outside(method, POOL, "Require: timer, 100rel, x\r\n", "").await.expect("an answer");
        assert_eq!(
            (answer.status(), answer.header("Unsupported")),
            (Some(420), Some("100rel, x")),
            "{method}"
        );
    }
    let answer = alice.outside("OPTIONS", POOL, "Require: TIMER\r\nProxy-Require: ms-benotify\r\n", "").await;
    assert_eq!(status(answer), 200);
}

#[tokio::test]
async fn documents_of_another_kind() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    let command = alice.envelope("<cmd id=\"cmd:requri\" seqid=\"1\"><data/></cmd>");
    for headers in ["Content-Type: application/xml\r\n", "Content-Type: text/html\r\n", ""] {
        let answer = alice.in_dialog("INFO", headers, &command).await.expect("an answer");
        assert_eq!((answer.status(), answer.header("Accept")), (Some(415), Some("text/plain")), "{headers}");
    }
    let spelt = "Content-Type: TEXT/Plain; charset=\"utf-8\"\r\n";
    assert_eq!(status(alice.in_dialog("INFO", spelt, &command).await), 200);
}

#[tokio::test]
async fn documents_that_are_none() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    let deep = format!("<xccos ver=\"1\" envid=\"1\">{}", "<a>".repeat(2_000));
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><xccos envid=\"1\">&a;</xccos>";
    let unnamed =
        "<xccos ver=\"1\" xmlns=\"urn:parlano:xml:ns:xccos\"><cmd id=\"cmd:requri\" seqid=\"1\"/></xccos>";
    for document in
        ["", " ", "hello", "<", "<xccos", "<xccos/>", "<other envid=\"1\"/>", &deep, bomb, unnamed, "\0"]
    {
        let answer = alice.in_dialog("INFO", XCCOS, document).await.expect("an answer");
        assert_eq!(answer.status(), Some(400), "{document:.60}");
        let warning = answer.header("Warning").unwrap_or_default();
        assert!(warning.starts_with("399 pool.example.com \""), "the fault is named: {warning}");
    }
    assert!(works(&mut alice).await);
}

#[tokio::test]
async fn a_post_shares_its_envelope_with_nothing() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let post = alice.post_element(&lobby, "beside something");
    let command = "<cmd id=\"cmd:requri\" seqid=\"1\"><data/></cmd>";
    for together in [format!("{post}{command}"), format!("{command}{post}"), format!("{post}{post}")] {
        assert_eq!(status(alice.info(&together).await), 400);
    }
    assert_eq!(alice.history(&lobby, 10).await, Ok(Vec::new()));
    assert!(alice.settled().await.expect("the link stays open").is_empty(), "nothing was carried out");
}

#[tokio::test]
async fn several_commands_are_carried_out_in_their_order() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    let commands: String =
        (1..=64).map(|number| format!("<cmd id=\"cmd:requri\" seqid=\"{number}\"><data/></cmd>")).collect();
    assert_eq!(status(alice.info(&commands).await), 200);
    for number in 1..=64 {
        let reply = alice.next().await.expect("a reply");
        assert!(reply.contains(&format!("<commandid seqid=\"{number}\"")), "{number}: {reply}");
    }
    let more = format!("{commands}<cmd id=\"cmd:requri\" seqid=\"65\"><data/></cmd>");
    assert_eq!(status(alice.info(&more).await), 400);
}

/// Sends the same request again under a new signature, as a client may that has seen no answer.
async fn again(person: &mut Person, headers: &str, body: &str, number: u32) -> u16 {
    let headers = format!("CSeq: {number} INFO\r\n{headers}");
    let written = person.write_in_dialog("INFO", &headers, body);
    status(person.exchange(&written).await)
}

#[tokio::test]
async fn a_repeated_post_is_answered_again_and_kept_once() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let post = alice.post_element(&lobby, "once");
    let body = alice.envelope(&post);
    let number = alice.dialog.as_ref().expect("she has a dialog").cseq + 1;
    for _ in 0..3 {
        assert_eq!(again(&mut alice, XCCOS, &body, number).await, 200);
    }
    assert_eq!(hears(&mut alice).await, "once");
    assert_eq!(alice.history(&lobby, 10).await.map(|posts| posts.len()), Ok(1));
}

#[tokio::test]
async fn a_post_repeated_while_it_is_pending_is_kept_once_and_answered_once() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let post = alice.post_element(&lobby, "patience");
    let body = alice.envelope(&post);
    let number = alice.dialog.as_ref().expect("she has a dialog").cseq + 1;
    let hold = house.hold();
    let headers = format!("CSeq: {number} INFO\r\n{XCCOS}");
    let mut last = None;
    for _ in 0..2 {
        let written = alice.write_in_dialog("INFO", &headers, &body);
        alice.start(&written).await.expect("it is sent");
        last = Some(written);
    }
    assert!(works(&mut alice).await, "both came in");
    drop(hold);
    assert_eq!(status(alice.answer_to(&last.expect("two were sent")).await), 200);
    assert_eq!(hears(&mut alice).await, "patience");
    assert_eq!(alice.history(&lobby, 10).await.map(|posts| posts.len()), Ok(1));
    assert_eq!(alice.settled().await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_repeated_invitation_opens_one_dialog() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut tags = Vec::new();
    for _ in 0..2 {
        let same =
            "From: <sip:alice@example.com>;tag=same\r\nCall-ID: same\r\nContact: <sip:alice@example.com>\r\n";
        let written = alice.write("INVITE", POOL, same, "");
        let answer = alice.exchange(&written).await.expect("an answer");
        assert_eq!(answer.status(), Some(200));
        tags.push(answer.tag("To").to_owned());
    }
    assert_eq!(tags[0], tags[1]);
}
