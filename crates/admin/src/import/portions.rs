//! The steps of an import, gathered into transactions of a few hundred changes, all under one number.
//! A portion that was written stays written: the next import of the same file finds the rest.

use std::collections::HashMap;

use chat::{GroupId, GroupKind};
use directory::{Added, Alteration, Altered, Gone, ObjectKind, Plan, Step};
use store::{DirectoryEntry, GroupDraft, Member, PersonDraft, RowChange, RowDone};
use uuid::Uuid;

use super::PORTION;
use super::known::{Kept, Known, domain_of};
use crate::changes::Work;
use crate::errand::Errand;
use crate::error::AdminError;

/// Steps on their way into the store.
pub(super) struct Portions<'a, 'e> {
    errand: &'a Errand<'e>,
    known: Known,
    source: String,
    rows: Vec<RowChange>,
    /// What the rows make, in their order, so that their numbers are found.
    made: Vec<Uuid>,
    operation: Option<u64>,
    /// Members of the group at hand, who come and go.
    members: HashMap<GroupId, (Vec<Member>, Vec<Member>)>,
    /// Nothing was taken yet but the addresses that are freed.
    first: bool,
}

impl<'a, 'e> Portions<'a, 'e> {
    pub(super) fn new(errand: &'a Errand<'e>, known: Known, source: String, plan: &Plan) -> Self {
        let mut portions = Self {
            errand,
            known,
            source,
            rows: Vec::new(),
            made: Vec::new(),
            operation: None,
            members: HashMap::new(),
            first: true,
        };
        // Two people may swap their addresses: these are free before any is given out.
        for altered in plan.readdressed() {
            if let Some(kept) = portions.known.rows.get(&altered.guid).cloned() {
                portions.put(altered.guid, &kept, true);
            }
        }
        portions
    }

    pub(super) async fn take(&mut self, step: Step<'_>) -> Result<(), AdminError> {
        if self.first {
            self.first = false;
            self.flush().await?;
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
            Step::Alter(altered) => {
                if self.rows.len() == self.made.len() && !self.made.is_empty() {
                    self.flush().await?;
                }
                self.alter(altered);
            }
            Step::Part(group, member) => self.membership(group, member, false).await?,
            Step::Join(group, member) => self.membership(group, member, true).await?,
        }
        if self.rows.len() >= PORTION
            || self.members.values().map(|(a, r)| a.len() + r.len()).sum::<usize>() >= 20 * PORTION
        {
            self.flush().await?;
        }
        Ok(())
    }

    /// Writes what is left; the number of the operation, if anything was written.
    pub(super) async fn finish(mut self) -> Result<Option<u64>, AdminError> {
        self.flush().await?;
        Ok(self.operation)
    }

    fn gone(&mut self, gone: &Gone) {
        if let Some(kept) = self.known.rows.get(&gone.guid).cloned() {
            self.put(gone.guid, &kept, true);
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
            mail: None,
            kind: added.kind,
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
        self.made.push(added.guid);
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
                Alteration::State { after, .. } => kept.enabled = *after == chat::PersonState::Enabled,
                Alteration::Container { after, .. } => {
                    kept.parent = after.and_then(|guid| self.known.groups.get(&guid).copied());
                }
                Alteration::Name { .. } | Alteration::DisplayName { .. } => {}
            }
        }
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
            self.rows.push(RowChange::SetPerson { id: *id, expected_standing: None, draft });
        } else if let Some(id) = self.known.groups.get(&guid) {
            let draft = group_draft(kept, entry);
            self.rows.push(RowChange::SetGroup { id: *id, expected_version: None, draft });
        }
    }

    fn entry(&self, guid: Uuid, kept: &Kept, gone: bool) -> DirectoryEntry {
        DirectoryEntry {
            source: self.source.clone(),
            guid,
            name: kept.name.clone(),
            name_folded: kept.name_folded.clone(),
            parent: kept.parent,
            mail: kept.mail.clone(),
            gone,
        }
    }

    async fn membership(
        &mut self,
        group: Uuid,
        member: directory::Member,
        joins: bool,
    ) -> Result<(), AdminError> {
        if !self.rows.is_empty() {
            // Whoever is a member must have a number first.
            self.flush().await?;
        }
        let member = match member.kind {
            ObjectKind::Person => self.known.people.get(&member.guid).map(|id| Member::Person(*id)),
            _ => self.known.groups.get(&member.guid).map(|id| Member::Group(*id)),
        };
        if let (Some(group), Some(member)) = (self.known.groups.get(&group), member) {
            let (add, remove) = self.members.entry(*group).or_default();
            if joins { add.push(member) } else { remove.push(member) }
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), AdminError> {
        let mut rows = std::mem::take(&mut self.rows);
        let mut members: Vec<_> = self.members.drain().collect();
        members.sort_by_key(|(group, _)| *group);
        rows.extend(members.into_iter().map(|(group, (add, remove))| RowChange::SetMembers {
            group,
            add,
            remove,
        }));
        if rows.is_empty() {
            return Ok(());
        }
        let done = self.errand.write_part(&Work::default(), rows, self.operation).await?;
        self.operation = Some(done.operation);
        let mut made = std::mem::take(&mut self.made).into_iter();
        for one in done.done {
            match one {
                RowDone::Person(person) if !self.known.people.contains_key(&person.guid) => {
                    self.known.people.insert(person.guid, person.id);
                    made.next();
                }
                RowDone::Group(group) if !self.known.groups.contains_key(&group.guid) => {
                    self.known.groups.insert(group.guid, group.id);
                    made.next();
                }
                _ => {}
            }
        }
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
