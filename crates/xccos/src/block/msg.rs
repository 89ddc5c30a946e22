//! A post as the server shows it: live in a `grpchat`, later in a `msg` (docs/protocol.md, grpchat).
//! Posts from clients are read in `command/grpchat.rs`.

use std::borrow::Cow;

use chat::{Domain, Time};
use uuid::Uuid;

use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::room::{RoomUri, guid_of};
use crate::xml::Element;

/// A post.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PostBlock<'a> {
    /// The room.
    pub room: Uuid,
    /// Its number in the room, from 1; a server that does not say leaves it out.
    pub number: Option<u32>,
    /// When it was kept.
    pub time: Time,
    /// The author's address.
    pub author: Cow<'a, str>,
    /// The author's display name.
    pub author_name: Option<Cow<'a, str>>,
    /// High importance.
    pub alert: bool,
    /// The plain text, never empty.
    pub text: Cow<'a, str>,
    /// The rich rendering.
    pub rtf: Option<Cow<'a, str>>,
}

impl PostBlock<'_> {
    /// Writes attributes and children of an element begun by the caller, and ends it.
    pub(crate) fn finish(&self, pen: &mut Pen, domain: &Domain) {
        pen.plain("chanUri", RoomUri { domain, guid: self.room }).attribute("author", &self.author);
        if let Some(name) = &self.author_name {
            pen.attribute("authdisp", name);
        }
        pen.plain("alert", self.alert);
        if let Some(number) = self.number {
            pen.plain("chatId", number);
        }
        pen.plain("ts", self.time.iso7());
        pen.start("chat").text(&self.text).end();
        if let Some(rtf) = &self.rtf {
            pen.start("rtf").text(rtf).end();
        }
        pen.end();
    }
}

impl PostBlock<'static> {
    /// Reads a `grpchat` or `msg` from a server.
    pub(crate) fn read(post: &Element) -> Result<Self, XccosFault> {
        let block = "grpchat";
        let bad = |name| XccosFault::BadValue { block, name };
        let chat = post.only("chat")?.ok_or(XccosFault::MissingValue { block, name: "chat" })?;
        let number =
            post.attribute("chatid").map(|text| text.parse().map_err(|_| bad("chatId"))).transpose()?;
        Ok(Self {
            room: guid_of(post.needed(block, "chanUri")?).ok_or(bad("chanUri"))?,
            number,
            time: Time::parse_iso(post.needed(block, "ts")?).map_err(|_| bad("ts"))?,
            author: post.needed(block, "author")?.to_owned().into(),
            author_name: post.attribute("authdisp").map(|name| name.to_owned().into()),
            alert: post.flag(block, "alert")?,
            text: chat.text.clone().into(),
            rtf: post.only("rtf")?.map(|rtf| rtf.text.clone().into()),
        })
    }
}
