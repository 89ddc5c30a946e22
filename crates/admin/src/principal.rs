//! Principals as people name them: `sip:user@domain` for a person, `domain:example.com` for everybody of a domain,
//! `group:NAME` or a distinguished name for a group, container or directory domain.
//! Finds them, shows them, and says which of them a scope admits.

use std::collections::{HashMap, HashSet};

use chat::limits::PRINCIPALS_MAX;
use chat::{Address, Domain, Group, GroupId, Person, PersonId, PersonState, Principal, Scope, folded};
use directory::DistinguishedName;
use store::{Member, Store, StoreFault};

use crate::error::{AdminError, of_field};
use crate::value::ListChange;

const DOMAIN: &str = "domain:";
const GROUP: &str = "group:";

/// The people and groups an operation names or shows: these are read, and nobody else.
#[derive(Default)]
pub(crate) struct People {
    people: HashMap<PersonId, Person>,
    by_address: HashMap<Address, PersonId>,
    groups: HashMap<GroupId, Group>,
    /// What a text that names a group stands for; several groups of a directory may bear one name.
    by_text: HashMap<String, Vec<GroupId>>,
}

impl People {
    /// Those on these lists.
    pub(crate) async fn on<'p>(
        store: &Store,
        lists: impl IntoIterator<Item = &'p Principal>,
    ) -> Result<Self, StoreFault> {
        Self::named(store, [], lists).await
    }

    /// Those these texts name, and those on these lists.
    pub(crate) async fn named<'t, 'p>(
        store: &Store,
        texts: impl IntoIterator<Item = &'t str>,
        lists: impl IntoIterator<Item = &'p Principal>,
    ) -> Result<Self, StoreFault> {
        let mut known = Self::default();
        let named: HashSet<Principal> = lists.into_iter().cloned().collect();
        let mut named: Vec<Principal> = named.into_iter().collect();
        let mut addresses = Vec::new();
        for text in texts {
            if let Ok(address) = Address::parse(text) {
                addresses.push(address);
            } else if !text.starts_with(DOMAIN) {
                let found = groups_of(store, text).await?;
                named.extend(found.iter().map(|id| Principal::Group(*id)));
                known.by_text.insert(text.to_owned(), found);
            }
        }
        let (people, groups) = store.principals(named, addresses).await?;
        for person in people {
            if person.state != PersonState::Removed {
                known.by_address.insert(person.address.clone(), person.id);
            }
            known.people.insert(person.id, person);
        }
        known.groups.extend(groups.into_iter().map(|group| (group.id, group)));
        Ok(known)
    }

    fn at(&self, address: &Address) -> Option<&Person> {
        self.by_address.get(address).and_then(|id| self.people.get(id))
    }

    /// The principal of this text, which stands in this field.
    pub(crate) fn read_one(&self, field: &str, text: &str) -> Result<Principal, AdminError> {
        if let Some(domain) = text.strip_prefix(DOMAIN) {
            return Ok(Principal::Domain(Domain::parse(domain).map_err(of_field(field))?));
        }
        if text.starts_with("sip:") {
            let address = Address::parse(text).map_err(of_field(field))?;
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
        let mut list = match &change.replace {
            Some(whole) => self.read_all(field, whole)?,
            None => old.to_vec(),
        };
        list.extend(self.read_all(field, &change.add)?);
        let removed: HashSet<Principal> = self.read_all(field, &change.remove)?.into_iter().collect();
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

    pub(crate) fn show(&self, principal: &Principal) -> String {
        match principal {
            Principal::Domain(domain) => format!("{DOMAIN}{domain}"),
            Principal::Group(id) => self.groups.get(id).map_or_else(|| "(removed)".to_owned(), shown_group),
            Principal::Person(id) => self
                .people
                .get(id)
                .map_or_else(|| "(removed)".to_owned(), |person| person.address.to_string()),
        }
    }

    pub(crate) fn show_all(&self, list: &[Principal]) -> Vec<String> {
        list.iter().map(|principal| self.show(principal)).collect()
    }

    /// Whether the scope admits a principal: a person or group by its lists, a domain only if it is named itself.
    pub(crate) fn admitted(&self, scope: &Scope, principal: &Principal) -> bool {
        match principal {
            Principal::Person(id) => self.people.get(id).is_some_and(|person| scope.admits(person)),
            Principal::Group(id) => self.groups.get(id).is_some_and(|group| scope.admits_group(group)),
            Principal::Domain(_) => scope.allowed.contains(principal) && !scope.denied.contains(principal),
        }
    }

    /// Whether a list names a principal, a person or group also by what it belongs to.
    pub(crate) fn names(&self, list: &[Principal], principal: &Principal) -> bool {
        list.contains(principal)
            || match principal {
                Principal::Person(id) => self.people.get(id).is_some_and(|person| person.is_any(list)),
                Principal::Group(id) => {
                    self.groups.get(id).is_some_and(|group| list.iter().any(|named| group.is(named)))
                }
                Principal::Domain(_) => false,
            }
    }

    /// The first of a list that the scope does not admit.
    pub(crate) fn outsider<'a>(&self, scope: &Scope, list: &'a [Principal]) -> Option<&'a Principal> {
        list.iter().find(|principal| !self.admitted(scope, principal))
    }
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
    if let Some(name) = text.strip_prefix(GROUP) {
        let found = store.groups_named(&folded(name.trim())).await?;
        return Ok(found.into_iter().filter(|group| !group.gone).map(|group| group.id).collect());
    }
    let Some(key) = distinguished(text) else { return Ok(Vec::new()) };
    Ok(match store.entry_named(&key).await? {
        Some(Member::Group(id)) => vec![id],
        _ => Vec::new(),
    })
}

fn names_a_group(text: &str) -> bool {
    text.starts_with(GROUP) || distinguished(text).is_some()
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
