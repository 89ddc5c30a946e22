//! `cmd:part`: leave rooms (docs/protocol.md, part).
//! COMPAT(pidgin-sipe, it keeps a room as joined for ever when its part is refused): leaving a room one is not in succeeds.

use xccos::{CommandId, Reply, RoomRef};

use super::{Caller, Told, code};

pub(super) async fn answer(caller: &Caller, id: &CommandId, rooms: &[RoomRef]) -> Told {
    let domain = &caller.house.names.domain;
    let guids: Vec<_> = rooms.iter().filter_map(|room| room.guid(domain)).collect();
    caller.session.part(&guids).await.map_err(code)?;
    Ok(caller.print(id, &Reply::Part(guids)))
}
