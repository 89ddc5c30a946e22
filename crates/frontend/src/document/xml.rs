//! XML of bodies that are not XCCOS: a bounded tree in, escaped text out (XML 1.0, fifth edition, and its namespaces).
//! Knows no vocabulary. A document type is refused; comments and processing instructions are left out; what is printed is
//! well formed whatever was read, has no line breaks, and can be placed into another document.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use xccos::xml_words::{carried, is_utf8, referred};

use crate::codes::Refused;
use crate::limits::{
    CONTACT_LIST_OCTETS_MAX, DOCUMENT_ELEMENTS_MAX, DOCUMENT_OCTETS_MAX, XML_ATTRIBUTES_MAX, XML_DEPTH_MAX,
};

/// An element with everything below it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Element {
    /// As written, with its prefix.
    pub(crate) name: String,
    /// Names as written, declarations of namespaces among them; values decoded.
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Node>,
}

/// What stands in an element.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
}

/// How much a document may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) octets: usize,
    elements: usize,
}

/// Why a body is not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the body is too large")]
    TooLarge,
    #[error("the body has too many elements, or an element too many attributes")]
    TooMany,
    #[error("the body is nested too deeply")]
    TooDeep,
    #[error("the body is not UTF-8")]
    NotUtf8,
    #[error("the body has a document type")]
    Doctype,
    #[error("the body is not well-formed XML: {0}")]
    Malformed(&'static str),
    #[error("{0}")]
    Wrong(&'static str),
    #[error("the body speaks of somebody else")]
    OtherPerson,
}

impl Bounds {
    /// For what clients send.
    pub(crate) const BODY: Self = Self { octets: DOCUMENT_OCTETS_MAX, elements: DOCUMENT_ELEMENTS_MAX };
    /// For what we kept ourselves.
    pub(crate) const KEPT: Self =
        Self { octets: CONTACT_LIST_OCTETS_MAX, elements: CONTACT_LIST_OCTETS_MAX / 8 };
}

impl Element {
    /// The name without its prefix.
    pub(crate) fn local(&self) -> &str {
        local(&self.name)
    }

    /// The value of the attribute without a prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of the attribute with this prefix: `xsi:type`.
    pub(crate) fn prefixed(&self, name: &str) -> Option<&str> {
        let found = |known: &str| known.contains(':') && !known.starts_with("xmlns:") && local(known) == name;
        self.attributes.iter().find(|(known, _)| found(known)).map(|(_, value)| value.as_str())
    }

    /// The number in an attribute; `None` without the attribute.
    pub(crate) fn number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, Unreadable> {
        let read = |text: &str| text.trim().parse().map_err(|_| Unreadable::Wrong("a number is expected"));
        self.attribute(name).map(read).transpose()
    }

    /// The child elements.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The child elements of this local name.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.elements().filter(move |element| element.local() == name)
    }

    /// The first of them.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.local() == name)
    }

    /// The character data directly inside, without blanks around it.
    pub(crate) fn text(&self) -> String {
        let texts = self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect::<String>().trim().to_owned()
    }

    /// Declares here what these ancestors declare and it may use, so that it means the same elsewhere. The default namespace
    /// stays behind: contents name their own.
    pub(crate) fn carry(&mut self, ancestors: &[&Self]) {
        for ancestor in ancestors.iter().rev() {
            for (name, value) in &ancestor.attributes {
                if name.starts_with("xmlns:") && !self.attributes.iter().any(|(known, _)| known == name) {
                    self.attributes.push((name.clone(), value.clone()));
                }
            }
        }
    }

    /// Appends the element.
    pub(crate) fn print(&self, out: &mut String) {
        let attributes: Vec<(&str, &str)> =
            self.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if self.children.is_empty() {
            return empty(out, &self.name, &attributes);
        }
        begin(out, &self.name, &attributes);
        for child in &self.children {
            match child {
                Node::Element(element) => element.print(out),
                Node::Text(text) => escape(out, text),
            }
        }
        end(out, &self.name);
    }

    /// Whether every prefix in it is declared in it or in `scope`.
    fn is_bound<'a>(&'a self, scope: &mut Vec<&'a str>) -> bool {
        let outer = scope.len();
        scope.extend(self.attributes.iter().filter_map(|(name, _)| name.strip_prefix("xmlns:")));
        let bound = |name: &String| match name.split_once(':') {
            Some(("xml", _)) | None => true,
            Some((prefix, _)) => scope.contains(&prefix),
        };
        let named = bound(&self.name)
            && self.attributes.iter().all(|(name, _)| name.starts_with("xmlns:") || bound(name));
        let good = named && self.elements().all(|child| child.is_bound(scope));
        scope.truncate(outer);
        good
    }
}

/// Reads a whole document.
pub(crate) fn read(body: &[u8], bounds: Bounds) -> Result<Element, Unreadable> {
    if body.len() > bounds.octets {
        return Err(Unreadable::TooLarge);
    }
    let text = std::str::from_utf8(body).map_err(|_| Unreadable::NotUtf8)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    let mut tree = Tree { open: Vec::new(), root: None, left: bounds.elements };
    loop {
        let event = reader.read_event().map_err(|_| Unreadable::Malformed("markup that cannot be read"))?;
        match event {
            Event::Start(start) => tree.open(&start)?,
            Event::Empty(start) => {
                tree.open(&start)?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(text) => tree.text(&text.xml10_content().map_err(|_| Unreadable::NotUtf8)?)?,
            Event::CData(data) => tree.text(&data.xml10_content().map_err(|_| Unreadable::NotUtf8)?)?,
            Event::GeneralRef(reference) => {
                let c = referred(&reference).ok_or(Unreadable::Malformed("an unknown entity"))?;
                tree.text(c.encode_utf8(&mut [0; 4]))?;
            }
            Event::Decl(declaration) if is_utf8(&declaration) => (),
            Event::Decl(_) => return Err(Unreadable::NotUtf8),
            Event::DocType(_) => return Err(Unreadable::Doctype),
            Event::Comment(_) | Event::PI(_) => (),
            Event::Eof => return tree.finished(),
        }
    }
}

/// The tree while it grows.
struct Tree {
    /// From the root to the innermost element that is still open.
    open: Vec<Element>,
    root: Option<Element>,
    /// How many more elements there may be.
    left: usize,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Unreadable> {
        if self.root.is_some() {
            return Err(Unreadable::Malformed("a second root element"));
        }
        if self.open.len() == XML_DEPTH_MAX {
            return Err(Unreadable::TooDeep);
        }
        self.left = self.left.checked_sub(1).ok_or(Unreadable::TooMany)?;
        let name = name(start.name().as_ref())?;
        self.open.push(Element { name, attributes: attributes(start)?, children: Vec::new() });
        Ok(())
    }

    /// Closes the innermost element; the library has checked that its names match. Blanks between elements say nothing.
    fn close(&mut self) {
        let Some(mut done) = self.open.pop() else { return };
        if done.elements().next().is_some() {
            done.children.retain(|node| !matches!(node, Node::Text(text) if text.trim().is_empty()));
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(done)),
            None => self.root = Some(done),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Unreadable> {
        let Some(element) = self.open.last_mut() else {
            let blank = text.trim().is_empty();
            return if blank { Ok(()) } else { Err(Unreadable::Malformed("text outside the root element")) };
        };
        let carried: String = text.chars().filter(|c| carried(*c)).collect();
        match element.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(&carried),
            // Text of nothing cannot be told from no text once it is printed.
            _ if carried.is_empty() => (),
            _ => element.children.push(Node::Text(carried)),
        }
        Ok(())
    }

    fn finished(self) -> Result<Element, Unreadable> {
        if !self.open.is_empty() {
            return Err(Unreadable::Malformed("an element that is not closed"));
        }
        let root = self.root.ok_or(Unreadable::Malformed("no element at all"))?;
        if root.is_bound(&mut Vec::new()) {
            Ok(root)
        } else {
            Err(Unreadable::Malformed("a prefix that is not declared"))
        }
    }
}

fn attributes(start: &BytesStart<'_>) -> Result<Vec<(String, String)>, Unreadable> {
    let mut found = Vec::new();
    for attribute in start.attributes() {
        if found.len() == XML_ATTRIBUTES_MAX {
            return Err(Unreadable::TooMany);
        }
        // A name that stands twice is among what the library refuses.
        let attribute = attribute
            .map_err(|_| Unreadable::Malformed("an attribute that cannot be read or stands twice"))?;
        if attribute.value.contains(&b'<') {
            return Err(Unreadable::Malformed("a bare < in an attribute"));
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|_| Unreadable::Malformed("an unknown entity in an attribute"))?;
        found.push((name(attribute.key.as_ref())?, value.chars().filter(|c| carried(*c)).collect()));
    }
    Ok(found)
}

/// A name of letters, digits and a few signs, with at most one colon inside. All known vocabularies keep to that.
fn name(octets: &[u8]) -> Result<String, Unreadable> {
    let malformed = Unreadable::Malformed("a name with a character that is not allowed");
    let text = std::str::from_utf8(octets).map_err(|_| malformed)?;
    let begins = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    let follows = |b: u8| begins(b) || b.is_ascii_digit() || b == b'-' || b == b'.';
    let part = |part: &str| part.bytes().next().is_some_and(begins) && part.bytes().all(follows);
    let good = match text.split_once(':') {
        Some((prefix, local)) => part(prefix) && part(local),
        None => part(text),
    };
    if good && text.len() <= 128 { Ok(text.to_owned()) } else { Err(malformed) }
}

fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

/// Appends a start tag.
pub(crate) fn begin(out: &mut String, name: &str, attributes: &[(&str, &str)]) {
    start(out, name, attributes);
    out.push('>');
}

/// Appends the tag of an element without content.
pub(crate) fn empty(out: &mut String, name: &str, attributes: &[(&str, &str)]) {
    start(out, name, attributes);
    out.push_str("/>");
}

/// Appends an end tag.
pub(crate) fn end(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Appends an element that holds only text.
pub(crate) fn leaf(out: &mut String, name: &str, attributes: &[(&str, &str)], text: &str) {
    begin(out, name, attributes);
    escape(out, text);
    end(out, name);
}

fn start(out: &mut String, name: &str, attributes: &[(&str, &str)]) {
    out.push('<');
    out.push_str(name);
    for (name, value) in attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        escape(out, value);
        out.push('"');
    }
}

/// Appends character data that may stand anywhere: in text and in attributes, and without a line break.
fn escape(out: &mut String, text: &str) {
    for c in text.chars().filter(|c| carried(*c)) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}

impl From<Unreadable> for Refused {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::TooLarge => Self::Limit("octets of a body"),
            Unreadable::TooMany => Self::Limit("elements or attributes of a body"),
            Unreadable::TooDeep => Self::BadRequest("the body is nested too deeply"),
            Unreadable::NotUtf8 => Self::BadRequest("the body is not UTF-8"),
            Unreadable::Doctype => Self::BadRequest("the body has a document type"),
            Unreadable::Malformed(what) | Unreadable::Wrong(what) => Self::BadRequest(what),
            Unreadable::OtherPerson => Self::NotThePerson,
        }
    }
}
