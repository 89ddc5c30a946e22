//! The header fields and the body of a message, found by offset and read on demand (RFC 3261 7.3).
//! The start line is in `message.rs`; how each kind of value is read is in `header/`.

use bytes::Bytes;

use crate::fault::Fault;
use crate::header::auth::Auth;
use crate::header::content_type::ContentType;
use crate::header::cseq::CSeq;
use crate::header::event::Event;
use crate::header::name_addr::{NameAddr, seconds};
use crate::header::session_expires::SessionExpires;
use crate::header::via::Via;
use crate::header::{Name, auth};
use crate::limits::HEAD_LINES_MAX;
use crate::pieces::Pieces;
use crate::text;

/// Header fields and body. Names are found in any case, long or compact; values are free of folds and of control characters
/// but tabs, without blanks around them.
#[derive(Clone, Debug)]
pub struct Fields {
    frame: Bytes,
    /// Values that were folded over several lines, unfolded.
    unfolded: String,
    lines: Vec<Line>,
    body_at: usize,
}

/// A piece of the frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    at: usize,
    end: usize,
}

#[derive(Clone, Debug)]
struct Line {
    name: Option<Name>,
    written: Span,
    value: Span,
    /// Whether `value` is a piece of `unfolded` and not of the frame.
    folded: bool,
}

/// The Contact header fields of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Contacts<'a> {
    /// `*`: all there are, to be removed (RFC 3261 10.2.2).
    All,
    /// Those listed; none when there is no Contact.
    Listed(Vec<NameAddr<'a>>),
}

/// What may be there once.
const SINGLE: [Name; 11] = [
    Name::From,
    Name::To,
    Name::CallId,
    Name::CSeq,
    Name::MaxForwards,
    Name::ContentType,
    Name::Expires,
    Name::Event,
    Name::SessionExpires,
    Name::MinSe,
    Name::SubscriptionState,
];

impl Fields {
    /// The table of the header lines that start at `at` of this head.
    pub(crate) fn read(frame: &Bytes, head: &str, at: usize) -> Result<Self, Fault> {
        let mut fields = Self {
            frame: frame.clone(),
            unfolded: String::new(),
            lines: Vec::with_capacity(20),
            body_at: head.len(),
        };
        let mut count = 0;
        for line in head[at..head.len() - 2].split_inclusive('\n') {
            let clean = |line: &str| line.bytes().all(|octet| octet == b'\t' || !octet.is_ascii_control());
            let line = line.strip_suffix("\r\n").filter(|line| clean(line)).ok_or(Fault::ControlCharacter)?;
            count += 1;
            if count > HEAD_LINES_MAX {
                return Err(Fault::TooManyLines);
            }
            if line.starts_with([' ', '\t']) {
                fields.unfold(text::trim(line))?;
            } else {
                fields.lines.push(Line::read(head, line)?);
            }
        }
        Ok(fields)
    }

    /// Adds a continuation line to the last value, a blank between (RFC 3261 7.3.1).
    fn unfold(&mut self, more: &str) -> Result<(), Fault> {
        let last = self.lines.len().checked_sub(1).ok_or(Fault::BadLine)?;
        if !self.lines[last].folded {
            let begun = self.at(self.lines[last].value).to_owned();
            let at = self.unfolded.len();
            self.unfolded.push_str(&begun);
            self.lines[last].value = Span { at, end: self.unfolded.len() };
            self.lines[last].folded = true;
        }
        let empty = self.lines[last].value.at == self.unfolded.len();
        if !empty && !more.is_empty() {
            self.unfolded.push(' ');
        }
        self.unfolded.push_str(more);
        self.lines[last].value.end = self.unfolded.len();
        Ok(())
    }

    /// What every message must have (RFC 3261 8.1.1), and that the body is as long as it says.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if let Some(name) = SINGLE.into_iter().find(|name| self.values(*name).nth(1).is_some()) {
            return Err(Fault::Repeated(name));
        }
        self.top_via()?;
        for name in [Name::From, Name::To] {
            let address = self.address(name)?;
            let tagged = !address.params.has("tag") || address.tag().is_some_and(text::is_token);
            if !tagged || address.sip_uri() == Err(Fault::BadUri) {
                return Err(Fault::Bad(name));
            }
        }
        CSeq::parse(self.value(Name::CSeq).ok_or(Fault::Missing(Name::CSeq))?)?;
        let call_id = self.value(Name::CallId).ok_or(Fault::Missing(Name::CallId))?;
        if call_id.is_empty() || call_id.contains(char::is_whitespace) {
            return Err(Fault::Bad(Name::CallId));
        }
        if self
            .value(Name::MaxForwards)
            .is_some_and(|value| text::number(value).is_none_or(|hops| hops > 255))
        {
            return Err(Fault::Bad(Name::MaxForwards));
        }
        let body = self.body().len();
        match declared_length(self.values(Name::ContentLength))? {
            Some(length) if length == body as u64 => Ok(()),
            None if body == 0 => Ok(()),
            None => Err(Fault::LengthMissing),
            Some(_) => Err(Fault::LengthsDiffer),
        }
    }

    /// The first value of the named header field.
    #[must_use]
    pub fn value(&self, name: Name) -> Option<&str> {
        self.values(name).next()
    }

    /// The values of the named header field, a line each, in order.
    pub fn values(&self, name: Name) -> impl Iterator<Item = &str> {
        self.lines.iter().filter(move |line| line.name == Some(name)).map(|line| self.value_of(line))
    }

    /// The first value of a header field that has no [`Name`] here.
    #[must_use]
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.iter().find(|(written, _)| written.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Name as written and value of each line, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|line| (self.at(line.written), self.value_of(line)))
    }

    /// The elements of a header field whose values are lists, over all its lines; empty elements left out.
    pub fn elements(&self, name: Name) -> impl Iterator<Item = &str> {
        self.values(name)
            .flat_map(|value| text::split_outside(value, b','))
            .filter(|element| !element.is_empty())
    }

    /// Whether a list such as Supported or Require names this, in any case.
    #[must_use]
    pub fn lists(&self, name: Name, word: &str) -> bool {
        self.elements(name).any(|element| element.eq_ignore_ascii_case(word))
    }

    /// From.
    #[must_use]
    pub fn from(&self) -> NameAddr<'_> {
        self.address(Name::From).expect("the message was accepted with this From")
    }

    /// To.
    #[must_use]
    pub fn to(&self) -> NameAddr<'_> {
        self.address(Name::To).expect("the message was accepted with this To")
    }

    /// Call-ID.
    #[must_use]
    pub fn call_id(&self) -> &str {
        self.value(Name::CallId).expect("the message was accepted with this Call-ID")
    }

    /// CSeq.
    #[must_use]
    pub fn cseq(&self) -> CSeq {
        let value = self.value(Name::CSeq).expect("the message was accepted with a CSeq");
        CSeq::parse(value).expect("the message was accepted with this CSeq")
    }

    /// The topmost Via: that of the peer.
    #[must_use]
    pub fn via(&self) -> Via<'_> {
        self.top_via().expect("the message was accepted with this Via")
    }

    /// Contact.
    ///
    /// # Errors
    /// [`Fault::Bad`] when one is malformed or `*` does not stand alone.
    pub fn contacts(&self) -> Result<Contacts<'_>, Fault> {
        let elements = || self.elements(Name::Contact);
        if elements().any(|element| element == "*") {
            let alone = elements().nth(1).is_none();
            return if alone { Ok(Contacts::All) } else { Err(Fault::Bad(Name::Contact)) };
        }
        self.addresses(Name::Contact).map(Contacts::Listed)
    }

    /// The addresses of a header field that lists them: Route, Record-Route, P-Asserted-Identity ...
    ///
    /// # Errors
    /// [`Fault::Bad`] when one is malformed.
    pub fn addresses(&self, name: Name) -> Result<Vec<NameAddr<'_>>, Fault> {
        self.elements(name).map(|element| NameAddr::parse(element, name)).collect()
    }

    /// The seconds of Expires.
    ///
    /// # Errors
    /// [`Fault::Bad`] when malformed.
    pub fn expires(&self) -> Result<Option<u32>, Fault> {
        let read = |value| seconds(value).ok_or(Fault::Bad(Name::Expires));
        self.value(Name::Expires).map(read).transpose()
    }

    /// Session-Expires.
    ///
    /// # Errors
    /// [`Fault::Bad`] when malformed.
    pub fn session_expires(&self) -> Result<Option<SessionExpires<'_>>, Fault> {
        self.value(Name::SessionExpires).map(SessionExpires::parse).transpose()
    }

    /// Event.
    ///
    /// # Errors
    /// [`Fault::Bad`] when malformed.
    pub fn event(&self) -> Result<Option<Event<'_>>, Fault> {
        self.value(Name::Event).map(Event::parse).transpose()
    }

    /// Content-Type.
    ///
    /// # Errors
    /// [`Fault::Bad`] when malformed.
    pub fn content_type(&self) -> Result<Option<ContentType<'_>>, Fault> {
        self.value(Name::ContentType).map(ContentType::parse).transpose()
    }

    /// The one value of Authorization, Proxy-Authorization, Authentication-Info ... with this scheme.
    ///
    /// # Errors
    /// [`Fault::Bad`] when a value is malformed, [`Fault::Repeated`] when two have the scheme.
    pub fn auth(&self, name: Name, scheme: &str) -> Result<Option<Auth<'_>>, Fault> {
        let mut found = None;
        for value in self.values(name) {
            let read = auth::Auth::parse(value, name)?;
            if read.is(scheme) && found.replace(read).is_some() {
                return Err(Fault::Repeated(name));
            }
        }
        Ok(found)
    }

    /// The parts of this message that a signature covers; `code` is that of a response.
    ///
    /// # Errors
    /// [`Fault::Bad`] when P-Asserted-Identity is malformed.
    pub fn pieces(&self, code: Option<u16>) -> Result<Pieces<'_>, Fault> {
        let asserted = self.addresses(Name::PAssertedIdentity)?;
        let of = |scheme: &str| {
            let has =
                |uri: &&str| uri.split_once(':').is_some_and(|(word, _)| word.eq_ignore_ascii_case(scheme));
            asserted.iter().map(|one| one.uri).find(has).unwrap_or_default()
        };
        let (from, to) = (self.from(), self.to());
        let (cseq, method) =
            self.value(Name::CSeq).and_then(|value| value.split_once([' ', '\t'])).unwrap_or_default();
        Ok(Pieces {
            call_id: self.call_id(),
            cseq: cseq.into(),
            method: text::trim(method),
            from_uri: from.uri,
            from_tag: from.tag().unwrap_or_default(),
            to_uri: to.uri,
            to_tag: to.tag().unwrap_or_default(),
            asserted_sip: of("sip"),
            asserted_tel: of("tel"),
            expires: self.value(Name::Expires).unwrap_or_default(),
            code,
        })
    }

    /// The body; empty when there is none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.frame[self.body_at..]
    }

    /// The very octets of the whole message.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        self.frame.clone()
    }

    pub(crate) fn at(&self, span: Span) -> &str {
        str::from_utf8(&self.frame[span.at..span.end]).expect("the head was UTF-8 when it was read")
    }

    fn value_of(&self, line: &Line) -> &str {
        if line.folded { &self.unfolded[line.value.at..line.value.end] } else { self.at(line.value) }
    }

    fn address(&self, name: Name) -> Result<NameAddr<'_>, Fault> {
        NameAddr::parse(self.value(name).ok_or(Fault::Missing(name))?, name)
    }

    fn top_via(&self) -> Result<Via<'_>, Fault> {
        Via::parse(self.elements(Name::Via).next().ok_or(Fault::Missing(Name::Via))?)
    }
}

impl Line {
    fn read(head: &str, line: &str) -> Result<Self, Fault> {
        let (name, value) = line.split_once(':').ok_or(Fault::BadLine)?;
        let name = name.trim_end_matches([' ', '\t']);
        if !text::is_token(name) {
            return Err(Fault::BadLine);
        }
        Ok(Self {
            name: Name::recognise(name),
            written: Span::of(head, name),
            value: Span::of(head, text::trim(value)),
            folded: false,
        })
    }
}

impl Span {
    /// Where `part`, cut out of `whole`, lies in it. `whole` begins where the frame does.
    pub(crate) fn of(whole: &str, part: &str) -> Self {
        let at = part.as_ptr().addr() - whole.as_ptr().addr();
        Self { at, end: at + part.len() }
    }
}

/// What the values of Content-Length say; `None` when there is none.
pub(crate) fn declared_length<'a>(values: impl Iterator<Item = &'a str>) -> Result<Option<u64>, Fault> {
    let mut declared = None;
    for value in values {
        let length = text::number(value).ok_or(Fault::BadLength)?;
        if declared.is_some_and(|other| other != length) {
            return Err(Fault::LengthsDiffer);
        }
        declared = Some(length);
    }
    Ok(declared)
}
