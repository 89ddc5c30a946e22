//! What a person keeps and publishes, gathered from the directory and from whoever is signed on.
//! Changes nothing; who is told of it is `show.rs`.

use std::collections::BTreeSet;

use chat::{Person, PersonId};
use directory::{DirectoryFault, PublicationName};

use crate::codes::Refused;
use crate::document::category::{Availability, CARRIERS, Entry};
use crate::document::contacts::ContactList;
use crate::document::containers::Containers;
use crate::house::House;

/// All of a person's publications and containers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Own {
    /// Publications that end with nothing.
    pub(crate) kept: Vec<Entry>,
    /// Publications that end with an endpoint or with the last, and the link of those that end with one.
    pub(crate) live: Vec<(Entry, Option<u64>)>,
    pub(crate) containers: Containers,
    /// The version of `containers` in the directory; 0 when none are kept.
    pub(crate) containers_version: u64,
}

/// The name under which containers are kept.
pub(crate) fn containers_name() -> PublicationName {
    PublicationName::new(CARRIERS, 0, 0).expect("the name has only characters that are allowed")
}

/// Gathers everything of one person.
pub(crate) async fn gather(house: &House, person: PersonId) -> Result<Own, Refused> {
    let mut own = Own::default();
    for publication in house.directory.publications(person).await.map_err(refused)? {
        if publication.name == containers_name() {
            own.containers = Containers::from_bytes(&publication.content);
            own.containers_version = publication.version;
        } else {
            own.kept.extend(Entry::kept(publication));
        }
    }
    let live = house.registrar.live(person).into_iter();
    own.live = live
        .map(|(name, live)| {
            let entry = Entry {
                name,
                version: live.version,
                time: live.time,
                expire_type: live.expire_type,
                content: live.content,
            };
            (entry, live.link)
        })
        .collect();
    Ok(own)
}

/// The registrar is told how available the person said he is, the last time he was here.
pub(crate) async fn remember_state(house: &House, person: &Person) -> Result<(), Refused> {
    if let Some(availability) = gather(house, person.id).await?.user_state() {
        house.registrar.set_user_state(person.id, Some(availability));
    }
    Ok(())
}

/// A person's contact list and its version; the empty one when none is kept.
pub(crate) async fn contacts(house: &House, person: &Person) -> Result<(u64, ContactList), Refused> {
    let Some((version, kept)) = house.directory.contacts(person.id).await.map_err(refused)? else {
        return Ok((0, ContactList::default()));
    };
    let list = ContactList::from_bytes(&kept).map_err(|fault| {
        // We wrote it ourselves; nothing is put in its place, so that it can be repaired.
        tracing::error!(person = person.id.0, %fault, "contacts.unreadable");
        Refused::Directory
    })?;
    Ok((version, list))
}

/// The directory could not read or write.
pub(crate) fn refused(fault: DirectoryFault) -> Refused {
    tracing::error!(%fault, "documents.directory");
    Refused::Directory
}

impl Own {
    /// All publications as they are shown: of two of one name, the one that ends sooner.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        let names: BTreeSet<&PublicationName> = self.live.iter().map(|(entry, _)| &entry.name).collect();
        let kept = self.kept.iter().filter(move |entry| !names.contains(&entry.name));
        self.live.iter().map(|(entry, _)| entry).chain(kept)
    }

    /// The version of a publication; 0 when there is none.
    pub(crate) fn version(&self, name: &PublicationName, kept: bool) -> u64 {
        let found = if kept {
            self.kept.iter().find(|entry| entry.name == *name)
        } else {
            self.live.iter().map(|(entry, _)| entry).find(|entry| entry.name == *name)
        };
        found.map_or(0, |entry| entry.version)
    }

    /// How available the person says he is; of several statements the most reserved.
    pub(crate) fn user_state(&self) -> Option<u32> {
        let said = |entry: &Entry| match entry.availability()? {
            Availability::User(number) => Some(number),
            Availability::Machine(_) => None,
        };
        self.entries().filter_map(said).max()
    }

    /// How available the endpoint on this link says the person is.
    pub(crate) fn machine_state(&self, link: u64) -> Option<u32> {
        let said = |entry: &Entry| match entry.availability()? {
            Availability::Machine(number) => Some(number),
            Availability::User(_) => None,
        };
        self.live.iter().filter(|(_, of)| *of == Some(link)).filter_map(|(entry, _)| said(entry)).max()
    }
}
