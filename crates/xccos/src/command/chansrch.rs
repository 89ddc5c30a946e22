//! `cmd:chansrch`: find rooms by words or by address (docs/protocol.md, chansrch).
//! Does not search; which rooms a person may find is decided elsewhere.

use chat::Domain;

use crate::block::RoomBlock;
use crate::fault::XccosFault;
use crate::limits::CRITERIA_BYTES_MAX;
use crate::pen::Pen;
use crate::room::RoomRef;
use crate::value::bounded;
use crate::xml::Element;

/// What a client looks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChanSrch {
    /// The words as sent; empty finds every visible room.
    pub criteria: Box<str>,
    /// The room, when the criteria are an address.
    pub room: Option<RoomRef>,
    /// Look into descriptions, too.
    pub extended: bool,
    /// Every word must be found; otherwise one is enough.
    pub match_all: bool,
    /// The words are one phrase.
    pub exact_phrase: bool,
    /// Most rooms wanted.
    pub limit: Option<u64>,
}

impl ChanSrch {
    pub(super) fn read(data: &Element) -> Result<Self, XccosFault> {
        let block = "qib";
        let qib = data.block(block)?;
        let kind = qib.parameter("qtype").unwrap_or("BYNAME");
        let criteria = qib.attribute("criteria").or_else(|| qib.child("criteria").map(|c| c.text.as_str()));
        let criteria = bounded("octets of a search", criteria.unwrap_or_default(), CRITERIA_BYTES_MAX)?;
        let by_uri = kind.eq_ignore_ascii_case("BYURI");
        if !by_uri && !kind.eq_ignore_ascii_case("BYNAME") {
            return Err(XccosFault::BadValue { block, name: "qtype" });
        }
        let room = match RoomRef::recognise(criteria.trim())? {
            None if by_uri => Some(RoomRef::parse(criteria.trim())?),
            recognised => recognised,
        };
        Ok(Self {
            room,
            extended: qib.flag(block, "extended")?,
            match_all: qib.flag(block, "matchall")?,
            exact_phrase: qib.flag(block, "matchexactphrase")?,
            limit: qib.count(block, "maxresults")?,
            criteria,
        })
    }

    pub(super) fn write(&self, pen: &mut Pen) {
        let kind = if self.room.is_some() { "BYURI" } else { "BYNAME" };
        pen.start("qib").attribute("qtype", kind).attribute("criteria", &self.criteria);
        pen.plain("extended", self.extended);
        if self.match_all {
            pen.plain("matchall", true);
        }
        if self.exact_phrase {
            pen.plain("matchexactphrase", true);
        }
        if let Some(limit) = self.limit {
            pen.plain("maxresults", limit);
        }
        pen.end();
    }
}

pub(super) fn write_reply(pen: &mut Pen, domain: &Domain, rooms: &[RoomBlock<'_>]) {
    for room in rooms {
        room.start_found(pen, domain);
        room.finish(pen);
    }
}

pub(super) fn read_reply(data: &Element) -> Result<Vec<RoomBlock<'static>>, XccosFault> {
    data.named("chanib").map(RoomBlock::read).collect()
}
