//! `uib`, what is said of a person, and the `aib` inside it that says where the person came in
//! (docs/protocol.md, uib and aib). Lists of participants by number are in `command/join.rs`.

use std::borrow::Cow;

use chat::{Domain, Mask, Person};
use uuid::Uuid;

use crate::compat::{Compat, PERSON_TYPE};
use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::value::guid;
use crate::xml::Element;

/// A person as others see them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonBlock<'a> {
    /// The address, `sip:user@domain`.
    pub address: Cow<'a, str>,
    /// The person's GUID.
    pub guid: Option<Uuid>,
    /// The short name; we send the user part of the address.
    pub name: Option<Cow<'a, str>>,
    /// The display name.
    pub display_name: Option<Cow<'a, str>>,
}

/// Somebody in a room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Participant<'a> {
    /// Who.
    pub person: PersonBlock<'a>,
    /// What the person may do there.
    pub mask: Mask,
}

/// Somebody who came into rooms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrival<'a> {
    /// Who.
    pub person: PersonBlock<'a>,
    /// Into which rooms, and what the person may do there.
    pub rooms: Vec<(Uuid, Mask)>,
}

impl<'a> From<&'a Person> for PersonBlock<'a> {
    fn from(person: &'a Person) -> Self {
        Self {
            address: person.address.as_str().into(),
            guid: Some(person.guid),
            name: Some(person.address.user().into()),
            display_name: Some(person.display_name.as_str().into()),
        }
    }
}

impl PersonBlock<'_> {
    /// Writes the attributes into a start tag.
    pub(crate) fn write(&self, pen: &mut Pen) {
        pen.attribute("uri", &self.address);
        if let Some(guid) = self.guid {
            pen.plain("guid", guid.hyphenated()).attribute("type", PERSON_TYPE);
        }
        if let Some(name) = &self.name {
            pen.attribute("uname", name);
        }
        if let Some(name) = &self.display_name {
            pen.attribute("dispname", name);
        }
    }
}

impl PersonBlock<'static> {
    pub(crate) fn read(uib: &Element) -> Result<Self, XccosFault> {
        let owned = |name| uib.attribute(name).map(|value| value.to_owned().into());
        let bad = XccosFault::BadValue { block: "uib", name: "guid" };
        Ok(Self {
            address: uib.needed("uib", "uri")?.to_owned().into(),
            guid: uib.attribute("guid").map(|text| guid(text).ok_or(bad)).transpose()?,
            name: owned("uname"),
            display_name: owned("dispname").or_else(|| owned("disp")),
        })
    }
}

/// Writes one `uib` for each person, with one `aib` for each room inside.
pub(crate) fn write_arrivals(pen: &mut Pen, domain: &Domain, compat: Compat, arrivals: &[Arrival<'_>]) {
    for arrival in arrivals {
        pen.start("uib");
        arrival.person.write(pen);
        for (room, mask) in &arrival.rooms {
            pen.start("aib").plain("key", compat.mask(*mask));
            pen.attribute("domain", domain.as_str()).plain("value", room.hyphenated()).end();
        }
        pen.end();
    }
}

/// Reads what [`write_arrivals`] writes.
pub(crate) fn read_arrivals(data: &Element) -> Result<Vec<Arrival<'static>>, XccosFault> {
    let mut arrivals = Vec::new();
    for uib in data.named("uib") {
        let mut rooms = Vec::new();
        for aib in uib.named("aib") {
            let room = guid(aib.needed("aib", "value")?);
            rooms.push((room.ok_or(XccosFault::BadValue { block: "aib", name: "value" })?, mask(aib)?));
        }
        arrivals.push(Arrival { person: PersonBlock::read(uib)?, rooms });
    }
    Ok(arrivals)
}

/// The permission mask of an `aib`.
pub(crate) fn mask(aib: &Element) -> Result<Mask, XccosFault> {
    let key = aib.needed("aib", "key")?.parse();
    key.map(Mask).map_err(|_| XccosFault::BadValue { block: "aib", name: "key" })
}
