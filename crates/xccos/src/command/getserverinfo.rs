//! `cmd:getserverinfo`: limits, time and identity of the pool (docs/protocol.md, getserverinfo).
//! Enforces none of the limits it tells.

use std::borrow::Cow;

use chat::limits::{MESSAGE_BYTES_MAX, SEARCH_RESULTS_MAX, STORY_BYTES_MAX};
use chat::{Domain, Time};
use uuid::Uuid;

use crate::compat::{DISPLAY_NAME, ROOM_MANAGEMENT};
use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::room::{CategoryUri, guid_of};
use crate::value::guid;
use crate::xml::Element;

/// The category above all others; it has this number in every pool.
pub const ROOT_CATEGORY: Uuid = Uuid::from_u128(1);

/// What a client asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GetServerInfo {
    /// The client's domain; empty when it did not say.
    pub domain: Box<str>,
    /// Which groups of information it wants, one digit each; we answer all and repeat the digits.
    pub info_type: Box<str>,
}

/// What the server says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerInfo<'a> {
    /// The digits of the question.
    pub info_type: Cow<'a, str>,
    /// The server's present time.
    pub time: Time,
    /// Most results of a search.
    pub search_limit: usize,
    /// Longest message in octets.
    pub message_limit: usize,
    /// Longest story in octets.
    pub story_limit: usize,
    /// The root category.
    pub root: Uuid,
    /// Another one after the database was replaced by a different one.
    pub db_version: Uuid,
    /// Address of the room management pages.
    pub room_management: Option<Cow<'a, str>>,
    /// The pool's friendly name.
    pub display_name: Option<Cow<'a, str>>,
}

impl GetServerInfo {
    pub(super) fn read(data: &Element) -> Result<Self, XccosFault> {
        let sib = data.block("sib")?;
        Ok(Self { domain: sib.word("domain")?, info_type: sib.word("infoType")? })
    }

    pub(super) fn write(&self, pen: &mut Pen) {
        pen.start("sib").attribute("domain", &self.domain).attribute("infoType", &self.info_type).end();
    }
}

impl<'a> ServerInfo<'a> {
    /// The answer with the limits that hold everywhere; it names no management pages yet.
    #[must_use]
    pub fn new(ask: &'a GetServerInfo, time: Time, db_version: Uuid, display_name: &'a str) -> Self {
        Self {
            info_type: Cow::Borrowed(&ask.info_type),
            time,
            search_limit: SEARCH_RESULTS_MAX,
            message_limit: MESSAGE_BYTES_MAX,
            story_limit: STORY_BYTES_MAX,
            root: ROOT_CATEGORY,
            db_version,
            room_management: None,
            display_name: Some(display_name.into()),
        }
    }

    pub(super) fn write(&self, pen: &mut Pen, domain: &Domain) {
        pen.start("sib").attribute("infoType", &self.info_type).plain("serverTime", self.time.iso7());
        pen.plain("searchLimit", self.search_limit).plain("messageSizeLimit", self.message_limit);
        pen.plain("storySizeLimit", self.story_limit);
        pen.plain("rootUri", CategoryUri { domain, guid: self.root });
        pen.plain("dbVersion", self.db_version.hyphenated());
        if let Some(address) = &self.room_management {
            pen.attribute(ROOM_MANAGEMENT, address);
        }
        if let Some(name) = &self.display_name {
            pen.attribute(DISPLAY_NAME, name);
        }
        pen.end();
    }
}

impl ServerInfo<'static> {
    pub(super) fn read(data: &Element) -> Result<Self, XccosFault> {
        let block = "sib";
        let bad = |name| XccosFault::BadValue { block, name };
        let sib = data.block(block)?;
        let limit = |name| sib.needed(block, name)?.parse().map_err(|_| bad(name));
        let optional = |name: &str| sib.attribute(&name.to_ascii_lowercase()).map(|v| v.to_owned().into());
        Ok(Self {
            info_type: sib.needed(block, "infoType")?.to_owned().into(),
            time: Time::parse_iso(sib.needed(block, "serverTime")?).map_err(|_| bad("serverTime"))?,
            search_limit: limit("searchLimit")?,
            message_limit: limit("messageSizeLimit")?,
            story_limit: limit("storySizeLimit")?,
            root: guid_of(sib.needed(block, "rootUri")?).ok_or(bad("rootUri"))?,
            db_version: guid(sib.needed(block, "dbVersion")?).ok_or(bad("dbVersion"))?,
            room_management: optional(ROOM_MANAGEMENT),
            display_name: optional(DISPLAY_NAME),
        })
    }
}
