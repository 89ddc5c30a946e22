//! The header fields and the body of a message, found by offset and read on demand (RFC 3261 7.3).
//! The start line is in `message.rs`; how each kind of value is read is in `header/`.

use bytes::Bytes;
use bytestring::ByteString;

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
    /// Of the frame what comes before the body.
    head: ByteString,
    table: Box<Table>,
}

/// Where everything is.
#[derive(Clone, Debug)]
struct Table {
    /// Values that were folded over several lines, unfolded.
    unfolded: String,
    lines: Vec<Line>,
    /// For each name the place of its first line, or [`NOWHERE`].
    first: [u8; Name::COUNT],
    /// The names that more than one line has, a bit each.
    repeated: u64,
    from: Party,
    to: Party,
}

/// What marks a name that no line has; there are never so many lines.
const NOWHERE: u8 = u8::MAX;
const _: () = assert!(HEAD_LINES_MAX < NOWHERE as usize && Name::COUNT <= u64::BITS as usize);

/// Where URI and tag of From or To are, in the frame or in what was unfolded; both empty before they are read.
#[derive(Clone, Copy, Debug, Default)]
struct Party {
    uri: Span,
    tag: Span,
    folded: bool,
}

/// A piece of the frame. The header section is short enough for half a word.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    at: u32,
    end: u32,
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
    pub(crate) fn read(frame: &Bytes, head: ByteString, at: usize) -> Result<Self, Fault> {
        let mut fields = Self {
            frame: frame.clone(),
            head: head.clone(),
            table: Box::new(Table {
                unfolded: String::new(),
                lines: Vec::with_capacity(16),
                first: [NOWHERE; Name::COUNT],
                repeated: 0,
                from: Party::default(),
                to: Party::default(),
            }),
        };
        let end = head.len() - 2;
        let (mut at, mut count) = (at, 0);
        for found in memchr::memchr_iter(b'\n', &head.as_bytes()[..end]).skip(1) {
            let line_end = found + 1;
            let line = head[at..line_end].strip_suffix("\r\n").filter(|line| is_clean(line));
            let line = line.ok_or(Fault::ControlCharacter)?;
            at = line_end;
            count += 1;
            if count > HEAD_LINES_MAX {
                return Err(Fault::TooManyLines);
            }
            if line.starts_with([' ', '\t']) {
                fields.unfold(text::trim(line))?;
            } else {
                fields.add(Line::read(&head, line)?);
            }
        }
        if at < end {
            return Err(Fault::ControlCharacter);
        }
        Ok(fields)
    }

    fn add(&mut self, line: Line) {
        if let Some(name) = line.name {
            let first = &mut self.table.first[name as usize];
            if *first == NOWHERE {
                *first = u8::try_from(self.table.lines.len()).expect("there are fewer lines");
            } else {
                self.table.repeated |= 1 << name as u64;
            }
        }
        self.table.lines.push(line);
    }

    /// Adds a continuation line to the last value, a blank between (RFC 3261 7.3.1).
    fn unfold(&mut self, more: &str) -> Result<(), Fault> {
        let last = self.table.lines.len().checked_sub(1).ok_or(Fault::BadLine)?;
        if !self.table.lines[last].folded {
            let begun = self.at(self.table.lines[last].value).to_owned();
            let at = self.table.unfolded.len();
            self.table.unfolded.push_str(&begun);
            self.table.lines[last].value = Span::new(at, self.table.unfolded.len());
            self.table.lines[last].folded = true;
        }
        let empty = self.table.lines[last].value.at as usize == self.table.unfolded.len();
        if !empty && !more.is_empty() {
            self.table.unfolded.push(' ');
        }
        self.table.unfolded.push_str(more);
        self.table.lines[last].value.end = Span::new(0, self.table.unfolded.len()).end;
        Ok(())
    }

    /// What every message must have (RFC 3261 8.1.1), and that the body is as long as it says.
    pub(crate) fn check(&mut self) -> Result<(), Fault> {
        if let Some(name) = SINGLE.into_iter().find(|name| self.table.repeated & (1 << *name as u64) != 0) {
            return Err(Fault::Repeated(name));
        }
        self.top_via()?;
        self.table.from = self.party(Name::From)?;
        self.table.to = self.party(Name::To)?;
        CSeq::parse(self.value(Name::CSeq).ok_or(Fault::Missing(Name::CSeq))?)?;
        let call_id = self.value(Name::CallId).ok_or(Fault::Missing(Name::CallId))?;
        if call_id.is_empty() || text::has_blank(call_id) {
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

    /// From or To, as it must be.
    fn party(&self, name: Name) -> Result<Party, Fault> {
        let line = self.line(name).ok_or(Fault::Missing(name))?;
        let value = self.value_of(line);
        let address = NameAddr::parse(value, name)?;
        let tag = address.params.iter().find(|(name, _)| name.eq_ignore_ascii_case("tag"));
        let tag = tag.map(|(_, tag)| tag.unwrap_or_default());
        if tag.is_some_and(|tag| !text::is_token(tag)) || address.sip_uri() == Err(Fault::BadUri) {
            return Err(Fault::Bad(name));
        }
        let whole: &str = if line.folded { &self.table.unfolded } else { &self.head };
        let tag = tag.map(|tag| Span::of(whole, tag)).unwrap_or_default();
        Ok(Party { uri: Span::of(whole, address.uri), tag, folded: line.folded })
    }

    fn of_party(&self, party: Party) -> (&str, &str) {
        let whole: &str = if party.folded { &self.table.unfolded } else { &self.head };
        (party.uri.in_text(whole), party.tag.in_text(whole))
    }

    fn line(&self, name: Name) -> Option<&Line> {
        self.table.lines.get(usize::from(self.table.first[name as usize]))
    }

    /// The first value of the named header field.
    #[must_use]
    pub fn value(&self, name: Name) -> Option<&str> {
        self.line(name).map(|line| self.value_of(line))
    }

    /// The values of the named header field, a line each, in order.
    pub fn values(&self, name: Name) -> impl Iterator<Item = &str> {
        let first = usize::from(self.table.first[name as usize]);
        let lines = self.table.lines.get(first..).unwrap_or_default();
        lines.iter().filter(move |line| line.name == Some(name)).map(|line| self.value_of(line))
    }

    /// The first value of a header field that has no [`Name`] here.
    #[must_use]
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.iter().find(|(written, _)| written.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Name as written and value of each line, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.table.lines.iter().map(|line| (self.at(line.written), self.value_of(line)))
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
        let ((from_uri, from_tag), (to_uri, to_tag)) =
            (self.of_party(self.table.from), self.of_party(self.table.to));
        let cseq = self.value(Name::CSeq).unwrap_or_default();
        let (cseq, method) = cseq.split_at(text::first_blank(cseq));
        Ok(Pieces {
            call_id: self.call_id(),
            cseq: cseq.into(),
            method: text::trim(method),
            from_uri,
            from_tag,
            to_uri,
            to_tag,
            asserted_sip: of("sip"),
            asserted_tel: of("tel"),
            expires: self.value(Name::Expires).unwrap_or_default(),
            code,
        })
    }

    /// The body; empty when there is none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.frame[self.head.len()..]
    }

    /// The very octets of the whole message.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        self.frame.clone()
    }

    pub(crate) fn at(&self, span: Span) -> &str {
        span.in_text(&self.head)
    }

    fn value_of(&self, line: &Line) -> &str {
        line.value.in_text(if line.folded { &self.table.unfolded } else { &self.head })
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
        let (name, value) = text::split_at_octet(line, b':').ok_or(Fault::BadLine)?;
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
        Self::new(at, at + part.len())
    }

    fn new(at: usize, end: usize) -> Self {
        let half = |place: usize| u32::try_from(place).expect("a header section is short");
        Self { at: half(at), end: half(end) }
    }

    fn in_text(self, whole: &str) -> &str {
        &whole[self.at as usize..self.end as usize]
    }
}

/// Whether a line has no control character but tabs. All of it is looked at, which is quicker than to stop at the first.
fn is_clean(line: &str) -> bool {
    !line.bytes().fold(false, |found, octet| found | (octet < b' ') & (octet != b'\t') | (octet == 0x7f))
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
