//! A post from a client, `grpchat` (docs/protocol.md, grpchat).
//! Whether its author may post it is decided elsewhere; what the server delivers is in `block/msg.rs`.

use chat::limits::ADDRESS_BYTES_MAX;
use chat::{Draft, Rtf, Text};

use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::room::{RoomRef, room};
use crate::value::bounded;
use crate::xml::Element;

const BLOCK: &str = "grpchat";

/// What a client posts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GrpChat {
    /// The room.
    pub room: RoomRef,
    /// The author as claimed; nobody posts as somebody else.
    pub author: Box<str>,
    /// The client's time as sent. It must be there and is not looked into: the time of a post is the server's.
    pub sent: Box<str>,
    /// The text, ready to be decided on.
    pub draft: Draft,
}

impl GrpChat {
    pub(crate) fn read(post: &Element) -> Result<Self, XccosFault> {
        let room = match post.attribute("chanuri").or_else(|| post.attribute("channeluri")) {
            Some(uri) => RoomRef::parse(uri)?,
            None => room(post).map_err(|_| XccosFault::MissingValue { block: BLOCK, name: "chanUri" })?,
        };
        let author = bounded("octets of an author", post.needed(BLOCK, "author")?, ADDRESS_BYTES_MAX)?;
        post.needed(BLOCK, "ts")?;
        let sent = post.word("ts")?;
        let alert = post.flag(BLOCK, "alert")?;
        let chat = plain(post, "chat")?.ok_or(XccosFault::MissingValue { block: BLOCK, name: "chat" })?;
        let text = Text::parse(chat)?;
        let rtf = plain(post, "rtf")?.filter(|rtf| !rtf.is_empty()).map(Rtf::parse).transpose()?;
        Ok(Self { room, author, sent, draft: Draft { text, rtf, alert } })
    }

    /// Writes attributes and children of an element begun by the caller, and ends it.
    pub(crate) fn finish(&self, pen: &mut Pen) {
        pen.attribute("chanUri", &self.room.uri()).attribute("author", &self.author);
        if self.draft.alert {
            pen.plain("alert", true);
        }
        pen.attribute("ts", &self.sent);
        pen.start("chat").text(self.draft.text.as_str()).end();
        if let Some(rtf) = &self.draft.rtf {
            pen.start("rtf").text(rtf.as_str()).end();
        }
        pen.end();
    }
}

/// The text of a child that may not hold markup: what somebody forgot to escape must not vanish silently.
fn plain<'a>(post: &'a Element, name: &'static str) -> Result<Option<&'a str>, XccosFault> {
    let Some(child) = post.only(name)? else { return Ok(None) };
    if child.children.is_empty() {
        Ok(Some(&child.text))
    } else {
        Err(XccosFault::BadValue { block: BLOCK, name })
    }
}
