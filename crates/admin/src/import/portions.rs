//! The steps of an import, gathered into transactions of a few hundred changes, all under one number; each tells what it changed.
//! A portion that was written stays written: the next import of the same file finds the rest.

use std::collections::{HashMap, HashSet};

use chat::{DisplayName, GroupId, GroupKind, PersonState, Role, Roles};
use directory::{Added, Alteration, Altered, Gone, ObjectKind, Plan, Step};
use store::{DirectoryEntry, GroupDraft, Member, PersonDraft, RowChange, RowDone};
use uuid::Uuid;

use super::known::{Kept, Known, domain_of};
use super::{PORTION, report};
use crate::errand::Errand;
use crate::error::AdminError;
use crate::outcome::Changed;
use crate::unfinished::Unfinished;

/// Memberships one transaction writes: those of some hundred groups, or of one large one (ours: a few milliseconds, in which posts
/// wait).
const MEMBERSHIPS: usize = 20 * PORTION;

/// Steps on their way into the store.
pub(super) struct Portions<'a, 'e> {
    errand: &'a Errand<'e>,
    known: Known,
    source: &'a str,
    /// Of which kind the steps at hand are.
    phase: Option<Phase>,
    rows: Vec<RowChange>,
    /// What changes by the rows.
    told: Vec<Changed>,
    /// The roles of people whom the rows change.
    roles: Vec<Role>,
    /// What the rows make: it has no number yet.
    made: HashSet<Uuid>,
    /// The number of the operation, once something was written.
    operation: &'a mut Option<u64>,
    /// Who comes into groups, and who goes.
    members: HashMap<GroupId, Moves>,
    /// How many these are.
    moves: usize,
}

/// Who comes into a group, and who goes.
struct Moves {
    name: DisplayName,
    add: Vec<Member>,
    remove: Vec<Member>,
}

/// Steps that do not stand on each other, but on those before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Remove,
    AddGroups,
    AlterGroups,
    AlterPeople,
    AddPeople,
    Members,
}

impl Phase {
    fn of(step: &Step<'_>) -> Self {
        match step {
            Step::Remove(_) => Self::Remove,
            Step::Add(added) if added.kind == ObjectKind::Person => Self::AddPeople,
            Step::Add(_) => Self::AddGroups,
            Step::Alter(altered) if altered.kind == ObjectKind::Person => Self::AlterPeople,
            Step::Alter(_) => Self::AlterGroups,
            Step::Part(..) | Step::Join(..) => Self::Members,
        }
    }
}

impl<'a, 'e> Portions<'a, 'e> {
    /// Portions of an operation, the first or, when it has a number already, further ones.
    pub(super) fn new(
        errand: &'a Errand<'e>,
        known: Known,
        source: &'a str,
        operation: &'a mut Option<u64>,
    ) -> Self {
        Self {
            errand,
            known,
            source,
            phase: None,
            rows: Vec::new(),
            told: Vec::new(),
            roles: Vec::new(),
            made: HashSet::new(),
            operation,
            members: HashMap::new(),
            moves: 0,
        }
    }

    /// Frees the addresses that somebody else gets: two people may swap theirs. Who holds one is gone until he gets his own.
    pub(super) async fn free(&mut self, plan: &Plan) -> Result<(), AdminError> {
        let address = |alteration: &Alteration| match alteration {
            Alteration::Address { after, .. } => Some(after.clone()),
            _ => None,
        };
        let mut wanted: HashSet<_> =
            plan.readdressed().flat_map(|altered| altered.alterations.iter().filter_map(address)).collect();
        // Who comes back takes his own again, which may have been given away meanwhile.
        let was_gone = |alteration: &Alteration| {
            matches!(alteration, Alteration::State { before: PersonState::Removed, .. })
        };
        let back = plan.altered.iter().filter(|altered| altered.alterations.iter().any(was_gone));
        let own = back.filter_map(|altered| self.known.rows.get(&altered.guid));
        wanted.extend(own.filter_map(|kept| kept.address.clone()));
        for altered in plan.readdressed() {
            let Some(kept) = self.known.rows.get(&altered.guid).cloned() else { continue };
            if let Some(held) = kept.address.as_ref().filter(|held| wanted.contains(held)) {
                self.told.push(report::freed(altered, held));
                self.put(altered.guid, &kept, true);
                self.flush_full().await?;
            }
        }
        self.flush().await
    }

    pub(super) async fn take(&mut self, step: Step<'_>) -> Result<(), AdminError> {
        let phase = Phase::of(&step);
        if self.phase != Some(phase) {
            self.flush().await?;
            self.phase = Some(phase);
        }
        match step {
            Step::Remove(gone) => self.gone(gone),
            Step::Add(added) => {
                // A container that comes must have its number before anything is put into it.
                if added.container.is_some_and(|container| self.made.contains(&container)) {
                    self.flush().await?;
                }
                self.add(added);
            }
            Step::Alter(altered) => self.alter(altered),
            Step::Part(group, member) => self.membership(group, member, false),
            Step::Join(group, member) => self.membership(group, member, true),
        }
        self.flush_full().await
    }

    /// Writes what is left.
    pub(super) async fn finish(mut self) -> Result<(), AdminError> {
        self.flush().await
    }

    fn gone(&mut self, gone: &Gone) {
        if let Some(kept) = self.known.rows.get(&gone.guid).cloned() {
            self.told.push(report::gone(gone));
            self.put(gone.guid, &kept, true);
            self.revoke(gone.guid, &kept);
        }
    }

    /// Takes the roles of a person who goes: whoever comes back is granted them anew. Who only gets another address keeps them.
    fn revoke(&mut self, guid: Uuid, kept: &Kept) {
        if let Some(id) = self.known.people.get(&guid) {
            self.rows.extend(kept.roles.iter().map(|role| RowChange::RevokeRole(*id, role)));
            self.told.extend(report::revoked(kept));
        }
    }

    fn add(&mut self, added: &Added) {
        let kept = Kept {
            name: added.name.as_str().to_owned(),
            name_folded: added.name.folded().to_owned(),
            display_name: added.display_name.clone(),
            address: added.address.clone(),
            enabled: added.enabled,
            bot: false,
            parent: added.container.and_then(|guid| self.known.groups.get(&guid).copied()),
            mail: added.mail.as_deref().map(str::to_owned),
            kind: added.kind,
            standing: None,
            roles: Roles::default(),
        };
        let entry = self.entry(added.guid, &kept, false);
        let row = match &kept.address {
            Some(address) => RowChange::NewPerson(PersonDraft {
                enabled: kept.enabled,
                entry: Some(entry),
                ..PersonDraft::local(address.clone(), kept.display_name.clone())
            }),
            None => RowChange::NewGroup(group_draft(&kept, entry)),
        };
        self.rows.push(row);
        self.told.push(report::added(added));
        self.made.insert(added.guid);
        self.known.rows.insert(added.guid, kept);
    }

    fn alter(&mut self, altered: &Altered) {
        let Some(mut kept) = self.known.rows.get(&altered.guid).cloned() else { return };
        kept.name = altered.name.as_str().to_owned();
        kept.name_folded = altered.name.folded().to_owned();
        kept.display_name = altered.display_name.clone();
        for alteration in &altered.alterations {
            match alteration {
                Alteration::Address { after, .. } => kept.address = Some(after.clone()),
                Alteration::Mail { after, .. } => kept.mail = after.as_deref().map(str::to_owned),
                Alteration::State { after, .. } => kept.enabled = *after == PersonState::Enabled,
                Alteration::Container { after, .. } => {
                    kept.parent = after.and_then(|guid| self.known.groups.get(&guid).copied());
                }
                Alteration::Name { .. } | Alteration::DisplayName { .. } => {}
            }
        }
        self.told.extend(report::altered(altered));
        self.put(altered.guid, &kept, false);
        self.known.rows.insert(altered.guid, kept);
    }

    /// Changes the row of something that is known.
    fn put(&mut self, guid: Uuid, kept: &Kept, gone: bool) {
        let entry = self.entry(guid, kept, gone);
        if let (Some(id), Some(address)) = (self.known.people.get(&guid), &kept.address) {
            let draft = PersonDraft {
                enabled: kept.enabled && !gone,
                bot: kept.bot,
                entry: Some(entry),
                ..PersonDraft::local(address.clone(), kept.display_name.clone())
            };
            self.roles.extend(kept.roles.iter());
            self.rows.push(RowChange::SetPerson { id: *id, expected_standing: kept.standing, draft });
        } else if let Some(id) = self.known.groups.get(&guid) {
            let draft = group_draft(kept, entry);
            self.rows.push(RowChange::SetGroup { id: *id, expected_version: None, draft });
        }
    }

    fn entry(&self, guid: Uuid, kept: &Kept, gone: bool) -> DirectoryEntry {
        DirectoryEntry {
            source: self.source.to_owned(),
            guid,
            name: kept.name.clone(),
            name_folded: kept.name_folded.clone(),
            parent: kept.parent,
            mail: kept.mail.clone(),
            gone,
        }
    }

    fn membership(&mut self, group: Uuid, member: directory::Member, joins: bool) {
        let member = match member.kind {
            ObjectKind::Person => self.known.people.get(&member.guid).map(|id| Member::Person(*id)),
            _ => self.known.groups.get(&member.guid).map(|id| Member::Group(*id)),
        };
        let (found, kept) = (self.known.groups.get(&group), self.known.rows.get(&group));
        if let (Some(group), Some(kept), Some(member)) = (found, kept, member) {
            let name = || kept.display_name.clone();
            let moves = || Moves { name: name(), add: Vec::new(), remove: Vec::new() };
            let moves = self.members.entry(*group).or_insert_with(moves);
            if joins { &mut moves.add } else { &mut moves.remove }.push(member);
            self.moves += 1;
        }
    }

    async fn flush_full(&mut self) -> Result<(), AdminError> {
        if self.rows.len() >= PORTION || self.moves >= MEMBERSHIPS { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), AdminError> {
        let mut rows = std::mem::take(&mut self.rows);
        let mut members: Vec<_> = self.members.drain().collect();
        members.sort_by_key(|(group, _)| *group);
        let mut told = std::mem::take(&mut self.told);
        for (group, Moves { name, add, remove }) in members {
            told.push(report::members(&name, remove.len(), add.len()));
            rows.push(RowChange::SetMembers { group, add, remove });
        }
        self.moves = 0;
        if rows.is_empty() {
            return Ok(());
        }
        if self.operation.is_none() {
            // Until it is settled who belongs to what, a stop leaves that to the next start.
            rows.push(Unfinished::Belonging.begun());
        }
        let _turn = self.errand.turns.memberships.lock().await;
        let roles = std::mem::take(&mut self.roles);
        let done = self.errand.write_above(&roles, &told, rows, *self.operation).await?;
        *self.operation = Some(done.operation);
        for one in done.done {
            if let RowDone::Person(person) = &one
                && let Some(kept) = self.known.rows.get_mut(&person.guid)
            {
                kept.standing = Some(person.standing);
            }
            match one {
                RowDone::Person(person) if self.made.contains(&person.guid) => {
                    self.known.people.insert(person.guid, person.id);
                }
                RowDone::Group(group) if self.made.contains(&group.guid) => {
                    self.known.groups.insert(group.guid, group.id);
                }
                _ => {}
            }
        }
        self.made.clear();
        Ok(())
    }
}

fn group_draft(kept: &Kept, entry: DirectoryEntry) -> GroupDraft {
    GroupDraft {
        name: kept.display_name.clone(),
        kind: match kept.kind {
            ObjectKind::Container => GroupKind::Container,
            ObjectKind::Domain => GroupKind::Domain,
            ObjectKind::Group | ObjectKind::Person => GroupKind::Group,
        },
        domain: domain_of(&kept.name_folded),
        entry: Some(entry),
    }
}
