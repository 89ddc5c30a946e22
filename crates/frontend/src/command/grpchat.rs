//! A post, `grpchat`: kept or refused, and only then answered (docs/protocol.md, grpchat).
//! The author's own copy comes back like everybody's, through the rooms.

use chat::{Address, Refusal};
use rooms::Trouble;
use xccos::GrpChat;

use super::Caller;
use crate::codes::Refused;

/// Posts; returns when the post is kept.
///
/// # Errors
/// Why it was not kept.
pub(crate) async fn post(caller: Caller, post: GrpChat) -> Result<(), Refused> {
    let author = Address::parse(&post.author).ok();
    let own = caller.session.person().map(|person| person.address.clone());
    if author.is_none() || author != own {
        return Err(Refused::NotThePerson);
    }
    let room = post.room.guid(&caller.house.names.domain);
    let room = room.ok_or(Trouble::Refused(Refusal::NotFound))?;
    caller.session.post(room, post.draft, None).await?;
    Ok(())
}
