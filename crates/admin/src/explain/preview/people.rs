//! Who gains and who loses by a change of people themselves: of what they belong to, of whether they may sign on, of their policy.
//! Looks at the rooms and categories that name somebody by what changes; a category's line stands for the open rooms in it.

use std::collections::{BTreeMap, HashMap, HashSet};

use chat::{
    Ancestors, Category, CategoryId, Domain, Person, PersonId, PersonState, Policy, Principal, Room, RoomId,
};
use store::{Holding, Node};

use super::{Access, LINES_MAX, PREVIEWED_MAX, QUESTIONS_MAX, about, compared, in_category, in_room};
use crate::errand::Errand;
use crate::error::AdminError;
use crate::explain::crowd;
use crate::policy;

/// Rooms and categories looked at for one preview (ours: some tens of milliseconds to read).
const NODES_MAX: usize = 2_000;
/// People looked at together (ours: their places are one read).
const TOGETHER: usize = 200;

/// Whose rights would change when these people, as they are, become what stands beside them; nothing unless it is a dry run.
pub(crate) async fn people_preview(
    errand: &Errand<'_>,
    pairs: &[(Person, Person)],
) -> Result<Access, AdminError> {
    let mut look = Look::default();
    if errand.dry_run {
        for chunk in pairs.chunks(TOGETHER) {
            if look.is_over() {
                look.access.cut = true;
                break;
            }
            look.at(errand, chunk).await?;
        }
    }
    Ok(look.access)
}

/// The same when these people come to belong to these groups, and to no other.
pub(crate) async fn after_memberships(
    errand: &Errand<'_>,
    moved: &[(PersonId, Ancestors)],
) -> Result<Access, AdminError> {
    if !errand.dry_run {
        return Ok(Access::default());
    }
    let looked_at = &moved[..moved.len().min(PREVIEWED_MAX)];
    let mut after: HashMap<PersonId, Ancestors> = looked_at.iter().cloned().collect();
    let ids: Vec<PersonId> = looked_at.iter().map(|(id, _)| *id).collect();
    let people = crowd::read(errand, &ids).await?;
    let mut pairs: Vec<_> = people
        .into_iter()
        .filter_map(|person| {
            let ancestors = after.remove(&person.id)?;
            Some((person.clone(), Person { ancestors, ..person }))
        })
        .collect();
    pairs.sort_by(|(a, _), (b, _)| a.address.cmp(&b.address));
    let mut access = people_preview(errand, &pairs).await?;
    access.cut |= looked_at.len() < moved.len();
    Ok(access)
}

/// The same when these are the policies.
pub(crate) async fn after_policies(errand: &Errand<'_>, policies: &[Policy]) -> Result<Access, AdminError> {
    let mut look = Look::default();
    if !errand.dry_run {
        return Ok(look.access);
    }
    let (mut after, mut looked_at) = (None, 0);
    loop {
        let found = crowd::next(errand, after).await?;
        let ends = found.len() < crowd::CHUNK;
        looked_at += found.len();
        after = found.last().map(|person| person.address.to_string());
        let accounts = errand.store.accounts(found.iter().map(|person| person.id).collect()).await?;
        let granted: HashMap<PersonId, Option<i64>> =
            accounts.into_iter().map(|account| (account.person, account.policy)).collect();
        let mut ruled: HashMap<Option<i64>, bool> = HashMap::new();
        let mut pairs = Vec::new();
        for person in found {
            let own = granted.get(&person.id).copied().flatten();
            let chat = *ruled.entry(own).or_insert_with(|| {
                policy::ruling(errand, policies, own).is_some_and(|policy| policy.enabled)
            });
            if chat != person.chat {
                pairs.push((person.clone(), Person { chat, ..person }));
            }
        }
        for chunk in pairs.chunks(TOGETHER) {
            look.at(errand, chunk).await?;
        }
        if ends {
            return Ok(look.access);
        }
        if look.is_over() || looked_at >= PREVIEWED_MAX {
            look.access.cut = true;
            return Ok(look.access);
        }
    }
}

/// What was looked at, and what came of it.
#[derive(Default)]
struct Look {
    access: Access,
    rooms: HashMap<RoomId, Room>,
    categories: HashMap<CategoryId, Category>,
    questions: usize,
}

impl Look {
    /// Whether enough was looked at.
    fn is_over(&self) -> bool {
        self.access.listed.len() >= LINES_MAX || self.questions >= QUESTIONS_MAX
    }

    /// Looks at some people.
    async fn at(&mut self, errand: &Errand<'_>, pairs: &[(Person, Person)]) -> Result<(), AdminError> {
        let ways: Vec<Vec<Principal>> = pairs.iter().map(|(before, after)| ways(before, after)).collect();
        let all: HashSet<Principal> = ways.iter().flatten().cloned().collect();
        if all.is_empty() {
            return Ok(());
        }
        let held = errand.store.holdings(all.into_iter().collect()).await?;
        self.read(errand, &held).await?;
        let mut places: HashMap<&Principal, Vec<&Holding>> = HashMap::new();
        for holding in &held {
            places.entry(&holding.principal).or_default().push(holding);
        }
        for ((before, after), ways) in pairs.iter().zip(&ways) {
            // Each once, by name, whatever lists it is by.
            let nodes: BTreeMap<(String, bool), Node> = ways
                .iter()
                .flat_map(|way| places.get(way).into_iter().flatten())
                .map(|held| ((held.name.folded(), matches!(held.node, Node::Room(_))), held.node))
                .collect();
            for node in nodes.into_values() {
                self.questions += 1;
                self.compare(node, before, after);
            }
        }
        Ok(())
    }

    fn compare(&mut self, node: Node, before: &Person, after: &Person) {
        let line = match node {
            Node::Category(id) => self.categories.get(&id).and_then(|category| {
                let (held, holds) = (in_category(category, before), in_category(category, after));
                compared(&format!("category {}", category.name), before, &held, &holds)
            }),
            Node::Room(id) => self.rooms.get(&id).and_then(|room| {
                let at = Some((room, self.categories.get(&room.category)?));
                compared(&about(room), before, &in_room(at, before), &in_room(at, after))
            }),
        };
        self.access.note(line);
    }

    /// Reads what is not known yet, as far as there is room for it.
    async fn read(&mut self, errand: &Errand<'_>, held: &[Holding]) -> Result<(), AdminError> {
        let mut rooms: Vec<RoomId> = Vec::new();
        let mut seen: HashSet<RoomId> = HashSet::new();
        for holding in held {
            if let Node::Room(id) = holding.node
                && !self.rooms.contains_key(&id)
                && seen.insert(id)
            {
                rooms.push(id);
            }
        }
        let fit = NODES_MAX.saturating_sub(self.rooms.len());
        self.access.cut |= rooms.len() > fit;
        rooms.truncate(fit);
        for chunk in rooms.chunks(crowd::CHUNK) {
            let read = errand.store.rooms_of(chunk.to_vec()).await?;
            self.rooms.extend(read.into_iter().map(|room| (room.id, room)));
        }
        let homes: HashSet<CategoryId> = held
            .iter()
            .map(|holding| holding.category)
            .chain(self.rooms.values().map(|room| room.category))
            .collect();
        for id in homes {
            if self.categories.contains_key(&id) {
                continue;
            }
            if self.categories.len() >= NODES_MAX {
                self.access.cut = true;
                break;
            }
            self.categories.extend(errand.store.category(id).await?.map(|category| (id, category)));
        }
        Ok(())
    }
}

/// The principals by which a person may have something after that it has not now, or the other way round: those that stand for it
/// in one of the two states, and all of them when it is another person for every rule.
fn ways(before: &Person, after: &Person) -> Vec<Principal> {
    let ruled = |person: &Person| (person.state, person.chat, person.roles);
    let (was, is) = (standing_for(before), standing_for(after));
    if ruled(before) != ruled(after) {
        return was.union(&is).cloned().collect();
    }
    if before.state != PersonState::Enabled {
        return Vec::new();
    }
    was.symmetric_difference(&is).cloned().collect()
}

/// The principals that stand for a person.
pub(super) fn standing_for(person: &Person) -> HashSet<Principal> {
    let groups = person.ancestors.as_slice().iter().map(|id| Principal::Group(*id));
    let domain = Domain::parse(person.address.domain()).ok().map(Principal::Domain);
    groups.chain(domain).chain([Principal::Person(person.id)]).collect()
}
