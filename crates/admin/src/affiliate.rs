//! What everybody belongs to after memberships change: worked out from the memberships, written where it is new.
//! Follows memberships by `directory::Graph`; keeps none.

use std::collections::{HashMap, HashSet};

use chat::{Ancestors, GroupId, PersonId, PersonState, Principal};
use directory::{Affiliations, Graph};
use store::{Around, Member, Membership, RowChange, Store};

use crate::error::AdminError;
use crate::principal::People;

/// Memberships as they are to be, and what those whom they concern belong to now.
pub(crate) struct Belonging {
    /// The number the store's memberships have.
    pub(crate) number: u64,
    /// The number the next group will have.
    pub(crate) next_group: GroupId,
    /// Those whose affiliations may be new, with those that are kept.
    asked: Vec<(Member, Ancestors)>,
    /// To these nobody belongs.
    gone: HashSet<GroupId>,
    /// These belong to nothing.
    lost: HashSet<PersonId>,
    memberships: Vec<Membership>,
    parents: Vec<(Member, GroupId)>,
}

/// What is new of it.
#[derive(Default)]
pub(crate) struct Moved {
    pub(crate) people: Vec<(PersonId, Ancestors)>,
    pub(crate) groups: Vec<(GroupId, Ancestors)>,
}

/// Affiliations by the numbers of a graph: groups have the first ones, ascending, then people.
struct Closed {
    affiliations: Affiliations,
    groups: Vec<GroupId>,
    numbers: HashMap<Member, u32>,
}

impl Belonging {
    /// Everybody's, as it is kept.
    pub(crate) async fn read(store: &Store) -> Result<Self, AdminError> {
        // The number first: whoever changes something while the rest is read is noticed when it is written.
        let graph = store.graph().await?;
        let (people, groups) = (store.people().await?, store.groups().await?);
        let gone = groups.iter().filter(|group| group.gone).map(|group| group.id).collect();
        let lost = people.iter().filter(|person| person.state == PersonState::Removed);
        let lost = lost.map(|person| person.id).collect();
        let groups = groups.into_iter().map(|group| (Member::Group(group.id), group.ancestors));
        let people = people.into_iter().map(|person| (Member::Person(person.id), person.ancestors));
        Ok(Self {
            number: graph.number,
            next_group: graph.next_group,
            asked: groups.chain(people).collect(),
            gone,
            lost,
            memberships: graph.memberships,
            parents: graph.parents,
        })
    }

    /// That of `whole` with everybody under them, and of `alone`, as it is kept; nobody else is read.
    pub(crate) async fn around(
        store: &Store,
        whole: Vec<Member>,
        alone: Vec<Member>,
    ) -> Result<Self, AdminError> {
        let Around { number, next_group, under, memberships, parents, gone } =
            store.around(whole, alone).await?;
        let lost = under.iter().filter(|placed| placed.gone).filter_map(|placed| match placed.member {
            Member::Person(id) => Some(id),
            Member::Group(_) => None,
        });
        let lost = lost.collect();
        let asked = under.into_iter().map(|placed| (placed.member, placed.ancestors)).collect();
        let gone = gone.into_iter().collect();
        Ok(Self { number, next_group, asked, gone, lost, memberships, parents })
    }

    /// Takes a group away, with what it is in and who is in it.
    pub(crate) fn remove(&mut self, group: GroupId) {
        self.asked.retain(|(member, _)| *member != Member::Group(group));
        self.memberships.retain(|one| one.group != group && one.member != Member::Group(group));
        self.parents.retain(|(member, parent)| *member != Member::Group(group) && *parent != group);
    }

    /// Changes the members of a group.
    pub(crate) fn change(&mut self, group: GroupId, add: &[Member], remove: &[Member]) {
        let remove: HashSet<&Member> = remove.iter().collect();
        self.memberships.retain(|one| one.group != group || !remove.contains(&one.member));
        self.memberships.extend(add.iter().map(|member| Membership { group, member: *member }));
    }

    /// Changes the members of many groups: who leaves which, and who joins which.
    pub(crate) fn change_many(
        &mut self,
        left: &HashSet<(GroupId, Member)>,
        joined: impl IntoIterator<Item = (GroupId, Member)>,
    ) {
        self.memberships.retain(|one| !left.contains(&(one.group, one.member)));
        let joined = joined.into_iter().map(|(group, member)| Membership { group, member });
        self.memberships.extend(joined);
    }

    /// Takes somebody new in, who belongs to nothing yet; somebody who was gone comes back.
    pub(crate) fn admit(&mut self, member: Member) {
        match member {
            Member::Person(id) if self.lost.remove(&id) => {}
            Member::Group(id) if self.gone.remove(&id) => {}
            _ => self.asked.push((member, Ancestors::default())),
        }
    }

    /// Puts many into containers, each into its own or into none.
    pub(crate) fn place_many(&mut self, placed: &HashMap<Member, Option<GroupId>>) {
        self.parents.retain(|(member, _)| !placed.contains_key(member));
        let into = placed.iter().filter_map(|(member, container)| Some((*member, (*container)?)));
        self.parents.extend(into);
    }

    /// Lets somebody be gone, as a directory does: a person belongs to nothing, and nobody to a group.
    pub(crate) fn lose(&mut self, member: Member) {
        match member {
            Member::Person(id) => drop(self.lost.insert(id)),
            Member::Group(id) => drop(self.gone.insert(id)),
        }
    }

    /// Who belongs to something else than is kept.
    ///
    /// # Errors
    /// [`AdminError::Rule`] when somebody would belong to more than is possible.
    pub(crate) async fn moved(&self, store: &Store) -> Result<Moved, AdminError> {
        let closed = match self.closed() {
            Ok(closed) => closed,
            Err((member, bad)) => {
                let principal = principal(&member);
                let shown = People::on(store, [&principal]).await?.show(&principal);
                return Err(AdminError::rule("members", format!("{shown}: {bad}")));
            }
        };
        // Most people share what they belong to with others: each set is made once.
        let mut sets: Vec<Option<Ancestors>> = vec![None; closed.affiliations.sets().len()];
        let mut moved = Moved::default();
        for (member, kept) in &self.asked {
            let new = match closed.numbers.get(member) {
                Some(number) => {
                    let set = closed.affiliations.set_of(*number) as usize;
                    sets[set].get_or_insert_with(|| closed.set(*number)).clone()
                }
                None => Ancestors::default(),
            };
            if new != *kept {
                match member {
                    Member::Person(id) => moved.people.push((*id, new)),
                    Member::Group(id) => moved.groups.push((*id, new)),
                }
            }
        }
        Ok(moved)
    }

    /// All ways followed to their ends.
    fn closed(&self) -> Result<Closed, (Member, directory::TooManyAncestors)> {
        let named = self.asked.iter().map(|(member, _)| *member);
        let named =
            named.chain(self.memberships.iter().flat_map(|one| [one.member, Member::Group(one.group)]));
        let named =
            named.chain(self.parents.iter().flat_map(|(member, into)| [*member, Member::Group(*into)]));
        let (mut groups, mut people) = (Vec::new(), Vec::new());
        for member in named {
            match member {
                Member::Group(id) => groups.push(id),
                Member::Person(id) => people.push(id),
            }
        }
        groups.sort_unstable();
        groups.dedup();
        people.sort_unstable();
        people.dedup();
        people.retain(|person| !self.lost.contains(person));
        let members = groups.iter().map(|id| Member::Group(*id));
        let members: Vec<Member> = members.chain(people.into_iter().map(Member::Person)).collect();
        let numbers: HashMap<Member, u32> = members.iter().copied().zip(0..).collect();
        let count = u32::try_from(members.len()).expect("principals are far fewer than 2^32");
        let mut graph = Graph::new(count);
        let into = |group: GroupId| {
            numbers.get(&Member::Group(group)).copied().filter(|_| !self.gone.contains(&group))
        };
        for one in &self.memberships {
            if let (Some(member), Some(group)) = (numbers.get(&one.member), into(one.group)) {
                graph.join(*member, group);
            }
        }
        for (member, parent) in &self.parents {
            if let (Some(member), Some(parent)) = (numbers.get(member), into(*parent)) {
                graph.contain(*member, parent);
            }
        }
        let affiliations = graph.close().map_err(|bad| (members[bad.object as usize], bad))?;
        Ok(Closed { affiliations, groups, numbers })
    }
}

impl Closed {
    fn set(&self, number: u32) -> Ancestors {
        let above = self.affiliations.ancestors(number);
        Ancestors::of(above.iter().map(|group| self.groups[*group as usize]).collect())
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

/// A member as a principal.
pub(crate) fn principal(member: &Member) -> Principal {
    match member {
        Member::Person(id) => Principal::Person(*id),
        Member::Group(id) => Principal::Group(*id),
    }
}
