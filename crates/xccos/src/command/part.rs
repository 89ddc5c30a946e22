//! `cmd:part`: leave rooms (docs/protocol.md, part).
//! Also somebody who is not in the room gets its address back, or the client would keep its window.

use chat::Domain;
use chat::limits::JOIN_ROOMS_MAX;
use uuid::Uuid;

use crate::block::uri;
use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::room::{RoomRef, RoomUri, rooms};
use crate::xml::Element;

pub(super) fn read(data: &Element) -> Result<Vec<RoomRef>, XccosFault> {
    let rooms = rooms(data)?;
    if rooms.len() > JOIN_ROOMS_MAX {
        return Err(XccosFault::TooLong { what: "rooms to leave", limit: JOIN_ROOMS_MAX });
    }
    Ok(rooms)
}

pub(super) fn write(pen: &mut Pen, rooms: &[RoomRef]) {
    for room in rooms {
        pen.start("chanib").attribute("uri", &room.uri()).end();
    }
}

pub(super) fn write_reply(pen: &mut Pen, domain: &Domain, rooms: &[Uuid]) {
    for guid in rooms {
        pen.start("chanib").plain("uri", RoomUri { domain, guid: *guid }).end();
    }
}

pub(super) fn read_reply(data: &Element) -> Result<Vec<Uuid>, XccosFault> {
    data.named("chanib").map(uri).collect()
}
