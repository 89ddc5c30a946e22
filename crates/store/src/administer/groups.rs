//! Groups, containers and directory domains: made, changed, removed; their members, and what everybody belongs to by them.
//! Works out no affiliation: the caller does, from memberships of the number it names.

use chat::{Ancestors, Change, GroupId, PersonId, Subject};

use super::lists::Unlisted;
use super::{Desk, fresh};
use crate::change::{GroupDraft, Member, RowDone};
use crate::engine::{int, params};
use crate::fault::AdminFault;
use crate::hash::digest;
use crate::members::{Members, forget};
use crate::principals::{groups, kind_code, set_bytes};

impl Desk<'_, '_> {
    pub(super) fn new_group(&mut self, draft: &GroupDraft) -> Result<RowDone, AdminFault> {
        let entry = draft.entry.as_ref();
        let guid = entry.map_or_else(|| self.batch.guid(), |entry| entry.guid);
        let made = self.batch.conn.insert_unless_taken("INSERT INTO principal_group (guid, kind, source, name, folded, dn, dn_folded, parent, domain, gone, version)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1) ON CONFLICT DO NOTHING", params![
                guid.as_bytes(),
                kind_code(draft.kind),
                entry.map(|entry| entry.source.as_str()),
                draft.name.as_str(),
                chat::folded(draft.name.as_str()),
                entry.map(|entry| entry.name.as_str()),
                entry.map(|entry| entry.name_folded.as_str()),
                entry.and_then(|entry| entry.parent).map(|parent| parent.0),
                draft.domain.as_ref().map(chat::Domain::as_str),
                entry.is_some_and(|entry| entry.gone)
            ])?;
        let Some(id) = made else { return Err(AdminFault::DuplicateGroup) };
        let id = u32::try_from(id).expect("groups are far fewer than 2^32");
        self.graph_moved = true;
        self.tell(Subject::Group(GroupId(id)), Change::Created);
        self.group_now(GroupId(id))
    }

    pub(super) fn set_group(
        &mut self,
        id: GroupId,
        expected: Option<u64>,
        draft: &GroupDraft,
    ) -> Result<RowDone, AdminFault> {
        let version = self.group_version(id)?;
        fresh(expected, version)?;
        let entry = draft.entry.as_ref();
        let set = self.batch.conn.update_unless_taken(
            "UPDATE principal_group SET name = ?1, folded = ?2, dn = ?3, dn_folded = ?4, parent = ?5,
                        domain = ?6, gone = ?7, version = ?8 WHERE id = ?9",
            params![
                draft.name.as_str(),
                chat::folded(draft.name.as_str()),
                entry.map(|entry| entry.name.as_str()),
                entry.map(|entry| entry.name_folded.as_str()),
                entry.and_then(|entry| entry.parent).map(|parent| parent.0),
                draft.domain.as_ref().map(chat::Domain::as_str),
                entry.is_some_and(|entry| entry.gone),
                int(version + 1),
                id.0
            ],
        )?;
        if set == 0 {
            return Err(AdminFault::DuplicateGroup);
        }
        self.graph_moved = true;
        self.tell(Subject::Group(id), Change::Changed);
        self.group_now(id)
    }

    pub(super) fn remove_group(&mut self, id: GroupId) -> Result<RowDone, AdminFault> {
        self.group_version(id)?;
        self.unlist(Unlisted::Group, id.0.into())?;
        let conn = self.batch.conn;
        self.left(Member::Group(id))?;
        let set = self.affiliated(Member::Group(id))?.flatten();
        for sql in [
            "DELETE FROM members WHERE grp = ?1",
            "UPDATE person SET parent = NULL WHERE parent = ?1",
            "UPDATE principal_group SET parent = NULL WHERE parent = ?1",
            "DELETE FROM principal_group WHERE id = ?1",
        ] {
            conn.execute(sql, params![id.0])?;
        }
        self.release(set)?;
        self.graph_moved = true;
        self.tell(Subject::Group(id), Change::Removed);
        Ok(RowDone::Removed(Subject::Group(id)))
    }

    pub(super) fn set_members(
        &mut self,
        group: GroupId,
        add: &[Member],
        remove: &[Member],
    ) -> Result<RowDone, AdminFault> {
        let version = self.group_version(group)?;
        self.known(add)?;
        let conn = self.batch.conn;
        let mut members = Members::of(conn, group)?;
        if members.change(add, remove) {
            members.keep(conn, group)?;
            conn.execute(
                "UPDATE principal_group SET version = ?1 WHERE id = ?2",
                params![int(version + 1), group.0],
            )?;
            self.graph_moved = true;
            self.tell(Subject::Group(group), Change::Changed);
        }
        self.group_now(group)
    }

    /// Refuses members that there are not. People who were removed meanwhile are found by the number of the memberships.
    fn known(&self, members: &[Member]) -> Result<(), AdminFault> {
        let last: i64 =
            self.batch.conn.one("SELECT coalesce(max(id), 0) FROM person", params![], |row| row.get(0))?;
        for member in members {
            match member {
                Member::Person(person) if (1..=last).contains(&person.0) => {}
                Member::Person(person) => return Err(AdminFault::NoSuch(Subject::Person(*person))),
                Member::Group(inner) => _ = self.group_version(*inner)?,
            }
        }
        Ok(())
    }

    pub(super) fn affiliate(
        &mut self,
        people: &[(PersonId, Ancestors)],
        groups: &[(GroupId, Ancestors)],
    ) -> Result<RowDone, AdminFault> {
        let mut changed = 0;
        for (person, ancestors) in people {
            let set = self.set(ancestors)?;
            let Some(old) = self.affiliated(Member::Person(*person))?.filter(|old| *old != set) else {
                continue;
            };
            self.batch.conn.execute(
                "UPDATE person SET affiliation = ?1, standing = standing + 1 WHERE id = ?2",
                params![set, person.0],
            )?;
            self.release(old)?;
            self.told.push((Subject::Person(*person), Change::Changed));
            changed += 1;
        }
        for (group, ancestors) in groups {
            let set = self.set(ancestors)?;
            let Some(old) = self.affiliated(Member::Group(*group))?.filter(|old| *old != set) else {
                continue;
            };
            self.batch.conn.execute(
                "UPDATE principal_group SET affiliation = ?1, version = version + 1 WHERE id = ?2",
                params![set, group.0],
            )?;
            self.release(old)?;
            self.told.push((Subject::Group(*group), Change::Changed));
            changed += 1;
        }
        Ok(RowDone::Affiliated(changed))
    }

    /// Takes somebody out of every group; each is in another state by that.
    pub(super) fn left(&mut self, member: Member) -> Result<(), AdminFault> {
        let conn = self.batch.conn;
        for group in forget(conn, member)? {
            conn.execute("UPDATE principal_group SET version = version + 1 WHERE id = ?1", params![group.0])?;
        }
        self.graph_moved = true;
        Ok(())
    }

    /// The set of somebody; the outer `None` for who is not there, the inner one for the empty set.
    pub(super) fn affiliated(&self, member: Member) -> Result<Option<Option<i64>>, AdminFault> {
        let (sql, id) = match member {
            Member::Person(person) => {
                ("SELECT affiliation FROM person WHERE id = ?1 AND state <> 3", person.0)
            }
            Member::Group(group) => {
                ("SELECT affiliation FROM principal_group WHERE id = ?1", i64::from(group.0))
            }
        };
        Ok(self.batch.conn.row(sql, params![id], |row| row.get(0))?)
    }

    /// A set goes with the last who had it.
    pub(super) fn release(&self, set: Option<i64>) -> Result<(), AdminFault> {
        let Some(set) = set else { return Ok(()) };
        self.batch.conn.execute(
            "DELETE FROM affiliation WHERE id = ?1
                 AND NOT EXISTS (SELECT 1 FROM person WHERE affiliation = ?1)
                 AND NOT EXISTS (SELECT 1 FROM principal_group WHERE affiliation = ?1)",
            params![set],
        )?;
        Ok(())
    }

    /// The number under which a set is kept, the same for equal sets; `None` for the empty one.
    fn set(&self, ancestors: &Ancestors) -> Result<Option<i64>, AdminFault> {
        if ancestors.as_slice().is_empty() {
            return Ok(None);
        }
        let bytes = set_bytes(ancestors);
        let hash = digest(&bytes);
        let conn = self.batch.conn;
        let known: Option<i64> =
            conn.row("SELECT id FROM affiliation WHERE hash = ?1", params![hash], |row| row.get(0))?;
        if known.is_some() {
            return Ok(known);
        }
        Ok(Some(conn.insert("INSERT INTO affiliation (hash, groups) VALUES (?1, ?2)", params![hash, bytes])?))
    }

    fn group_now(&self, id: GroupId) -> Result<RowDone, AdminFault> {
        let group = groups(self.batch.conn, Some(id))?.pop();
        Ok(RowDone::Group(group.ok_or(AdminFault::NoSuch(Subject::Group(id)))?))
    }
}
