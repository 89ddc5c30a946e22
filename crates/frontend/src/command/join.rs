//! `cmd:join`: enter a room and learn who is there (docs/protocol.md, join).
//! Others hear of it once it is kept.

use xccos::{Code, CommandId, Reply, RoomRef};

use super::{Caller, Told, code, room_block};

pub(super) async fn answer(caller: &Caller, id: &CommandId, room: &RoomRef) -> Told {
    let guid = room.guid(&caller.house.names.domain).ok_or(Code::NoSuchNode)?;
    let mut rooms = caller.session.join(&[guid], false).await.map_err(code)?;
    let joined = rooms.pop().ok_or(Code::NoSuchNode)?.map_err(|refusal| Code::from(&refusal))?;
    Ok(caller.print(id, &Reply::Join(room_block::joined(&joined))))
}
