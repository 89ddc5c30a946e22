//! Any octets at all: nothing panics, nothing depends on the pieces, and what is written is read again.
//! Messages of meaning are tested elsewhere.

use proptest::collection::vec;
use proptest::prelude::*;
use sip::header::Name;
use sip::header::auth::{Auth, AuthValue};
use sip::header::name_addr::NameAddr;
use sip::{Fault, Frame, Framer, Limits, Message, Reply, Side, Status, Uri};

use crate::wire::{all_heard, request};

/// What a link makes of these octets: its frames and the fault that ends it, with the status to answer.
fn reading(octets: &[u8], pieces: &[usize]) -> (Vec<Frame>, Option<(Fault, Option<Status>)>) {
    let limits = Limits { head_octets_max: 700, head_lines_max: 20, body_octets_max: 300 };
    let mut framer = Framer::new(Side::Server, limits);
    let mut sizes = pieces.iter().copied().cycle();
    let (mut rest, mut frames) = (octets, Vec::new());
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(sizes.next().unwrap().min(rest.len()));
        framer.feed(piece);
        rest = after;
        loop {
            match framer.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(fault) => return (frames, Some((fault.fault, fault.status()))),
            }
        }
    }
    (frames, None)
}

/// Octets that look like SIP here and there.
fn nearly_sip() -> impl Strategy<Value = Vec<u8>> {
    let words = prop_oneof![
        Just("INFO sip:a@b SIP/2.0\r\n".to_owned()),
        Just("SIP/2.0 200 OK\r\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("Content-Length: ".to_owned()),
        Just("l:".to_owned()),
        Just("Via: SIP/2.0/TLS a;branch=z9hG4bK1\r\n".to_owned()),
        Just("From: <sip:a@b>;tag=1\r\nTo: \"x\" <sip:c@d>\r\nCall-ID: 1\r\n".to_owned()),
        Just("CSeq: 1 INFO\r\n".to_owned()),
        Just("Contact: <sip:a@b;gruu>;expires=\"".to_owned()),
        "[0-9]{1,3}",
        "[ -~]{0,20}",
        "\\PC{0,6}",
    ];
    vec(words, 0..24).prop_map(|words| words.concat().into_bytes())
}

/// A message of a transcript with some octets replaced, put in or taken out.
pub fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let octets: Vec<_> = all_heard().into_iter().map(|one| one.octets).step_by(7).collect();
    let blow = (
        any::<prop::sample::Index>(),
        0..3_u8,
        prop_oneof![any::<u8>(), prop::sample::select(&b" \t\r\n;,:<>\"\\=@?%0"[..])],
    );
    (prop::sample::select(octets), vec(blow, 1..6)).prop_map(|(mut octets, blows)| {
        for (at, kind, octet) in blows {
            let at = at.index(octets.len());
            match kind {
                0 => octets[at] = octet,
                1 => octets.insert(at, octet),
                _ => drop(octets.remove(at)),
            }
        }
        octets
    })
}

/// Reads all there is to read of a message.
fn read_all(octets: Vec<u8>) {
    let octets = bytes::Bytes::from(octets);
    match Message::parse(octets.clone()) {
        Ok(message) => {
            let fields = message.fields();
            let _ = (
                fields.contacts(),
                fields.expires(),
                fields.event(),
                fields.content_type(),
                fields.session_expires(),
            );
            let _ = (
                fields.auth(Name::Authorization, "NTLM"),
                fields.pieces(None),
                fields.addresses(Name::Route),
            );
            let _ = (
                fields.from().sip_uri().map(|uri| uri.address()),
                fields.via(),
                fields.cseq(),
                fields.body(),
            );
            assert_eq!(message.to_bytes(), octets);
            if let Message::Request(request) = &message {
                let _ = (request.target(), sip::Dialog::open(request, "t"));
                let reply = Reply::to(request, Status::OK, "t");
                let answer = Message::parse(reply.finish(None)).expect("an answer to what was read is read");
                assert_eq!(answer.fields().pieces(Some(200)), Ok(reply.pieces()));
            }
        }
        Err(fault) => {
            if let (Some(status), Some(salvage)) = (fault.status(), &fault.salvage) {
                let answer = Reply::refusing(salvage, status, "t").finish(None);
                let head = answer.windows(4).position(|end| end == b"\r\n\r\n");
                assert_eq!(head, Some(answer.len() - 4), "the refusal has one head and no body");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn frames_and_faults_do_not_depend_on_the_pieces(octets in nearly_sip(), pieces in vec(1..40_usize, 1..5)) {
        let whole = reading(&octets, &[usize::MAX]);
        prop_assert_eq!(&reading(&octets, &pieces), &whole);
        prop_assert_eq!(&reading(&octets, &[1]), &whole);
    }

    #[test]
    fn links_of_damaged_messages_are_cut_alike(octets in damaged(), pieces in vec(1..400_usize, 1..5)) {
        prop_assert_eq!(reading(&octets, &pieces), reading(&octets, &[usize::MAX]));
    }

    #[test]
    fn no_octets_break_the_reader(octets in vec(any::<u8>(), 0..400)) {
        read_all(octets);
    }

    #[test]
    fn nothing_near_sip_breaks_the_reader(octets in nearly_sip()) {
        read_all(octets);
    }

    #[test]
    fn damage_breaks_the_message_and_not_the_reader(octets in damaged()) {
        read_all(octets);
    }

    #[test]
    fn values_of_any_text_are_read_or_refused(text in "\\PC{0,40}|[ -~]{0,60}|(<sip:|;|=|\"|\\\\|>|a|,|@|%){0,12}") {
        let _ = NameAddr::parse(&text, Name::To).map(|read| (read.tag(), read.gruu(), read.sip_uri().is_ok()));
        let _ = Auth::parse(&text, Name::Authorization).map(|read| read.iter().count());
        let _ = Uri::parse(&text).map(|read| (read.address(), read.same_address(&read)));
        let _ = sip::header::via::Via::parse(&text).map(|read| read.branch());
        let _ = sip::header::cseq::CSeq::parse(&text);
    }

    #[test]
    fn a_quoted_parameter_comes_back_as_it_was(value in "[^\\x00-\\x1f\\x7f]{0,40}") {
        let written = AuthValue::new("NTLM").quoted("a", &value).bare("b", "1").into_string();
        let read = Auth::parse(&written, Name::Authorization).unwrap();
        prop_assert_eq!(read.get("a").unwrap(), value);
        prop_assert_eq!(read.get("b").unwrap(), "1");
    }

    #[test]
    fn an_added_value_stays_on_its_line(value in "(\\PC|\r|\n|\t|\0){0,40}") {
        let info = request(&[
            "INFO sip:a@b SIP/2.0", "Via: SIP/2.0/TLS a", "From: <sip:a@b>;tag=1", "To: <sip:c@d>;tag=2", "Call-ID: 1", "CSeq: 1 INFO", "",
        ]);
        let octets = Reply::to(&info, Status::OK, "t").header(Name::Server, &value).finish(None);
        let read = Message::parse(octets).unwrap();
        let wanted: String = value.chars().map(|c| if c.is_ascii_control() && c != '\t' { ' ' } else { c }).collect();
        prop_assert_eq!(read.fields().value(Name::Server).unwrap(), wanted.trim_matches([' ', '\t']));
        prop_assert_eq!(read.fields().iter().count(), 7);
    }
}
