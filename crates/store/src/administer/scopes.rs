//! Policies, settings by scope, add-ins and further addresses: made, changed, removed.
//! Who a policy lets in is worked out here, in the transaction that changes it.

use std::collections::HashSet;

use chat::{
    AddIn, AddInId, Address, Change, Configuration, DisplayName, PersonId, Policy, RoomId, ScopeName,
    Subject, in_force,
};

use super::{Desk, Policies, fresh};
use crate::change::{AddInDraft, PolicyDraft, RowDone};
use crate::engine::{int, params, uint};
use crate::facts::{ConfigurationRow, Endpoint};
use crate::fault::AdminFault;
use crate::pages::rooms_showing;
use crate::principals::endpoints;
use crate::scopes::{add_ins, configurations, policies};

impl Desk<'_, '_> {
    pub(super) fn new_policy(&mut self, draft: &PolicyDraft) -> Result<RowDone, AdminFault> {
        let made = self.batch.conn.insert_unless_taken(
            "INSERT INTO policy (scope, folded, enabled, description, version) VALUES (?1, ?2, ?3, ?4, 1)
                 ON CONFLICT DO NOTHING",
            params![draft.scope.to_string(), draft.scope.folded(), draft.enabled, draft.description.as_str()],
        )?;
        let Some(id) = made else { return Err(AdminFault::DuplicateEntry) };
        self.policy_moved(id, Change::Created)?;
        Ok(RowDone::Policy(self.policy(id)?))
    }

    pub(super) fn set_policy(
        &mut self,
        id: i64,
        expected: Option<u64>,
        draft: &PolicyDraft,
    ) -> Result<RowDone, AdminFault> {
        let present = self.policy(id)?;
        fresh(expected, present.version)?;
        self.batch.conn.execute(
            "UPDATE policy SET enabled = ?1, description = ?2, version = ?3 WHERE id = ?4",
            params![draft.enabled, draft.description.as_str(), int(present.version + 1), id],
        )?;
        self.policy_moved(id, Change::Changed)?;
        Ok(RowDone::Policy(self.policy(id)?))
    }

    pub(super) fn remove_policy(&mut self, id: i64) -> Result<RowDone, AdminFault> {
        self.policy(id)?;
        let conn = self.batch.conn;
        conn.execute("UPDATE person SET policy = NULL WHERE policy = ?1", params![id])?;
        conn.execute("DELETE FROM policy WHERE id = ?1", params![id])?;
        self.policy_moved(id, Change::Removed)?;
        Ok(RowDone::Removed(Subject::Policy(id)))
    }

    pub(super) fn grant_policy(&mut self, id: PersonId, policy: Option<i64>) -> Result<RowDone, AdminFault> {
        let (standing, _) = self.standing(id)?;
        let chat = self.chat_under(policy)?;
        self.batch.conn.execute(
            "UPDATE person SET policy = ?1, chat = ?2, standing = ?3 WHERE id = ?4",
            params![policy, chat, int(standing + 1), id.0],
        )?;
        self.tell(Subject::Person(id), Change::Changed);
        self.person_now(id)
    }

    /// Whether a person with this policy of its own may use persistent chat.
    pub(super) fn chat_under(&mut self, policy: Option<i64>) -> Result<bool, AdminFault> {
        if self.policies.is_none() {
            let conn = self.batch.conn;
            let (pool, site) =
                conn.one("SELECT name, site FROM pool", params![], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let all = policies(conn)?.into_iter();
            let all = all.map(|policy| (policy.scope, (policy.id, policy.enabled))).collect();
            self.policies = Some(Policies { pool, site, all });
        }
        let Policies { pool, site, all } = self.policies.as_ref().expect("they were just read");
        let tag = match policy {
            None => None,
            Some(id) => match all.iter().find(|(_, (number, _))| *number == id) {
                Some((ScopeName::Tag(tag), _)) => Some(tag.as_str()),
                _ => return Err(AdminFault::NoSuch(Subject::Policy(id))),
            },
        };
        Ok(in_force(all, tag, pool, site).is_some_and(|(_, (_, enabled))| *enabled))
    }

    /// After a policy moved: everybody it lets in or out has a new standing.
    fn policy_moved(&mut self, id: i64, change: Change) -> Result<(), AdminFault> {
        self.policies = None;
        let conn = self.batch.conn;
        // Only those that bear a tag are granted to people.
        for policy in policies(conn)?.iter().filter(|policy| matches!(policy.scope, ScopeName::Tag(_))) {
            let chat = self.chat_under(Some(policy.id))?;
            conn.execute(
                "UPDATE person SET chat = ?1, standing = standing + 1
                 WHERE policy = ?2 AND chat <> ?1 AND state <> 3",
                params![chat, policy.id],
            )?;
        }
        let chat = self.chat_under(None)?;
        conn.execute(
            "UPDATE person SET chat = ?1, standing = standing + 1
             WHERE policy IS NULL AND chat <> ?1 AND state <> 3",
            params![chat],
        )?;
        self.tell(Subject::Policy(id), change);
        Ok(())
    }

    fn policy(&self, id: i64) -> Result<Policy, AdminFault> {
        let policy = policies(self.batch.conn)?.into_iter().find(|policy| policy.id == id);
        policy.ok_or(AdminFault::NoSuch(Subject::Policy(id)))
    }

    /// Refuses what was decided from another policy, or when it was granted to others.
    pub(super) fn policy_is(&self, id: i64, version: u64, holders: usize) -> Result<(), AdminFault> {
        fresh(Some(version), self.policy(id)?.version)?;
        let present: i64 = self.batch.conn.one(
            "SELECT count(*) FROM person WHERE policy = ?1 AND state <> 3 AND gone = 0",
            params![id],
            |row| row.get(0),
        )?;
        fresh(Some(holders as u64), uint(present, "holders of a policy")?)
    }

    pub(super) fn new_configuration(
        &mut self,
        scope: &ScopeName,
        settings: &Configuration,
    ) -> Result<RowDone, AdminFault> {
        let made = self.batch.conn.insert_unless_taken(
            "INSERT INTO configuration (scope, folded, default_chat_history, max_file_size_kb,
                                            participant_update_limit, room_management_url, version)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1) ON CONFLICT DO NOTHING",
            params![
                scope.to_string(),
                scope.folded(),
                settings.default_chat_history,
                settings.max_file_size_kb,
                settings.participant_update_limit,
                settings.room_management_url.as_ref().map(chat::Url::as_str)
            ],
        )?;
        let Some(id) = made else { return Err(AdminFault::DuplicateEntry) };
        self.tell(Subject::Configuration(id), Change::Created);
        Ok(RowDone::Configuration(self.configuration(id)?))
    }

    pub(super) fn set_configuration(
        &mut self,
        id: i64,
        expected: Option<u64>,
        settings: &Configuration,
    ) -> Result<RowDone, AdminFault> {
        let present = self.configuration(id)?;
        fresh(expected, present.version)?;
        self.batch.conn.execute(
            "UPDATE configuration SET default_chat_history = ?1, max_file_size_kb = ?2,
                        participant_update_limit = ?3, room_management_url = ?4, version = ?5 WHERE id = ?6",
            params![
                settings.default_chat_history,
                settings.max_file_size_kb,
                settings.participant_update_limit,
                settings.room_management_url.as_ref().map(chat::Url::as_str),
                int(present.version + 1),
                id
            ],
        )?;
        self.tell(Subject::Configuration(id), Change::Changed);
        Ok(RowDone::Configuration(self.configuration(id)?))
    }

    pub(super) fn remove_configuration(&mut self, id: i64) -> Result<RowDone, AdminFault> {
        self.configuration(id)?;
        self.batch.conn.execute("DELETE FROM configuration WHERE id = ?1", params![id])?;
        self.tell(Subject::Configuration(id), Change::Removed);
        Ok(RowDone::Removed(Subject::Configuration(id)))
    }

    fn configuration(&self, id: i64) -> Result<ConfigurationRow, AdminFault> {
        let row = configurations(self.batch.conn)?.into_iter().find(|row| row.id == id);
        row.ok_or(AdminFault::NoSuch(Subject::Configuration(id)))
    }

    /// Refuses what was decided from other settings.
    pub(super) fn configuration_is(&self, id: i64, version: u64) -> Result<(), AdminFault> {
        fresh(Some(version), self.configuration(id)?.version)
    }

    pub(super) fn new_add_in(&mut self, draft: &AddInDraft) -> Result<RowDone, AdminFault> {
        let guid = self.batch.guid();
        let made = self.batch.conn.insert_unless_taken("INSERT INTO add_in (guid, name, folded, url, version) VALUES (?1, ?2, ?3, ?4, 1) ON CONFLICT DO NOTHING", params![guid.as_bytes(), draft.name.as_str(), draft.name.folded(), draft.url.as_str()])?;
        let Some(id) = made else { return Err(AdminFault::DuplicateEntry) };
        let id = AddInId(id);
        self.tell(Subject::AddIn(id), Change::Created);
        Ok(RowDone::AddIn(self.known_add_in(id)?))
    }

    pub(super) fn set_add_in(
        &mut self,
        id: AddInId,
        expected: Option<u64>,
        draft: &AddInDraft,
    ) -> Result<RowDone, AdminFault> {
        let present = self.known_add_in(id)?;
        fresh(expected, present.version)?;
        let set = self.batch.conn.update_unless_taken(
            "UPDATE add_in SET name = ?1, folded = ?2, url = ?3, version = ?4 WHERE id = ?5",
            params![
                draft.name.as_str(),
                draft.name.folded(),
                draft.url.as_str(),
                int(present.version + 1),
                id.0
            ],
        )?;
        if set == 0 {
            return Err(AdminFault::DuplicateEntry);
        }
        self.tell(Subject::AddIn(id), Change::Changed);
        Ok(RowDone::AddIn(self.known_add_in(id)?))
    }

    pub(super) fn remove_add_in(&mut self, id: AddInId) -> Result<RowDone, AdminFault> {
        self.known_add_in(id)?;
        let conn = self.batch.conn;
        let showed = super::numbers(
            conn,
            "UPDATE room SET add_in = NULL, rules = rules + 1 WHERE add_in = ?1 AND removed = 0 RETURNING id, rules",
            id.0,
        )?;
        for (room, rules) in showed {
            self.rooms.push((RoomId(room), Change::Changed, uint(rules, "room rules")?));
        }
        // Rooms that were removed keep no trace of it.
        conn.execute("UPDATE room SET add_in = NULL WHERE add_in = ?1", params![id.0])?;
        conn.execute("DELETE FROM add_in WHERE id = ?1", params![id.0])?;
        self.tell(Subject::AddIn(id), Change::Removed);
        Ok(RowDone::Removed(Subject::AddIn(id)))
    }

    fn known_add_in(&self, id: AddInId) -> Result<AddIn, AdminFault> {
        let row = add_ins(self.batch.conn)?.into_iter().find(|row| row.id == id);
        row.ok_or(AdminFault::NoSuch(Subject::AddIn(id)))
    }

    /// Refuses what was decided from another add-in, or when it was shown elsewhere.
    pub(super) fn add_in_is(&self, id: AddInId, version: u64, rooms: &[RoomId]) -> Result<(), AdminFault> {
        fresh(Some(version), self.known_add_in(id)?.version)?;
        let showing: HashSet<RoomId> =
            rooms_showing(self.batch.conn, id)?.into_iter().map(|(room, _)| room).collect();
        let same = showing.len() == rooms.len() && rooms.iter().all(|room| showing.contains(room));
        if same { Ok(()) } else { Err(AdminFault::Stale) }
    }

    pub(super) fn new_endpoint(
        &mut self,
        address: &Address,
        display_name: &DisplayName,
    ) -> Result<RowDone, AdminFault> {
        let conn = self.batch.conn;
        let taken: bool = conn.one(
            "SELECT EXISTS (SELECT 1 FROM person WHERE address = ?1 AND state <> 3 AND gone = 0)",
            params![address.as_str()],
            |row| row.get(0),
        )?;
        if taken {
            return Err(AdminFault::DuplicateAddress);
        }
        let made = conn.insert_unless_taken(
            "INSERT INTO endpoint (address, display_name) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![address.as_str(), display_name.as_str()],
        )?;
        let Some(id) = made else { return Err(AdminFault::DuplicateEntry) };
        self.tell(Subject::Endpoint(id), Change::Created);
        Ok(RowDone::Endpoint(Endpoint { id, address: address.clone(), display_name: display_name.clone() }))
    }

    pub(super) fn remove_endpoint(&mut self, id: i64) -> Result<RowDone, AdminFault> {
        if endpoints(self.batch.conn)?.iter().all(|endpoint| endpoint.id != id) {
            return Err(AdminFault::NoSuch(Subject::Endpoint(id)));
        }
        self.batch.conn.execute("DELETE FROM endpoint WHERE id = ?1", params![id])?;
        self.tell(Subject::Endpoint(id), Change::Removed);
        Ok(RowDone::Removed(Subject::Endpoint(id)))
    }

    pub(super) fn note_unfinished(&mut self, name: &str, is_open: bool) -> Result<RowDone, AdminFault> {
        let sql = if is_open {
            "INSERT INTO setting (name, value) VALUES (?1, '1') ON CONFLICT (name) DO NOTHING"
        } else {
            "DELETE FROM setting WHERE name = ?1"
        };
        self.batch.conn.execute(sql, params![name])?;
        Ok(RowDone::Asserted)
    }
}
