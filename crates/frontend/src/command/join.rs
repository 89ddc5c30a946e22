//! `cmd:join`: enter a room and learn who is there (docs/protocol.md, join).
//! Others hear of it once it is kept.

use xccos::{Code, CommandId, Reply, RoomRef};

use super::{Caller, Told, code, guid_of, room_block};

pub(super) async fn answer(caller: &Caller, id: &CommandId, room: &RoomRef) -> Told {
    let guid = guid_of(caller, room)?;
    let mut rooms = caller.session.join(&[guid], false).await.map_err(code)?;
    let joined = rooms.pop().expect("one room was asked for").map_err(|refusal| Code::from(&refusal))?;
    Ok(caller.print(id, &Reply::Join(room_block::joined(&joined))))
}
