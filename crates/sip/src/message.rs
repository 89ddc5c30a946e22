//! One SIP message in one buffer with a table of offsets (RFC 3261 7); what is not asked for is not read.
//! Cutting messages out of a stream is done in `frame.rs`; values of header fields are read in `fields.rs`.

use std::ops::Deref;

use bytes::Bytes;

use crate::fault::{Fault, ParseFault};
use crate::fields::Fields;
use crate::line::{Framed, Span};
use crate::method::Method;
use crate::status::Status;
use crate::text;
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
    pub fn parse(framed: impl Into<Framed>) -> Result<Self, Box<ParseFault>> {
        let Framed { octets, head_len, lines } = framed.into();
        let Some(head_len) = head_len else { return Err(ParseFault::of(Fault::BadLine, &octets)) };
        let start_end = lines.first().map_or(head_len - 2, |line| line.written.at as usize);
        let mut fields = Fields::unread(octets, head_len, lines)
            .map_err(|octets| ParseFault::of(Fault::NotText, &octets))?;
        match Self::read(&mut fields, start_end) {
            Ok(Start::Request { method, uri }) => Ok(Self::Request(Request { method, uri, fields })),
            Ok(Start::Response { status, phrase }) => Ok(Self::Response(Response { status, phrase, fields })),
            Err(fault) => Err(ParseFault::of(fault, fields.head().as_bytes())),
        }
    }

    fn read(fields: &mut Fields, start_end: usize) -> Result<Start, Fault> {
        let start = fields.head()[..start_end].strip_suffix("\r\n").ok_or(Fault::ControlCharacter)?;
        let start = Start::read(start)?;
        fields.read()?;
        fields.check()?;
        match &start {
            Start::Request { method, .. } if fields.cseq().method != *method => Err(Fault::MethodsDiffer),
            Start::Request { .. } | Start::Response { .. } => Ok(start),
        }
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
        let (first, rest) = text::split_at_octet(line, b' ').ok_or(Fault::BadStartLine)?;
        if first.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("SIP/")) {
            return Self::response(line, first, rest);
        }
        let method = Method::parse(first).ok_or(Fault::BadStartLine)?;
        let (uri, version) = text::split_at_octet(rest, b' ').ok_or(Fault::BadStartLine)?;
        check_version(version)?;
        Uri::parse(uri).map_err(|fault| if fault == Fault::BadUri { Fault::BadStartLine } else { fault })?;
        Ok(Self::Request { method, uri: Span::of(line, uri) })
    }

    fn response(line: &str, version: &str, rest: &str) -> Result<Self, Fault> {
        check_version(version)?;
        let (code, phrase) = text::split_at_octet(rest, b' ').unwrap_or((rest, &rest[rest.len()..]));
        let code =
            Some(code).filter(|code| code.len() == 3 && code.bytes().all(|octet| octet.is_ascii_digit()));
        let status = code.and_then(|code| code.parse().ok()).and_then(Status::from_code);
        Ok(Self::Response { status: status.ok_or(Fault::BadStartLine)?, phrase: Span::of(line, phrase) })
    }
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
