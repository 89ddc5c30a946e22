//! XML in: a bounded tree of elements with their namespaces (XML 1.0, Namespaces in XML 1.0). The only file that knows the XML library.
//! A document type and entities of its own are refused; comments and attributes with a prefix are passed over.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::import::ImportFault;
use crate::limits::{
    ORIGINAL_ATTRIBUTES_MAX, ORIGINAL_DEPTH_MAX, ORIGINAL_ELEMENTS_MAX, ORIGINAL_NAMESPACES_MAX,
    ORIGINAL_VALUE_BYTES_MAX,
};

/// An element with everything below it.
#[derive(Debug, Default)]
pub struct Element {
    /// Its namespace; empty for none.
    pub namespace: String,
    /// Its name without a prefix.
    pub name: String,
    /// Its attributes without a prefix.
    pub attributes: Vec<(String, String)>,
    /// The elements in it.
    pub children: Vec<Element>,
    /// The text in it.
    pub text: String,
}

impl Element {
    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first element of this name in it.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Every element of this name in it.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// The text of a document in UTF-8, or in UTF-16 as PowerShell writes it.
pub fn decode(octets: &[u8]) -> Result<String, ImportFault> {
    match octets {
        [0xFF, 0xFE, rest @ ..] => decode_pairs(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => decode_pairs(rest, u16::from_be_bytes),
        _ => {
            let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
            String::from_utf8(octets.to_vec()).map_err(|_| ImportFault::Encoding)
        }
    }
}

fn decode_pairs(octets: &[u8], order: fn([u8; 2]) -> u16) -> Result<String, ImportFault> {
    let (pairs, odd) = octets.as_chunks::<2>();
    let units = pairs.iter().map(|pair| order(*pair));
    let text = char::decode_utf16(units).collect::<Result<String, _>>();
    text.ok().filter(|_| odd.is_empty()).ok_or(ImportFault::Encoding)
}

/// Reads a whole document.
pub fn read(text: &str) -> Result<Element, ImportFault> {
    let mut reader = Reader::from_str(text.trim_start());
    let mut tree = Tree { open: Vec::new(), scopes: Vec::new(), root: None, elements: 0 };
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let malformed = |what| ImportFault::Malformed { at, what };
        let event = reader
            .read_event()
            .map_err(|_| malformed("markup that is not closed, or closes something else"))?;
        match event {
            Event::Start(start) => tree.open(&start, at)?,
            Event::Empty(start) => {
                tree.open(&start, at)?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(text) => {
                let text = text.xml10_content().map_err(|_| ImportFault::Encoding)?;
                tree.text(&text, at)?;
            }
            Event::CData(data) => {
                let text = data.xml10_content().map_err(|_| ImportFault::Encoding)?;
                tree.text(&text, at)?;
            }
            Event::GeneralRef(reference) => {
                let c = referred(&reference).ok_or(ImportFault::Entities)?;
                tree.text(c.encode_utf8(&mut [0; 4]), at)?;
            }
            Event::DocType(_) => return Err(ImportFault::Entities),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return tree.finished(at),
        }
    }
}

/// The tree while it grows.
struct Tree {
    /// From the root to the innermost element that is still open.
    open: Vec<Element>,
    /// For each open element the namespaces it declares, by prefix.
    scopes: Vec<Vec<(String, String)>>,
    root: Option<Element>,
    elements: usize,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>, at: usize) -> Result<(), ImportFault> {
        let malformed = |what| ImportFault::Malformed { at, what };
        if self.root.is_some() {
            return Err(malformed("a second outermost element"));
        }
        self.elements += 1;
        excess("elements", self.elements, ORIGINAL_ELEMENTS_MAX)?;
        excess("levels", self.open.len() + 1, ORIGINAL_DEPTH_MAX)?;
        let name = start.name();
        let name = value(std::str::from_utf8(name.as_ref()).map_err(|_| ImportFault::Encoding)?)?;
        let (attributes, declared) = attributes(start, at)?;
        self.scopes.push(declared);
        excess("namespaces at one place", self.scopes.iter().map(Vec::len).sum(), ORIGINAL_NAMESPACES_MAX)?;
        let (prefix, local) = name.split_once(':').unwrap_or(("", &name));
        let namespace = self.namespace(prefix).ok_or(malformed("a prefix of no namespace"))?;
        let name = local.to_owned();
        self.open.push(Element { namespace, name, attributes, ..Element::default() });
        Ok(())
    }

    /// The namespace a prefix stands for here; no prefix may stand for none.
    fn namespace(&self, prefix: &str) -> Option<String> {
        let found = self.scopes.iter().rev().flatten().find(|(known, _)| known == prefix);
        match found {
            Some((_, namespace)) => Some(namespace.clone()),
            None => prefix.is_empty().then(String::new),
        }
    }

    /// Closes the innermost element; the library has checked that its names match.
    fn close(&mut self) {
        self.scopes.pop();
        if let Some(done) = self.open.pop() {
            match self.open.last_mut() {
                Some(parent) => parent.children.push(done),
                None => self.root = Some(done),
            }
        }
    }

    fn text(&mut self, text: &str, at: usize) -> Result<(), ImportFault> {
        let is_blank = text.bytes().all(|b| b.is_ascii_whitespace());
        match self.open.last_mut() {
            // Blanks between elements are layout.
            Some(element) if is_blank && element.text.is_empty() => Ok(()),
            None if is_blank => Ok(()),
            Some(element) => {
                element.text.push_str(text);
                excess("octets in one text", element.text.len(), ORIGINAL_VALUE_BYTES_MAX)
            }
            None => Err(ImportFault::Malformed { at, what: "text outside the outermost element" }),
        }
    }

    fn finished(self, at: usize) -> Result<Element, ImportFault> {
        if !self.open.is_empty() {
            return Err(ImportFault::Malformed { at, what: "an element that is not closed" });
        }
        self.root.ok_or(ImportFault::Malformed { at, what: "no element at all" })
    }
}

/// Names with values: attributes, or prefixes with namespaces.
type Pairs = Vec<(String, String)>;

/// The attributes without a prefix, and the namespaces declared.
fn attributes(start: &BytesStart<'_>, at: usize) -> Result<(Pairs, Pairs), ImportFault> {
    let malformed = |what| ImportFault::Malformed { at, what };
    let (mut found, mut declared) = (Pairs::new(), Pairs::new());
    for (count, attribute) in start.attributes().enumerate() {
        excess("attributes of one element", count + 1, ORIGINAL_ATTRIBUTES_MAX)?;
        let attribute =
            attribute.map_err(|_| malformed("an attribute that cannot be read, or stands twice"))?;
        let name = std::str::from_utf8(attribute.key.as_ref()).map_err(|_| ImportFault::Encoding)?;
        let name = value(name)?;
        let text = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| ImportFault::Entities)?;
        let text = value(&text)?;
        match name.split_once(':') {
            Some(("xmlns", prefix)) => declared.push((prefix.to_owned(), text)),
            // What has a prefix belongs to another vocabulary: the type of an XML Schema.
            Some(_) => {}
            None if name == "xmlns" => declared.push((String::new(), text)),
            None => found.push((name, text)),
        }
    }
    Ok((found, declared))
}

fn value(text: &str) -> Result<String, ImportFault> {
    excess("octets in one name or attribute", text.len(), ORIGINAL_VALUE_BYTES_MAX)?;
    Ok(text.to_owned())
}

fn excess(what: &'static str, count: usize, limit: usize) -> Result<(), ImportFault> {
    if count > limit { Err(ImportFault::Excess { what, limit }) } else { Ok(()) }
}

/// The character an entity stands for: one of the five, or a number.
fn referred(reference: &BytesRef<'_>) -> Option<char> {
    match &**reference {
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"amp" => Some('&'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    }
}
