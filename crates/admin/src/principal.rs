//! Principals as people name them: `sip:user@domain` for a person, `domain:example.com` for everybody of a domain,
//! `group:NAME` or a distinguished name for a group, container or directory domain; `guid:GUID` for whoever on a list is gone.
//! Finds them and shows them; which of them a scope admits is decided by `chat`.

use std::collections::{HashMap, HashSet};

use chat::limits::PRINCIPALS_MAX;
use chat::{Address, Domain, Group, GroupId, Known, Person, PersonId, PersonState, Principal, folded};
use directory::DistinguishedName;
use store::{Member, Store, StoreFault};
use uuid::Uuid;

use crate::error::{AdminError, of_field};
use crate::value::ListChange;

const DOMAIN: &str = "domain:";
/// What stands before the GUID of somebody on a list who is gone: an address or name may be somebody else's by now.
const GUID: &str = "guid:";
/// What stands before the name of a group.
pub(crate) const GROUP: &str = "group:";

/// The people and groups an operation names or shows: these are read, and nobody else.
#[derive(Default)]
pub(crate) struct People {
    people: HashMap<PersonId, Person>,
    by_address: HashMap<Address, PersonId>,
    groups: HashMap<GroupId, Group>,
    /// What a text that names a group stands for; several groups of a directory may bear one name.
    by_text: HashMap<String, Vec<GroupId>>,
    /// People who are only shown, as they are.
    shown: HashMap<PersonId, String>,
}

impl People {
    /// Those on these lists.
    pub(crate) async fn on<'p>(
        store: &Store,
        lists: impl IntoIterator<Item = &'p Principal>,
    ) -> Result<Self, StoreFault> {
        Self::named(store, [], lists).await
    }

    /// Those on these lists, to be shown and nothing else: of people no more is read than their addresses.
    pub(crate) async fn shown_on<'p>(
        store: &Store,
        lists: impl IntoIterator<Item = &'p Principal>,
    ) -> Result<Self, StoreFault> {
        let (mut people, mut groups) = (HashSet::new(), HashSet::new());
        for principal in lists {
            match principal {
                Principal::Person(id) => drop(people.insert(*id)),
                Principal::Group(_) => drop(groups.insert(principal)),
                Principal::Domain(_) => {}
            }
        }
        let mut known = Self::on(store, groups).await?;
        // In the order in which they lie.
        let mut people: Vec<PersonId> = people.into_iter().collect();
        people.sort_unstable();
        let people = store.addresses_or_guids(people).await?.into_iter();
        known.shown.extend(people.map(|(id, address, gone)| (id, shown_person(&address, gone))));
        Ok(known)
    }

    /// Those these texts name, and those on these lists.
    pub(crate) async fn named<'t, 'p>(
        store: &Store,
        texts: impl IntoIterator<Item = &'t str>,
        lists: impl IntoIterator<Item = &'p Principal>,
    ) -> Result<Self, StoreFault> {
        let mut known = Self::default();
        known.learn(store, texts, lists).await?;
        Ok(known)
    }

    /// Reads more of them: those these texts name, and those on these lists, without those that are known.
    pub(crate) async fn learn<'t, 'p>(
        &mut self,
        store: &Store,
        texts: impl IntoIterator<Item = &'t str>,
        lists: impl IntoIterator<Item = &'p Principal>,
    ) -> Result<(), StoreFault> {
        let named: HashSet<&Principal> = lists.into_iter().filter(|one| !self.knows(one)).collect();
        let mut named: Vec<Principal> = named.into_iter().cloned().collect();
        let mut addresses = Vec::new();
        for text in texts {
            if let Ok(address) = Address::typed(text) {
                addresses.push(address);
            } else if behind(text, DOMAIN).is_none() && behind(text, GUID).is_none() {
                let found = groups_of(store, text).await?;
                named.extend(found.iter().map(|id| Principal::Group(*id)));
                self.by_text.insert(text.to_owned(), found);
            }
        }
        addresses.retain(|address| !self.by_address.contains_key(address));
        let (people, groups) = store.principals(named, addresses).await?;
        for person in people {
            if person.state != PersonState::Removed {
                self.by_address.insert(person.address.clone(), person.id);
            }
            self.people.insert(person.id, person);
        }
        self.groups.extend(groups.into_iter().map(|group| (group.id, group)));
        Ok(())
    }

    /// Takes what was read later in the place of what was read before.
    pub(crate) fn adopt(&mut self, later: Self) {
        self.people.extend(later.people);
        self.by_address.extend(later.by_address);
        self.groups.extend(later.groups);
        self.by_text.extend(later.by_text);
        self.shown.extend(later.shown);
    }

    fn knows(&self, principal: &Principal) -> bool {
        match principal {
            Principal::Person(id) => self.people.contains_key(id),
            Principal::Group(id) => self.groups.contains_key(id),
            Principal::Domain(_) => true,
        }
    }

    /// The principals a list may have in the place of this one: itself, and what it belongs to.
    pub(crate) fn standing_for(&self, principal: &Principal) -> Vec<Principal> {
        let (ancestors, domain) = match principal {
            Principal::Person(id) => match self.people.get(id) {
                Some(person) => (person.ancestors.clone(), Domain::parse(person.address.domain()).ok()),
                None => Default::default(),
            },
            Principal::Group(id) => match self.groups.get(id) {
                Some(group) => (group.ancestors.clone(), group.domain.clone()),
                None => Default::default(),
            },
            Principal::Domain(_) => Default::default(),
        };
        let groups = ancestors.as_slice().iter().map(|group| Principal::Group(*group));
        std::iter::once(principal.clone()).chain(groups).chain(domain.map(Principal::Domain)).collect()
    }

    fn at(&self, address: &Address) -> Option<&Person> {
        self.by_address.get(address).and_then(|id| self.people.get(id))
    }

    /// The person of this number, if it is one of those who were read.
    pub(crate) fn person(&self, id: PersonId) -> Option<&Person> {
        self.people.get(&id)
    }

    /// Whoever of those who were read has this GUID.
    fn of_guid(&self, text: &str) -> Option<Principal> {
        let guid = Uuid::parse_str(text).ok()?;
        let person = self.people.values().find(|person| person.guid == guid);
        let group = || self.groups.values().find(|group| group.guid == guid);
        person.map(|one| Principal::Person(one.id)).or_else(|| Some(Principal::Group(group()?.id)))
    }

    /// The principal of this text, which stands in this field.
    pub(crate) fn read_one(&self, field: &str, text: &str) -> Result<Principal, AdminError> {
        if let Some(domain) = behind(text, DOMAIN) {
            return Ok(Principal::Domain(Domain::parse(domain).map_err(of_field(field))?));
        }
        if let Some(guid) = behind(text, GUID) {
            return self.of_guid(guid).ok_or_else(|| AdminError::NoPrincipal {
                field: field.to_owned(),
                message: format!(
                    "nobody on the lists is '{text}': name people by their address and groups by their name, those aside who \
                     are shown like this because they are gone"
                ),
            });
        }
        let address = Address::typed(text);
        if address.is_ok() || behind(text, "sip:").is_some() {
            let address = address.map_err(of_field(field))?;
            return match self.at(&address) {
                Some(person) => Ok(Principal::Person(person.id)),
                None => Err(AdminError::NoPrincipal { field: field.to_owned(), message: nobody(&address) }),
            };
        }
        match self.by_text.get(text).map(Vec::as_slice) {
            Some([group]) => Ok(Principal::Group(*group)),
            Some([_, _, ..]) => {
                let message = format!(
                    "several groups are called '{text}': name the one you mean by its distinguished name \
                     (`causerie group list` shows them)"
                );
                Err(AdminError::rule(field, message))
            }
            _ if names_a_group(text) => {
                let message = format!(
                    "there is no group '{text}': `causerie group list` shows them, `causerie group new` makes one, \
                     `causerie directory import` brings those of a directory"
                );
                Err(AdminError::NoPrincipal { field: field.to_owned(), message })
            }
            _ => {
                let message = format!(
                    "'{text}' is no principal: write sip:user@example.com for a person, domain:example.com for a \
                     domain, group:NAME for a group, or the distinguished name of a directory's group, container or domain"
                );
                Err(AdminError::invalid(field, message))
            }
        }
    }

    /// A list after a change which stands in this field.
    pub(crate) fn changed(
        &self,
        field: &str,
        old: &[Principal],
        change: &ListChange,
    ) -> Result<Vec<Principal>, AdminError> {
        if change.replace.is_some() && !(change.add.is_empty() && change.remove.is_empty()) {
            let message = "to replace the list and to add to it or remove from it are two changes: give the whole new list, or what to add and remove";
            return Err(AdminError::invalid(field, message));
        }
        let mut list = match &change.replace {
            Some(whole) => self.read_all(field, whole)?,
            None => old.to_vec(),
        };
        let added = self.read_all(field, &change.add)?;
        let removed: HashSet<Principal> = self.read_all(field, &change.remove)?.into_iter().collect();
        if let Some(both) = added.iter().find(|principal| removed.contains(principal)) {
            let message = format!("'{}' is to be added and removed: name it once", self.show(both));
            return Err(AdminError::invalid(field, message));
        }
        list.extend(added);
        let mut seen = HashSet::new();
        list.retain(|principal| !removed.contains(principal) && seen.insert(principal.clone()));
        if list.len() > PRINCIPALS_MAX {
            let message = format!("a list holds at most {PRINCIPALS_MAX} principals: name a domain instead");
            return Err(AdminError::rule(field, message));
        }
        Ok(list)
    }

    fn read_all(&self, field: &str, texts: &[String]) -> Result<Vec<Principal>, AdminError> {
        texts.iter().map(|text| self.read_one(field, text)).collect()
    }

    /// A principal as it is written in a list: two of them never alike, and each read as itself.
    pub(crate) fn show(&self, principal: &Principal) -> String {
        let shown = match principal {
            Principal::Domain(domain) => Some(format!("{DOMAIN}{domain}")),
            Principal::Group(id) => self.groups.get(id).map(|group| match group.gone {
                true => format!("{GUID}{}", group.guid),
                false => shown_group(group),
            }),
            Principal::Person(id) => match self.people.get(id) {
                Some(person) => {
                    let gone = (person.state == PersonState::Removed).then_some(person.guid);
                    Some(shown_person(&person.address, gone))
                }
                None => self.shown.get(id).cloned(),
            },
        };
        shown.unwrap_or_else(|| "(removed)".to_owned())
    }

    /// A group that was read.
    pub(crate) fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.get(&id)
    }

    pub(crate) fn show_all(&self, list: &[Principal]) -> Vec<String> {
        list.iter().map(|principal| self.show(principal)).collect()
    }

    /// Who is behind a principal that was read.
    pub(crate) fn known(&self, principal: &Principal) -> Option<Known<'_>> {
        match principal {
            Principal::Person(id) => self.people.get(id).map(Known::Person),
            Principal::Group(id) => self.groups.get(id).map(Known::Group),
            Principal::Domain(_) => None,
        }
    }
}

/// A person as it is written: by address, and by GUID when it is gone.
fn shown_person(address: &Address, gone: Option<Uuid>) -> String {
    gone.map_or_else(|| address.to_string(), |guid| format!("{GUID}{guid}"))
}

/// A group as it is written: an imported one by its distinguished name, a local one by its name.
pub(crate) fn shown_group(group: &Group) -> String {
    match &group.distinguished_name {
        Some(name) => name.to_string(),
        None => format!("{GROUP}{}", group.name),
    }
}

/// The groups a text may mean.
pub(crate) async fn groups_of(store: &Store, text: &str) -> Result<Vec<GroupId>, StoreFault> {
    if let Some(name) = behind(text, GROUP) {
        let mut found = store.groups_named(&folded(name.trim())).await?;
        // A local group has no other name than this one; those of directories have.
        if found.iter().any(|group| group.distinguished_name.is_none()) {
            found.retain(|group| group.distinguished_name.is_none());
        }
        return Ok(found.into_iter().filter(|group| !group.gone).map(|group| group.id).collect());
    }
    let Some(key) = distinguished(text) else { return Ok(Vec::new()) };
    Ok(match store.entry_named(&key).await? {
        Some(Member::Group(id)) => vec![id],
        _ => Vec::new(),
    })
}

/// What stands behind the word that says of which kind a principal is, in capitals or not.
fn behind<'t>(text: &'t str, kind: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(kind.len())?;
    head.eq_ignore_ascii_case(kind).then_some(rest)
}

fn names_a_group(text: &str) -> bool {
    behind(text, GROUP).is_some() || distinguished(text).is_some()
}

/// The key of a distinguished name; `None` for a text that is none.
fn distinguished(text: &str) -> Option<String> {
    let name = text.contains('=').then(|| DistinguishedName::parse(text));
    name.and_then(Result::ok).map(|name| name.folded().to_owned())
}

pub(crate) fn nobody(address: &Address) -> String {
    format!(
        "there is no person {address}: make one with `causerie user new {address} --display-name NAME \
         --password-stdin`"
    )
}
