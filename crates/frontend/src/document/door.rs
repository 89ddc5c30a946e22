//! A door for a fuzzer: octets read as every kind of document of this folder, what was read printed and read again.
//! Nothing in the server goes through it. It panics where a promise of the other files is broken, and nowhere else.

use chat::{Address, Time};
use directory::{Publication, PublicationName};

use super::category::{Entry, STATE, STATE_CONTAINER};
use super::contacts::ContactList;
use super::containers::{self, Containers};
use super::presence::{Format, Presence, SEVERAL, print_several};
use super::roaming::{self, Categories, Parts, Told};
use super::soap::{self, Operation};
use super::xml::{Bounds, Element, Unreadable, read};
use super::{batch, publish};
use crate::limits::PUBLICATION_OCTETS_MAX;

/// Reads the octets as this kind, and says whether that could be done.
type Kind = fn(&[u8]) -> bool;

/// The kinds: anything well formed, what clients send, what we keep.
const KINDS: [Kind; 9] = [
    anything,
    publications,
    members,
    people,
    parts,
    operation,
    kept_contacts,
    kept_containers,
    kept_publication,
];

/// Reads octets as every kind of document there is, prints what was read and reads it again; says how many kinds could
/// read them. A door for a fuzzer, like those of the crates `sip` and `xccos`; bodies are those of `sip:bob@example.com`.
///
/// # Panics
/// When what was printed is read as something else, or could do harm where it is put. No octets should achieve that.
#[must_use]
pub fn read_document(octets: &[u8]) -> usize {
    KINDS.iter().filter(|kind| kind(octets)).count()
}

fn anything(octets: &[u8]) -> bool {
    let Ok(element) = read(octets, Bounds::BODY) else { return false };
    let mut printed = String::new();
    element.print(&mut printed);
    if let Some(again) = again(&printed) {
        assert_eq!(again, element, "what was printed is read as something else: {printed}");
    }
    true
}

/// What is published is kept, told to its owner and shown to others.
fn publications(octets: &[u8]) -> bool {
    let own = own();
    let Ok(changes) = publish::read(octets, &own) else { return false };
    let mut entries = Vec::new();
    let mut categories = Categories::default();
    for change in &changes {
        match &change.content {
            Some(content) => entries.push(kept(&change.name, content)),
            None => drop(categories.gone.insert(change.name.category())),
        }
    }
    categories.entries = entries.iter().collect();
    let named = categories.entries.len() + categories.gone.len();
    let told = roaming::print(&own, &Told { categories: Some(categories), ..Told::default() });
    holds_categories(again(&told).as_ref().and_then(|root| root.child("categories")), named, &told);
    let named = entries.len() + 2;
    let presence = Presence { address: own, availability: 3_500, name: Some("Bob".to_owned()), entries };
    let (_, shown) = presence.print(Format::Categories, now());
    holds_categories(again(&shown).as_ref(), named, &shown);
    true
}

/// The publication as it comes back from where it is kept.
fn kept(name: &PublicationName, content: &str) -> Entry {
    assert!(content.len() <= PUBLICATION_OCTETS_MAX, "a publication exceeds its limit");
    let publication =
        Publication { name: name.clone(), version: 1, content: Publication::dated(now(), content) };
    let entry = Entry::kept(publication).expect("what was kept is found again");
    assert_eq!((&*entry.content, entry.time), (content, now()), "something else is found than was kept");
    let _ = entry.availability();
    entry
}

/// A publication cannot end its category and begin another.
fn holds_categories(list: Option<&Element>, named: usize, printed: &str) {
    if let Some(list) = list {
        assert_eq!(list.elements().count(), named, "other categories than were put there: {printed}");
    }
}

fn members(octets: &[u8]) -> bool {
    let Ok(changes) = containers::read(octets) else { return false };
    let mut changed = Containers::default();
    if changed.change(&changes).is_ok() {
        keeps_containers(&changed);
        let _ = changed.level(&own(), "example.com");
        let told = roaming::print(&own(), &Told { containers: Some(&changed), ..Told::default() });
        again(&told);
    }
    true
}

/// Somebody who was blocked stays so.
fn keeps_containers(containers: &Containers) {
    let kept = containers.to_bytes();
    assert_eq!(Containers::from_bytes(&kept), *containers, "{}", kept.escape_ascii());
}

/// Each person asked for is shown in a part of his own.
fn people(octets: &[u8]) -> bool {
    let Ok(batch) = batch::read(octets) else { return false };
    let people: Vec<Presence> = batch.subscribe.into_iter().map(Presence::offline).collect();
    let (_, boundary) = SEVERAL.rsplit_once("boundary=").expect("a boundary is named");
    let printed = print_several(&own(), &people, now());
    let parts: Vec<&str> = printed.split(&format!("\r\n--{boundary}")).collect();
    assert_eq!(parts.len(), people.len() + 3, "other parts than people: {printed}");
    for part in &parts[1..parts.len() - 1] {
        let (head, body) = part.split_once("\r\n\r\n").expect("a part has a head");
        assert_eq!(head.lines().count(), 4, "other header fields than ours: {head}");
        again(body);
    }
    true
}

fn parts(octets: &[u8]) -> bool {
    let Ok(parts) = Parts::read(octets) else { return false };
    let containers = Containers::default();
    let told = Told {
        categories: parts.categories.then(Categories::default),
        containers: parts.containers.then_some(&containers),
        subscribers: parts.subscribers,
    };
    again(&roaming::print(&own(), &told));
    true
}

/// The change is carried out, answered, kept and told.
fn operation(octets: &[u8]) -> bool {
    let Ok(operation) = soap::read(octets) else { return false };
    let Operation::Contacts { name, change } = operation else { return true };
    let before = ContactList::default();
    let mut list = before.clone();
    if let Ok(changed) = list.change(change) {
        again(&soap::print(name, changed));
        again(&list.print_since(&before).expect("a change raises deltaNum"));
        keeps_contacts(&list);
    }
    true
}

fn keeps_contacts(list: &ContactList) {
    let printed = list.print();
    match ContactList::from_bytes(printed.as_bytes()) {
        // Something that large is not kept.
        Err(Unreadable::TooLarge) => (),
        again => assert_eq!(again.as_ref(), Ok(list), "{printed}"),
    }
}

fn kept_contacts(octets: &[u8]) -> bool {
    ContactList::from_bytes(octets).is_ok_and(|list| {
        keeps_contacts(&list);
        true
    })
}

fn kept_containers(octets: &[u8]) -> bool {
    let containers = Containers::from_bytes(octets);
    // Something larger is not kept.
    if containers.to_bytes().len() <= Bounds::KEPT.octets {
        keeps_containers(&containers);
    }
    !containers.is_empty()
}

fn kept_publication(octets: &[u8]) -> bool {
    let name = PublicationName::new(STATE, STATE_CONTAINER, 0).expect("the name has only letters");
    let found = |content| Entry::kept(Publication { name: name.clone(), version: 1, content });
    let Some(entry) = found(octets.to_vec()) else { return false };
    let _ = entry.availability();
    assert_eq!(
        found(Publication::dated(entry.time, &entry.content)),
        Some(entry),
        "something else is found than was kept"
    );
    true
}

/// What we print is read again, unless it has grown beyond what is read, and cannot be taken for several lines.
fn again(printed: &str) -> Option<Element> {
    assert!(!printed.contains(['\r', '\n']), "a line break: {printed}");
    match read(printed.as_bytes(), Bounds::KEPT) {
        Ok(element) => Some(element),
        Err(Unreadable::TooLarge) => None,
        Err(fault) => panic!("{fault}: {printed}"),
    }
}

fn own() -> Address {
    Address::parse("sip:bob@example.com").expect("the address is well formed")
}

/// When everything here is published and shown.
fn now() -> Time {
    Time::from_unix_micros(0)
}
