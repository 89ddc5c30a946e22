//! `cmd:getserverinfo`: limits, time and identity of the pool (docs/protocol.md, getserverinfo).
//! Tells all there is, whatever groups of information were asked for.

use xccos::{CommandId, GetServerInfo, Reply, ServerInfo};

use super::Caller;

pub(super) fn answer(caller: &Caller, id: &CommandId, ask: &GetServerInfo) -> String {
    let facts = caller.house.rooms.facts();
    let info = ServerInfo::new(ask, caller.house.clock.now(), facts.pool_guid, &facts.pool_name);
    caller.print(id, &Reply::GetServerInfo(info))
}
