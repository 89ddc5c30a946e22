//! `cmd:bjoin`: enter many rooms at once (docs/protocol.md, bjoin).
//! Succeeds also when single rooms, or all, could not be joined; a room named twice is told once.

use std::collections::HashSet;

use xccos::{BatchJoined, CommandId, Reply, RoomRef};

use super::{Caller, Told, code, room_block};

pub(super) async fn answer(caller: &Caller, id: &CommandId, rooms: Vec<RoomRef>) -> Told {
    let mut seen = HashSet::new();
    let mut failed = Vec::new();
    let mut named = Vec::new();
    for room in rooms {
        match room.guid(&caller.house.names.domain) {
            Some(guid) if seen.insert(guid) => named.push((guid, room)),
            Some(_) => (),
            None => failed.push(room),
        }
    }
    let guids: Vec<_> = named.iter().map(|(guid, _)| *guid).collect();
    let outcomes = caller.session.join(&guids, true).await.map_err(code)?;
    let mut joined = Vec::new();
    for ((_, room), outcome) in named.into_iter().zip(outcomes) {
        match outcome {
            Ok(room) => joined.push(room),
            Err(_) => failed.push(room),
        }
    }
    let joined = joined.iter().map(room_block::joined).collect();
    Ok(caller.print(id, &Reply::BJoin(BatchJoined { joined, failed })))
}
