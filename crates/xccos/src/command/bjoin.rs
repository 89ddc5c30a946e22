//! `cmd:bjoin`: enter many rooms at once (docs/protocol.md, bjoin).
//! The reply succeeds also when single rooms, or all, could not be joined.

use chat::limits::JOIN_ROOMS_MAX;

use crate::compat::NOT_JOINED;
use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::reply::Heading;
use crate::room::{RoomRef, rooms};
use crate::xml::Element;

use super::join::{self, Joined};

/// What became of each room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BatchJoined<'a> {
    /// The rooms that were joined.
    pub joined: Vec<Joined<'a>>,
    /// The rooms that were not, as the client named them.
    pub failed: Vec<RoomRef>,
}

pub(super) fn read(data: &Element) -> Result<Vec<RoomRef>, XccosFault> {
    let rooms = rooms(data)?;
    if rooms.len() > JOIN_ROOMS_MAX {
        return Err(XccosFault::TooLong { what: "rooms to join", limit: JOIN_ROOMS_MAX });
    }
    Ok(rooms)
}

impl BatchJoined<'_> {
    pub(super) fn write(&self, pen: &mut Pen, heading: &Heading<'_>) {
        join::write_reply(pen, heading, &self.joined);
        for room in &self.failed {
            pen.start("fib").attribute("key", NOT_JOINED).attribute("value", room.value());
            pen.attribute("domain", room.domain()).end();
        }
    }
}

impl BatchJoined<'static> {
    pub(super) fn read(data: &Element) -> Result<Self, XccosFault> {
        let failed = data.named("fib").map(|fib| RoomRef::split(fib, "fib")).collect::<Result<_, _>>()?;
        Ok(Self { joined: join::read_rooms(data)?, failed })
    }
}
