//! What everybody belongs to after memberships change: worked out from all of them, written where it is new.
//! Follows memberships by `directory::Graph`; keeps none.

use std::collections::HashMap;

use chat::{Ancestors, Group, GroupId, Person, PersonId};
use directory::{Affiliations, Graph};
use store::{Member, RowChange, Store};

use crate::error::AdminError;

/// Memberships as they are to be, and what people and groups belong to now.
pub(crate) struct Belonging {
    /// The number the store's memberships have.
    pub(crate) number: u64,
    /// The number the next group will have.
    pub(crate) next_group: GroupId,
    people: Vec<Person>,
    groups: Vec<Group>,
    memberships: HashMap<GroupId, Vec<Member>>,
    parents: Vec<(Member, GroupId)>,
}

/// What is new of it.
#[derive(Default)]
pub(crate) struct Moved {
    pub(crate) people: Vec<(PersonId, Ancestors)>,
    pub(crate) groups: Vec<(GroupId, Ancestors)>,
}

impl Belonging {
    /// As it is kept.
    pub(crate) async fn read(store: &Store) -> Result<Self, AdminError> {
        let graph = store.graph().await?;
        let (people, groups) = (store.people().await?, store.groups().await?);
        let mut memberships: HashMap<GroupId, Vec<Member>> = HashMap::new();
        for membership in graph.memberships {
            memberships.entry(membership.group).or_default().push(membership.member);
        }
        let (number, next_group, parents) = (graph.number, graph.next_group, graph.parents);
        Ok(Self { number, next_group, people, groups, memberships, parents })
    }

    /// Puts a group that is not kept yet.
    pub(crate) fn make(&mut self, group: Group) {
        self.groups.push(group);
    }

    /// Takes a group away, with what it is in and who is in it.
    pub(crate) fn remove(&mut self, group: GroupId) {
        self.groups.retain(|kept| kept.id != group);
        self.memberships.remove(&group);
        self.memberships.values_mut().for_each(|members| members.retain(|one| *one != Member::Group(group)));
        self.parents.retain(|(member, parent)| *member != Member::Group(group) && *parent != group);
    }

    /// Changes the members of a group.
    pub(crate) fn change(&mut self, group: GroupId, add: &[Member], remove: &[Member]) {
        let members = self.memberships.entry(group).or_default();
        members.retain(|member| !remove.contains(member));
        members.extend(add);
    }

    /// Who belongs to something else than is kept.
    ///
    /// # Errors
    /// [`AdminError::Rule`] when somebody would belong to more than is possible.
    pub(crate) fn moved(&self) -> Result<Moved, AdminError> {
        let (closed, number_of) = self.closed()?;
        let set = |member: Member| {
            let Some(number) = number_of.get(&member) else { return Ancestors::default() };
            let groups = closed.ancestors(*number).iter().map(|above| self.groups[*above as usize].id);
            Ancestors::of(groups.collect())
        };
        let people =
            self.people.iter().map(|person| (person.id, set(Member::Person(person.id)), &person.ancestors));
        let people = people.filter(|(_, new, old)| new != *old).map(|(id, new, _)| (id, new));
        let groups =
            self.groups.iter().map(|group| (group.id, set(Member::Group(group.id)), &group.ancestors));
        let groups = groups.filter(|(_, new, old)| new != *old).map(|(id, new, _)| (id, new));
        Ok(Moved { people: people.collect(), groups: groups.collect() })
    }

    /// All ways followed to their ends: groups have the first numbers, in their order, then people.
    fn closed(&self) -> Result<(Affiliations, HashMap<Member, u32>), AdminError> {
        let alive = self.groups.iter().filter(|group| !group.gone).map(|group| group.id);
        let alive: std::collections::HashSet<GroupId> = alive.collect();
        let mut number_of = HashMap::new();
        for (number, group) in (0..).zip(&self.groups) {
            number_of.insert(Member::Group(group.id), number);
        }
        let first = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        for (number, person) in (first..).zip(&self.people) {
            if person.state != chat::PersonState::Removed {
                number_of.insert(Member::Person(person.id), number);
            }
        }
        let count = u32::try_from(self.groups.len() + self.people.len());
        let mut graph = Graph::new(
            count.map_err(|_| AdminError::rule("", "there are more principals than can be counted"))?,
        );
        for (group, members) in &self.memberships {
            let Some(into) = number_of.get(&Member::Group(*group)).filter(|_| alive.contains(group)) else {
                continue;
            };
            for member in members.iter().filter_map(|member| number_of.get(member)) {
                graph.join(*member, *into);
            }
        }
        for (member, parent) in &self.parents {
            let parent = number_of.get(&Member::Group(*parent)).filter(|_| alive.contains(parent));
            if let (Some(member), Some(parent)) = (number_of.get(member), parent) {
                graph.contain(*member, *parent);
            }
        }
        let closed = graph.close().map_err(|bad| {
            let who = number_of.iter().find(|(_, number)| **number == bad.object).map(|(member, _)| *member);
            AdminError::rule("members", format!("{}: {bad}", self.name(who)))
        })?;
        Ok((closed, number_of))
    }

    fn name(&self, who: Option<Member>) -> String {
        let person =
            |id| self.people.iter().find(|person| person.id == id).map(|person| person.address.to_string());
        let group = |id| self.groups.iter().find(|group| group.id == id).map(|group| group.name.to_string());
        match who {
            Some(Member::Person(id)) => person(id),
            Some(Member::Group(id)) => group(id),
            None => None,
        }
        .unwrap_or_else(|| "a principal".to_owned())
    }
}

impl Moved {
    /// The changes, none of them of more than so many people or groups.
    pub(crate) fn rows(self, most: usize) -> Vec<RowChange> {
        let groups = self.groups.chunks(most).map(<[_]>::to_vec);
        let groups = groups.map(|groups| RowChange::Affiliate { people: Vec::new(), groups });
        let people = self.people.chunks(most).map(<[_]>::to_vec);
        groups.chain(people.map(|people| RowChange::Affiliate { people, groups: Vec::new() })).collect()
    }
}
