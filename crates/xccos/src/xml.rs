//! XML in: a bounded tree of elements from a body (XML 1.0, fifth edition). The only file that knows the XML library.
//! Namespaces are dropped, names are folded to lower case, entities and CDATA are decoded, characters that XML cannot carry are
//! left out; a document type is refused.

use std::borrow::Cow;

use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::fault::XccosFault;
use crate::limits::{
    ANSWER_BYTES_MAX, ANSWER_ELEMENTS_MAX, ATTRIBUTES_MAX, BODY_BYTES_MAX, DEPTH_MAX, ELEMENTS_MAX,
    NAME_BYTES_MAX,
};

/// An element with everything below it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// Local name in lower case.
    pub name: String,
    /// Attributes without a prefix, names in lower case, values decoded; no name twice.
    pub attributes: Vec<(String, String)>,
    /// Child elements in document order.
    pub children: Vec<Element>,
    /// The character data directly inside, all pieces joined.
    pub text: String,
}

/// How much a document may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    octets: usize,
    elements: usize,
}

impl Bounds {
    /// For what clients send.
    pub const COMMAND: Self = Self { octets: BODY_BYTES_MAX, elements: ELEMENTS_MAX };
    /// For what servers send.
    pub const ANSWER: Self = Self { octets: ANSWER_BYTES_MAX, elements: ANSWER_ELEMENTS_MAX };
}

impl Element {
    /// The value of the attribute, its name given in lower case.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of an attribute the block cannot do without, its name as documented.
    pub fn needed(&self, block: &'static str, name: &'static str) -> Result<&str, XccosFault> {
        self.attribute(&name.to_ascii_lowercase()).ok_or(XccosFault::MissingValue { block, name })
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The only child of this name, if there is one.
    pub fn only(&self, name: &'static str) -> Result<Option<&Self>, XccosFault> {
        let mut found = self.named(name);
        let first = found.next();
        if found.next().is_some() { Err(XccosFault::Repeated { block: name }) } else { Ok(first) }
    }

    /// The only child of this name, which the command cannot do without.
    pub fn block(&self, name: &'static str) -> Result<&Self, XccosFault> {
        self.only(name)?.ok_or(XccosFault::MissingBlock { block: name })
    }

    /// Every child of this name, in document order.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// Reads a whole body.
pub(crate) fn read(body: &[u8], bounds: Bounds) -> Result<Element, XccosFault> {
    if body.len() > bounds.octets {
        return Err(XccosFault::TooLarge { size: body.len(), limit: bounds.octets });
    }
    let text = std::str::from_utf8(body).map_err(|_| XccosFault::NotUtf8)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    let mut tree = Tree { open: Vec::new(), root: None, elements: 0, limit: bounds.elements };
    let mut first = true;
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let malformed = |what| XccosFault::Malformed { at, what };
        let event = reader.read_event().map_err(|error| malformed(found(&error)))?;
        match event {
            Event::Start(start) => tree.open(&start, at)?,
            Event::Empty(start) => {
                tree.open(&start, at)?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(text) => {
                let text = text.xml10_content().map_err(|_| XccosFault::NotUtf8)?;
                tree.text(&text).ok_or(malformed("text outside the root element"))?;
            }
            Event::CData(data) => {
                let text = data.xml10_content().map_err(|_| XccosFault::NotUtf8)?;
                tree.inside(&text).ok_or(malformed("text outside the root element"))?;
            }
            Event::GeneralRef(reference) => {
                let c = referred(&reference).ok_or(malformed("an unknown entity"))?;
                tree.inside(c.encode_utf8(&mut [0; 4]))
                    .ok_or(malformed("an entity outside the root element"))?;
            }
            Event::Decl(declaration) if first => declared(&declaration, at)?,
            Event::Decl(_) => return Err(malformed("a declaration that does not stand first")),
            Event::DocType(_) => return Err(XccosFault::Doctype),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return tree.finished(at),
        }
        first = false;
    }
}

/// The tree while it grows.
struct Tree {
    /// From the root to the innermost element that is still open.
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    limit: usize,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>, at: usize) -> Result<(), XccosFault> {
        if self.root.is_some() {
            return Err(XccosFault::Malformed { at, what: "a second root element" });
        }
        self.elements += 1;
        if self.elements > self.limit {
            return Err(XccosFault::Excess { what: "elements", limit: self.limit });
        }
        if self.open.len() == DEPTH_MAX {
            return Err(XccosFault::Excess { what: "levels", limit: DEPTH_MAX });
        }
        let name = named(start.name().into_inner(), at)?;
        let name = name.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
        self.open.push(Element { name, attributes: attributes(start, at)?, ..Element::default() });
        Ok(())
    }

    /// Closes the innermost element; the library has checked that its names match.
    fn close(&mut self) {
        if let Some(done) = self.open.pop() {
            match self.open.last_mut() {
                Some(parent) => parent.children.push(done),
                None => self.root = Some(done),
            }
        }
    }

    /// Adds character data; outside the root only white space may stand.
    fn text(&mut self, text: &str) -> Option<()> {
        let blank = || text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).then_some(());
        self.inside(text).or_else(blank)
    }

    fn inside(&mut self, text: &str) -> Option<()> {
        self.open.last_mut().map(|element| element.text.push_str(&kept(text.into())))
    }

    fn finished(self, at: usize) -> Result<Element, XccosFault> {
        if !self.open.is_empty() {
            return Err(XccosFault::Malformed { at, what: "an element that is not closed" });
        }
        self.root.ok_or(XccosFault::Malformed { at, what: "no element at all" })
    }
}

fn attributes(start: &BytesStart<'_>, at: usize) -> Result<Vec<(String, String)>, XccosFault> {
    let malformed = |what| XccosFault::Malformed { at, what };
    let mut found: Vec<(String, String)> = Vec::new();
    for (count, attribute) in start.attributes().enumerate() {
        if count == ATTRIBUTES_MAX {
            return Err(XccosFault::Excess { what: "attributes", limit: ATTRIBUTES_MAX });
        }
        let attribute = attribute.map_err(|_| malformed("an attribute that cannot be read"))?;
        let name = named(attribute.key.into_inner(), at)?;
        if attribute.value.contains(&b'<') {
            return Err(malformed("a bare < in an attribute"));
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|_| malformed("an unknown entity in an attribute"))?;
        // What has a prefix belongs to another vocabulary, and so does the declaration of a namespace.
        if name.contains(':') || name.eq_ignore_ascii_case("xmlns") {
            continue;
        }
        if found.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Err(malformed("an attribute twice, but for upper and lower case"));
        }
        found.push((name.to_ascii_lowercase(), kept(value).into_owned()));
    }
    Ok(found)
}

/// What XML can carry of the text: nearly always all of it.
fn kept(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().fold(true, |all, octet| all & surely_carried(octet)) || text.chars().all(carried) {
        return text;
    }
    text.chars().filter(|c| carried(*c)).collect()
}

/// The name, if it can be one (XML 1.0, 2.3; all characters outside ASCII are let through).
fn named(name: &[u8], at: usize) -> Result<&str, XccosFault> {
    if name.len() > NAME_BYTES_MAX {
        return Err(XccosFault::Excess { what: "octets of a name", limit: NAME_BYTES_MAX });
    }
    let begins = |b: u8| b.is_ascii_alphabetic() || b == b'_' || b == b':' || !b.is_ascii();
    let follows = |b: u8| begins(b) || b.is_ascii_digit() || b == b'-' || b == b'.';
    let (Some(first), Ok(text)) = (name.first(), std::str::from_utf8(name)) else {
        return Err(XccosFault::Malformed { at, what: "an empty name" });
    };
    if !begins(*first) || !name.iter().all(|b| follows(*b)) {
        return Err(XccosFault::Malformed { at, what: "a name with a character that is not allowed" });
    }
    Ok(text)
}

/// Whether XML can carry the character (XML 1.0, 2.2). Some clients send others, as numbers or bare.
#[must_use]
pub fn carried(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether XML can carry every character with this octet. 0xEF begins the two at the end of the first plane, and others.
pub(crate) fn surely_carried(octet: u8) -> bool {
    (octet >= b' ') & (octet != 0xEF)
}

/// The character an entity stands for: one of the five, or a number.
#[must_use]
pub fn referred(reference: &BytesRef<'_>) -> Option<char> {
    match &**reference {
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"amp" => Some('&'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    }
}

fn declared(declaration: &BytesDecl<'_>, at: usize) -> Result<(), XccosFault> {
    let malformed = |what| XccosFault::Malformed { at, what };
    declaration.version().map_err(|_| malformed("a declaration without a version"))?;
    if is_utf8(declaration) { Ok(()) } else { Err(XccosFault::NotUtf8) }
}

/// Whether a declaration names the encoding that is read here, or none.
#[must_use]
pub fn is_utf8(declaration: &BytesDecl<'_>) -> bool {
    let ours = |name: &[u8]| name.eq_ignore_ascii_case(b"utf-8") || name.eq_ignore_ascii_case(b"us-ascii");
    declaration.encoding().is_none_or(|encoding| encoding.is_ok_and(|name| ours(&name)))
}

/// What the library found, in our words.
fn found(error: &quick_xml::Error) -> &'static str {
    use quick_xml::errors::{IllFormedError, SyntaxError};
    match error {
        quick_xml::Error::Syntax(SyntaxError::UnclosedDoctype) => "a document type that is not closed",
        quick_xml::Error::Syntax(_) => "markup that is not closed",
        quick_xml::Error::IllFormed(IllFormedError::UnclosedReference) => "an & that begins no entity",
        quick_xml::Error::IllFormed(_) => "an end tag that does not match",
        _ => "markup that cannot be read",
    }
}
