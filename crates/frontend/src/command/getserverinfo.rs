//! `cmd:getserverinfo`: limits, time, identity and management pages of the pool (docs/protocol.md, getserverinfo).
//! Tells all there is, whatever groups of information were asked for.

use xccos::{CommandId, GetServerInfo, Reply, ServerInfo};

use super::Caller;

pub(super) fn answer(caller: &Caller, id: &CommandId, ask: &GetServerInfo) -> String {
    let facts = caller.house.rooms.facts();
    let mut info = ServerInfo::new(ask, caller.house.clock.now(), facts.pool_guid, &facts.pool_name);
    info.room_management = caller.house.pages().map(Into::into);
    caller.print(id, &Reply::GetServerInfo(info))
}
