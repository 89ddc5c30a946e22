//! Principals as people name them: `sip:user@domain` for a person, `domain:example.com` for everybody of a domain.
//! Finds them, shows them, and says which of them a scope admits.

use std::collections::HashMap;

use chat::limits::PRINCIPALS_MAX;
use chat::{Address, Domain, Person, PersonId, PersonState, Principal, Scope};
use store::{Store, StoreFault};

use crate::error::AdminError;
use crate::operation::ListChange;

const DOMAIN: &str = "domain:";

/// Everybody, by number and by address: read once per operation.
pub(crate) struct People {
    by_id: HashMap<PersonId, Person>,
    by_address: HashMap<Address, PersonId>,
}

impl People {
    pub(crate) async fn read(store: &Store) -> Result<Self, StoreFault> {
        let mut by_id = HashMap::new();
        let mut by_address = HashMap::new();
        for person in store.people().await? {
            if person.state != PersonState::Removed {
                by_address.insert(person.address.clone(), person.id);
            }
            by_id.insert(person.id, person);
        }
        Ok(Self { by_id, by_address })
    }

    /// Everybody who was not removed, by address.
    pub(crate) fn present(&self) -> Vec<&Person> {
        let mut all: Vec<&Person> = self.by_address.values().filter_map(|id| self.by_id.get(id)).collect();
        all.sort_by(|a, b| a.address.cmp(&b.address));
        all
    }

    pub(crate) fn at(&self, address: &str) -> Result<&Person, AdminError> {
        let address = Address::parse(address)?;
        self.by_address.get(&address).and_then(|id| self.by_id.get(id)).ok_or_else(|| {
            AdminError::NotFound(format!(
                "there is no person {address}: make one with `causerie user new {address} --display-name NAME \
                 --password-stdin`"
            ))
        })
    }

    fn read_one(&self, text: &str) -> Result<Principal, AdminError> {
        match text.strip_prefix(DOMAIN) {
            Some(domain) => Ok(Principal::Domain(Domain::parse(domain)?)),
            None if text.starts_with("sip:") => Ok(Principal::Person(self.at(text)?.id)),
            None => Err(AdminError::Invalid(format!(
                "'{text}' is no principal: write sip:user@example.com for a person or domain:example.com for a domain"
            ))),
        }
    }

    /// A list after a change.
    pub(crate) fn changed(
        &self,
        old: &[Principal],
        change: &ListChange,
    ) -> Result<Vec<Principal>, AdminError> {
        let mut list = match &change.replace {
            Some(whole) => self.read_all(whole)?,
            None => old.to_vec(),
        };
        for principal in self.read_all(&change.add)? {
            if !list.contains(&principal) {
                list.push(principal);
            }
        }
        let removed = self.read_all(&change.remove)?;
        list.retain(|principal| !removed.contains(principal));
        if list.len() > PRINCIPALS_MAX {
            let message = format!("a list holds at most {PRINCIPALS_MAX} principals: name a domain instead");
            return Err(AdminError::Invalid(message));
        }
        Ok(list)
    }

    fn read_all(&self, texts: &[String]) -> Result<Vec<Principal>, AdminError> {
        let mut list = Vec::new();
        for text in texts {
            let principal = self.read_one(text)?;
            if !list.contains(&principal) {
                list.push(principal);
            }
        }
        Ok(list)
    }

    pub(crate) fn show(&self, principal: &Principal) -> String {
        match principal {
            Principal::Domain(domain) => format!("{DOMAIN}{domain}"),
            Principal::Group(id) => format!("group:{}", id.0),
            Principal::Person(id) => {
                self.by_id.get(id).map_or_else(|| "(removed)".to_owned(), |person| person.address.to_string())
            }
        }
    }

    pub(crate) fn show_all(&self, list: &[Principal]) -> Vec<String> {
        list.iter().map(|principal| self.show(principal)).collect()
    }

    /// Whether the scope admits a principal: a person by its lists, a domain only if it is named itself.
    pub(crate) fn admitted(&self, scope: &Scope, principal: &Principal) -> bool {
        match principal {
            Principal::Person(id) => self.by_id.get(id).is_some_and(|person| scope.admits(person)),
            Principal::Domain(_) | Principal::Group(_) => {
                scope.allowed.contains(principal) && !scope.denied.contains(principal)
            }
        }
    }

    /// Whether a list names a principal, a person also by its domain.
    pub(crate) fn named(&self, list: &[Principal], principal: &Principal) -> bool {
        let by_domain = match principal {
            Principal::Person(id) => self.by_id.get(id).is_some_and(|person| person.is_any(list)),
            Principal::Domain(_) | Principal::Group(_) => false,
        };
        by_domain || list.contains(principal)
    }

    /// The first of a list that the scope does not admit.
    pub(crate) fn outsider<'a>(&self, scope: &Scope, list: &'a [Principal]) -> Option<&'a Principal> {
        list.iter().find(|principal| !self.admitted(scope, principal))
    }
}
