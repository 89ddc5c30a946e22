//! The body of a SUBSCRIBE that asks for the presence of several people at once ([MS-PRES] 2.2.2.8).
//! Knows nobody; which categories are asked for is not looked at: clients leave out what they have no use for.

use std::collections::BTreeSet;

use chat::Address;

use crate::document::xml::{Bounds, Unreadable, read as read_xml};
use crate::limits::WATCHED_MAX;

/// The type of the body.
pub(crate) const MEDIA_TYPE: &str = "application/msrtc-adrl-categorylist+xml";

/// Whom a client asks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Batch {
    pub(crate) subscribe: BTreeSet<Address>,
    pub(crate) unsubscribe: BTreeSet<Address>,
}

/// Reads the body. Addresses that nobody can have are left out.
pub(crate) fn read(body: &[u8]) -> Result<Batch, Unreadable> {
    let root = read_xml(body, Bounds::BODY)?;
    if root.local() != "batchSub" {
        return Err(Unreadable::Wrong("batchSub is expected"));
    }
    let mut batch = Batch::default();
    for action in root.named("action") {
        let people = match action.attribute("name") {
            Some("subscribe") => &mut batch.subscribe,
            Some("unsubscribe") => &mut batch.unsubscribe,
            _ => return Err(Unreadable::Wrong("an action is subscribe or unsubscribe")),
        };
        for resource in action.named("adhocList").flat_map(|list| list.named("resource")) {
            people.extend(Address::parse(resource.attribute("uri").unwrap_or_default()));
            if people.len() > WATCHED_MAX {
                return Err(Unreadable::TooMany);
            }
        }
    }
    Ok(batch)
}
