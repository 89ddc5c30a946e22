//! Who would gain and lose rooms by an import that is not done yet: its steps taken in memory, and everybody they concern asked
//! before and after. Writes nothing; what an import does is `portions.rs`.

use std::collections::{HashMap, HashSet};

use chat::{Ancestors, GroupId, Person, PersonId, PersonState, Roles};
use directory::{Added, Alteration, Altered, ObjectKind, Plan, Step};
use store::Member;
use uuid::Uuid;

use super::known::Known;
use crate::affiliate::Belonging;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::explain::{Access, PREVIEWED_MAX, people_preview, read_people};
use crate::policy;

/// Whose rights would change; nothing unless it is a dry run.
pub(super) async fn preview(errand: &Errand<'_>, plan: &Plan, known: &Known) -> Result<Access, AdminError> {
    if !errand.dry_run {
        return Ok(Access::default());
    }
    let belonging = Belonging::read(errand.store).await?;
    let policies = errand.store.policies().await?;
    let chat = policy::ruling(errand, &policies, None).is_some_and(|policy| policy.enabled);
    let mut rehearsal = Rehearsal::new(known, belonging, chat);
    for step in plan.steps() {
        rehearsal.take(&step);
    }
    rehearsal.belonging.place_many(&rehearsal.placed);
    let (left, joined) = (std::mem::take(&mut rehearsal.left), std::mem::take(&mut rehearsal.joined));
    rehearsal.belonging.change_many(&left, joined);
    let moved: HashMap<PersonId, Ancestors> =
        rehearsal.belonging.moved(errand.store).await?.people.into_iter().collect();
    let mut concerned: Vec<PersonId> =
        moved.keys().chain(rehearsal.altered.keys()).chain(&rehearsal.lost).copied().collect();
    concerned.sort_unstable();
    concerned.dedup();
    let looked_at = &concerned[..concerned.len().min(PREVIEWED_MAX)];
    let mut pairs = rehearsal.newcomers(&moved);
    pairs.extend(read_people(errand, looked_at).await?.into_iter().map(|before| {
        let after = rehearsal.after(&before, &moved);
        (before, after)
    }));
    pairs.sort_by(|(a, _), (b, _)| a.address.cmp(&b.address));
    let more = pairs.len() > PREVIEWED_MAX || looked_at.len() < concerned.len();
    pairs.truncate(PREVIEWED_MAX);
    let mut access = people_preview(errand, &pairs).await?;
    if more {
        access.cut();
    }
    Ok(access)
}

/// Everybody as they would be.
struct Rehearsal<'k> {
    known: &'k Known,
    belonging: Belonging,
    /// The numbers of those that come: they have none yet.
    people: HashMap<Uuid, PersonId>,
    groups: HashMap<Uuid, GroupId>,
    next_person: i64,
    next_group: u32,
    /// Whether whoever comes may use persistent chat.
    chat: bool,
    added: Vec<Person>,
    altered: HashMap<PersonId, Vec<Alteration>>,
    /// Those who go.
    lost: HashSet<PersonId>,
    /// Who comes into which container, or into none.
    placed: HashMap<Member, Option<GroupId>>,
    left: HashSet<(GroupId, Member)>,
    joined: Vec<(GroupId, Member)>,
}

impl<'k> Rehearsal<'k> {
    fn new(known: &'k Known, belonging: Belonging, chat: bool) -> Self {
        let next_person = known.people.values().map(|id| id.0).max().unwrap_or_default() + 1;
        Self {
            known,
            next_person,
            next_group: belonging.next_group.0,
            belonging,
            people: HashMap::new(),
            groups: HashMap::new(),
            chat,
            added: Vec::new(),
            altered: HashMap::new(),
            lost: HashSet::new(),
            placed: HashMap::new(),
            left: HashSet::new(),
            joined: Vec::new(),
        }
    }

    fn take(&mut self, step: &Step<'_>) {
        match step {
            Step::Add(added) => self.add(added),
            Step::Alter(altered) => self.alter(altered),
            Step::Remove(gone) => {
                let Some(member) = self.member(gone.guid, gone.kind) else { return };
                self.belonging.lose(member);
                if let Member::Person(id) = member {
                    self.lost.insert(id);
                }
            }
            Step::Part(group, member) => {
                let pair = self.group(*group).zip(self.member(member.guid, member.kind));
                self.left.extend(pair);
            }
            Step::Join(group, member) => {
                let pair = self.group(*group).zip(self.member(member.guid, member.kind));
                self.joined.extend(pair);
            }
        }
    }

    fn add(&mut self, added: &Added) {
        let member = match &added.address {
            Some(address) => {
                let id = PersonId(self.next_person);
                self.next_person += 1;
                self.people.insert(added.guid, id);
                self.added.push(Person {
                    id,
                    guid: added.guid,
                    address: address.clone(),
                    display_name: added.display_name.clone(),
                    state: if added.enabled { PersonState::Enabled } else { PersonState::Disabled },
                    standing: 1,
                    admission: 1,
                    chat: self.chat,
                    bot: false,
                    roles: Roles::default(),
                    ancestors: Ancestors::default(),
                });
                Member::Person(id)
            }
            None => {
                let id = GroupId(self.next_group);
                self.next_group += 1;
                self.groups.insert(added.guid, id);
                Member::Group(id)
            }
        };
        self.belonging.admit(member);
        let container = added.container.and_then(|guid| self.group(guid));
        self.placed.insert(member, container);
    }

    fn alter(&mut self, altered: &Altered) {
        let Some(member) = self.member(altered.guid, altered.kind) else { return };
        for alteration in &altered.alterations {
            match alteration {
                Alteration::Container { after, .. } => {
                    let container = after.and_then(|guid| self.group(guid));
                    self.placed.insert(member, container);
                }
                Alteration::State { before: PersonState::Removed, .. } => self.belonging.admit(member),
                _ => {}
            }
        }
        if let Member::Person(id) = member {
            self.altered.entry(id).or_default().extend(altered.alterations.iter().cloned());
        }
    }

    /// Those who come, beside the nobody that each is now.
    fn newcomers(&self, moved: &HashMap<PersonId, Ancestors>) -> Vec<(Person, Person)> {
        let one = |person: &Person| {
            let ancestors = moved.get(&person.id).cloned().unwrap_or_default();
            let nobody = Person { state: PersonState::Removed, ..person.clone() };
            (nobody, Person { ancestors, ..person.clone() })
        };
        self.added.iter().take(PREVIEWED_MAX + 1).map(one).collect()
    }

    /// Somebody as he would be.
    fn after(&self, before: &Person, moved: &HashMap<PersonId, Ancestors>) -> Person {
        let mut after = before.clone();
        if let Some(ancestors) = moved.get(&before.id) {
            after.ancestors = ancestors.clone();
        }
        for alteration in self.altered.get(&before.id).into_iter().flatten() {
            match alteration {
                Alteration::State { after: state, .. } => after.state = *state,
                Alteration::Address { after: address, .. } => after.address = address.clone(),
                _ => {}
            }
        }
        if self.lost.contains(&before.id) {
            after.state = PersonState::Removed;
        }
        after
    }

    fn group(&self, guid: Uuid) -> Option<GroupId> {
        self.known.groups.get(&guid).or_else(|| self.groups.get(&guid)).copied()
    }

    fn member(&self, guid: Uuid, kind: ObjectKind) -> Option<Member> {
        match kind {
            ObjectKind::Person => {
                let id = self.known.people.get(&guid).or_else(|| self.people.get(&guid)).copied();
                id.map(Member::Person)
            }
            _ => self.group(guid).map(Member::Group),
        }
    }
}
