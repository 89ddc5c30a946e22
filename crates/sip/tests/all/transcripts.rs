//! What the real client (pidgin-sipe 1.25.0) and a server said to each other: every message is read, and is printed as it was.
//! Whether the answers are ours is tested in the front end.

use bytes::Bytes;
use sip::header::Name;
use sip::{Frame, Message};

use crate::wire::{all_heard, frames};

#[test]
fn every_message_is_read_and_comes_back_octet_by_octet() {
    let heard = all_heard();
    assert_eq!(heard.len(), 652);
    for one in heard {
        let octets = Bytes::from(one.octets);
        let message = Message::parse(octets.clone()).unwrap();
        assert_eq!(message.to_bytes(), octets);
    }
}

#[test]
fn every_value_with_a_grammar_is_read() {
    for one in all_heard() {
        let message = Message::parse(one.octets).unwrap();
        let fields = message.fields();
        fields.contacts().unwrap();
        fields.expires().unwrap();
        fields.event().unwrap();
        fields.content_type().unwrap();
        fields.session_expires().unwrap();
        for name in [Name::Authorization, Name::AuthenticationInfo, Name::WwwAuthenticate] {
            assert_eq!(fields.auth(name, "NTLM").unwrap().is_some(), fields.value(name).is_some());
        }
        assert!(fields.from().sip_uri().unwrap().address().is_some());
    }
}

#[test]
fn the_frames_do_not_depend_on_the_pieces() {
    let wanted = all_heard();
    let mut stream = b"\r\n\r\n".to_vec();
    for one in &wanted {
        stream.extend_from_slice(&one.octets);
        stream.extend_from_slice(b"\r\n\r\n");
    }
    let whole = frames(&stream, usize::MAX);
    let messages = whole.iter().filter_map(|frame| match frame {
        Frame::Message(framed) => Some(&framed.octets()[..]),
        Frame::Ping | Frame::Pong => None,
    });
    assert!(messages.eq(wanted.iter().map(|one| &one.octets[..])));
    assert_eq!(whole.iter().filter(|frame| **frame == Frame::Ping).count(), wanted.len() + 1);
    for piece in [1, 2, 3, 5, 7, 64, 1000, 4096] {
        assert!(frames(&stream, piece) == whole, "in pieces of {piece}");
    }
}
