//! One SIP message in one buffer with a table of offsets (RFC 3261 7); what is not asked for is not read.
//! Cutting messages out of a stream is done in `frame.rs`; values of header fields are read in `fields.rs`.

use std::ops::Deref;

use bytes::Bytes;
use bytestring::ByteString;

use crate::fault::{Fault, ParseFault};
use crate::fields::{Fields, Span};
use crate::method::Method;
use crate::status::Status;
use crate::uri::Uri;

/// A whole message. Via, From, To, Call-ID and CSeq are there and well formed; what may be there once is.
#[derive(Clone, Debug)]
pub enum Message {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}

/// A request; its header fields and body are those of [`Fields`]. Its URI is a well-formed sip or sips URI and its method
/// is that of its CSeq.
#[derive(Clone, Debug)]
pub struct Request {
    method: Method,
    uri: Span,
    fields: Fields,
}

/// A response; its header fields and body are those of [`Fields`].
#[derive(Clone, Debug)]
pub struct Response {
    status: Status,
    phrase: Span,
    fields: Fields,
}

enum Start {
    Request { method: Method, uri: Span },
    Response { status: Status, phrase: Span },
}

impl Message {
    /// Reads one message, start line to the end of the body, as a [`crate::Framer`] cuts it.
    ///
    /// # Errors
    /// The first [`Fault`] found, with what an answer can be built from.
    pub fn parse(frame: Bytes) -> Result<Self, Box<ParseFault>> {
        Self::read(&frame).map_err(|fault| ParseFault::of(fault, &frame))
    }

    fn read(frame: &Bytes) -> Result<Self, Fault> {
        let body_at = head_len(frame).ok_or(Fault::BadLine)?;
        let head = ByteString::try_from(frame.slice(..body_at)).map_err(|_| Fault::NotText)?;
        let start_end = head.find("\r\n").ok_or(Fault::BadStartLine)?;
        let start = Start::read(&head[..start_end])?;
        let mut fields = Fields::read(frame, head, start_end + 2)?;
        fields.check()?;
        let message = match start {
            Start::Request { method, uri } => {
                if fields.cseq().method != method {
                    return Err(Fault::MethodsDiffer);
                }
                Self::Request(Request { method, uri, fields })
            }
            Start::Response { status, phrase } => Self::Response(Response { status, phrase, fields }),
        };
        Ok(message)
    }

    /// Header fields and body.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        match self {
            Self::Request(request) => &request.fields,
            Self::Response(response) => &response.fields,
        }
    }

    /// The very octets it was read from.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        self.fields().to_bytes()
    }
}

impl Request {
    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The Request-URI as written.
    #[must_use]
    pub fn uri(&self) -> &str {
        self.fields.at(self.uri)
    }

    /// The Request-URI.
    #[must_use]
    pub fn target(&self) -> Uri<'_> {
        Uri::parse(self.uri()).expect("the start line was accepted with this URI")
    }
}

impl Response {
    /// The status.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// The phrase beside the code; may be empty.
    #[must_use]
    pub fn phrase(&self) -> &str {
        self.fields.at(self.phrase)
    }
}

impl Deref for Request {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.fields
    }
}

impl Deref for Response {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.fields
    }
}

impl Start {
    /// Reads a start line: three words and single blanks, nothing more (RFC 3261 7.1, 7.2).
    fn read(line: &str) -> Result<Self, Fault> {
        let control = line.bytes().any(|octet| octet.is_ascii_control());
        if control || !line.is_ascii() && line.contains(char::is_control) {
            return Err(Fault::ControlCharacter);
        }
        let (first, rest) = line.split_once(' ').ok_or(Fault::BadStartLine)?;
        if first.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("SIP/")) {
            return Self::response(line, first, rest);
        }
        let method = Method::parse(first).ok_or(Fault::BadStartLine)?;
        let (uri, version) = rest.split_once(' ').ok_or(Fault::BadStartLine)?;
        check_version(version)?;
        Uri::parse(uri).map_err(|fault| if fault == Fault::BadUri { Fault::BadStartLine } else { fault })?;
        Ok(Self::Request { method, uri: Span::of(line, uri) })
    }

    fn response(line: &str, version: &str, rest: &str) -> Result<Self, Fault> {
        check_version(version)?;
        let (code, phrase) = rest.split_once(' ').unwrap_or((rest, &rest[rest.len()..]));
        let code =
            Some(code).filter(|code| code.len() == 3 && code.bytes().all(|octet| octet.is_ascii_digit()));
        let status = code.and_then(|code| code.parse().ok()).and_then(Status::from_code);
        Ok(Self::Response { status: status.ok_or(Fault::BadStartLine)?, phrase: Span::of(line, phrase) })
    }
}

/// How long start line and header section are, the empty line included.
fn head_len(frame: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', frame).map(|at| at + 1).find(|end| frame[..*end].ends_with(b"\r\n\r\n"))
}

fn check_version(version: &str) -> Result<(), Fault> {
    if version.eq_ignore_ascii_case("SIP/2.0") {
        return Ok(());
    }
    let numbers =
        version.get(..4).filter(|word| word.eq_ignore_ascii_case("SIP/")).and_then(|_| version.get(4..));
    let number = |text: &str| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    let other = numbers.and_then(|text| text.split_once('.')).is_some_and(|(a, b)| number(a) && number(b));
    Err(if other { Fault::WrongVersion } else { Fault::BadStartLine })
}
