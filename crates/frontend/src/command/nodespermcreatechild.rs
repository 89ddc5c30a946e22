//! `cmd:nodespermcreatechild`: the categories a person may create rooms in (docs/protocol.md, nodespermcreatechild).
//! An empty answer means none.

use xccos::{CategoryBlock, CommandId, Reply};

use super::Caller;

pub(super) fn answer(caller: &Caller, id: &CommandId) -> String {
    let categories = caller.session.visitor().creatable();
    let blocks = categories.iter().map(|category| CategoryBlock {
        guid: category.guid,
        name: category.name.as_str().into(),
        description: category.description.as_str().into(),
        invites: category.invitations,
    });
    caller.print(id, &Reply::NodesPermCreateChild(blocks.collect()))
}
