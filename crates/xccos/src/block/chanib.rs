//! `chanib`, what is said of a room or category (docs/protocol.md, chanib).
//! Participants and history inside it are printed where they belong.

use std::borrow::Cow;

use chat::{Domain, Privacy, RoomKind};
use uuid::Uuid;

use crate::compat::{ADD_IN, ADD_IN_NAME, ADD_IN_URL, VISIBILITY, VISIBILTY};
use crate::fault::XccosFault;
use crate::pen::Pen;
use crate::room::{CategoryUri, RoomUri, guid_of};
use crate::value::{guid, truth};
use crate::xml::Element;

const PARTICIPANTS: &str = "urn:parlano:ma:info:ucnt";
const LOGGED: &str = "urn:parlano:ma:prop:logged";
const INVITE: &str = "urn:parlano:ma:prop:invite";
const FILE_POST: &str = "urn:parlano:ma:prop:filepost";

/// A room as one person sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomBlock<'a> {
    /// The room.
    pub guid: Uuid,
    /// Its name, never empty.
    pub name: Cow<'a, str>,
    /// Its description, may be empty.
    pub description: Cow<'a, str>,
    /// The category it lies in; a server that does not say leaves it out.
    pub category: Option<Uuid>,
    /// Who may find and join it.
    pub privacy: Privacy,
    /// Who may post.
    pub kind: RoomKind,
    /// Whether it is disabled.
    pub disabled: bool,
    /// People in it now, each counted once.
    pub participants: Option<usize>,
    /// Whether what is said becomes history.
    pub logged: bool,
    /// Whether it invites its members, its category agreeing.
    pub invites: bool,
    /// Whether files may be posted.
    pub file_upload: bool,
    /// The page shown beside it.
    pub add_in: Option<AddInBlock<'a>>,
}

/// A page that clients show beside a room; printed as attributes of the room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddInBlock<'a> {
    /// The registered add-in.
    pub guid: Uuid,
    /// What it is called.
    pub name: Cow<'a, str>,
    /// Where it is.
    pub url: Cow<'a, str>,
}

/// A category in which rooms may be created.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CategoryBlock<'a> {
    /// The category.
    pub guid: Uuid,
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its description, may be empty.
    pub description: Cow<'a, str>,
    /// Whether its rooms may invite.
    pub invites: bool,
}

impl RoomBlock<'_> {
    /// Begins the block as lists of rooms have it; [`RoomBlock::finish`] ends it.
    pub(crate) fn start_found(&self, pen: &mut Pen, domain: &Domain) {
        pen.start("chanib").attribute("name", &self.name).attribute("description", &self.description);
        pen.plain("uri", RoomUri { domain, guid: self.guid });
        self.parent(pen, domain);
        pen.attribute("behavior", self.behavior()).plain("disabled", self.disabled);
        self.page(pen);
    }

    /// Begins the block as replies to joins have it; [`RoomBlock::finish`] ends it.
    pub(crate) fn start_joined(&self, pen: &mut Pen, domain: &Domain) {
        pen.start("chanib").plain("uri", RoomUri { domain, guid: self.guid });
        pen.attribute("name", &self.name).attribute("description", &self.description);
        self.parent(pen, domain);
        pen.attribute("behavior", self.behavior()).attribute("topic", "").plain("disabled", self.disabled);
        self.page(pen);
    }

    /// Writes what is known of the room inside the block, and ends it.
    pub(crate) fn finish(&self, pen: &mut Pen) {
        if let Some(count) = self.participants {
            fact(pen, "info", PARTICIPANTS, &count.to_string());
        }
        let privacy = match self.privacy {
            Privacy::Open => "OPEN",
            Privacy::Closed => "SCOPE",
            Privacy::Secret => "PRIVATE",
        };
        fact(pen, "info", VISIBILTY, privacy);
        fact(pen, "info", VISIBILITY, privacy);
        fact(pen, "prop", LOGGED, shown(self.logged));
        fact(pen, "prop", INVITE, shown(self.invites));
        fact(pen, "prop", FILE_POST, shown(self.file_upload));
        pen.end();
    }

    fn parent(&self, pen: &mut Pen, domain: &Domain) {
        if let Some(guid) = self.category {
            pen.plain("parent", CategoryUri { domain, guid });
        }
    }

    fn page(&self, pen: &mut Pen) {
        if let Some(page) = &self.add_in {
            pen.plain(ADD_IN, page.guid.hyphenated()).attribute(ADD_IN_NAME, &page.name);
            pen.attribute(ADD_IN_URL, &page.url);
        }
    }

    fn behavior(&self) -> &'static str {
        match self.kind {
            RoomKind::Normal => "NORMAL",
            RoomKind::Auditorium => "AUDITORIUM",
        }
    }
}

impl RoomBlock<'static> {
    /// Reads the block from a server.
    pub(crate) fn read(chanib: &Element) -> Result<Self, XccosFault> {
        let bad = |name| XccosFault::BadValue { block: "chanib", name };
        let owned = |name| chanib.attribute(name).unwrap_or_default().to_owned().into();
        let kind = match chanib.attribute("behavior") {
            Some(word) if word.eq_ignore_ascii_case("AUDITORIUM") => RoomKind::Auditorium,
            _ => RoomKind::Normal,
        };
        let privacy = match info(chanib, "info", VISIBILITY).or_else(|| info(chanib, "info", VISIBILTY)) {
            Some(word) if word.eq_ignore_ascii_case("PRIVATE") => Privacy::Secret,
            Some(word) if word.eq_ignore_ascii_case("OPEN") => Privacy::Open,
            _ => Privacy::Closed,
        };
        let participants = info(chanib, "info", PARTICIPANTS)
            .map(|count| count.parse().map_err(|_| bad("ucnt")))
            .transpose()?;
        let category = chanib.attribute("parent").map(|uri| guid_of(uri).ok_or(bad("parent"))).transpose()?;
        let prop = |id| info(chanib, "prop", id).and_then(truth).unwrap_or(false);
        Ok(Self {
            guid: uri(chanib)?,
            name: owned("name"),
            description: owned("description"),
            category,
            privacy,
            kind,
            disabled: chanib.flag("chanib", "disabled")?,
            participants,
            logged: prop(LOGGED),
            invites: prop(INVITE),
            file_upload: prop(FILE_POST),
            add_in: AddInBlock::read(chanib)?,
        })
    }
}

impl AddInBlock<'static> {
    fn read(chanib: &Element) -> Result<Option<Self>, XccosFault> {
        let Some(number) = chanib.attribute(ADD_IN) else { return Ok(None) };
        let bad = XccosFault::BadValue { block: "chanib", name: ADD_IN };
        let owned = |name| chanib.attribute(name).unwrap_or_default().to_owned().into();
        Ok(Some(Self { guid: guid(number).ok_or(bad)?, name: owned(ADD_IN_NAME), url: owned(ADD_IN_URL) }))
    }
}

impl CategoryBlock<'_> {
    pub(crate) fn write(&self, pen: &mut Pen, domain: &Domain) {
        pen.start("chanib").attribute("name", &self.name).attribute("description", &self.description);
        pen.plain("uri", CategoryUri { domain, guid: self.guid });
        fact(pen, "prop", INVITE, shown(self.invites));
        pen.end();
    }
}

impl CategoryBlock<'static> {
    pub(crate) fn read(chanib: &Element) -> Result<Self, XccosFault> {
        let owned = |name| chanib.attribute(name).unwrap_or_default().to_owned().into();
        Ok(Self {
            guid: uri(chanib)?,
            name: owned("name"),
            description: owned("description"),
            invites: info(chanib, "prop", INVITE).and_then(truth).unwrap_or(false),
        })
    }
}

/// The GUID in the `uri` of a block from a server.
pub(crate) fn uri(chanib: &Element) -> Result<Uuid, XccosFault> {
    let uri = chanib.needed("chanib", "uri")?;
    guid_of(uri).ok_or(XccosFault::BadValue { block: "chanib", name: "uri" })
}

fn fact(pen: &mut Pen, element: &'static str, id: &str, value: &str) {
    pen.start(element).attribute("id", id).text(value).end();
}

fn info<'a>(chanib: &'a Element, element: &'a str, id: &str) -> Option<&'a str> {
    chanib
        .named(element)
        .find(|fact| fact.attribute("id").is_some_and(|known| known.eq_ignore_ascii_case(id)))
        .map(|fact| fact.text.trim())
}

/// Properties begin with a capital, attributes do not.
fn shown(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}
