//! Addresses of rooms and categories: `ma-chan://DOMAIN/GUID` and `ma-cat://DOMAIN/GUID` (docs/protocol.md, identifiers).
//! Whether such a room exists is none of its business.

use std::fmt;

use chat::Domain;
use uuid::Uuid;

use crate::fault::XccosFault;
use crate::limits::ROOM_ADDRESS_BYTES_MAX;
use crate::value::{bounded, guid};
use crate::xml::Element;

const ROOM_SCHEME: &str = "ma-chan://";
const CATEGORY_SCHEME: &str = "ma-cat://";

/// A room as a client names it: domain and value as sent, which need not be a room of ours.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RoomRef {
    domain: Box<str>,
    value: Box<str>,
}

/// The address of one of our rooms, in the one spelling in which it is ever printed.
#[derive(Clone, Copy, Debug)]
pub struct RoomUri<'a> {
    /// The organisation's domain.
    pub domain: &'a Domain,
    /// The room.
    pub guid: Uuid,
}

/// The address of one of our categories, in its one spelling.
#[derive(Clone, Copy, Debug)]
pub struct CategoryUri<'a> {
    /// The organisation's domain.
    pub domain: &'a Domain,
    /// The category.
    pub guid: Uuid,
}

impl RoomRef {
    /// Names a room of ours.
    #[must_use]
    pub fn new(domain: &Domain, guid: Uuid) -> Self {
        Self { domain: domain.as_str().into(), value: guid.hyphenated().to_string().into() }
    }

    /// The room's GUID, if this can be a room of the organisation `home`; `None` is to be treated as an unknown room.
    ///
    /// Domain and GUID may be in any case; another domain or anything but a GUID with hyphens is no room.
    #[must_use]
    pub fn guid(&self, home: &Domain) -> Option<Uuid> {
        if self.domain.eq_ignore_ascii_case(home.as_str()) { guid(&self.value) } else { None }
    }

    /// The domain as sent; empty when the address could not be taken apart.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The GUID as sent, or the whole address when it could not be taken apart.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The whole address as sent, but for the case of its scheme.
    #[must_use]
    pub fn uri(&self) -> String {
        if self.domain.is_empty() {
            self.value.to_string()
        } else {
            format!("{ROOM_SCHEME}{}/{}", self.domain, self.value)
        }
    }

    /// Reads a whole address; one of another form is kept as it is and names no room.
    ///
    /// # Errors
    /// [`XccosFault::TooLong`] above the limit of 512 octets.
    pub fn parse(uri: &str) -> Result<Self, XccosFault> {
        let apart = Self::recognise(uri)?;
        let whole = || bounded("octets of a room's address", uri, ROOM_ADDRESS_BYTES_MAX);
        apart.map_or_else(|| whole().map(|value| Self { domain: "".into(), value }), Ok)
    }

    /// Reads a text that may be the address of a room; `None` when it does not look like one.
    pub(crate) fn recognise(text: &str) -> Result<Option<Self>, XccosFault> {
        match after_scheme(text, ROOM_SCHEME).and_then(|rest| rest.split_once('/')) {
            Some((domain, value)) if !domain.is_empty() => {
                bounded("octets of a room's address", text, ROOM_ADDRESS_BYTES_MAX)?;
                Ok(Some(Self { domain: domain.into(), value: value.into() }))
            }
            _ => Ok(None),
        }
    }

    /// Reads a block that has domain and GUID apart.
    pub(crate) fn split(element: &Element, block: &'static str) -> Result<Self, XccosFault> {
        let limit = ROOM_ADDRESS_BYTES_MAX;
        let domain = bounded("the domain of a room", element.needed(block, "domain")?, limit)?;
        let value = bounded("the GUID of a room", element.needed(block, "value")?, limit)?;
        Ok(Self { domain, value })
    }
}

/// Every room the block `data` names, in document order, whichever of the known ways is used.
///
/// # Errors
/// [`XccosFault::MissingBlock`] when it names none.
pub(crate) fn rooms(data: &Element) -> Result<Vec<RoomRef>, XccosFault> {
    let mut found = Vec::new();
    for child in &data.children {
        match child.name.as_str() {
            "chanid" => found.push(RoomRef::split(child, "chanid")?),
            "chanib" => found.push(RoomRef::parse(child.needed("chanib", "uri")?)?),
            _ => {
                let uri = child.attribute("channeluri").or_else(|| child.attribute("chanuri"));
                found.extend(uri.map(RoomRef::parse).transpose()?);
            }
        }
    }
    if found.is_empty() { Err(XccosFault::MissingBlock { block: "chanid" }) } else { Ok(found) }
}

/// The one room the block `data` names.
pub(crate) fn room(data: &Element) -> Result<RoomRef, XccosFault> {
    let mut found = rooms(data)?.into_iter();
    match (found.next(), found.next()) {
        (Some(room), None) => Ok(room),
        _ => Err(XccosFault::Repeated { block: "room" }),
    }
}

/// The GUID in the address of a room or category that a server printed.
pub(crate) fn guid_of(uri: &str) -> Option<Uuid> {
    let rest = after_scheme(uri, ROOM_SCHEME).or_else(|| after_scheme(uri, CATEGORY_SCHEME))?;
    guid(rest.split_once('/')?.1)
}

fn after_scheme<'a>(uri: &'a str, scheme: &str) -> Option<&'a str> {
    let (begin, rest) = uri.split_at_checked(scheme.len())?;
    begin.eq_ignore_ascii_case(scheme).then_some(rest)
}

impl fmt::Display for RoomUri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ROOM_SCHEME}{}/{}", self.domain, self.guid.hyphenated())
    }
}

impl fmt::Display for CategoryUri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{CATEGORY_SCHEME}{}/{}", self.domain, self.guid.hyphenated())
    }
}
