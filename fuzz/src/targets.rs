//! What the fuzzers attack: each target takes any octets, and panics only where a promise is broken.
//! No file, no clock, no network; the corpus of each lies in `fuzz/corpus/` under its name.

use bytes::Bytes;
use sip::{Frame, Framer, Limits, Message, Name, Reply, Request, Side, Status};
use topology::import::Strictness;
use topology::{Facts, TextFault, Topology, Version};
use xccos::{Ask, Item};

/// A target: any octets in, a panic when a promise is broken.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("ntlm_message", ntlm_message),
    ("sip_document", sip_document),
    ("sip_frame", sip_frame),
    ("sip_message", sip_message),
    ("topology_document", topology_document),
    ("topology_original", topology_original),
    ("xccos_envelope", xccos_envelope),
];

/// Small enough for inputs to exceed each of them.
const LIMITS: Limits = Limits { head_octets_max: 4096, head_lines_max: 40, body_octets_max: 4096 };

/// The octets of a link, whole and in pieces: the frames, and whether the link breaks, do not depend on the pieces; no
/// frame exceeds the limits.
pub fn sip_frame(octets: &[u8]) {
    // The first octet says how long the pieces are; what is framed is the rest.
    let Some((length, link)) = octets.split_first() else { return };
    for side in [Side::Server, Side::Client] {
        let whole = frames(side, &[link]);
        let pieces: Vec<&[u8]> = link.chunks(usize::from(*length).max(1)).collect();
        assert_eq!(whole, frames(side, &pieces), "the frames depend on the pieces");
        for frame in &whole.0 {
            let Frame::Message(message) = frame else { continue };
            assert!(
                message.octets().len() <= LIMITS.head_octets_max + LIMITS.body_octets_max,
                "a frame exceeds its limits"
            );
            // Whatever is cut out can be given to the parser.
            let _ = Message::parse(message.clone());
        }
    }
}

/// One message: what is accepted can be asked for everything and answered, what is not can be refused; the answer reads
/// as it was meant, and what a signature of it covers is the same on both ends.
pub fn sip_message(octets: &[u8]) {
    let parsed = Message::parse(Bytes::copy_from_slice(octets));
    match &parsed {
        Ok(message) => {
            ask_everything(message);
            assert_eq!(message.to_bytes(), octets, "a message is the octets it was read from");
            if let Message::Request(request) = message {
                answer(request);
            }
        }
        Err(fault) => {
            if let (Some(status), Some(salvage)) = (fault.status(), &fault.salvage) {
                let refusal = Reply::refusing(salvage, status, "ours").finish(None);
                assert!(is_long(&refusal) || is_one_message(&refusal), "{}", refusal.escape_ascii());
            }
        }
    }
}

/// One XML body of presence, roaming data and contacts, read as every kind of them: what was read is kept, shown and read
/// again as the same. What must hold stands behind the door of `frontend`, beside what is private there.
pub fn sip_document(octets: &[u8]) {
    let _ = frontend::read_document(octets);
}

/// One body: what a client may send, read and printed and read again, prints the same; what a server sends can be read.
/// Characters that XML cannot carry are read and never printed, so with them only reading is tried.
pub fn xccos_envelope(octets: &[u8]) {
    let _ = xccos::parse_answer(octets);
    let Ok(envelope) = xccos::parse(octets) else { return };
    let carried = |text: &str| !text.contains("&#") && text.chars().all(in_xml);
    if !str::from_utf8(octets).is_ok_and(carried) {
        return;
    }
    for item in &envelope.items {
        let Some(printed) = print(item) else { continue };
        let again = xccos::parse(printed.as_bytes()).unwrap_or_else(|fault| panic!("{fault}: {printed}"));
        let [only] = again.items.as_slice() else {
            panic!("one item became {}: {printed}", again.items.len())
        };
        assert_eq!(only.id, item.id, "{printed}");
        assert!(only.ask.name().eq_ignore_ascii_case(item.ask.name()), "{printed}");
        // An address of no room can be taken apart in two ways; on the wire it is the same.
        assert_eq!(print(only), Some(printed), "what was printed reads as something else");
    }
}

/// One NTLM message against both readers: [MS-NLMP] 2.2.1.2 and 2.2.1.3. What an AUTHENTICATE names is shorter than it.
pub fn ntlm_message(octets: &[u8]) {
    let _ = ntlm::ReceivedChallenge::parse(octets);
    if let Ok(answer) = ntlm::Authenticate::parse(octets) {
        let names = answer.user().chars().count() + answer.domain().chars().count();
        assert!(names <= octets.len(), "names are longer than the message that holds them");
    }
}

/// One topology of our own form: what is read is printed and read as the same, and every rule has its say.
pub fn topology_document(octets: &[u8]) {
    match topology::parse(octets) {
        Ok(topology) => hold(&topology),
        Err(TextFault::Malformed { line, .. }) => {
            // There are never more lines than octets, and the one after the last.
            assert!(line <= octets.len() + 1, "line {line} is beyond the document");
        }
        Err(TextFault::TooLarge { .. } | TextFault::NotUtf8 { .. }) => {}
    }
}

/// One topology of the original, or of our own: what is accepted strictly has nothing unknown in it, and is a topology like any other.
pub fn topology_original(octets: &[u8]) {
    let strict = topology::import(octets, Strictness::Refuse);
    let Ok(imported) = topology::import(octets, Strictness::Accept) else {
        assert!(strict.is_err(), "what is not accepted with unknown names is accepted without");
        return;
    };
    assert_eq!(strict.is_ok(), imported.unknown.is_empty(), "what is unknown was not refused");
    hold(&imported.topology);
}

/// What holds for every topology: it is printed and read, differs from itself in nothing, has a version, and rules only judge it.
fn hold(topology: &Topology) {
    let printed = topology::print(topology);
    let again = topology::parse(printed.as_bytes());
    assert_eq!(again.as_ref(), Ok(topology), "what was printed reads as something else: {printed}");
    assert!(topology::diff(topology, topology).is_empty(), "{printed}");
    assert_eq!(Version::next(None, topology).expect("inputs are small").topology(), *topology);
    let findings = topology::validate(topology, &Facts::defining(Some(topology)));
    for finding in findings {
        assert!(!finding.problem.is_empty() && !finding.fix.is_empty(), "{finding}");
    }
}

/// A command or post as our own client sends it; none when it was not understood.
fn print(item: &Item) -> Option<String> {
    match &item.ask {
        Ask::Command { command: Ok(command), .. } => Some(xccos::print_command(&item.id, command)),
        Ask::Post(Ok(post)) => Some(xccos::print_post(&item.id, post)),
        Ask::Command { .. } | Ask::Post(_) => None,
    }
}

/// Whether XML can carry the character (XML 1.0, 2.2).
fn in_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// The frames in these pieces of a link, and whether it broke.
fn frames(side: Side, pieces: &[&[u8]]) -> (Vec<Frame>, bool) {
    let mut framer = Framer::new(side, LIMITS);
    let mut frames = Vec::new();
    for piece in pieces {
        framer.feed(piece);
        loop {
            match framer.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(_) => return (frames, true),
            }
        }
    }
    (frames, false)
}

/// Reads everything that is read on demand.
fn ask_everything(message: &Message) {
    let fields = message.fields();
    let _ = (fields.from(), fields.to(), fields.call_id(), fields.cseq(), fields.via());
    let _ = (
        fields.contacts(),
        fields.expires(),
        fields.session_expires(),
        fields.event(),
        fields.content_type(),
    );
    for name in [Name::Route, Name::RecordRoute, Name::PAssertedIdentity] {
        let _ = fields.addresses(name);
    }
    for name in [Name::Authorization, Name::ProxyAuthorization, Name::AuthenticationInfo] {
        let _ = fields.auth(name, "NTLM");
    }
    assert!(fields.iter().all(|(_, value)| !value.contains(['\r', '\n'])), "a value spans lines");
    let _ = (fields.lists(Name::Supported, "timer"), fields.extension("Ms-Text-Format"));
    match message {
        Message::Request(request) => drop((request.target().address(), request.method())),
        Message::Response(response) => drop((response.status(), response.phrase().len())),
    }
}

/// Answers a request and reads the answer as its sender will.
fn answer(request: &Request) {
    let reply = Reply::to(request, Status::OK, "ours");
    let octets = reply.finish(None);
    if is_long(&octets) {
        return;
    }
    assert!(is_one_message(&octets), "{}", octets.escape_ascii());
    let read = match Message::parse(octets) {
        Ok(Message::Response(response)) => response,
        other => panic!("the answer is none: {other:?}"),
    };
    assert_eq!(read.call_id(), request.call_id());
    assert_eq!(read.cseq(), request.cseq());
    assert_eq!(read.from().tag(), request.from().tag());
    assert_eq!(read.to().tag(), request.to().tag().or(Some("ours")));
    assert_eq!(read.pieces(Some(200)).as_ref(), Ok(&reply.pieces()), "the signature covers something else");
}

/// Whether an answer repeats so many Via lines that a reader with our own limits would refuse it, as it may.
fn is_long(octets: &[u8]) -> bool {
    octets.iter().filter(|octet| **octet == b'\n').count() > sip::limits::HEAD_LINES_MAX
        || octets.len() > sip::limits::HEAD_OCTETS_MAX
}

/// Whether a reader finds this message and nothing else: what a peer wrote into a request cannot make its answer two, or
/// half a one.
fn is_one_message(octets: &[u8]) -> bool {
    let mut framer = Framer::new(Side::Client, Limits::default());
    framer.feed(octets);
    let frame = framer.next_frame();
    matches!(&frame, Ok(Some(Frame::Message(message))) if message.octets() == octets)
        && matches!(framer.next_frame(), Ok(None))
}
