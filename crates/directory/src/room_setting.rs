//! The document of a followed room, `roomSetting`: a list of properties, `url` and `name` among them ([MS-PRES] 2.2.2.7.13).
//! What else stands in it is the client's: it is never looked into and never lost. Where documents lie is `followed.rs`.

use std::ops::Range;

use chat::{Domain, NodeName};
use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_xml_entity};
use quick_xml::events::{BytesStart, Event};
use uuid::Uuid;

/// The category of the publications that hold such documents.
pub const ROOM_SETTING: &str = "roomSetting";
/// Longest document that is looked into, in octets (ours: a name, an address and room for a hundred more properties).
const DOCUMENT_BYTES_MAX: usize = 16 << 10;
/// How the address of a room begins.
const ROOM_SCHEME: &str = "ma-chan://";

/// The document of one followed room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomSetting {
    text: String,
    room: Uuid,
    /// The name as the client knew it, and where it stands in the text.
    name: Option<(String, Range<usize>)>,
}

impl RoomSetting {
    /// A document as the client writes it.
    #[must_use]
    pub fn new(home: &Domain, room: Uuid, name: &NodeName) -> Self {
        let name = name.as_str().to_owned();
        let url = format!("{ROOM_SCHEME}{home}/{}", room.hyphenated());
        let before = format!(
            "<roomSetting><propertyList xmlns=\"http://schemas.microsoft.com/2010/12/sip/propertyList\">\
             <property name=\"url\" type=\"string\"><value>{}</value></property>\
             <property name=\"name\" type=\"string\"><value>",
            escape(&url)
        );
        let printed = escape(&name).into_owned();
        let place = before.len()..before.len() + printed.len();
        let text = format!("{before}{printed}</value></property></propertyList></roomSetting>");
        Self { text, room, name: Some((name, place)) }
    }

    /// Reads a document. `None` for one that names no room of this domain, or that is no such document.
    #[must_use]
    pub fn read(text: &str, home: &Domain) -> Option<Self> {
        if text.len() > DOCUMENT_BYTES_MAX {
            return None;
        }
        let mut found = Found::default();
        walk(text, &mut found)?;
        let room = room_of(&found.url?.0, home)?;
        Some(Self { text: text.to_owned(), room, name: found.name })
    }

    /// Which room.
    #[must_use]
    pub fn room(&self) -> Uuid {
        self.room
    }

    /// The name the room had when it was followed; `None` when the document holds none.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_ref().map(|(name, _)| name.as_str())
    }

    /// The same document with another name; as it is when it holds none.
    #[must_use]
    pub fn renamed(&self, name: &NodeName) -> Self {
        let Some((_, place)) = &self.name else { return self.clone() };
        let printed = escape(name.as_str()).into_owned();
        let text = format!("{}{printed}{}", &self.text[..place.start], &self.text[place.end..]);
        let place = place.start..place.start + printed.len();
        Self { text, room: self.room, name: Some((name.as_str().to_owned(), place)) }
    }

    /// The document.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A value and where it stands.
type Value = (String, Range<usize>);

/// What is looked for in a document.
#[derive(Default)]
struct Found {
    url: Option<Value>,
    name: Option<Value>,
}

/// What a walk through a document is inside of.
#[derive(Default)]
struct Inside {
    /// How many elements are open.
    depth: usize,
    /// The property that is open, and how many elements were open before it.
    property: Option<(String, usize)>,
    /// The value that is open: its text so far, and where it begins.
    value: Option<(String, usize)>,
}

/// Looks through the properties; `None` for what is no XML.
fn walk(text: &str, found: &mut Found) -> Option<()> {
    let mut reader = Reader::from_str(text);
    let mut inside = Inside::default();
    let mut root = false;
    loop {
        let before = position(&reader)?;
        match reader.read_event().ok()? {
            Event::Start(start) => {
                root = root || (inside.depth == 0 && local(&start) == ROOM_SETTING.as_bytes());
                inside.open(&start, position(&reader)?)?;
            }
            Event::End(_) => inside.close(before, found),
            Event::Text(part) => inside.add(&part.xml10_content().ok()?),
            Event::CData(part) => inside.add(&part.xml10_content().ok()?),
            Event::GeneralRef(reference) => inside.add(&referred(&reference)?),
            Event::DocType(_) => return None,
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => (),
            Event::Eof => return (root && inside.depth == 0).then_some(()),
        }
    }
}

impl Inside {
    fn open(&mut self, start: &BytesStart<'_>, after: usize) -> Option<()> {
        match &self.property {
            None if local(start) == b"property" => {
                let name = start.try_get_attribute("name").ok()?;
                let name = name.map(|name| String::from_utf8_lossy(&name.value).into_owned());
                self.property = Some((name.unwrap_or_default(), self.depth));
            }
            // The value is the first child, whatever it is called.
            Some((_, depth)) if self.depth == depth + 1 && self.value.is_none() => {
                self.value = Some((String::new(), after));
            }
            _ => (),
        }
        self.depth += 1;
        Some(())
    }

    fn close(&mut self, before: usize, found: &mut Found) {
        self.depth = self.depth.saturating_sub(1);
        let Some((name, depth)) = &self.property else { return };
        if self.depth == depth + 1
            && let Some((text, begin)) = &self.value
        {
            let value = || (text.trim().to_owned(), *begin..before);
            match name.as_str() {
                "url" if found.url.is_none() => found.url = Some(value()),
                "name" if found.name.is_none() => found.name = Some(value()),
                _ => (),
            }
        }
        if self.depth == *depth {
            self.property = None;
            self.value = None;
        }
    }

    fn add(&mut self, part: &str) {
        if let Some((text, _)) = &mut self.value {
            text.push_str(part);
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> Option<usize> {
    usize::try_from(reader.buffer_position()).ok()
}

/// The name of an element without its prefix.
fn local<'a>(start: &'a BytesStart<'_>) -> &'a [u8] {
    start.local_name().into_inner()
}

fn referred(reference: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    if let Some(c) = reference.resolve_char_ref().ok()? {
        return Some(c.to_string());
    }
    resolve_xml_entity(&reference.decode().ok()?).map(str::to_owned)
}

/// The GUID of a room of ours.
fn room_of(url: &str, home: &Domain) -> Option<Uuid> {
    let (scheme, rest) = url.split_at_checked(ROOM_SCHEME.len())?;
    let (domain, guid) = rest.split_once('/')?;
    let ours = scheme.eq_ignore_ascii_case(ROOM_SCHEME) && domain.eq_ignore_ascii_case(home.as_str());
    if ours && guid.len() == 36 { Uuid::try_parse(guid).ok() } else { None }
}
