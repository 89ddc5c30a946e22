//! What a person is told of himself: publications, containers, subscribers ([MS-PRES] 2.2.2.2, 2.2.2.3).
//! Does not decide what is told when.

use std::collections::BTreeSet;

use chat::Address;

use crate::document::category::Entry;
use crate::document::containers::Containers;
use crate::document::xml::{Bounds, Unreadable, begin, empty, end, read as read_xml};

/// The type of the bodies, asked and told.
pub(crate) const MEDIA_TYPE: &str = "application/vnd-microsoft-roaming-self+xml";

/// Which parts a client asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Parts {
    pub(crate) categories: bool,
    pub(crate) containers: bool,
    pub(crate) subscribers: bool,
}

/// Publications as they are told: some, and categories that have none any more.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Categories<'a> {
    pub(crate) entries: Vec<&'a Entry>,
    pub(crate) gone: BTreeSet<&'a str>,
}

/// What is told at once.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Told<'a> {
    pub(crate) categories: Option<Categories<'a>>,
    pub(crate) containers: Option<&'a Containers>,
    /// Nobody's subscription waits for an answer here, so there are never any.
    pub(crate) subscribers: bool,
}

impl Parts {
    /// All there are, for a client that names none.
    pub(crate) const ALL: Self = Self { categories: true, containers: true, subscribers: true };

    /// Reads the body of a SUBSCRIBE. Parts we do not know are as if they were empty.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Unreadable> {
        if body.is_empty() {
            return Ok(Self::ALL);
        }
        let root = read_xml(body, Bounds::BODY)?;
        if root.local() != "roamingList" {
            return Err(Unreadable::Wrong("roamingList is expected"));
        }
        let asked = |name: &str| root.named("roaming").any(|roaming| roaming.attribute("type") == Some(name));
        Ok(Self {
            categories: asked("categories"),
            containers: asked("containers"),
            subscribers: asked("subscribers"),
        })
    }
}

/// The body.
pub(crate) fn print(own: &Address, told: &Told<'_>) -> String {
    let mut out = String::new();
    begin(&mut out, "roamingData", &[("xmlns", "http://schemas.microsoft.com/2006/09/sip/roaming-self")]);
    if let Some(categories) = &told.categories {
        let attributes =
            [("xmlns", "http://schemas.microsoft.com/2006/09/sip/categories"), ("uri", own.as_str())];
        let mut inside = String::new();
        categories.entries.iter().for_each(|entry| entry.print(&mut inside));
        // Clients forget a category that is named without a publication.
        categories.gone.iter().for_each(|name| empty(&mut inside, "category", &[("name", name)]));
        section(&mut out, "categories", &attributes, &inside);
    }
    if let Some(containers) = told.containers {
        let mut inside = String::new();
        containers.print(&mut inside);
        let xmlns = "http://schemas.microsoft.com/2006/09/sip/container-management";
        section(&mut out, "containers", &[("xmlns", xmlns)], &inside);
    }
    if told.subscribers {
        let xmlns = "http://schemas.microsoft.com/2006/09/sip/presence-subscribers";
        empty(&mut out, "subscribers", &[("xmlns", xmlns)]);
    }
    end(&mut out, "roamingData");
    out
}

fn section(out: &mut String, name: &str, attributes: &[(&str, &str)], inside: &str) {
    if inside.is_empty() {
        return empty(out, name, attributes);
    }
    begin(out, name, attributes);
    out.push_str(inside);
    end(out, name);
}
