//! `cmd:getpref`: a stored preference with its version (docs/protocol.md, preferences).
//! Where nothing is stored there is version 0 and no content; a default is the client's own business.

use xccos::{Code, CommandId, PrefBlock, Reply};

use super::{Caller, Told, code};

pub(super) async fn answer(caller: &Caller, id: &CommandId, ask: &PrefBlock<'static>) -> Told {
    let seen = ask.version.filter(|version| *version > 0);
    let kept = caller.session.visitor().preference(&ask.label, seen).await.map_err(code)?;
    let content = kept.content.map(String::from_utf8).transpose().map_err(|_| Code::Server)?;
    let pref = PrefBlock {
        label: (&*ask.label).into(),
        version: Some(kept.version),
        create_default: ask.create_default,
        content: content.map(Into::into),
    };
    Ok(caller.print(id, &Reply::GetPref(pref)))
}
