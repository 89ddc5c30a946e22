//! What a server sends, as our own client reads it: replies, notices and posts.
//! Used by tests and load; the server never reads its own words.

use crate::block::PostBlock;
use crate::envelope::{identity, name_in, root};
use crate::fault::XccosFault;
use crate::notice::Notice;
use crate::reply::ServerReply;
use crate::xml::{Bounds, Element};

/// What a server sent in one body, in document order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerEnvelope {
    /// The server's number of the envelope, as sent.
    pub envid: Box<str>,
    /// What it says; may be empty when all of it is unknown.
    pub items: Vec<ServerItem>,
}

/// One thing a server says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ServerItem {
    /// The answer to a command.
    Reply(ServerReply),
    /// A notice.
    Notice(Notice<'static>),
    /// A post.
    Post(PostBlock<'static>),
}

/// Reads what a server sent.
///
/// # Errors
/// Whatever makes the body, or any part of it, unusable.
pub fn parse_answer(body: &[u8]) -> Result<ServerEnvelope, XccosFault> {
    let root = root(body, Bounds::ANSWER)?;
    let nothing = Element::default();
    let mut items = Vec::new();
    for child in &root.children {
        items.push(match child.name.as_str() {
            "rpl" => ServerItem::Reply(ServerReply::read(name_in(child, "rpl:")?, child)?),
            "ntc" => {
                let data = child.only("data")?.unwrap_or(&nothing);
                ServerItem::Notice(Notice::read(name_in(child, "ntc:")?, data)?)
            }
            "grpchat" => ServerItem::Post(PostBlock::read(child)?),
            _ => continue,
        });
    }
    Ok(ServerEnvelope { envid: identity(&root, "envid")?, items })
}
