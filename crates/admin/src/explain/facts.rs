//! The facts behind reasons: which list, which principal, by which groups, granted by whom and when.
//! Reads what the rules were asked with; weighs nothing.

use std::collections::HashMap;

use chat::{Actor, CategoryId, GroupId, Person, Principal, Reason, Role, RoomId};
use store::{List, Member, RoleGrant};

use super::Depth;
use super::words::{self, Said};
use crate::errand::Errand;
use crate::error::AdminError;
use crate::policy;
use crate::principal::{People, shown_group};
use crate::view::{FactView, RightView};

/// What is known of a person and a thing.
pub(super) struct Facts<'a, 'e> {
    errand: &'a Errand<'e>,
    person: &'a Person,
    depth: Depth,
    /// Which operation put a principal on a list.
    granted: HashMap<(List, Principal), u64>,
    people: People,
    /// The policy in force for the person.
    policy: String,
    /// The ways to groups that were found: most rights have the same reasons.
    ways: HashMap<GroupId, Vec<String>>,
    /// Who did which operation, and when, as far as it was looked up.
    traces: HashMap<u64, Option<(String, String)>>,
    /// Which operations gave the person its roles, once they were read.
    roles: Option<Vec<RoleGrant>>,
}

impl<'a, 'e> Facts<'a, 'e> {
    pub(super) async fn of(
        errand: &'a Errand<'e>,
        person: &'a Person,
        room: Option<RoomId>,
        category: CategoryId,
        depth: Depth,
    ) -> Result<Self, AdminError> {
        let mut grants = errand.store.category_grants(category).await?;
        if let Some(room) = room {
            grants.extend(errand.store.room_grants(room).await?);
        }
        // Only what stands for the person is ever shown.
        grants.retain(|grant| person.is(&grant.principal));
        let people = People::on(errand.store, grants.iter().map(|grant| &grant.principal)).await?;
        let granted =
            grants.into_iter().map(|grant| ((grant.list, grant.principal), grant.granted)).collect();
        let policy = policy_of(errand, person).await?;
        let (ways, traces, roles) = (HashMap::new(), HashMap::new(), None);
        Ok(Self { errand, person, depth, granted, people, policy, ways, traces, roles })
    }

    /// One right with the facts that decide it.
    pub(super) async fn right(
        &mut self,
        right: &str,
        allowed: bool,
        reasons: &[Reason],
    ) -> Result<RightView, AdminError> {
        let (mut because, mut facts) = (Vec::new(), Vec::new());
        for reason in reasons {
            let (fact, said) = self.fact(reason).await?;
            because.push(said);
            facts.push(fact);
        }
        Ok(RightView { right: right.to_owned(), allowed, because, facts })
    }

    async fn fact(&mut self, reason: &Reason) -> Result<(FactView, String), AdminError> {
        let Said { code, list, principal } = words::said(reason);
        let mut fact = FactView {
            fact: code.to_owned(),
            by: None,
            path: Vec::new(),
            granted_by: None,
            granted_at: None,
        };
        if self.depth == Depth::Own {
            return Ok((fact, words::sentence(reason, None, &self.policy)));
        }
        if let (Some(list), Some(principal)) = (list, principal) {
            fact.by = Some(self.people.show(principal));
            fact.path = self.path(principal).await?;
            if let Some(operation) = self.granted.get(&(list, principal.clone())).copied() {
                self.trace(operation, &mut fact).await?;
            }
        }
        if let Reason::Role(role) = reason
            && let Some(operation) = self.role(*role).await?
        {
            self.trace(operation, &mut fact).await?;
        }
        let said = words::sentence(reason, Some(&fact), &self.policy);
        Ok((fact, said))
    }

    /// The groups between the person and the principal.
    async fn path(&mut self, principal: &Principal) -> Result<Vec<String>, AdminError> {
        let Principal::Group(group) = principal else { return Ok(Vec::new()) };
        if let Some(way) = self.ways.get(group) {
            return Ok(way.clone());
        }
        let way = self.errand.store.path(Member::Person(self.person.id), *group).await?;
        let way: Vec<String> = way.iter().map(shown_group).collect();
        self.ways.insert(*group, way.clone());
        Ok(way)
    }

    /// The operation that gave the person a role.
    async fn role(&mut self, role: Role) -> Result<Option<u64>, AdminError> {
        if self.roles.is_none() {
            let all = self.errand.store.role_grants().await?.into_iter();
            self.roles = Some(all.filter(|grant| grant.person == self.person.id).collect());
        }
        let held = self.roles.iter().flatten();
        Ok(held.into_iter().find(|grant| grant.role == role).map(|grant| grant.granted))
    }

    /// Who did it and when, as the record says.
    async fn trace(&mut self, operation: u64, fact: &mut FactView) -> Result<(), AdminError> {
        if !self.traces.contains_key(&operation) {
            let trace = match self.errand.store.granted(vec![operation]).await?.pop() {
                Some(done) => Some((actor(self.errand, done.by).await?, done.at.iso7())),
                None => None,
            };
            self.traces.insert(operation, trace);
        }
        if let Some((by, at)) = self.traces.get(&operation).cloned().flatten() {
            (fact.granted_by, fact.granted_at) = (Some(by), Some(at));
        }
        Ok(())
    }

    /// What there is to say of a post itself.
    pub(super) async fn post(
        &self,
        errand: &Errand<'_>,
        room: RoomId,
        number: u32,
        rights: &mut [RightView],
    ) -> Result<(), AdminError> {
        let state = errand.store.post_state(room, number).await?;
        let said = words::post(state);
        for right in rights.iter_mut() {
            right.because.push(said.to_owned());
            right.allowed = right.allowed && state == store::PostState::Shown;
        }
        Ok(())
    }
}

/// Who did something, in words.
pub(crate) async fn actor(errand: &Errand<'_>, by: Actor) -> Result<String, AdminError> {
    Ok(match by {
        Actor::Shell(uid) => format!("uid {uid}"),
        Actor::Server => "the server".to_owned(),
        Actor::Token(id) => format!("token {id}"),
        Actor::Person(id) => match errand.store.person(id).await? {
            Some(person) => person.address.to_string(),
            None => "(unknown)".to_owned(),
        },
    })
}

/// The policy in force for a person, by its identity.
async fn policy_of(errand: &Errand<'_>, person: &Person) -> Result<String, AdminError> {
    let policies = errand.store.policies().await?;
    let own = errand.store.person_facts(person.id).await?.and_then(|facts| facts.policy);
    let found = policy::ruling(errand, &policies, own);
    Ok(found.map_or_else(|| "none".to_owned(), |policy| policy.scope.to_string()))
}
