//! Cuts the octets of a link into messages and keep-alives (RFC 3261 7.5 and 18.3, RFC 5626 4.4.1).
//! Reads of a message only where it ends; keeps at most one message's worth of octets, and looks at each octet once.

use std::borrow::Cow;

use bytes::{Buf, Bytes, BytesMut};

use crate::fault::{Fault, ParseFault};
use crate::fields::declared_length;
use crate::header::Name;
use crate::limits::Limits;
use crate::line::{Framed, Line};
use crate::text;

/// One thing a peer sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Frame {
    /// A whole message; for [`crate::Message::parse`].
    Message(Framed),
    /// Two empty lines: the peer asks whether we are there. A server answers one empty line.
    Ping,
    /// One empty line: the answer to our ping, or one too many between two messages.
    Pong,
}

/// Which end of the link reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Of an empty line it waits for what follows: two of them are a ping.
    Server,
    /// An empty line is at once the answer to its ping.
    Client,
}

/// The octets of one link that are not yet a frame.
///
/// The frames depend on the octets alone, never on the pieces they come in. After a fault there are no more frames.
#[derive(Debug)]
pub struct Framer {
    side: Side,
    limits: Limits,
    kept: BytesMut,
    /// Whether nothing was cut yet out of what `kept` was read into.
    untouched: bool,
    progress: Progress,
    /// The lines found so far of the header section that is being looked at.
    lines: Vec<Line>,
}

#[derive(Clone, Copy, Debug)]
enum Progress {
    /// Looking for the end of the start line.
    Start {
        scanned: usize,
    },
    /// Looking for the end of the header section.
    Lines {
        scanned: usize,
        line_at: usize,
    },
    /// Waiting for a message of this many octets.
    Body {
        head_len: usize,
        total: usize,
    },
    Broken,
}

const START: Progress = Progress::Start { scanned: 0 };

/// After a message longer than this, what it was read into is given back at once; after others, when nothing follows (ours:
/// twice what a server reads at once).
const LONG_OCTETS: usize = 64 * 1024;

/// For how many lines of a head there is room at first (ours: nearly all messages have fewer).
const LINES: usize = 16;

/// The first octet of every TLS connection: a handshake record (RFC 8446 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

impl Framer {
    /// A framer at the beginning of a link.
    #[must_use]
    pub fn new(side: Side, limits: Limits) -> Self {
        Self { side, limits, kept: BytesMut::new(), untouched: true, progress: START, lines: Vec::new() }
    }

    /// Takes octets as they were read from the link. The caller then takes the frames before it reads again, so that no more
    /// than one message and one read are kept.
    pub fn feed(&mut self, octets: &[u8]) {
        if !matches!(self.progress, Progress::Broken) {
            self.kept.extend_from_slice(octets);
        }
    }

    /// Whether the link ended, or would end, in the middle of a message.
    #[must_use]
    pub fn is_within_message(&self) -> bool {
        self.kept.iter().any(|octet| !matches!(octet, b'\r' | b'\n'))
    }

    /// The next frame; `None` when more octets are needed, and for ever after a fault.
    ///
    /// # Errors
    /// The link cannot go on, because where the next message begins is unknown: answer if [`ParseFault::status`] says how,
    /// then close.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Box<ParseFault>> {
        self.advance().map_err(|fault| {
            let whole_lines = memchr::memrchr(b'\n', &self.kept).map_or(0, |at| at + 1);
            self.progress = Progress::Broken;
            self.lines = Vec::new();
            ParseFault::of(fault, &std::mem::take(&mut self.kept)[..whole_lines])
        })
    }

    fn advance(&mut self) -> Result<Option<Frame>, Fault> {
        match self.progress {
            Progress::Broken => return Ok(None),
            Progress::Start { scanned } => {
                if scanned == 0
                    && let Some(frame) = self.empty_lines()
                {
                    return Ok(frame);
                }
                let Some(end) = self.find_start(scanned)? else { return Ok(None) };
                self.lines.reserve(LINES);
                self.progress = Progress::Lines { scanned: end, line_at: end };
            }
            Progress::Lines { .. } | Progress::Body { .. } => {}
        }
        if let Progress::Lines { scanned, line_at } = self.progress {
            let Some(head_len) = self.find_end(scanned, line_at)? else { return Ok(None) };
            let body = body_len(&self.kept, &self.lines, self.limits.body_octets_max)?;
            self.progress = Progress::Body { head_len, total: head_len + body };
        }
        let Progress::Body { head_len, total } = self.progress else { return Ok(None) };
        if self.kept.len() < total {
            return Ok(None);
        }
        self.progress = START;
        let lines = std::mem::take(&mut self.lines);
        Ok(Some(Frame::Message(Framed { octets: self.cut(total), head_len: Some(head_len), lines })))
    }

    /// Takes a message of this many octets out of what is kept. It gets octets of its own: whoever keeps a short message for
    /// long keeps no long one that came before it. What was read of a quiet link is just that, and goes with it; what was
    /// needed for a long one is given back.
    fn cut(&mut self, total: usize) -> Bytes {
        if self.untouched && self.kept.len() == total && self.kept.capacity() == total {
            return std::mem::take(&mut self.kept).freeze();
        }
        let message = Bytes::copy_from_slice(&self.kept[..total]);
        self.drop_first(total);
        if self.kept.is_empty() || total > LONG_OCTETS {
            self.kept = BytesMut::from(&self.kept[..]);
            self.untouched = true;
        }
        message
    }

    fn drop_first(&mut self, octets: usize) {
        self.kept.advance(octets);
        self.untouched = false;
    }

    /// Empty lines before a message: the outer `None` when there are none.
    fn empty_lines(&mut self) -> Option<Option<Frame>> {
        let frame = match (&self.kept[..], self.side) {
            ([b'\r', b'\n', b'\r', b'\n', ..], Side::Server) => Frame::Ping,
            ([] | [b'\r'] | [b'\r', b'\n'] | [b'\r', b'\n', b'\r'], Side::Server) => return Some(None),
            ([] | [b'\r'], Side::Client) => return Some(None),
            ([b'\r', b'\n', ..], _) => Frame::Pong,
            _ => return None,
        };
        self.drop_first(if frame == Frame::Ping { 4 } else { 2 });
        Some(Some(frame))
    }

    /// Where the start line ends. A control character in it shows at once that this will never be SIP.
    fn find_start(&mut self, scanned: usize) -> Result<Option<usize>, Fault> {
        match self.kept.first() {
            Some(&TLS_HANDSHAKE) => return Err(Fault::TlsHello),
            Some(octet) if !text::is_token_octet(*octet) => return Err(Fault::NotSip),
            _ => {}
        }
        let within = self.kept.len().min(self.limits.head_octets_max);
        let control = self.kept[scanned..within].iter().position(u8::is_ascii_control).map(|at| scanned + at);
        let (end, more) = match control {
            Some(at) => (at, &self.kept[at..within]),
            None => (within, &[][..]),
        };
        match more {
            [b'\r', b'\n', ..] if is_start_line(&self.kept[..end]) => return Ok(Some(end + 2)),
            [] | [b'\r'] if self.kept.len() >= self.limits.head_octets_max => {
                return Err(Fault::HeadTooLarge);
            }
            [] | [b'\r'] => self.progress = Progress::Start { scanned: end },
            _ => return Err(Fault::NotSip),
        }
        Ok(None)
    }

    /// Where the header section ends, going on where the last look stopped. Of a fault, what comes after it is dropped.
    fn find_end(&mut self, mut scanned: usize, mut line_at: usize) -> Result<Option<usize>, Fault> {
        while let Some(found) = memchr::memchr(b'\n', &self.kept[scanned..]) {
            let end = scanned + found + 1;
            let line = &self.kept[line_at..end];
            let fault = if end > self.limits.head_octets_max {
                Fault::HeadTooLarge
            } else if line == b"\r\n" {
                return Ok(Some(end));
            } else if !line.ends_with(b"\r\n") {
                Fault::ControlCharacter
            } else if self.lines.len() == self.limits.head_lines_max {
                Fault::TooManyLines
            } else {
                self.lines.push(Line::unread(line_at, end));
                (scanned, line_at) = (end, end);
                continue;
            };
            self.kept.truncate(line_at);
            return Err(fault);
        }
        if self.kept.len() >= self.limits.head_octets_max {
            return Err(Fault::HeadTooLarge);
        }
        self.progress = Progress::Lines { scanned: self.kept.len(), line_at };
        Ok(None)
    }
}

/// Whether the line could be one of SIP: it begins or ends in `SIP/`. Whether it is well formed is found out later.
fn is_start_line(line: &[u8]) -> bool {
    let sip = |word: &[u8]| word.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case(b"SIP/"));
    sip(line) || memchr::memrchr(b' ', line).is_some_and(|at| sip(&line[at + 1..]))
}

/// How long the body is, by the lines of a whole header section.
fn body_len(head: &[u8], lines: &[Line], body_octets_max: usize) -> Result<usize, Fault> {
    let mut typed = false;
    let lengths = (0..lines.len()).filter_map(|at| {
        let line = lines[at].written.in_octets(head);
        let name = match line {
            [b'C' | b'c' | b'L' | b'l', b'o' | b'O' | b':' | b' ' | b'\t', ..] => name_of(line),
            // Neither of the two names looked for begins so, long or compact.
            _ => None,
        };
        typed |= name == Some(Name::ContentType);
        (name == Some(Name::ContentLength)).then(|| value_of(head, &lines[at..]))
    });
    // Without Content-Type there is no body (RFC 3261 20.15), so its length need not be said.
    match declared_length(lengths)? {
        Some(length) => usize::try_from(length)
            .ok()
            .filter(|length| *length <= body_octets_max)
            .ok_or(Fault::BodyTooLarge),
        None if typed => Err(Fault::LengthMissing),
        None => Ok(0),
    }
}

/// The value in the first of these lines, with the lines that continue it.
fn value_of<'a>(head: &'a [u8], lines: &[Line]) -> Cow<'a, str> {
    let mut lines = lines.iter().map(|line| line.written.in_octets(head)).map(|line| &line[..line.len() - 2]);
    let line = lines.next().unwrap_or_default();
    let at = memchr::memchr(b':', line).map_or(line.len(), |colon| colon + 1);
    let mut value = String::from_utf8_lossy(&line[at..]);
    for more in lines.take_while(|line| matches!(line.first(), Some(b' ' | b'\t'))) {
        let value = value.to_mut();
        value.push(' ');
        value.push_str(&String::from_utf8_lossy(more));
    }
    value
}

/// The name a line begins with, if it is one of ours.
fn name_of(line: &[u8]) -> Option<Name> {
    let end = line.iter().position(|octet| *octet == b':')?;
    let mut name = &line[..end];
    while let [before @ .., b' ' | b'\t'] = name {
        name = before;
    }
    Name::of_octets(name)
}
