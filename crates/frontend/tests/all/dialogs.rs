//! Stories of dialogs with the chat server: how they open, live and end (RFC 3261 12 to 15, RFC 4028).
//! What is refused in them is `refusals.rs`; what passes through them is `talk.rs`.

use testkit::PASSWORD;
use testkit::wire::{Person, Written};

use crate::scene::{POOL, XCCOS, hears, house, joined, status, works};

const SDP: &str = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 5060 sip null\r\n";

/// An INVITE with these lines and this offer, not sent.
fn invitation(person: &mut Person, uri: &str, headers: &str, offer: &str) -> Written {
    let kind = if offer.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    let headers = format!("Contact: <{}>\r\n{kind}{headers}", person.address);
    person.write("INVITE", uri, &headers, offer)
}

#[tokio::test]
async fn the_chat_server_is_reached_under_its_three_names() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.client("alice").await;
    assert_eq!(status(alice.sign_on().await), 200);
    for uri in
        ["sip:ocschat@example.com", "sip:lyncchat@example.com", POOL, "sip:OcsChat@EXAMPLE.com;transport=tls"]
    {
        let answer = alice.invite(uri).await.expect("an answer");
        assert_eq!(answer.status(), Some(200), "{uri}");
        assert_eq!(answer.header("Session-Expires"), Some("1800;refresher=uac"), "{uri}");
        assert_eq!(answer.header("Require"), None, "the client said nothing of timers");
        assert!(!answer.tag("To").is_empty() && !answer.uri("Contact").is_empty(), "{answer:?}");
        assert!(
            answer.body.contains("\r\nm=message ")
                && answer.body.contains("\r\na=accept-types:text/plain\r\n")
        );
        assert_eq!(status(alice.bye().await), 200, "{uri}");
    }
}

#[tokio::test]
async fn an_invitation_may_leave_the_offer_to_us() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    let written = invitation(&mut alice, POOL, "", "");
    let answer = alice.exchange(&written).await.expect("an answer");
    assert_eq!(answer.status(), Some(200));
    assert!(answer.body.contains("m=message "), "{}", answer.body);
}

#[tokio::test]
async fn people_are_not_called_and_not_found_out() {
    let (house, _) = house(&["alice", "bob"]).await;
    let mut alice = house.arrive("alice").await;
    let mut told = Vec::new();
    for callee in ["sip:bob@example.com", "sip:nobody@example.com"] {
        let written = invitation(&mut alice, callee, "", SDP);
        let answer = alice.exchange(&written).await.expect("an answer");
        let own = ["Via", "From", "To", "Call-ID", "CSeq", "Authentication-Info"];
        let lines = answer.headers.into_iter().filter(|(name, _)| !own.contains(&name.as_str()));
        told.push((answer.start, lines.collect::<Vec<_>>(), answer.body));
    }
    assert_eq!(told[0].0, "SIP/2.0 480 Temporarily Unavailable");
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn nobody_is_reached_elsewhere() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    for callee in [
        "sip:bob@elsewhere.example",
        "sip:ocschat@elsewhere.example",
        "sip:example.com",
        "sip:ocschat@127.0.0.1",
    ] {
        let written = invitation(&mut alice, callee, "", SDP);
        assert_eq!(status(alice.exchange(&written).await), 404, "{callee}");
    }
}

#[tokio::test]
async fn the_interval_of_a_session_is_agreed_on() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    for (headers, expected, told, required) in [
        ("Session-Expires: 89\r\n", 422, None, None),
        ("Session-Expires: soon\r\n", 400, None, None),
        ("Session-Expires: 90\r\n", 200, Some("90;refresher=uac"), None),
        ("Session-Expires: 86400\r\n", 200, Some("1800;refresher=uac"), None),
        ("x: 600;refresher=uac\r\nSupported: timer\r\n", 200, Some("600;refresher=uac"), Some("timer")),
        ("Min-SE: 3600\r\nSupported: timer\r\n", 200, Some("3600;refresher=uac"), Some("timer")),
    ] {
        let written = invitation(&mut alice, POOL, headers, SDP);
        let answer = alice.exchange(&written).await.expect("an answer");
        assert_eq!(answer.status(), Some(expected), "{headers}");
        assert_eq!(answer.header("Session-Expires"), told, "{headers}");
        assert_eq!(answer.header("Require"), required, "{headers}");
        assert_eq!(answer.header("Min-SE"), (expected == 422).then_some("90"), "{headers}");
    }
}

#[tokio::test]
async fn update_and_invitation_refresh_a_dialog() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let plain = alice.in_dialog("UPDATE", "", "").await.expect("an answer");
    assert_eq!((plain.status(), plain.header("Session-Expires")), (Some(200), Some("1800;refresher=uac")));
    let longer = alice.in_dialog("UPDATE", "Session-Expires: 120\r\n", "").await.expect("an answer");
    assert_eq!((longer.status(), longer.header("Session-Expires")), (Some(200), Some("120;refresher=uac")));
    let brief = alice.in_dialog("UPDATE", "Session-Expires: 10\r\n", "").await.expect("an answer");
    assert_eq!((brief.status(), brief.header("Min-SE")), (Some(422), Some("90")));
    let again = alice.in_dialog("INVITE", "Content-Type: application/sdp\r\n", SDP).await.expect("an answer");
    assert_eq!((again.status(), again.header("Session-Expires")), (Some(200), Some("1800;refresher=uac")));
    assert!(again.body.contains("m=message "), "{}", again.body);
    let cseq = alice.dialog.as_ref().expect("she has a dialog").cseq;
    let ack = alice.write_in_dialog("ACK", &format!("CSeq: {cseq} ACK\r\n"), "");
    alice.start(&ack).await.expect("it is sent");
    assert_eq!(alice.post(&lobby, "as before").await, Ok(200));
    assert_eq!(hears(&mut alice).await, "as before");
}

#[tokio::test]
async fn a_refused_new_offer_leaves_the_dialog_as_it_was() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let voice = SDP.replace("m=message", "m=audio");
    let answer = alice.in_dialog("INVITE", "Content-Type: application/sdp\r\n", &voice).await;
    assert_eq!(status(answer), 488);
    assert_eq!(alice.post(&lobby, "still talking").await, Ok(200));
}

#[tokio::test]
async fn a_new_contact_is_where_posts_go() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let moved = "Contact: <sip:alice@example.com;opaque=user:epid:moved;gruu>\r\n";
    assert_eq!(status(alice.in_dialog("UPDATE", moved, "").await), 200);
    let post = alice.post_element(&lobby, "from elsewhere");
    let body = alice.envelope(&post);
    let written = alice.write_in_dialog("INFO", XCCOS, &body);
    alice.start(&written).await.expect("it is sent");
    let mut requests = Vec::new();
    for _ in 0..2 {
        let message = alice.any().await.expect("the answer and the copy");
        requests.extend(message.method().map(|_| message.start.clone()));
    }
    assert_eq!(requests, ["INFO sip:alice@example.com;opaque=user:epid:moved;gruu SIP/2.0"]);
}

#[tokio::test]
async fn options_are_told_inside_and_outside() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    let inside = alice.in_dialog("OPTIONS", "", "").await.expect("an answer");
    let outside = alice.outside("OPTIONS", "sip:example.com", "", "").await.expect("an answer");
    for answer in [inside, outside] {
        assert_eq!(answer.status(), Some(200));
        let allow = answer.header("Allow").unwrap_or_default().to_owned();
        for method in ["INVITE", "ACK", "BYE", "CANCEL", "INFO", "UPDATE", "OPTIONS", "REGISTER"] {
            assert!(allow.split(", ").any(|known| known == method), "{method} in {allow}");
        }
    }
}

#[tokio::test]
async fn bye_leaves_the_rooms_and_ends_the_dialog() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let mut bob = joined(&house, "bob", &lobby).await;
    assert_eq!(status(alice.bye().await), 200);
    let notice = bob.next_where(|body| body.contains("ntc:part")).await.expect("bob is told");
    assert!(notice.contains("sip:alice@example.com"), "{notice}");
    for method in ["INFO", "UPDATE", "BYE", "OPTIONS", "INVITE"] {
        let answer = alice.in_dialog(method, XCCOS, "<xccos/>").await.expect("an answer");
        assert_eq!(answer.status(), Some(481), "{method}");
        let diagnostics = answer.header("ms-diagnostics").unwrap_or_default();
        assert!(
            diagnostics.starts_with("20006;") && diagnostics.ends_with("component=\"GroupChat\""),
            "{diagnostics}"
        );
    }
    assert_eq!(status(alice.invite(POOL).await), 200);
}

#[tokio::test]
async fn a_dialog_is_named_whole() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    let whole = alice.dialog.clone().expect("she has a dialog");
    for part in 0..3 {
        let dialog = alice.dialog.as_mut().expect("she has a dialog");
        let name = [&mut dialog.remote_tag, &mut dialog.local_tag, &mut dialog.call_id].into_iter().nth(part);
        name.expect("a dialog has three names").push('x');
        let answer = alice.in_dialog("UPDATE", "", "").await.expect("an answer");
        assert_eq!(answer.status(), Some(481));
        assert!(answer.header("ms-diagnostics").is_some_and(|value| value.starts_with("20006;")));
        alice.dialog = Some(whole.clone());
    }
    assert_eq!(status(alice.in_dialog("UPDATE", "", "").await), 200);
}

#[tokio::test]
async fn numbers_out_of_order_are_refused() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let present = alice.dialog.as_ref().expect("she has a dialog").cseq;
    for number in [0, 1, present] {
        alice.dialog.as_mut().expect("she has a dialog").cseq = number;
        let written = alice.write_in_dialog("UPDATE", &format!("CSeq: {number} UPDATE\r\n"), "");
        assert_eq!(status(alice.exchange(&written).await), 500, "{number}");
    }
    alice.dialog.as_mut().expect("she has a dialog").cseq = present + 100;
    assert_eq!(alice.post(&lobby, "numbers may jump").await, Ok(200));
}

#[tokio::test]
async fn a_cancel_comes_always_too_late() {
    let (house, _) = house(&["alice"]).await;
    let mut alice = house.arrive("alice").await;
    for (callee, invited, cancelled) in [("sip:bob@example.com", 480, 200), (POOL, 200, 481)] {
        let invite = invitation(&mut alice, callee, "From: <sip:alice@example.com>;tag=same\r\n", SDP);
        assert_eq!(status(alice.exchange(&invite).await), invited, "{callee}");
        let same = format!(
            "From: <sip:alice@example.com>;tag=same\r\nCall-ID: {}\r\nCSeq: 1 CANCEL\r\n",
            invite.call_id()
        );
        let cancel = alice.write("CANCEL", callee, &same, "");
        assert_eq!(status(alice.exchange(&cancel).await), cancelled, "{callee}");
    }
    assert_eq!(status(alice.outside("CANCEL", POOL, "", "").await), 481, "of nothing");
    assert!(works(&mut alice).await);
}

/// Real clients that start in the same second use the same identifiers, and take them for their own.
#[tokio::test]
async fn twins_do_not_disturb_each_other() {
    let (house, lobby) = house(&["alice", "bob"]).await;
    let mut twins = Vec::new();
    for who in ["alice", "bob", "alice"] {
        let address = format!("sip:{who}@example.com");
        let mut twin = Person::arrive(house.way(), &address, PASSWORD, 7).await;
        twin.join(&lobby).await.expect("the link stays open");
        twins.push(twin);
    }
    let names: Vec<_> = twins.iter().map(|twin| twin.dialog.clone().expect("a dialog")).collect();
    assert!(
        names.iter().all(|name| (&name.call_id, &name.local_tag) == (&names[0].call_id, &names[0].local_tag))
    );
    for (number, twin) in twins.iter_mut().enumerate() {
        assert_eq!(twin.post(&lobby, &number.to_string()).await, Ok(200));
    }
    for twin in &mut twins {
        for text in ["0", "1", "2"] {
            assert_eq!(hears(twin).await, text, "{}", twin.address);
        }
    }
    assert_eq!(status(twins[0].bye().await), 200);
    assert_eq!(twins[2].post(&lobby, "only one of us left").await, Ok(200));
    assert_eq!(hears(&mut twins[1]).await, "only one of us left");
}

#[tokio::test]
async fn a_link_has_room_for_eight_dialogs() {
    let (house, lobby) = house(&["alice"]).await;
    let mut alice = joined(&house, "alice", &lobby).await;
    let first = alice.dialog.clone();
    for _ in 1..frontend::limits::DIALOGS_MAX {
        assert_eq!(status(alice.invite(POOL).await), 200);
    }
    let answer = alice.invite(POOL).await.expect("an answer");
    assert_eq!(answer.status(), Some(503));
    assert!(answer.header("ms-diagnostics").is_some_and(|value| value.starts_with("20009;")), "{answer:?}");
    assert!(answer.header("Retry-After").is_some());
    assert_eq!(status(alice.bye().await), 200);
    assert_eq!(status(alice.invite(POOL).await), 200, "there is room again");
    alice.dialog = first;
    assert_eq!(alice.post(&lobby, "the first still works").await, Ok(200));
}
