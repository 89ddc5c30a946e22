//! The lines of a message we send, one below the other.
//! Does not know which lines a message needs; no value can begin a line of its own.

use std::borrow::Cow;
use std::fmt::Write as _;

use bytes::Bytes;

use crate::header::Name;
use crate::text;

/// Lines and body that the caller adds to those every message has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Additions {
    lines: String,
    expires: String,
    body: Bytes,
}

impl Additions {
    pub(crate) fn header(&mut self, name: Name, value: &str) {
        if name == Name::Expires {
            self.expires = text::trim(&clean(value)).to_owned();
        }
        line(&mut self.lines, name.as_str(), value);
    }

    pub(crate) fn extension(&mut self, name: &str, value: &str) {
        line(&mut self.lines, name, value);
    }

    pub(crate) fn body(&mut self, content_type: &str, body: Bytes) {
        line(&mut self.lines, Name::ContentType.as_str(), content_type);
        self.body = body;
    }

    /// The value of Expires, for a signature.
    pub(crate) fn expires(&self) -> &str {
        &self.expires
    }

    /// The whole message that begins with `head`.
    pub(crate) fn finish(&self, mut head: String, authentication_info: Option<&str>) -> Vec<u8> {
        head.reserve(self.lines.len() + self.body.len() + 512);
        head.push_str(&self.lines);
        if let Some(value) = authentication_info {
            line(&mut head, Name::AuthenticationInfo.as_str(), value);
        }
        write!(head, "Content-Length: {}\r\n\r\n", self.body.len())
            .expect("a string takes all that is written");
        let mut octets = head.into_bytes();
        octets.extend_from_slice(&self.body);
        octets
    }
}

/// Writes one header line.
pub(crate) fn line(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push_str(": ");
    out.push_str(&clean(value));
    out.push_str("\r\n");
}

/// A value that stays on its line: each control character but tabs becomes a blank.
pub(crate) fn clean(value: &str) -> Cow<'_, str> {
    let breaks = |c: char| c.is_ascii_control() && c != '\t';
    if value.contains(breaks) { Cow::Owned(value.replace(breaks, " ")) } else { Cow::Borrowed(value) }
}
