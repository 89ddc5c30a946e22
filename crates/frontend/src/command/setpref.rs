//! `cmd:setpref`: store a preference (docs/protocol.md, preferences).
//! The last one wins, whichever version the client has seen.

use xccos::{CommandId, PrefBlock, Reply, SetPref};

use super::{Caller, Told, code};

pub(super) async fn answer(caller: &Caller, id: &CommandId, ask: &SetPref) -> Told {
    let content = ask.content.as_bytes().to_vec();
    let version = caller.session.visitor().set_preference(&ask.label, content).await.map_err(code)?;
    let pref = PrefBlock {
        label: (&*ask.label).into(),
        version: Some(version),
        create_default: false,
        content: None,
    };
    Ok(caller.print(id, &Reply::SetPref(pref)))
}
