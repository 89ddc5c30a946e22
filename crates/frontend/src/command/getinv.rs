//! `cmd:getinv`: the rooms a person is invited to (docs/protocol.md, getinv).
//! Invitations are derived from who is a member where; nothing is sent.

use xccos::{CommandId, GetInv, Invitation, Invitations, Reply};

use super::{Caller, Told, code, room_block};

pub(super) async fn answer(caller: &Caller, id: &CommandId, ask: &GetInv) -> Told {
    let invited = caller.session.visitor().invitations(ask.after).await.map_err(code)?;
    let newest = invited.iter().map(|invited| invited.id).max().unwrap_or(ask.after);
    let invitations = invited
        .iter()
        .map(|invited| Invitation {
            id: invited.id,
            time: invited.time,
            room: room_block::room(&invited.card),
        })
        .collect();
    Ok(caller.print(id, &Reply::GetInv(Invitations { newest: Some(newest), invitations })))
}
