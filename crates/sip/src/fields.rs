//! The header fields and the body of a message, found by offset and read on demand (RFC 3261 7.3).
//! The start line is in `message.rs`; how each kind of value is read is in `header/`.

use bytes::Bytes;
use bytestring::ByteString;

use crate::fault::Fault;
use crate::header::Name;
use crate::header::auth::{Auth, Values};
use crate::header::content_type::ContentType;
use crate::header::cseq::CSeq;
use crate::header::event::Event;
use crate::header::name_addr::{NameAddr, seconds};
use crate::header::session_expires::SessionExpires;
use crate::header::via::Via;
use crate::limits::HEAD_LINES_MAX;
use crate::line::{Line, Span, are_clean, is_clean};
use crate::method::Method;
use crate::pieces::Pieces;
use crate::text;
use crate::uri::Uri;

/// Header fields and body. Names are found in any case, long or compact; values are free of folds and of control characters
/// but tabs, without blanks around them.
#[derive(Clone, Debug)]
pub struct Fields {
    /// What comes before the body.
    head: ByteString,
    /// The whole message; `None` when it has no body and `head` is all of it.
    frame: Option<Bytes>,
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
    /// The branch of the topmost Via, if it has one.
    branch: Option<Piece>,
    cseq: CSeq,
}

/// What marks a name that no line has; there are never so many lines.
const NOWHERE: u8 = u8::MAX;
const _: () = assert!(HEAD_LINES_MAX < NOWHERE as usize && Name::COUNT <= u64::BITS as usize);

/// Where URI and tag of From or To are; both empty before they are read.
#[derive(Clone, Copy, Debug, Default)]
struct Party {
    uri: Piece,
    tag: Piece,
}

/// A piece of a value: of the frame or of what was unfolded.
#[derive(Clone, Copy, Debug, Default)]
struct Piece {
    span: Span,
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
    /// Those of a message whose head has this length; no line is read yet, and nothing can be asked for.
    ///
    /// # Errors
    /// The octets, when the head is not UTF-8.
    pub(crate) fn unread(octets: Bytes, head_len: usize, lines: Vec<Line>) -> Result<Self, Bytes> {
        let head = &octets[..head_len];
        if !head.is_ascii() && str::from_utf8(head).is_err() {
            return Err(octets);
        }
        let (head, frame) =
            if head_len < octets.len() { (octets.slice(..head_len), Some(octets)) } else { (octets, None) };
        let table = Table {
            unfolded: String::new(),
            lines,
            first: [NOWHERE; Name::COUNT],
            repeated: 0,
            from: Party::default(),
            to: Party::default(),
            branch: None,
            cseq: CSeq { number: 0, method: Method::Ack },
        };
        let head = ByteString::try_from(head).expect("it was found to be text");
        Ok(Self { head, frame, table: Box::new(table) })
    }

    /// Reads all lines.
    pub(crate) fn read(&mut self) -> Result<(), Fault> {
        let unread = self.table.lines.len();
        let clean = are_clean(&self.head, unread + 2);
        let mut read = 0;
        for at in 0..unread {
            let Span { at: begin, end } = self.table.lines[at].written;
            let octets = &self.head.as_bytes()[begin as usize..end as usize];
            if !octets.ends_with(b"\r\n") {
                return Err(Fault::ControlCharacter);
            }
            let line = &self.head[begin as usize..end as usize - 2];
            if !clean && !is_clean(line) {
                return Err(Fault::ControlCharacter);
            }
            if at == HEAD_LINES_MAX {
                return Err(Fault::TooManyLines);
            }
            if matches!(octets[0], b' ' | b'\t') {
                let more = Span::of(&self.head, text::trim(line));
                self.unfold(read, more)?;
            } else {
                let line = Line::read(&self.head, line)?;
                self.table.add(read, line);
                read += 1;
            }
        }
        self.table.lines.truncate(read);
        Ok(())
    }

    /// Adds a continuation line to the last of the lines that are read, a blank between (RFC 3261 7.3.1).
    fn unfold(&mut self, read: usize, more: Span) -> Result<(), Fault> {
        let Table { lines, unfolded, .. } = &mut *self.table;
        let last = read.checked_sub(1).ok_or(Fault::BadLine)?;
        let last = &mut lines[last];
        if !last.folded {
            let at = unfolded.len();
            unfolded.push_str(last.value.in_text(&self.head));
            last.value = Span::new(at, unfolded.len());
            last.folded = true;
        }
        let more = more.in_text(&self.head);
        let empty = last.value.at as usize == unfolded.len();
        if !empty && !more.is_empty() {
            unfolded.push(' ');
        }
        unfolded.push_str(more);
        last.value.end = Span::new(0, unfolded.len()).end;
        Ok(())
    }

    /// What every message must have (RFC 3261 8.1.1), and that the body is as long as it says.
    pub(crate) fn check(&mut self) -> Result<(), Fault> {
        if self.table.repeated != 0
            && let Some(name) = SINGLE.into_iter().find(|name| self.is_repeated(*name))
        {
            return Err(Fault::Repeated(name));
        }
        self.table.branch = self.top_via()?.branch().map(|branch| self.piece(branch));
        self.table.from = self.party(Name::From)?;
        self.table.to = self.party(Name::To)?;
        self.table.cseq = CSeq::parse(self.value(Name::CSeq).ok_or(Fault::Missing(Name::CSeq))?)?;
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
        let address = self.address(name)?;
        let tag = address.tag.map(|tag| tag.value.unwrap_or_default());
        if tag.is_some_and(|tag| !text::is_token(tag)) || Uri::of_clean(address.uri) == Err(Fault::BadUri) {
            return Err(Fault::Bad(name));
        }
        let tag = tag.map(|tag| self.piece(tag)).unwrap_or_default();
        Ok(Party { uri: self.piece(address.uri), tag })
    }

    /// Where this is, which was cut out of a value.
    fn piece(&self, part: &str) -> Piece {
        let folded = self.table.unfolded.as_bytes().as_ptr_range().contains(&part.as_ptr());
        let whole: &str = if folded { &self.table.unfolded } else { &self.head };
        Piece { span: Span::of(whole, part), folded }
    }

    fn of_piece(&self, piece: Piece) -> &str {
        piece.span.in_text(if piece.folded { &self.table.unfolded } else { &self.head })
    }

    fn line(&self, name: Name) -> Option<&Line> {
        self.table.lines.get(usize::from(self.table.first[name as usize]))
    }

    fn is_repeated(&self, name: Name) -> bool {
        self.table.repeated & (1 << name as u64) != 0
    }

    /// The first value of the named header field.
    #[must_use]
    pub fn value(&self, name: Name) -> Option<&str> {
        self.line(name).map(|line| self.value_of(line))
    }

    /// The values of the named header field, a line each, in order.
    pub fn values(&self, name: Name) -> impl Iterator<Item = &str> {
        let first = usize::from(self.table.first[name as usize]);
        let more = if self.is_repeated(name) { self.table.lines.len() } else { first + 1 };
        let lines = self.table.lines.get(first..more).unwrap_or_default();
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
        self.table.cseq.clone()
    }

    /// The topmost Via: that of the peer.
    #[must_use]
    pub fn via(&self) -> Via<'_> {
        self.top_via().expect("the message was accepted with this Via")
    }

    /// The branch of the topmost Via, as [`Via::branch`].
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.table.branch.map(|branch| self.of_piece(branch))
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
        self.auth_with(name, scheme, []).map(|found| found.map(|(auth, [])| auth))
    }

    /// As [`Fields::auth`], and in the same go those of its parameters that are asked for, out of their quotes.
    ///
    /// # Errors
    /// As [`Fields::auth`].
    pub fn auth_with<const N: usize>(
        &self,
        name: Name,
        scheme: &str,
        wanted: [&str; N],
    ) -> Result<Option<(Auth<'_>, Values<'_, N>)>, Fault> {
        let mut found = None;
        for value in self.values(name) {
            let read = Auth::parse_with(value, name, wanted)?;
            if read.0.is(scheme) && found.replace(read).is_some() {
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
        let Table { from, to, .. } = &*self.table;
        let cseq = self.value(Name::CSeq).unwrap_or_default();
        let (cseq, method) = cseq.split_at(text::first_blank(cseq));
        Ok(Pieces {
            call_id: self.call_id(),
            cseq: cseq.into(),
            method: text::trim(method),
            from_uri: self.of_piece(from.uri),
            from_tag: self.of_piece(from.tag),
            to_uri: self.of_piece(to.uri),
            to_tag: self.of_piece(to.tag),
            asserted_sip: of("sip"),
            asserted_tel: of("tel"),
            expires: self.value(Name::Expires).unwrap_or_default(),
            code,
        })
    }

    /// The body; empty when there is none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.frame.as_ref().map_or(&[], |frame| &frame[self.head.len()..])
    }

    /// The very octets of the whole message.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        self.frame.as_ref().unwrap_or(self.head.as_bytes()).clone()
    }

    /// How many octets the whole message has.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.frame.as_ref().unwrap_or(self.head.as_bytes()).len()
    }

    /// Start line and header section, the empty line included.
    pub(crate) fn head(&self) -> &str {
        &self.head
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
        // A value with nothing in it that could make it several is the first element, unless it is empty.
        let plain = |value: &&str| memchr::memchr3(b',', b'"', b'<', value.as_bytes()).is_none();
        let first = self.value(Name::Via).filter(plain).filter(|value| !value.is_empty());
        let first = first.or_else(|| self.elements(Name::Via).next());
        Via::parse(first.ok_or(Fault::Missing(Name::Via))?)
    }
}

impl Table {
    /// Puts a line at this place, behind those that are read.
    fn add(&mut self, at: usize, line: Line) {
        if let Some(name) = line.name {
            let first = &mut self.first[name as usize];
            if *first == NOWHERE {
                *first = u8::try_from(at).expect("there are fewer lines");
            } else {
                self.repeated |= 1 << name as u64;
            }
        }
        self.lines[at] = line;
    }
}

/// What the values of Content-Length say; `None` when there is none.
pub(crate) fn declared_length(values: impl Iterator<Item = impl AsRef<str>>) -> Result<Option<u64>, Fault> {
    let mut declared = None;
    for value in values {
        let length = text::number(text::trim(value.as_ref())).ok_or(Fault::BadLength)?;
        if declared.is_some_and(|other| other != length) {
            return Err(Fault::LengthsDiffer);
        }
        declared = Some(length);
    }
    Ok(declared)
}
