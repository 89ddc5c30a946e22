//! People: made, changed, removed; their credentials, administrative roles and tokens.
//! What they belong to is `groups.rs`.

use chat::{Actor, Address, Ancestors, Change, Person, PersonId, PersonState, Role, Roles, Subject};

use super::lists::Unlisted;
use super::{Desk, fresh, switched};
use crate::change::{Credentials, DirectoryEntry, Member, PersonDraft, RowDone, TokenDraft, Who};
use crate::engine::{int, params, uint};
use crate::fault::AdminFault;
use crate::principals::{TokenKey, role_code, tokens};
use crate::rows;

/// Which sign-ons of somebody end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// All of them, with every token.
    All,
    /// Those that began with the password, with the tokens that its owner made: not those that others made for a program.
    ByPassword,
}

impl Desk<'_, '_> {
    pub(super) fn new_person(&mut self, draft: &PersonDraft) -> Result<RowDone, AdminFault> {
        let entry = draft.entry.as_ref();
        let guid = entry.map_or_else(|| self.batch.guid(), |entry| entry.guid);
        self.no_endpoint(&draft.address)?;
        let chat = self.chat_under(None)?;
        let made = self.batch.conn.insert_unless_taken("INSERT INTO person (guid, address, display_name, state, standing, source, bot, dn, dn_folded, parent,
                                     mail, gone, chat, folded)
                 VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO NOTHING", params![
                guid.as_bytes(),
                draft.address.as_str(),
                draft.display_name.as_str(),
                if draft.enabled { 1_i64 } else { 2 },
                entry.map(|entry| entry.source.as_str()),
                draft.bot,
                entry.map(|entry| entry.name.as_str()),
                entry.map(|entry| entry.name_folded.as_str()),
                entry.and_then(|entry| entry.parent).map(|parent| parent.0),
                entry.and_then(|entry| entry.mail.as_deref()),
                entry.is_some_and(|entry| entry.gone),
                chat,
                chat::folded(draft.display_name.as_str())
            ])?;
        let Some(id) = made else { return Err(AdminFault::DuplicateAddress) };
        let id = PersonId(id);
        self.just_made = Some(id);
        self.graph_moved |= entry.is_some();
        self.tell(Subject::Person(id), Change::Created);
        let state = match (entry.is_some_and(|entry| entry.gone), draft.enabled) {
            (true, _) => PersonState::Removed,
            (false, true) => PersonState::Enabled,
            (false, false) => PersonState::Disabled,
        };
        // Nothing else is known of somebody new: there is no need to read it.
        Ok(RowDone::Person(Person {
            id,
            guid,
            address: draft.address.clone(),
            display_name: draft.display_name.clone(),
            state,
            standing: 1,
            admission: 1,
            chat,
            bot: draft.bot,
            roles: Roles::default(),
            ancestors: Ancestors::default(),
        }))
    }

    pub(super) fn set_person(
        &mut self,
        id: PersonId,
        expected: Option<u64>,
        draft: &PersonDraft,
    ) -> Result<RowDone, AdminFault> {
        let (standing, state) = self.standing(id)?;
        fresh(expected, standing)?;
        self.no_endpoint(&draft.address)?;
        // A person who goes frees its address first; one who comes back takes it last.
        if let Some(entry) = draft.entry.as_ref().filter(|entry| entry.gone) {
            self.set_entry(id, entry)?;
        }
        let set = self.batch.conn.update_unless_taken(
            "UPDATE person SET address = ?1, display_name = ?2, state = ?3, standing = ?4, bot = ?5,
                        folded = ?7 WHERE id = ?6",
            params![
                draft.address.as_str(),
                draft.display_name.as_str(),
                if draft.enabled { 1_i64 } else { 2 },
                int(standing + 1),
                draft.bot,
                id.0,
                chat::folded(draft.display_name.as_str())
            ],
        )?;
        if set == 0 {
            return Err(AdminFault::DuplicateAddress);
        }
        if let Some(entry) = draft.entry.as_ref().filter(|entry| !entry.gone) {
            self.set_entry(id, entry)?;
        }
        let change = switched(state == PersonState::Enabled, draft.enabled);
        self.tell(Subject::Person(id), change);
        if change == Change::Disabled || draft.entry.as_ref().is_some_and(|entry| entry.gone) {
            self.end_sign_ons(id, Ending::All)?;
        }
        self.person_now(id)
    }

    /// An address under which clients find the pool is nobody's.
    fn no_endpoint(&self, address: &Address) -> Result<(), AdminFault> {
        let taken: bool = self.batch.conn.one(
            "SELECT EXISTS (SELECT 1 FROM endpoint WHERE address = ?1)",
            params![address.as_str()],
            |row| row.get(0),
        )?;
        if taken { Err(AdminFault::DuplicateAddress) } else { Ok(()) }
    }

    fn set_entry(&mut self, id: PersonId, entry: &DirectoryEntry) -> Result<(), AdminFault> {
        let set = self.batch.conn.update_unless_taken(
            "UPDATE person SET source = ?7, dn = ?1, dn_folded = ?2, parent = ?3, mail = ?4, gone = ?5
                 WHERE id = ?6",
            params![
                entry.name,
                entry.name_folded,
                entry.parent.map(|parent| parent.0),
                entry.mail,
                entry.gone,
                id.0,
                entry.source
            ],
        )?;
        self.graph_moved = true;
        if set == 0 { Err(AdminFault::DuplicateAddress) } else { Ok(()) }
    }

    pub(super) fn hold_person(&mut self, id: PersonId, held: bool) -> Result<RowDone, AdminFault> {
        // What a directory says of a person is decided from this, too: who read it before must read it again.
        let (standing, _) = self.standing(id)?;
        let conn = self.batch.conn;
        conn.execute(
            "UPDATE person SET held = ?1, standing = ?2 WHERE id = ?3",
            params![held, int(standing + 1), id.0],
        )?;
        if self.told.iter().all(|(subject, _)| *subject != Subject::Person(id)) {
            self.tell(Subject::Person(id), Change::Changed);
        }
        self.person_now(id)
    }

    pub(super) fn remove_person(&mut self, id: PersonId) -> Result<RowDone, AdminFault> {
        let (standing, _) = self.standing(id)?;
        let set = self.affiliated(Member::Person(id))?.flatten();
        let conn = self.batch.conn;
        conn.execute(
            "UPDATE person SET state = 3, standing = ?1, affiliation = NULL, policy = NULL, dn_folded = NULL
             WHERE id = ?2",
            params![int(standing + 1), id.0],
        )?;
        self.tell(Subject::Person(id), Change::Removed);
        self.unlist(Unlisted::Person, id.0)?;
        self.release(set)?;
        self.left(Member::Person(id))?;
        for table in ["credential", "document", "invitation", "mention", "read_mark", "role_grant", "session"]
        {
            conn.execute(&format!("DELETE FROM {table} WHERE person = ?1"), params![id.0])?;
        }
        self.end_sign_ons(id, Ending::All)?;
        Ok(RowDone::Removed(Subject::Person(id)))
    }

    /// Ends what somebody is signed on by, for good: no act of anybody makes it good again.
    fn end_sign_ons(&mut self, id: PersonId, ending: Ending) -> Result<(), AdminFault> {
        let conn = self.batch.conn;
        conn.execute("UPDATE person SET admission = admission + 1 WHERE id = ?1", params![id.0])?;
        conn.execute(
            "UPDATE token SET revoked = ?1 WHERE person = ?2 AND revoked IS NULL AND (own = 1 OR ?3 = 1)",
            params![self.batch.now.unix_micros(), id.0, ending == Ending::All],
        )?;
        Ok(())
    }

    pub(super) fn put_credentials(
        &mut self,
        person: Who,
        credentials: &Credentials,
    ) -> Result<RowDone, AdminFault> {
        let id = match person {
            Who::Known(id) => id,
            Who::JustMade => self.just_made.ok_or(AdminFault::NoSuch(Subject::Person(PersonId(0))))?,
        };
        self.standing(id)?;
        let conn = self.batch.conn;
        let known: Option<Option<String>> =
            conn.row("SELECT argon2 FROM credential WHERE person = ?1", params![id.0], |row| row.get(0))?;
        if known.is_some_and(|known| known != credentials.argon2) {
            self.end_sign_ons(id, Ending::ByPassword)?;
        }
        if *credentials == Credentials::default() {
            conn.execute("DELETE FROM credential WHERE person = ?1", params![id.0])?;
        } else {
            conn.execute(
                "INSERT INTO credential (person, argon2, nt) VALUES (?1, ?2, ?3)
                 ON CONFLICT (person) DO UPDATE SET argon2 = ?2, nt = ?3",
                params![id.0, credentials.argon2, credentials.nt],
            )?;
        }
        if self.told.iter().all(|(subject, _)| *subject != Subject::Person(id)) {
            self.tell(Subject::Person(id), Change::Changed);
        }
        Ok(RowDone::Credentials(id))
    }

    pub(super) fn put_role(&mut self, id: PersonId, role: Role, has: bool) -> Result<RowDone, AdminFault> {
        let (standing, _) = self.standing(id)?;
        let conn = self.batch.conn;
        let changed = if has {
            conn.execute(
                "INSERT INTO role_grant (person, role, granted) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                params![id.0, role_code(role), int(self.operation)],
            )?
        } else {
            conn.execute(
                "DELETE FROM role_grant WHERE person = ?1 AND role = ?2",
                params![id.0, role_code(role)],
            )?
        };
        if changed > 0 {
            conn.execute("UPDATE person SET standing = ?1 WHERE id = ?2", params![int(standing + 1), id.0])?;
            self.tell(Subject::Person(id), Change::Changed);
        }
        Ok(RowDone::Role(id))
    }

    pub(super) fn new_token(&mut self, draft: &TokenDraft) -> Result<RowDone, AdminFault> {
        if let Some(person) = draft.person {
            self.standing(person)?;
        }
        let (guid, now) = (self.batch.guid(), self.batch.now.unix_micros());
        let made = self.batch.conn.insert_unless_taken(
            "INSERT INTO token (guid, hash, name, scope, person, made, expires, own)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
            params![
                guid.as_bytes(),
                draft.hash,
                draft.name.as_str(),
                draft.scope,
                draft.person.map(|person| person.0),
                now,
                draft.expires.map(chat::Time::unix_micros),
                draft.person.is_some_and(|person| self.by == Actor::Person(person))
            ],
        )?;
        let Some(id) = made else { return Err(AdminFault::DuplicateEntry) };
        self.tell(Subject::Token(id), Change::Created);
        self.token_now(id)
    }

    pub(super) fn revoke_token(&mut self, id: i64) -> Result<RowDone, AdminFault> {
        let now = self.batch.now.unix_micros();
        let ended = self
            .batch
            .conn
            .execute("UPDATE token SET revoked = ?1 WHERE id = ?2 AND revoked IS NULL", params![now, id])?;
        if ended > 0 {
            self.tell(Subject::Token(id), Change::Removed);
        }
        self.token_now(id)
    }

    pub(super) fn redeem_token(&mut self, id: i64) -> Result<RowDone, AdminFault> {
        let now = self.batch.now.unix_micros();
        let used = self.batch.conn.execute(
            "UPDATE token SET revoked = ?1 WHERE id = ?2 AND revoked IS NULL AND expires > ?1",
            params![now, id],
        )?;
        if used == 0 {
            return Err(AdminFault::NoSuch(Subject::Token(id)));
        }
        self.tell(Subject::Token(id), Change::Removed);
        self.token_now(id)
    }

    fn token_now(&self, id: i64) -> Result<RowDone, AdminFault> {
        let token = tokens(self.batch.conn, TokenKey::Number(id))?.pop();
        Ok(RowDone::Token(token.ok_or(AdminFault::NoSuch(Subject::Token(id)))?))
    }

    /// The standing and state of a person who was not removed.
    pub(super) fn standing(&self, id: PersonId) -> Result<(u64, PersonState), AdminFault> {
        let found: Option<(i64, i64)> = self.batch.conn.row(
            "SELECT standing, state FROM person WHERE id = ?1 AND state <> 3",
            params![id.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let (standing, state) = found.ok_or(AdminFault::NoSuch(Subject::Person(id)))?;
        let state = if state == 1 { PersonState::Enabled } else { PersonState::Disabled };
        Ok((uint(standing, "standing")?, state))
    }

    pub(super) fn person_now(&self, id: PersonId) -> Result<RowDone, AdminFault> {
        let person: Option<Person> = rows::people(self.batch.conn, Some(id))?.pop();
        Ok(RowDone::Person(person.ok_or(AdminFault::NoSuch(Subject::Person(id)))?))
    }
}
