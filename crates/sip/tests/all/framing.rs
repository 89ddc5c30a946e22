//! Cutting a link into frames: keep-alives, lengths, limits, and what is not SIP.
//! What is inside a frame is tested elsewhere.

use bytes::Bytes;
use sip::{Fault, Frame, Framer, Limits, Side, Status};

use crate::wire::{frames, wire};

/// The first fault of these octets, fed whole and octet by octet, and the status to say so.
fn fault_within(limits: Limits, octets: &[u8]) -> Option<(Fault, Option<Status>)> {
    let outcomes = [usize::MAX, 1].map(|piece| {
        let mut framer = Framer::new(Side::Server, limits);
        octets.chunks(piece).find_map(|piece| {
            framer.feed(piece);
            loop {
                match framer.next_frame() {
                    Ok(Some(_)) => {}
                    Ok(None) => return None,
                    Err(fault) => return Some((fault.fault, fault.status())),
                }
            }
        })
    });
    assert_eq!(outcomes[0], outcomes[1], "the pieces made a difference");
    outcomes[0]
}

fn fault(octets: &[u8]) -> Option<(Fault, Option<Status>)> {
    fault_within(Limits::default(), octets)
}

fn info(lines: &[&str], body: &str) -> Vec<u8> {
    let fixed = ["INFO sip:a@example.com SIP/2.0", "Via: SIP/2.0/TCP 192.0.2.1", "Call-ID: 1"];
    let lines = [&fixed[..], lines, &[""]].concat();
    [&wire(&lines)[..], body.as_bytes()].concat()
}

/// The frame that these octets are, if they are one message.
fn message_frame(octets: &[u8]) -> Frame {
    Frame::Message(Bytes::copy_from_slice(octets).into())
}

#[test]
fn two_empty_lines_are_a_ping_and_one_is_a_pong() {
    let message = info(&["Content-Length: 0"], "");
    let octets = [b"\r\n\r\n\r\n\r\n\r\n", &message[..], b"\r\n\r\n"].concat();
    let wanted = [Frame::Ping, Frame::Ping, Frame::Pong, message_frame(&message), Frame::Ping];
    for piece in [1, 2, 3, 100_000] {
        assert_eq!(frames(&octets, piece), wanted);
    }
}

#[test]
fn a_client_hears_the_answer_to_its_ping_at_once() {
    let mut framer = Framer::new(Side::Client, Limits::default());
    framer.feed(b"\r");
    assert_eq!(framer.next_frame(), Ok(None));
    framer.feed(b"\n\r\n");
    assert_eq!(framer.next_frame(), Ok(Some(Frame::Pong)));
    assert_eq!(framer.next_frame(), Ok(Some(Frame::Pong)));
    assert_eq!(framer.next_frame(), Ok(None));
}

/// A short one that waits for long must not keep what the long one before it was read into.
#[test]
fn every_message_has_octets_of_its_own() {
    let body = "x".repeat(200_000);
    let long = info(&["Content-Type: text/plain", "Content-Length: 200000"], &body);
    let short = info(&["Content-Length: 0"], "");
    let mut framer = Framer::new(Side::Server, Limits::default());
    framer.feed(&[&long[..], &short, &long, b"INFO sip:"].concat());
    for wanted in [&long, &short, &long] {
        let Ok(Some(Frame::Message(message))) = framer.next_frame() else { panic!("a message") };
        assert_eq!(message.octets(), wanted);
        assert!(message.octets().is_unique(), "it shares nothing with what comes after it");
    }
    assert!(framer.is_within_message());
    framer.feed(&short["INFO sip:".len()..]);
    assert_eq!(framer.next_frame(), Ok(Some(message_frame(&short))));
}

/// Neither what came before it in the same read, nor room for what came in the read before.
#[test]
fn a_message_holds_no_more_than_its_octets() {
    let short = info(&["Content-Length: 0"], "");
    let other = info(&["Content-Type: text/plain", "Content-Length: 5"], "hello");
    let (begin, end) = other.split_at(40);
    let reads = [&short[..], &[&short[..], &other, b"\r\n\r\n", &short].concat(), begin, end];
    let mut framer = Framer::new(Side::Server, Limits::default());
    let mut held = Vec::new();
    for read in reads {
        framer.feed(read);
        while let Some(frame) = framer.next_frame().unwrap() {
            let Frame::Message(message) = frame else { continue };
            let octets = message.octets().clone();
            drop(message);
            held.push(Vec::from(octets).capacity());
        }
    }
    assert_eq!(held, [short.len(), short.len(), other.len(), short.len(), other.len()]);
}

#[test]
fn a_body_may_hold_what_looks_like_messages() {
    let body = "BYE sip:a SIP/2.0\r\n\r\n\r\n\r\n";
    let octets = info(&["l: 25"], body);
    assert_eq!(frames(&octets, 3), [message_frame(&octets)]);
}

#[test]
fn a_length_is_digits_and_said_once_or_alike() {
    for good in [
        &["Content-Length: 4"][..],
        &["CONTENT-LENGTH : 0004"],
        &["l:4"],
        &["Content-Length:", "\t4"],
        &["Content-Length: 4", "l: 04"],
    ] {
        assert_eq!(frames(&info(good, "abcd"), 1).len(), 1, "{good:?}");
    }
    let refused = Some(Status::BAD_REQUEST);
    for (bad, wanted) in [
        (&["Content-Length: +4"][..], Fault::BadLength),
        (&["Content-Length: -1"], Fault::BadLength),
        (&["Content-Length: 4 4"], Fault::BadLength),
        (&["Content-Length: 4", " 4"], Fault::BadLength),
        (&["Content-Length: 0x4"], Fault::BadLength),
        (&["Content-Length:"], Fault::BadLength),
        (&["Content-Length: ４"], Fault::BadLength),
        (&["Content-Length: 18446744073709551620"], Fault::BadLength),
        (&["Content-Length: 4", "l: 5"], Fault::LengthsDiffer),
        (&["Content-Type: text/plain"], Fault::LengthMissing),
        (&["c: text/plain"], Fault::LengthMissing),
    ] {
        assert_eq!(fault(&info(bad, "abcd")), Some((wanted, refused)), "{bad:?}");
    }
}

#[test]
fn without_content_type_no_length_means_no_body() {
    let octets = info(&[], "");
    assert_eq!(frames(&octets, 7), [message_frame(&octets)]);
}

#[test]
fn a_body_over_the_limit_is_refused_before_it_comes() {
    let limits = Limits { body_octets_max: 10, ..Limits::default() };
    assert_eq!(fault_within(limits, &info(&["Content-Length: 10"], "0123456789")), None);
    for length in ["11", "4294967296", "18446744073709551615"] {
        let octets = info(&[&format!("Content-Length: {length}")], "");
        assert_eq!(
            fault_within(limits, &octets),
            Some((Fault::BodyTooLarge, Some(Status::ENTITY_TOO_LARGE)))
        );
    }
}

#[test]
fn a_head_over_the_limit_is_refused_by_name() {
    let limits = Limits { head_octets_max: 200, head_lines_max: 6, ..Limits::default() };
    let refused = Some(Status::MESSAGE_TOO_LARGE);
    let long = "x".repeat(200);
    assert_eq!(fault_within(limits, &info(&["X: 1", "X: 2", "X: 3", "X: 4"], "")), None);
    let many = info(&["X: 1", "X: 2", "X: 3", "X: 4", "X: 5"], "");
    assert_eq!(fault_within(limits, &many), Some((Fault::TooManyLines, refused)));
    let large = info(&[&format!("X: {long}")], "");
    assert_eq!(fault_within(limits, &large), Some((Fault::HeadTooLarge, refused)));
    assert_eq!(fault_within(limits, long.as_bytes()), Some((Fault::HeadTooLarge, None)));
}

#[test]
fn a_tls_hello_and_other_languages_are_told_from_sip_by_their_first_octets() {
    for (octets, wanted) in [
        (&b"\x16\x03\x01\x02\x00\x01"[..], Fault::TlsHello),
        (b"\x16", Fault::TlsHello),
        (b"\x80\x2e\x01", Fault::NotSip),
        (b"\0", Fault::NotSip),
        (b"\n", Fault::NotSip),
        (b"\rINFO", Fault::NotSip),
        (b" INFO sip:a SIP/2.0\r\n", Fault::NotSip),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Fault::NotSip),
        (b"GET / HTTP/1.1\r\n", Fault::NotSip),
        (b"INFO sip:a\x01", Fault::NotSip),
        (b"garbage\r\n", Fault::NotSip),
        (b"INFO sip:a SIP/2.0\n", Fault::NotSip),
        (b"INFO sip:a SIP/2.0\rX\r\n", Fault::NotSip),
    ] {
        assert_eq!(fault(octets), Some((wanted, None)), "{octets:?}");
    }
}

#[test]
fn a_line_feed_alone_ends_no_line() {
    let octets = b"INFO sip:a SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1\r\nCall-ID: 1\n\n";
    assert_eq!(fault(octets), Some((Fault::ControlCharacter, Some(Status::BAD_REQUEST))));
}

#[test]
fn after_a_fault_nothing_more_comes() {
    let mut framer = Framer::new(Side::Server, Limits::default());
    framer.feed(b"\x16\x03");
    framer.next_frame().unwrap_err();
    framer.feed(&info(&["Content-Length: 0"], ""));
    assert_eq!(framer.next_frame(), Ok(None));
}

#[test]
fn a_response_is_never_answered() {
    let octets = wire(&["SIP/2.0 200 OK", "Via: SIP/2.0/TCP 192.0.2.1", "Content-Length: x", ""]);
    assert_eq!(fault(&octets), Some((Fault::BadLength, None)));
}

#[test]
fn a_link_knows_whether_it_ended_within_a_message() {
    let mut framer = Framer::new(Side::Server, Limits::default());
    framer.feed(b"\r\n");
    assert_eq!(framer.next_frame(), Ok(None));
    assert!(!framer.is_within_message());
    framer.feed(b"INFO");
    while framer.next_frame().unwrap().is_some() {}
    assert!(framer.is_within_message());
}
