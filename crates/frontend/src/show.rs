//! What a subscription shows, built anew at each occasion; only what was not shown before is shown again.
//! Knows no dialog and sends nothing: that is `subscribe.rs`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chat::{Address, Person, PersonId};

use crate::codes::Refused;
use crate::document::category::{Entry, STATE};
use crate::document::contacts::{self, ContactList};
use crate::document::containers::BLOCKED;
use crate::document::presence::{Format, Presence, SEVERAL, print_several};
use crate::document::roaming::{self, Categories, Parts, Told};
use crate::house::House;
use crate::own;
use crate::registrar::OFFLINE;

/// A body and its type.
pub(crate) type Body = (&'static str, Bytes);

/// What is to be shown.
#[derive(Clone, Debug)]
pub(crate) enum View {
    /// The subscriber's contact list.
    Contacts,
    /// The subscriber's own publications and containers.
    Own(Parts),
    /// The presence of people.
    Presence { format: Format, people: BTreeSet<Address> },
}

/// What a subscription showed last.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    last: Mutex<Last>,
    /// Whether the subscription was refused after all.
    ended: AtomicBool,
}

#[derive(Debug, Default)]
struct Last {
    contacts: Option<ContactList>,
    /// By category: what was shown of it. An empty category stays, so that it is not told to be gone twice.
    categories: Option<BTreeMap<Box<str>, u64>>,
    containers: Option<u64>,
    subscribers: bool,
    people: HashMap<Address, u64>,
}

impl Shown {
    /// Everything is to be shown again.
    pub(crate) fn forget(&self) {
        *self.last() = Last::default();
    }

    /// Whether no publications were shown yet.
    pub(crate) fn is_new(&self) -> bool {
        self.last().categories.is_none()
    }

    /// The subscription was refused after all: nothing is shown any more.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// These people are to be shown again, whatever changed.
    pub(crate) fn forget_people(&self, people: &BTreeSet<Address>) {
        self.last().people.retain(|address, _| !people.contains(address));
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to be shown to a subscriber who was `shown` so much already; `None` when there is nothing new.
pub(crate) async fn document(
    house: &House,
    subscriber: &Person,
    view: View,
    shown: &Shown,
) -> Result<Option<Body>, Refused> {
    match view {
        View::Contacts => contact_list(house, subscriber, shown).await,
        View::Own(parts) => roaming_data(house, subscriber, parts, shown).await,
        View::Presence { format, people } => presence(house, subscriber, format, people, shown).await,
    }
}

async fn contact_list(house: &House, subscriber: &Person, shown: &Shown) -> Result<Option<Body>, Refused> {
    let (_, list) = own::contacts(house, subscriber).await?;
    let mut last = shown.last();
    let text = match &last.contacts {
        Some(before) => list.print_since(before),
        None => Some(list.print()),
    };
    last.contacts = Some(list);
    Ok(text.map(|text| (contacts::MEDIA_TYPE, Bytes::from(text))))
}

async fn roaming_data(
    house: &House,
    subscriber: &Person,
    parts: Parts,
    shown: &Shown,
) -> Result<Option<Body>, Refused> {
    let own = own::gather(house, subscriber.id).await?;
    let mut last = shown.last();
    let mut told = Told::default();
    let mut of: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    own.entries().for_each(|entry| of.entry(entry.name.category()).or_default().push(entry));
    let before = last.categories.take();
    if parts.categories {
        let mut after: BTreeMap<Box<str>, u64> =
            of.iter().map(|(name, entries)| ((*name).into(), digest(entries))).collect();
        for name in before.iter().flat_map(BTreeMap::keys) {
            after.entry(name.clone()).or_insert(NOTHING);
        }
        if before.as_ref() != Some(&after) {
            told.categories = Some(news(&of, before.as_ref()));
        }
        last.categories = Some(after);
    }
    let containers = digest(&own.containers);
    if parts.containers && last.containers.replace(containers) != Some(containers) {
        told.containers = Some(&own.containers);
    }
    told.subscribers = parts.subscribers && !last.subscribers;
    last.subscribers |= parts.subscribers;
    if told == Told::default() {
        return Ok(None);
    }
    Ok(Some((roaming::MEDIA_TYPE, Bytes::from(roaming::print(&subscriber.address, &told)))))
}

/// The digest of a category without publications.
const NOTHING: u64 = 0;

/// The categories that changed, each with all its publications: clients forget what they knew of a category that is named.
fn news<'a>(
    now: &BTreeMap<&'a str, Vec<&'a Entry>>,
    before: Option<&'a BTreeMap<Box<str>, u64>>,
) -> Categories<'a> {
    let known = |name: &str| before.and_then(|before| before.get(name)).copied();
    let changed = now.iter().filter(|(name, entries)| known(name) != Some(digest(entries)));
    let gone = before.into_iter().flatten();
    let gone = gone.filter(|(name, digest)| **digest != NOTHING && !now.contains_key(&***name));
    Categories {
        entries: changed.flat_map(|(_, entries)| entries.iter().copied()).collect(),
        gone: gone.map(|(name, _)| &**name).collect(),
    }
}

async fn presence(
    house: &House,
    subscriber: &Person,
    format: Format,
    people: BTreeSet<Address>,
    shown: &Shown,
) -> Result<Option<Body>, Refused> {
    let mut news = Vec::new();
    for address in people {
        let presence = presence_of(house, &subscriber.address, address).await?;
        let digest = digest(&presence);
        if shown.last().people.insert(presence.address.clone(), digest) != Some(digest) {
            news.push(presence);
        }
    }
    let now = house.clock.now();
    Ok(match &news[..] {
        [] => None,
        [one] => {
            let (media_type, text) = one.print(format, now);
            Some((media_type, Bytes::from(text)))
        }
        several => Some((SEVERAL, Bytes::from(print_several(&subscriber.address, several, now)))),
    })
}

/// What a watcher sees of somebody. Of whoever is offline, blocks the watcher or does not exist he sees the same, after the
/// same work, so that nobody learns who exists.
async fn presence_of(house: &House, watcher: &Address, address: Address) -> Result<Presence, Refused> {
    let person = house.rooms.person(&address);
    let availability = person.as_ref().map_or(OFFLINE, |person| house.registrar.availability(person.id));
    // The number 0 is nobody's: somebody unknown costs the same read.
    let own = own::gather(house, person.as_ref().map_or(PersonId(0), |person| person.id)).await?;
    let Some(person) = person.filter(|_| availability < OFFLINE) else {
        return Ok(Presence::offline(address));
    };
    let level = own.containers.level(watcher, house.names.domain.as_str());
    if level == Some(BLOCKED) && *watcher != address {
        return Ok(Presence::offline(address));
    }
    let visible = |entry: &&Entry| Some(entry.name.container) == level && entry.name.category() != STATE;
    Ok(Presence {
        address,
        availability,
        name: Some(person.display_name.as_str().to_owned()),
        entries: own.entries().filter(visible).cloned().collect(),
    })
}

/// What tells two values apart, but for one case in 2^64.
fn digest(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish().max(NOTHING + 1)
}
