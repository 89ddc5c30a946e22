//! What is known of all principals, as the comparison with an export wants it, and their numbers.
//! Reads everybody: an import is about everybody.

use std::collections::HashMap;

use chat::{Domain, Group, GroupId, GroupKind, Person, PersonId, PersonState, Roles};
use directory::{DistinguishedName, ObjectKind, Present};
use store::{Member, PersonFacts};
use uuid::Uuid;

use crate::errand::Errand;
use crate::error::AdminError;

/// Everybody, and by which number they are known.
pub(super) struct Known {
    pub(super) present: Present,
    pub(super) people: HashMap<Uuid, PersonId>,
    pub(super) groups: HashMap<Uuid, GroupId>,
    /// What is kept of a person that an export does not say, for those it changes.
    pub(super) rows: HashMap<Uuid, Kept>,
    /// The identities of groups.
    guids: HashMap<GroupId, Uuid>,
}

/// A principal of a directory as it is kept.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) name_folded: String,
    pub(super) display_name: chat::DisplayName,
    pub(super) address: Option<chat::Address>,
    pub(super) enabled: bool,
    pub(super) bot: bool,
    pub(super) parent: Option<GroupId>,
    pub(super) mail: Option<String>,
    pub(super) kind: ObjectKind,
    /// The standing of a person as it was read: nobody else's change in between is written over.
    pub(super) standing: Option<u64>,
    /// The roles of a person.
    pub(super) roles: Roles,
}

impl Known {
    pub(super) async fn read(errand: &Errand<'_>, source: &str) -> Result<Self, AdminError> {
        let store = errand.store;
        let people = store.people().await?;
        let facts: HashMap<_, _> =
            store.all_person_facts().await?.into_iter().map(|facts| (facts.id, facts)).collect();
        let groups = store.groups().await?;
        let sources: HashMap<_, _> = store.group_sources().await?.into_iter().collect();
        let graph = store.graph().await?;
        let parents: HashMap<Member, GroupId> = graph.parents.into_iter().collect();
        let mut known = Self {
            present: Present::default(),
            people: HashMap::new(),
            groups: HashMap::new(),
            rows: HashMap::new(),
            guids: HashMap::new(),
        };
        let mut places: HashMap<Member, u32> = HashMap::new();
        known.guids = groups.iter().map(|group| (group.id, group.guid)).collect();
        for group in groups {
            let own = sources.get(&group.id).is_some_and(|own| own == source);
            let member = Member::Group(group.id);
            places.insert(member, known.group(group, own, parents.get(&member).copied()));
        }
        for person in people {
            // Who was removed for ever has no facts: the address is free.
            let Some(facts) = facts.get(&person.id) else { continue };
            places.insert(Member::Person(person.id), known.person(person, facts, source));
        }
        for membership in graph.memberships {
            let group = places.get(&Member::Group(membership.group));
            if let (Some(group), Some(member)) = (group, places.get(&membership.member)) {
                known.present.memberships.push((*group, *member));
            }
        }
        Ok(known)
    }

    fn group(&mut self, group: Group, own: bool, parent: Option<GroupId>) -> u32 {
        let name = group.distinguished_name.as_deref().and_then(|name| DistinguishedName::parse(name).ok());
        let kept = Kept {
            name: name.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default(),
            name_folded: name.as_ref().map(|name| name.folded().to_owned()).unwrap_or_default(),
            display_name: group.name.clone(),
            address: None,
            enabled: true,
            bot: false,
            parent,
            mail: None,
            kind: kind_of(group.kind),
            standing: None,
            roles: Roles::default(),
        };
        self.groups.insert(group.guid, group.id);
        let state = if group.gone { PersonState::Removed } else { PersonState::Enabled };
        self.put(group.guid, name, kept, state, own, false)
    }

    fn person(&mut self, person: Person, facts: &PersonFacts, source: &str) -> u32 {
        let name = facts.distinguished_name.as_deref().and_then(|name| DistinguishedName::parse(name).ok());
        let kept = Kept {
            name: name.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default(),
            name_folded: name.as_ref().map(|name| name.folded().to_owned()).unwrap_or_default(),
            display_name: person.display_name,
            address: Some(person.address),
            enabled: person.state == PersonState::Enabled,
            bot: person.bot,
            parent: facts.parent,
            mail: facts.mail.clone(),
            kind: ObjectKind::Person,
            standing: Some(person.standing),
            roles: person.roles,
        };
        self.people.insert(person.guid, person.id);
        let own = facts.source.as_deref() == Some(source);
        self.put(person.guid, name, kept, person.state, own, facts.held)
    }

    fn put(
        &mut self,
        guid: Uuid,
        name: Option<DistinguishedName>,
        kept: Kept,
        state: PersonState,
        is_of_source: bool,
        is_held: bool,
    ) -> u32 {
        let place =
            u32::try_from(self.present.objects.len()).expect("a store has fewer than 2^32 principals");
        let (kind, display_name, address) = (kept.kind, kept.display_name.clone(), kept.address.clone());
        let container = kept.parent.and_then(|parent| self.guids.get(&parent).copied());
        let mail = kept.mail.as_deref().map(Into::into);
        self.present.objects.push(directory::Known {
            guid,
            kind,
            name,
            display_name,
            address,
            state,
            mail,
            container,
            is_of_source,
            is_held,
        });
        self.rows.insert(guid, kept);
        place
    }
}

fn kind_of(kind: GroupKind) -> ObjectKind {
    match kind {
        GroupKind::Group => ObjectKind::Group,
        GroupKind::Container => ObjectKind::Container,
        GroupKind::Domain => ObjectKind::Domain,
    }
}

/// The domain of a directory's name: its last parts that are DC, as example.com.
pub(super) fn domain_of(folded: &str) -> Option<Domain> {
    let labels: Vec<&str> = folded.split(',').filter_map(|part| part.trim().strip_prefix("dc=")).collect();
    Domain::parse(&labels.join(".")).ok().filter(|_| !labels.is_empty())
}
