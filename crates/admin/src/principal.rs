//! Principals as people name them: `sip:user@domain` for a person, `domain:example.com` for everybody of a domain.
//! Finds them, shows them, and says which of them a scope admits.

use std::collections::{HashMap, HashSet};

use chat::limits::PRINCIPALS_MAX;
use chat::{Address, Domain, Person, PersonId, PersonState, Principal, Scope};
use store::{Store, StoreFault};

use crate::error::{AdminError, of_field};
use crate::value::ListChange;

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

    /// The person an operation is about.
    pub(crate) fn at(&self, field: &str, address: &str) -> Result<&Person, AdminError> {
        let address = Address::parse(address).map_err(of_field(field))?;
        self.present_at(&address).ok_or_else(|| AdminError::NotFound(nobody(&address)))
    }

    fn present_at(&self, address: &Address) -> Option<&Person> {
        self.by_address.get(address).and_then(|id| self.by_id.get(id))
    }

    /// The principal of this text, which stands in this field.
    pub(crate) fn read_one(&self, field: &str, text: &str) -> Result<Principal, AdminError> {
        if let Some(domain) = text.strip_prefix(DOMAIN) {
            return Ok(Principal::Domain(Domain::parse(domain).map_err(of_field(field))?));
        }
        if !text.starts_with("sip:") {
            let message = format!(
                "'{text}' is no principal: write sip:user@example.com for a person or domain:example.com for a domain"
            );
            return Err(AdminError::invalid(field, message));
        }
        let address = Address::parse(text).map_err(of_field(field))?;
        match self.present_at(&address) {
            Some(person) => Ok(Principal::Person(person.id)),
            None => Err(AdminError::NoPrincipal { field: field.to_owned(), message: nobody(&address) }),
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

fn nobody(address: &Address) -> String {
    format!(
        "there is no person {address}: make one with `causerie user new {address} --display-name NAME \
         --password-stdin`"
    )
}
