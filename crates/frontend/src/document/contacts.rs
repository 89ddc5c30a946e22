//! A person's contact list: groups and contacts, its changes, and how it is told ([MS-SIP] 2.2, 3.1 contact management).
//! Knows nobody: a contact is an address and a name the person gave it.

use crate::document::xml::{Bounds, Element, Unreadable, begin, empty, end, read as read_xml};
use crate::limits::{CONTACT_GROUPS_MAX, CONTACT_LIST_OCTETS_MAX, CONTACT_TEXT_CHARS_MAX, CONTACTS_MAX};

/// The type of the bodies.
pub(crate) const MEDIA_TYPE: &str = "application/vnd-microsoft-roaming-contacts+xml";
const NAMESPACE: &str = "http://schemas.microsoft.com/2006/09/sip/contacts";
/// The group that is always there, shown by clients under a name of their own.
const OTHERS: u32 = 1;

/// A contact list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ContactList {
    /// Raised by every change; never 0.
    delta: u64,
    groups: Vec<Group>,
    contacts: Vec<Contact>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Group {
    id: u32,
    name: String,
}

/// One contact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Contact {
    /// `user@domain`, in lower case.
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) groups: Vec<u32>,
    pub(crate) subscribed: bool,
}

/// A change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    SetContact(Contact),
    DeleteContact { address: String },
    AddGroup { name: String },
    ModifyGroup { id: u32, name: String },
    DeleteGroup { id: u32 },
}

/// What came of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Changed {
    pub(crate) delta: u64,
    /// The group that was added.
    pub(crate) group: Option<u32>,
}

/// Why nothing was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unchanged {
    Full,
    NoSuchGroup,
    /// The group that is always there.
    Fixed,
}

impl Default for ContactList {
    fn default() -> Self {
        let others = Group { id: OTHERS, name: "~".to_owned() };
        Self { delta: 1, groups: vec![others], contacts: Vec::new() }
    }
}

/// A name or address that people may give.
pub(crate) fn text(text: &str) -> Result<String, Unreadable> {
    if text.chars().count() > CONTACT_TEXT_CHARS_MAX {
        return Err(Unreadable::Wrong("a name or address is too long"));
    }
    Ok(text.to_owned())
}

/// Group numbers, blanks between.
pub(crate) fn groups(text: &str) -> Result<Vec<u32>, Unreadable> {
    let mut ids = Vec::new();
    for word in text.split_ascii_whitespace() {
        let id = word.parse().map_err(|_| Unreadable::Wrong("a group has a number"))?;
        if ids.len() == CONTACT_GROUPS_MAX {
            return Err(Unreadable::TooMany);
        }
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

impl ContactList {
    /// Reads what [`ContactList::print`] gave.
    pub(crate) fn from_bytes(kept: &[u8]) -> Result<Self, Unreadable> {
        let root = read_xml(kept, Bounds::KEPT)?;
        let group = |element: &Element| {
            let id = element.number("id")?.ok_or(Unreadable::Wrong("a group has a number"))?;
            Ok(Group { id, name: element.attribute("name").unwrap_or_default().to_owned() })
        };
        let contact = |element: &Element| {
            Ok(Contact {
                address: element.attribute("uri").unwrap_or_default().to_owned(),
                name: element.attribute("name").unwrap_or_default().to_owned(),
                groups: groups(element.attribute("groups").unwrap_or_default())?,
                subscribed: element.attribute("subscribed") == Some("true"),
            })
        };
        Ok(Self {
            delta: root.number("deltaNum")?.unwrap_or(1),
            groups: root.named("group").map(group).collect::<Result<_, _>>()?,
            contacts: root.named("contact").map(contact).collect::<Result<_, _>>()?,
        })
    }

    /// Carries out a change.
    pub(crate) fn change(&mut self, change: Change) -> Result<Changed, Unchanged> {
        let mut changed = self.clone();
        let group = changed.apply(change)?;
        changed.delta += 1;
        if changed.print().len() > CONTACT_LIST_OCTETS_MAX {
            return Err(Unchanged::Full);
        }
        *self = changed;
        Ok(Changed { delta: self.delta, group })
    }

    fn apply(&mut self, change: Change) -> Result<Option<u32>, Unchanged> {
        match change {
            Change::SetContact(mut contact) => {
                contact.groups.retain(|id| self.groups.iter().any(|group| group.id == *id));
                if contact.groups.is_empty() {
                    contact.groups.push(OTHERS);
                }
                match self.contacts.iter().position(|known| known.address == contact.address) {
                    Some(at) => self.contacts[at] = contact,
                    None if self.contacts.len() >= CONTACTS_MAX => return Err(Unchanged::Full),
                    None => self.contacts.push(contact),
                }
                Ok(None)
            }
            Change::DeleteContact { address } => {
                self.contacts.retain(|contact| contact.address != address);
                Ok(None)
            }
            Change::AddGroup { name } => self.add_group(name).map(Some),
            Change::ModifyGroup { id: OTHERS, .. } | Change::DeleteGroup { id: OTHERS } => {
                Err(Unchanged::Fixed)
            }
            Change::ModifyGroup { id, name } => {
                let group = self.groups.iter_mut().find(|group| group.id == id);
                group.ok_or(Unchanged::NoSuchGroup)?.name = name;
                Ok(None)
            }
            Change::DeleteGroup { id } => {
                self.delete_group(id);
                Ok(None)
            }
        }
    }

    /// Those who were in no other group are in the first one then.
    fn delete_group(&mut self, id: u32) {
        self.groups.retain(|group| group.id != id);
        for contact in &mut self.contacts {
            contact.groups.retain(|group| *group != id);
            if contact.groups.is_empty() {
                contact.groups.push(OTHERS);
            }
        }
    }

    /// The group of this name, a new one if there is none.
    fn add_group(&mut self, name: String) -> Result<u32, Unchanged> {
        if let Some(group) = self.groups.iter().find(|group| group.name == name) {
            return Ok(group.id);
        }
        if self.groups.len() >= CONTACT_GROUPS_MAX {
            return Err(Unchanged::Full);
        }
        let taken = |id: &u32| self.groups.iter().any(|group| group.id == *id);
        let id = (OTHERS..).find(|id| !taken(id)).ok_or(Unchanged::Full)?;
        self.groups.push(Group { id, name });
        Ok(id)
    }

    /// The whole list.
    pub(crate) fn print(&self) -> String {
        let delta = self.delta.to_string();
        let mut out = String::new();
        begin(&mut out, "contactList", &[("xmlns", NAMESPACE), ("deltaNum", &delta)]);
        self.groups.iter().for_each(|group| group.print(&mut out, "group"));
        for contact in &self.contacts {
            contact.print(&mut out, "contact", &contact.address);
        }
        end(&mut out, "contactList");
        out
    }

    /// What became of the list since it was `before`, in the order in which clients carry it out; `None` when nothing did.
    pub(crate) fn print_since(&self, before: &Self) -> Option<String> {
        if self == before {
            return None;
        }
        let (delta, previous) = (self.delta.to_string(), before.delta.to_string());
        let mut out = String::new();
        begin(
            &mut out,
            "contactDelta",
            &[("xmlns", NAMESPACE), ("deltaNum", &delta), ("prevDeltaNum", &previous)],
        );
        let group_of = |list: &Self, id| list.groups.iter().find(|group| group.id == id).cloned();
        for group in &self.groups {
            match group_of(before, group.id) {
                None => group.print(&mut out, "addedGroup"),
                Some(known) if known != *group => group.print(&mut out, "modifiedGroup"),
                Some(_) => (),
            }
        }
        for contact in &self.contacts {
            // COMPAT(pidgin-sipe: here, and only here, it takes the address with its scheme).
            let uri = format!("sip:{}", contact.address);
            match before.contacts.iter().find(|known| known.address == contact.address) {
                None => contact.print(&mut out, "addedContact", &uri),
                Some(known) if known != contact => contact.print(&mut out, "modifiedContact", &uri),
                Some(_) => (),
            }
        }
        for contact in &before.contacts {
            if !self.contacts.iter().any(|known| known.address == contact.address) {
                empty(&mut out, "deletedContact", &[("uri", &format!("sip:{}", contact.address))]);
            }
        }
        for group in before.groups.iter().filter(|group| group_of(self, group.id).is_none()) {
            empty(&mut out, "deletedGroup", &[("id", &group.id.to_string())]);
        }
        end(&mut out, "contactDelta");
        Some(out)
    }
}

impl Group {
    fn print(&self, out: &mut String, element: &str) {
        let id = self.id.to_string();
        empty(out, element, &[("id", &id), ("name", &self.name), ("externalURI", "")]);
    }
}

impl Contact {
    fn print(&self, out: &mut String, element: &str, uri: &str) {
        let groups: Vec<String> = self.groups.iter().map(u32::to_string).collect();
        let groups = groups.join(" ");
        let subscribed = if self.subscribed { "true" } else { "false" };
        empty(
            out,
            element,
            &[
                ("uri", uri),
                ("name", &self.name),
                ("groups", &groups),
                ("subscribed", subscribed),
                ("externalURI", ""),
            ],
        );
    }
}
