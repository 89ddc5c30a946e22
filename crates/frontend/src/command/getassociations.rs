//! `cmd:getassociations`: the rooms a person is a member or manager of (docs/protocol.md, getassociations).
//! An open room that names nobody is nobody's.

use rooms::Association;
use xccos::{CommandId, GetAssociations, Reply, Role};

use super::{Caller, room_block};

pub(super) fn answer(caller: &Caller, id: &CommandId, ask: &GetAssociations) -> String {
    let role = match ask.role {
        Role::Member => Association::Member,
        Role::Manager => Association::Manager,
    };
    let limit = ask.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let cards = caller.session.visitor().associated(role, limit);
    caller.print(id, &Reply::GetAssociations(room_block::rooms(&cards)))
}
