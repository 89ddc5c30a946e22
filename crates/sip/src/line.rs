//! One whole message as it lies on a link, and one line of its head: where each is, by offset (RFC 3261 7.3).
//! What the lines of a message say together is in `fields.rs`.

use bytes::Bytes;

use crate::fault::Fault;
use crate::header::Name;
use crate::limits::HEAD_LINES_MAX;
use crate::text;

/// A whole message, from its start line to the end of its body, with where its lines end: for [`crate::Message::parse`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Framed {
    pub(crate) octets: Bytes,
    /// How long start line and header section are, the empty line included; `None` when there is no empty line.
    pub(crate) head_len: Option<usize>,
    /// The lines between the start line and the empty one, not read yet. Of too many there is one more than may be.
    pub(crate) lines: Vec<Line>,
}

/// A line of a header section, or several that were folded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    pub(crate) name: Option<Name>,
    /// The name as written; before the line is read, all of it with its end.
    pub(crate) written: Span,
    pub(crate) value: Span,
    /// Whether `value` is a piece of what was unfolded and not of the frame.
    pub(crate) folded: bool,
}

/// A piece of the head, or of what was unfolded. Both are short enough for half a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Span {
    pub(crate) at: u32,
    pub(crate) end: u32,
}

impl Framed {
    /// The octets of it.
    #[must_use]
    pub fn octets(&self) -> &Bytes {
        &self.octets
    }
}

impl From<Bytes> for Framed {
    /// Takes octets as one message, whatever they are; [`crate::Message::parse`] finds out.
    fn from(octets: Bytes) -> Self {
        let (mut lines, mut at) = (Vec::new(), 0);
        for found in memchr::memchr_iter(b'\n', &octets) {
            let end = found + 1;
            if octets[..end].ends_with(b"\r\n\r\n") {
                return Self { octets, head_len: Some(end), lines };
            }
            if at > 0 && lines.len() <= HEAD_LINES_MAX {
                lines.push(Line::unread(at, end));
            }
            at = end;
        }
        Self { octets, head_len: None, lines }
    }
}

impl From<Vec<u8>> for Framed {
    fn from(octets: Vec<u8>) -> Self {
        Bytes::from(octets).into()
    }
}

impl Line {
    /// What lies between these two places of the frame, with its end.
    pub(crate) fn unread(at: usize, end: usize) -> Self {
        let whole = Span::new(at, end);
        Self { name: None, written: whole, value: whole, folded: false }
    }

    /// Reads a line, given without its end, of this head.
    #[inline]
    pub(crate) fn read(head: &str, line: &str) -> Result<Self, Fault> {
        let (written, value) = text::split_at_octet(line, b':').ok_or(Fault::BadLine)?;
        let written = text::trim_end(written);
        let name = Name::recognise(written);
        // The names we know are tokens.
        if name.is_none() && !text::is_token(written) {
            return Err(Fault::BadLine);
        }
        Ok(Self {
            name,
            written: Span::of(head, written),
            value: Span::of(head, text::trim(value)),
            folded: false,
        })
    }
}

impl Span {
    pub(crate) fn new(at: usize, end: usize) -> Self {
        let half = |place: usize| u32::try_from(place).expect("a header section is short");
        Self { at: half(at), end: half(end) }
    }

    /// Where `part`, cut out of `whole`, lies in it. `whole` begins where the frame does.
    pub(crate) fn of(whole: &str, part: &str) -> Self {
        let at = part.as_ptr().addr() - whole.as_ptr().addr();
        Self::new(at, at + part.len())
    }

    pub(crate) fn in_text(self, whole: &str) -> &str {
        &whole[self.at as usize..self.end as usize]
    }

    pub(crate) fn in_octets(self, whole: &[u8]) -> &[u8] {
        &whole[self.at as usize..self.end as usize]
    }
}

/// Whether a head of so many lines has no control character but those that end them. Where a tab is among them each line is
/// looked at by itself; a framer leaves no line with another end.
pub(crate) fn are_clean(head: &str, lines: usize) -> bool {
    // All of it is looked at, which is quicker than to stop at the first; a part has no more of them than an octet counts.
    let is_control = |octet: u8| (octet < b' ') | (octet == 0x7f);
    let parts = head.as_bytes().chunks(128);
    let controls: usize = parts
        .map(|part| part.iter().fold(0, |found, octet| found + u8::from(is_control(*octet))))
        .map(usize::from)
        .sum();
    controls == 2 * lines
}

/// Whether a line, without its end, has no control character but tabs.
pub(crate) fn is_clean(line: &str) -> bool {
    line.bytes().all(|octet| octet >= b' ' && octet != 0x7f || octet == b'\t')
}
