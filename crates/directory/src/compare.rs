//! What a source changes: the census of it beside what is known, object by object and membership by membership.
//! Pure: asks no store and writes nothing. The identity is the GUID, so whoever is renamed or moved stays who they are.

use std::collections::HashMap;
use std::fmt;

use chat::{Address, DisplayName, PersonState};
use uuid::Uuid;

use crate::census::{Census, Listed};
use crate::distinguished_name::DistinguishedName;
use crate::plan::{Added, Alteration, Altered, Gone, LeftOut, Member, MembershipChange, Plan};
use crate::source::ObjectKind;

/// Most conflicts that an error lists; all are counted (ours: more is nothing to read).
const CONFLICTS_MAX: usize = 100;

/// All principals that are known now, those of other sources and the local ones included.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Present {
    /// The principals, each GUID once.
    pub objects: Vec<Known>,
    /// Direct memberships as (group, member), by place in `objects`; in any order.
    pub memberships: Vec<(u32, u32)>,
}

/// A principal that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// The identity.
    pub guid: Uuid,
    /// What it is.
    pub kind: ObjectKind,
    /// The distinguished name; local ones have none.
    pub name: Option<DistinguishedName>,
    /// What people read.
    pub display_name: DisplayName,
    /// Where a person is reached.
    pub address: Option<Address>,
    /// Whether a person may sign on. What is no person is `Enabled`, or `Removed` once it was gone.
    pub state: PersonState,
    /// The mail address, as it was written.
    pub mail: Option<Box<str>>,
    /// The container or domain that holds it, as it is kept; also one that is gone.
    pub container: Option<Uuid>,
    /// Whether it came from the source that is compared. What did not is never changed.
    pub is_of_source: bool,
    /// Whether a person is disabled here, whatever the source says.
    pub is_held: bool,
}

/// What a source says cannot be so beside what is known: nothing can be done before this is put right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflicts {
    /// The first of them.
    pub listed: Vec<Conflict>,
    /// How many there are.
    pub count: usize,
}

/// Two that cannot both be so.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Conflict {
    /// Two people would have one address.
    #[error(
        "{address} would be the address of two people, {first} and {second}: give one of them another address"
    )]
    Address {
        /// The address.
        address: Address,
        /// Who has it, or is named first.
        first: Holder,
        /// Who has it too.
        second: Holder,
    },
    /// A group that became a person, or the like.
    #[error(
        "{found} has the GUID of a {known:?} that is known: an object cannot become another kind; export it with a GUID of its own"
    )]
    Kind {
        /// What the source says.
        found: Holder,
        /// What is known.
        known: ObjectKind,
    },
    /// The object came from elsewhere.
    #[error(
        "{found} has the GUID of {known}: import it under the name of the source it came from, or leave it out"
    )]
    OtherSource {
        /// What the source says.
        found: Holder,
        /// What is known.
        known: Holder,
    },
}

/// Somebody in an error, to be found again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Holder {
    /// An object of the source: its name and its line.
    Listed(DistinguishedName, u64),
    /// One that is known: what people read, the name if it has one, and whether it is of another source or local.
    Known(DisplayName, Option<DistinguishedName>),
}

/// Compares.
///
/// # Errors
/// [`Conflicts`] when a GUID or an address of the source is taken already. An address is free when its holder is gone in the same
/// plan, or gets another one.
pub fn compare(census: &Census, present: &Present) -> Result<Plan, Conflicts> {
    let mut comparison = Comparison::of(census, present);
    comparison.objects();
    comparison.removals();
    comparison.addresses();
    if !comparison.conflicts.listed.is_empty() {
        return Err(comparison.conflicts);
    }
    comparison.memberships();
    Ok(comparison.ordered())
}

/// A comparison under way.
struct Comparison<'a> {
    census: &'a Census,
    present: &'a Present,
    by_guid: HashMap<Uuid, u32>,
    /// Known containers and domains of the source by folded name.
    containers: HashMap<&'a str, u32>,
    /// For each listed object whether it becomes or stays a principal.
    kept: Vec<bool>,
    /// For each known one its number in the census.
    listed: Vec<Option<u32>>,
    plan: Plan,
    conflicts: Conflicts,
}

impl<'a> Comparison<'a> {
    fn of(census: &'a Census, present: &'a Present) -> Self {
        let by_guid = (0..).zip(&present.objects).map(|(at, known)| (known.guid, at)).collect();
        let holds = |known: &Known| {
            known.is_of_source
                && known.state != PersonState::Removed
                && matches!(known.kind, ObjectKind::Container | ObjectKind::Domain)
        };
        let containers = (0..)
            .zip(&present.objects)
            .filter(|(_, known)| holds(known))
            .filter_map(|(at, known)| Some((known.name.as_ref()?.folded(), at)))
            .collect();
        let is_enabled = |known: &&Known| {
            known.is_of_source && known.kind == ObjectKind::Person && known.state == PersonState::Enabled
        };
        let plan = Plan {
            source: census.source().to_owned(),
            added: Vec::new(),
            altered: Vec::new(),
            gone: Vec::new(),
            memberships: Vec::new(),
            unchanged: 0,
            held: Vec::new(),
            enabled_now: present.objects.iter().filter(is_enabled).count() as u64,
            left_out: LeftOut {
                not_sip_enabled: 0,
                outside: census.outside(),
                passed_over: census.passed_over().clone(),
            },
        };
        Self {
            census,
            present,
            by_guid,
            containers,
            kept: vec![true; census.objects().len()],
            listed: vec![None; present.objects.len()],
            plan,
            conflicts: Conflicts { listed: Vec::new(), count: 0 },
        }
    }

    /// Every object of the source: new, altered, as it was, or nothing.
    fn objects(&mut self) {
        for (number, found) in (0..).zip(self.census.objects()) {
            let place = self.by_guid.get(&found.guid).copied();
            let known = place.map(|place| &self.present.objects[place as usize]);
            if found.kind == ObjectKind::Person
                && found.address.is_none()
                && known.is_none_or(|known| known.state == PersonState::Removed)
            {
                self.kept[number as usize] = false;
                self.plan.left_out.not_sip_enabled += 1;
                continue;
            }
            let (Some(place), Some(known)) = (place, known) else {
                self.add(number, found);
                continue;
            };
            if !known.is_of_source {
                self.conflict(Conflict::OtherSource { found: found.into(), known: known.into() });
            } else if known.kind != found.kind {
                self.conflict(Conflict::Kind { found: found.into(), known: known.kind });
            } else {
                self.listed[place as usize] = Some(number);
                self.alter(number, found, known);
            }
        }
    }

    fn add(&mut self, number: u32, found: &Listed) {
        self.plan.added.push(Added {
            guid: found.guid,
            kind: found.kind,
            name: found.name.clone(),
            display_name: found.display_name.clone(),
            address: found.address.clone(),
            enabled: found.enabled,
            mail: found.mail.clone(),
            container: self.container(number),
        });
    }

    fn alter(&mut self, number: u32, found: &Listed, known: &Known) {
        let mut alterations = Vec::new();
        let is_same_name = known.name.as_ref().is_some_and(|name| name.as_str() == found.name.as_str());
        if !is_same_name {
            alterations.push(Alteration::Name { before: known.name.clone(), after: found.name.clone() });
        }
        if known.display_name != found.display_name {
            let (before, after) = (known.display_name.clone(), found.display_name.clone());
            alterations.push(Alteration::DisplayName { before, after });
        }
        if let Some(after) = found.address.as_ref().filter(|after| known.address.as_ref() != Some(after)) {
            alterations.push(Alteration::Address { before: known.address.clone(), after: after.clone() });
        }
        if known.kind == ObjectKind::Person && known.mail != found.mail {
            alterations.push(Alteration::Mail { before: known.mail.clone(), after: found.mail.clone() });
        }
        let mut after = state(found);
        if known.is_held && after == PersonState::Enabled {
            after = PersonState::Disabled;
            self.plan.held.extend(found.address.clone().or_else(|| known.address.clone()));
        }
        if known.state != after {
            alterations.push(Alteration::State { before: known.state, after });
        }
        let (before, after) = (known.container, self.container(number));
        if before != after {
            alterations.push(Alteration::Container { before, after });
        }
        if alterations.is_empty() {
            self.plan.unchanged += 1;
            return;
        }
        let is_same_part = |name: &DistinguishedName| name.relative() == found.name.relative();
        self.plan.altered.push(Altered {
            guid: found.guid,
            kind: found.kind,
            name: found.name.clone(),
            display_name: found.display_name.clone(),
            alterations,
            is_moved: self.is_moved(found, known),
            is_renamed: known.display_name != found.display_name
                || !known.name.as_ref().is_some_and(is_same_part),
        });
    }

    /// Whether what holds it is another object, and not only called something else.
    fn is_moved(&self, found: &Listed, known: &Known) -> bool {
        let (before, after) =
            (known.name.as_ref().and_then(|name| name.ancestors().next()), found.name.ancestors().next());
        if before == after {
            return false;
        }
        let guid_before = before.and_then(|name| self.containers.get(name));
        let guid_before = guid_before.map(|place| self.present.objects[*place as usize].guid);
        let guid_after = after.and_then(|name| self.census.find_name(name));
        let guid_after = guid_after.map(|number| self.census.objects()[number as usize].guid);
        guid_before.is_none() || guid_before != guid_after
    }

    /// The container of a listed object.
    fn container(&self, number: u32) -> Option<Uuid> {
        let container = self.census.container(number)?;
        Some(self.census.objects()[container as usize].guid)
    }

    /// What is known of the source and not in it any more.
    fn removals(&mut self) {
        for (known, listed) in self.present.objects.iter().zip(&self.listed) {
            if !known.is_of_source || known.state == PersonState::Removed || self.is_in_census(known, *listed)
            {
                continue;
            }
            self.plan.gone.push(Gone {
                guid: known.guid,
                kind: known.kind,
                name: known.name.clone(),
                display_name: known.display_name.clone(),
                address: known.address.clone(),
                was_enabled: known.kind == ObjectKind::Person && known.state == PersonState::Enabled,
            });
        }
    }

    /// Whether the source has it: as what it is, or as something in conflict with it.
    fn is_in_census(&self, known: &Known, listed: Option<u32>) -> bool {
        listed.is_some() || self.census.find(known.guid).is_some()
    }

    /// No two people may have one address when the plan is done.
    fn addresses(&mut self) {
        let mut holders: HashMap<&Address, Holder> = HashMap::new();
        for (known, listed) in self.present.objects.iter().zip(&self.listed) {
            let stays = match listed {
                // Somebody who is not SIP-enabled any more keeps the address.
                Some(number) => self.census.objects()[*number as usize].address.is_none(),
                None => !known.is_of_source,
            };
            if let Some(address) = known.address.as_ref()
                && stays
                && known.state != PersonState::Removed
            {
                holders.insert(address, known.into());
            }
        }
        let mut conflicts = Vec::new();
        for found in self.census.objects() {
            let Some(address) = &found.address else { continue };
            if let Some(first) = holders.insert(address, found.into()) {
                conflicts.push(Conflict::Address { address: address.clone(), first, second: found.into() });
            }
        }
        for conflict in conflicts {
            self.conflict(conflict);
        }
    }

    /// Who joins and who leaves, among groups and members of this source.
    fn memberships(&mut self) {
        let mut before: Vec<(u32, u32)> = Vec::new();
        let mut left: HashMap<u32, Vec<Member>> = HashMap::new();
        for (group, member) in &self.present.memberships {
            let (Some(group), member) = (self.listed[*group as usize], *member as usize) else { continue };
            let known = &self.present.objects[member];
            match self.listed[member] {
                Some(member) => before.push((group, member)),
                None if known.is_of_source => {
                    left.entry(group).or_default().push(Member { kind: known.kind, guid: known.guid });
                }
                // Somebody of elsewhere, of whose membership this source knows nothing.
                None => (),
            }
        }
        before.sort_unstable();
        before.dedup();
        let mut joined: HashMap<u32, Vec<Member>> = HashMap::new();
        let now = self.census.memberships().iter().copied();
        let now = now.filter(|(group, member)| self.kept[*group as usize] && self.kept[*member as usize]);
        differ(
            before.into_iter(),
            now,
            |(group, member)| left.entry(group).or_default().push(self.member(member)),
            |(group, member)| joined.entry(group).or_default().push(self.member(member)),
        );
        let mut groups: Vec<u32> = left.keys().chain(joined.keys()).copied().collect();
        groups.sort_unstable();
        groups.dedup();
        for number in groups {
            let group = &self.census.objects()[number as usize];
            let mut change = MembershipChange {
                group: group.guid,
                display_name: group.display_name.clone(),
                joined: joined.remove(&number).unwrap_or_default(),
                left: left.remove(&number).unwrap_or_default(),
            };
            change.joined.sort_unstable();
            change.left.sort_unstable();
            self.plan.memberships.push(change);
        }
    }

    fn member(&self, number: u32) -> Member {
        let object = &self.census.objects()[number as usize];
        Member { kind: object.kind, guid: object.guid }
    }

    fn conflict(&mut self, conflict: Conflict) {
        self.conflicts.count += 1;
        if self.conflicts.listed.len() < CONFLICTS_MAX {
            self.conflicts.listed.push(conflict);
        }
    }

    fn ordered(self) -> Plan {
        let mut plan = self.plan;
        plan.added.sort_by_key(|added| rank(added.kind, &added.name));
        plan.altered.sort_by_key(|altered| rank(altered.kind, &altered.name));
        plan.gone.sort_by_key(|gone| {
            let rank = gone.name.as_ref().map_or((gone.kind, 0), |name| rank(gone.kind, name));
            std::cmp::Reverse(rank)
        });
        plan
    }
}

/// What holds others stands before what it holds.
fn rank(kind: ObjectKind, name: &DistinguishedName) -> (ObjectKind, usize) {
    let depth = match kind {
        ObjectKind::Domain | ObjectKind::Container => name.depth(),
        ObjectKind::Group | ObjectKind::Person => 0,
    };
    (kind, depth)
}

/// What a listed object is from now on. Somebody without an address cannot sign on.
fn state(found: &Listed) -> PersonState {
    let is_reachable = found.kind != ObjectKind::Person || found.address.is_some();
    if found.enabled && is_reachable { PersonState::Enabled } else { PersonState::Disabled }
}

/// Goes through two lists in rising order and says what only one of them has.
fn differ<T: Ord + Copy>(
    before: impl Iterator<Item = T>,
    after: impl Iterator<Item = T>,
    mut only_before: impl FnMut(T),
    mut only_after: impl FnMut(T),
) {
    let (mut before, mut after) = (before.peekable(), after.peekable());
    loop {
        match (before.peek().copied(), after.peek().copied()) {
            (Some(old), Some(new)) if old == new => {
                before.next();
                after.next();
            }
            (Some(old), new) if new.is_none_or(|new| old < new) => {
                only_before(old);
                before.next();
            }
            (_, Some(new)) => {
                only_after(new);
                after.next();
            }
            (_, None) => return,
        }
    }
}

impl From<&Listed> for Holder {
    fn from(listed: &Listed) -> Self {
        Self::Listed(listed.name.clone(), listed.line)
    }
}

impl From<&Known> for Holder {
    fn from(known: &Known) -> Self {
        Self::Known(known.display_name.clone(), known.name.clone())
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed(name, 0) => write!(f, "'{name}'"),
            Self::Listed(name, line) => write!(f, "'{name}' (line {line})"),
            Self::Known(_, Some(name)) => write!(f, "'{name}' (known already)"),
            Self::Known(display_name, None) => write!(f, "'{display_name}' (a local account)"),
        }
    }
}

impl fmt::Display for Conflicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, conflict) in self.listed.iter().enumerate() {
            write!(f, "{}{conflict}", if at == 0 { "" } else { "\n" })?;
        }
        match self.count - self.listed.len() {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for Conflicts {}
