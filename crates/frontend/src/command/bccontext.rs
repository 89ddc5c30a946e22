//! `cmd:bccontext`: the most recent posts of a room (docs/protocol.md, bccontext).
//! What does not fit into one answer is left out from its old end, never from its middle.

use std::sync::Arc;

use rooms::Post;
use xccos::{BcContext, CommandId, History, Reply};

use super::{Caller, Told, code, guid_of};
use crate::deliver::block;
use crate::limits::HISTORY_OCTETS_MAX;

pub(super) async fn answer(caller: &Caller, id: &CommandId, ask: &BcContext) -> Told {
    let room = guid_of(caller, &ask.room)?;
    let last = ask.last.map(|last| usize::try_from(last).unwrap_or(usize::MAX));
    let posts = caller.session.visitor().history(room, last).await.map_err(code)?;
    let posts = fitting(&posts).iter().map(|post| block(post)).collect();
    Ok(caller.print(id, &Reply::BcContext(History { room, name: None, posts })))
}

/// The newest of these posts whose texts fit.
fn fitting(posts: &[Arc<Post>]) -> &[Arc<Post>] {
    let mut octets = 0;
    let fits = |post: &&Arc<Post>| {
        octets += post.text.len() + post.rtf.as_ref().map_or(0, |rtf| rtf.len());
        octets <= HISTORY_OCTETS_MAX
    };
    let count = posts.iter().rev().take_while(fits).count();
    &posts[posts.len() - count..]
}
