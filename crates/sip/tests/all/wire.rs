//! Messages for the tests: those of the real client's transcripts, and Alice's own, line by line.
//! No test of its own.

use bytes::Bytes;
use sip::{Frame, Framed, Framer, Limits, Message, Request, Response, Side};

/// One message of a transcript.
pub struct Heard {
    /// Its octets as they were on the wire.
    pub octets: Vec<u8>,
}

const TRANSCRIPTS: [(&str, &str); 7] = [
    ("tcp-ntlm-two-users", include_str!("../data/tcp-ntlm-two-users.txt")),
    ("tls-ntlm-two-users", include_str!("../data/tls-ntlm-two-users.txt")),
    ("minimal-server", include_str!("../data/minimal-server.txt")),
    ("reconnect-bjoin", include_str!("../data/reconnect-bjoin.txt")),
    ("server-forgot-dialog-481", include_str!("../data/server-forgot-dialog-481.txt")),
    ("reregister-and-update", include_str!("../data/reregister-and-update.txt")),
    ("wrong-password", include_str!("../data/wrong-password.txt")),
];

/// The messages of a transcript in order. The files hold line ends as LF alone where they were CR LF, in heads and, as
/// Content-Length shows, in some bodies.
fn heard(transcript: &str) -> Vec<Heard> {
    let blocks = transcript.split("======== ").skip(1);
    blocks
        .map(|block| {
            let (_, message) = block.split_once('\n').unwrap();
            let (head, body) = message.split_once("\n\n").unwrap();
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
            let body = body.strip_suffix('\n').unwrap();
            let lost = length.parse::<usize>().unwrap() - body.len();
            let body = body.replacen('\n', "\r\n", lost);
            let octets = format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n")).into_bytes();
            Heard { octets }
        })
        .collect()
}

/// All messages of all transcripts.
pub fn all_heard() -> Vec<Heard> {
    TRANSCRIPTS.iter().flat_map(|(_, transcript)| heard(transcript)).collect()
}

/// The frames of these octets, fed in pieces of this size.
pub fn frames(octets: &[u8], piece: usize) -> Vec<Frame> {
    let mut framer = Framer::new(Side::Server, Limits::default());
    let mut frames = Vec::new();
    for piece in octets.chunks(piece) {
        framer.feed(piece);
        while let Some(frame) = framer.next_frame().unwrap() {
            frames.push(frame);
        }
    }
    frames
}

/// The lines as they go over the wire, each ended by CR LF.
pub fn wire(lines: &[&str]) -> Bytes {
    lines.iter().map(|line| format!("{line}\r\n")).collect::<String>().into()
}

/// A request of these lines; the empty line and the body are the last two, or only the empty line.
pub fn request(lines: &[&str]) -> Request {
    match Message::parse(wire(lines)).unwrap() {
        Message::Request(request) => request,
        Message::Response(_) => panic!("a response"),
    }
}

/// The response in these octets.
pub fn response(octets: impl Into<Framed>) -> Response {
    match Message::parse(octets).unwrap() {
        Message::Response(response) => response,
        Message::Request(_) => panic!("a request"),
    }
}
