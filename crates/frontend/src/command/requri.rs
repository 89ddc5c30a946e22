//! `cmd:requri`: the address of the chat server (docs/protocol.md, requri).
//! The same for everybody: a pool has one.

use xccos::{CommandId, Reply};

use super::Caller;

pub(super) fn answer(caller: &Caller, id: &CommandId) -> String {
    caller.print(id, &Reply::ReqUri { uri: caller.house.names.chat.as_str().into() })
}
