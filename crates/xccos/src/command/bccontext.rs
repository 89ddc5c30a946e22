//! `cmd:bccontext`: the most recent posts of a room (docs/protocol.md, bccontext).
//! Paging and search are commands of their own.

use std::borrow::Cow;

use chat::Domain;
use uuid::Uuid;

use crate::block::{PostBlock, uri};
use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::room::{RoomRef, RoomUri, room};
use crate::xml::Element;

/// What a client asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BcContext {
    /// The room.
    pub room: RoomRef,
    /// How many posts, at least 1; `None` leaves the number to the server.
    pub last: Option<u64>,
}

/// What was said in a room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct History<'a> {
    /// The room.
    pub room: Uuid,
    /// Its name.
    pub name: Option<Cow<'a, str>>,
    /// The posts, oldest first.
    pub posts: Vec<PostBlock<'a>>,
}

impl BcContext {
    pub(super) fn read(data: &Element) -> Result<Self, XccosFault> {
        let bad = XccosFault::BadValue { block: "last", name: "cnt" };
        let last = match data.only("bcq")?.map(|bcq| bcq.only("last")).transpose()?.flatten() {
            None => None,
            Some(last) => match last.needed("last", "cnt")?.trim().parse::<i128>() {
                Ok(count) if count >= 1 => Some(u64::try_from(count).unwrap_or(u64::MAX)),
                _ => return Err(bad),
            },
        };
        Ok(Self { room: room(data)?, last })
    }

    pub(super) fn write(&self, pen: &mut Pen) {
        pen.start("chanib").attribute("uri", &self.room.uri()).end();
        if let Some(count) = self.last {
            pen.start("bcq").start("last").plain("cnt", count).end().end();
        }
    }
}

impl History<'_> {
    pub(super) fn write(&self, pen: &mut Pen, domain: &Domain) {
        pen.start("chanib").plain("uri", RoomUri { domain, guid: self.room });
        if let Some(name) = &self.name {
            pen.attribute("name", name);
        }
        for post in &self.posts {
            pen.start("msg").attribute("id", "grpchat");
            post.finish(pen, domain);
        }
        pen.end();
    }
}

impl History<'static> {
    pub(super) fn read(data: &Element) -> Result<Self, XccosFault> {
        let chanib = data.block("chanib")?;
        Ok(Self {
            room: uri(chanib)?,
            name: chanib.attribute("name").map(|name| name.to_owned().into()),
            posts: chanib.named("msg").map(PostBlock::read).collect::<Result<_, _>>()?,
        })
    }
}
