//! The body of a SERVICE that publishes: categories with their containers, instances and versions ([MS-PRES] 2.2.2.4).
//! Checks no version; what is kept is `category.rs`.

use std::sync::Arc;

use chat::Address;
use directory::PublicationName;

use crate::document::category::{CARRIERS, Expire};
use crate::document::xml::{Bounds, Element, Node, Unreadable, read as read_xml};
use crate::limits::{PUBLICATION_OCTETS_MAX, PUBLICATIONS_MAX, XML_ATTRIBUTES_MAX};

/// The type of the body.
pub(crate) const MEDIA_TYPE: &str = "application/msrtc-category-publish+xml";

/// One publication made, replaced or ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    pub(crate) name: PublicationName,
    /// The version it must have now; 0 when there must be none.
    pub(crate) version: u64,
    pub(crate) expire: Expire,
    /// The content, well formed by itself; `None` ends the publication.
    pub(crate) content: Option<Arc<str>>,
}

/// Reads the body: what `own` publishes of himself.
pub(crate) fn read(body: &[u8], own: &Address) -> Result<Vec<Change>, Unreadable> {
    let root = read_xml(body, Bounds::BODY)?;
    let list = root.child("publications").filter(|_| root.local() == "publish");
    let list = list.ok_or(Unreadable::Wrong("publish and publications are expected"))?;
    let mine = |uri: &str| Address::parse(uri).is_ok_and(|uri| uri == *own);
    if !list.attribute("uri").is_none_or(mine) {
        return Err(Unreadable::OtherPerson);
    }
    let mut changes: Vec<Change> = Vec::new();
    for publication in list.named("publication") {
        if changes.len() == PUBLICATIONS_MAX {
            return Err(Unreadable::TooMany);
        }
        let change = change(publication, &[&root, list, publication])?;
        if changes.iter().any(|other| other.name == change.name) {
            return Err(Unreadable::Wrong("one publication stands twice"));
        }
        changes.push(change);
    }
    Ok(changes)
}

fn change(publication: &Element, ancestors: &[&Element]) -> Result<Change, Unreadable> {
    let category = publication.attribute("categoryName").unwrap_or_default();
    let number = |name| {
        publication.number::<u32>(name)?.ok_or(Unreadable::Wrong("container and instance are expected"))
    };
    let (container, instance) = (number("container")?, number("instance")?);
    let name = PublicationName::new(category, container, instance)
        .ok()
        // Ours are kept beside those of clients.
        .filter(|_| category != CARRIERS)
        .ok_or(Unreadable::Wrong("no publication can have this categoryName"))?;
    let expire = publication.attribute("expireType").and_then(Expire::parse);
    let ends = publication.number::<u64>("expires")? == Some(0);
    Ok(Change {
        name,
        version: publication.number("version")?.unwrap_or(0),
        expire: expire.ok_or(Unreadable::Wrong("expireType is static, endpoint, user or time"))?,
        content: if ends { None } else { Some(content(publication, ancestors)?) },
    })
}

/// All elements inside, printed anew.
fn content(publication: &Element, ancestors: &[&Element]) -> Result<Arc<str>, Unreadable> {
    let mut out = String::new();
    for child in &publication.children {
        let Node::Element(element) = child else {
            return Err(Unreadable::Wrong("a publication holds elements"));
        };
        let mut element = element.clone();
        element.carry(ancestors);
        if element.attributes.len() > XML_ATTRIBUTES_MAX {
            return Err(Unreadable::TooMany);
        }
        element.print(&mut out);
        // Before the next one: each takes along what its ancestors declare, which may be much.
        if out.len() > PUBLICATION_OCTETS_MAX {
            return Err(Unreadable::TooLarge);
        }
    }
    Ok(out.into())
}
