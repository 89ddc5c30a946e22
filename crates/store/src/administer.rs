//! Administrative changes inside one transaction: rows, raised numbers, and the entries that tell of them.
//! Decides no right and checks no text; names and addresses are unique here because only here it can be sure.

use chat::{
    Actor, CategoryId, Change, Entry, JournalKey, PersonId, PersonState, PoolEntry, Principal, RoomEntry,
    RoomId, Subject,
};
use rusqlite::{OptionalExtension, params};

use crate::change::{CategoryDraft, Credentials, PersonDraft, RoomDraft, RowChange, RowDone, Who};
use crate::engine::{int, uint};
use crate::fault::{AdminFault, StoreFault};
use crate::journal::Batch;
use crate::record::Body;
use crate::rows;

/// The kinds of nodes in the table of names.
const CATEGORY: i64 = 1;
const ROOM: i64 = 2;

/// Carries out all changes of one operation, or none.
pub(crate) fn administer(
    batch: &mut Batch<'_>,
    by: Actor,
    operation: &str,
    changes: &[RowChange],
) -> Result<Result<Vec<RowDone>, AdminFault>, StoreFault> {
    let conn = batch.conn;
    conn.execute_batch("SAVEPOINT operation")?;
    batch.rules.clear();
    let mut desk = Desk { batch, by, told: Vec::new(), rooms: Vec::new(), just_made: None };
    match desk.carry_out(operation, changes) {
        Ok(done) => {
            conn.execute_batch("RELEASE operation")?;
            Ok(Ok(done))
        }
        Err(AdminFault::Store(fault)) => Err(fault),
        Err(refusal) => {
            conn.execute_batch("ROLLBACK TO operation; RELEASE operation")?;
            Ok(Err(refusal))
        }
    }
}

/// One operation while it is carried out. Entries are appended when nothing can be refused any more.
struct Desk<'b, 'c> {
    batch: &'b mut Batch<'c>,
    by: Actor,
    /// What the pool's journal will tell.
    told: Vec<(Subject, Change)>,
    /// What the journals of rooms will tell: the change and the rules from there on.
    rooms: Vec<(RoomId, Change, u64)>,
    just_made: Option<PersonId>,
}

impl Desk<'_, '_> {
    fn carry_out(&mut self, operation: &str, changes: &[RowChange]) -> Result<Vec<RowDone>, AdminFault> {
        let done = changes.iter().map(|change| self.change(change)).collect::<Result<Vec<_>, _>>()?;
        let mut body = Some(Body { text: operation.to_owned(), rtf: None });
        for (subject, change) in std::mem::take(&mut self.told) {
            let entry = PoolEntry::Administered { by: self.by, subject, change };
            self.batch.append(JournalKey::Pool, Entry::Pool(entry), body.take())?;
        }
        for (room, change, rules) in std::mem::take(&mut self.rooms) {
            let entry = RoomEntry::Changed { change, by: self.by, rules };
            self.batch.append(JournalKey::Room(room), Entry::Room(entry), None)?;
        }
        Ok(done)
    }

    fn change(&mut self, change: &RowChange) -> Result<RowDone, AdminFault> {
        match change {
            RowChange::NewPerson(draft) => self.new_person(draft),
            RowChange::SetPerson { id, expected_standing, draft } => {
                self.set_person(*id, *expected_standing, draft)
            }
            RowChange::RemovePerson(id) => self.remove_person(*id),
            RowChange::PutCredentials { person, credentials } => self.put_credentials(*person, credentials),
            RowChange::NewCategory(draft) => self.new_category(draft),
            RowChange::SetCategory { id, expected_rules, draft } => {
                self.set_category(*id, *expected_rules, draft)
            }
            RowChange::RemoveCategory(id) => self.remove_category(*id),
            RowChange::NewRoom(draft) => self.new_room(draft),
            RowChange::SetRoom { id, expected_rules, draft } => self.set_room(*id, *expected_rules, draft),
            RowChange::RemoveRoom(id) => self.remove_room(*id),
            RowChange::PutSetting { name, value } => self.put_setting(name, value.as_deref()),
        }
    }

    fn new_person(&mut self, draft: &PersonDraft) -> Result<RowDone, AdminFault> {
        let guid = self.batch.guid();
        let made = self
            .batch
            .conn
            .prepare_cached(
                "INSERT INTO person (guid, address, display_name, state, standing) VALUES (?1, ?2, ?3, ?4, 1)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                guid.as_bytes(),
                draft.address.as_str(),
                draft.display_name.as_str(),
                if draft.enabled { 1 } else { 2 }
            ])?;
        if made == 0 {
            return Err(AdminFault::DuplicateAddress);
        }
        let id = PersonId(self.batch.conn.last_insert_rowid());
        self.just_made = Some(id);
        self.tell(Subject::Person(id), Change::Created);
        self.person_now(id)
    }

    fn set_person(
        &mut self,
        id: PersonId,
        expected: Option<u64>,
        draft: &PersonDraft,
    ) -> Result<RowDone, AdminFault> {
        let (standing, state) = self.standing(id)?;
        fresh(expected, standing)?;
        let set = self
            .batch
            .conn
            .prepare_cached(
                "UPDATE OR IGNORE person SET address = ?1, display_name = ?2, state = ?3, standing = ?4
                 WHERE id = ?5",
            )?
            .execute(params![
                draft.address.as_str(),
                draft.display_name.as_str(),
                if draft.enabled { 1 } else { 2 },
                int(standing + 1),
                id.0
            ])?;
        if set == 0 {
            return Err(AdminFault::DuplicateAddress);
        }
        let change = switched(state == PersonState::Enabled, draft.enabled);
        self.tell(Subject::Person(id), change);
        self.person_now(id)
    }

    fn remove_person(&mut self, id: PersonId) -> Result<RowDone, AdminFault> {
        let (standing, _) = self.standing(id)?;
        let conn = self.batch.conn;
        conn.prepare_cached("UPDATE person SET state = 3, standing = ?1 WHERE id = ?2")?
            .execute(params![int(standing + 1), id.0])?;
        self.tell(Subject::Person(id), Change::Removed);
        let categories = numbers(
            conn,
            "UPDATE category SET rules = rules + 1 WHERE removed = 0
             AND id IN (SELECT category FROM category_principal WHERE person = ?1) RETURNING id, rules",
            id.0,
        )?;
        for (category, _) in categories {
            self.tell(Subject::Category(CategoryId(category)), Change::Changed);
        }
        let rooms = numbers(
            conn,
            "UPDATE room SET rules = rules + 1 WHERE removed = 0
             AND id IN (SELECT room FROM room_principal WHERE person = ?1) RETURNING id, rules",
            id.0,
        )?;
        for (room, rules) in rooms {
            self.rooms.push((RoomId(room), Change::Changed, uint(rules, "room rules")?));
        }
        for table in
            ["category_principal", "room_principal", "credential", "document", "invitation", "read_mark"]
        {
            conn.prepare_cached(&format!("DELETE FROM {table} WHERE person = ?1"))?.execute([id.0])?;
        }
        Ok(RowDone::Removed(Subject::Person(id)))
    }

    fn put_credentials(&mut self, person: Who, credentials: &Credentials) -> Result<RowDone, AdminFault> {
        let id = match person {
            Who::Known(id) => id,
            Who::JustMade => self.just_made.ok_or(AdminFault::NoSuch(Subject::Person(PersonId(0))))?,
        };
        self.standing(id)?;
        let conn = self.batch.conn;
        if *credentials == Credentials::default() {
            conn.prepare_cached("DELETE FROM credential WHERE person = ?1")?.execute([id.0])?;
        } else {
            conn.prepare_cached(
                "INSERT INTO credential (person, argon2, nt) VALUES (?1, ?2, ?3)
                 ON CONFLICT (person) DO UPDATE SET argon2 = ?2, nt = ?3",
            )?
            .execute(params![id.0, credentials.argon2, credentials.nt])?;
        }
        if self.told.iter().all(|(subject, _)| *subject != Subject::Person(id)) {
            self.tell(Subject::Person(id), Change::Changed);
        }
        Ok(RowDone::Credentials(id))
    }

    fn new_category(&mut self, draft: &CategoryDraft) -> Result<RowDone, AdminFault> {
        let guid = self.batch.guid();
        let conn = self.batch.conn;
        conn.prepare_cached(
            "INSERT INTO category (guid, name, description, invitations, file_upload, history, rules)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)",
        )?
        .execute(params![
            guid.as_bytes(),
            draft.name.as_str(),
            draft.description.as_str(),
            draft.invitations,
            draft.file_upload,
            draft.history
        ])?;
        let id = conn.last_insert_rowid();
        self.claim_name(&draft.name.folded(), CATEGORY, id)?;
        self.put_category_lists(CategoryId(id), draft)?;
        self.tell(Subject::Category(CategoryId(id)), Change::Created);
        self.category_now(CategoryId(id))
    }

    fn set_category(
        &mut self,
        id: CategoryId,
        expected: Option<u64>,
        draft: &CategoryDraft,
    ) -> Result<RowDone, AdminFault> {
        let rules = self.category_rules(id)?;
        fresh(expected, rules)?;
        self.batch
            .conn
            .prepare_cached(
                "UPDATE category SET name = ?1, description = ?2, invitations = ?3, file_upload = ?4,
                 history = ?5, rules = ?6 WHERE id = ?7",
            )?
            .execute(params![
                draft.name.as_str(),
                draft.description.as_str(),
                draft.invitations,
                draft.file_upload,
                draft.history,
                int(rules + 1),
                id.0
            ])?;
        self.change_name(&draft.name.folded(), CATEGORY, id.0)?;
        self.put_category_lists(id, draft)?;
        self.tell(Subject::Category(id), Change::Changed);
        self.category_now(id)
    }

    fn remove_category(&mut self, id: CategoryId) -> Result<RowDone, AdminFault> {
        let rules = self.category_rules(id)?;
        let conn = self.batch.conn;
        let full: bool = conn
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM room WHERE category = ?1 AND removed = 0)")?
            .query_row([id.0], |row| row.get(0))?;
        if full {
            return Err(AdminFault::NotEmpty);
        }
        conn.prepare_cached("UPDATE category SET removed = 1, rules = ?1 WHERE id = ?2")?
            .execute(params![int(rules + 1), id.0])?;
        conn.prepare_cached("DELETE FROM category_principal WHERE category = ?1")?.execute([id.0])?;
        self.free_name(CATEGORY, id.0)?;
        self.tell(Subject::Category(id), Change::Removed);
        Ok(RowDone::Removed(Subject::Category(id)))
    }

    fn new_room(&mut self, draft: &RoomDraft) -> Result<RowDone, AdminFault> {
        fresh(draft.under_category_rules, self.category_rules(draft.category)?)?;
        let guid = self.batch.guid();
        let conn = self.batch.conn;
        conn.prepare_cached(
            "INSERT INTO room (guid, category, name, description, privacy, kind, invitations, disabled, rules)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)",
        )?
        .execute(params![
            guid.as_bytes(),
            draft.category.0,
            draft.name.as_str(),
            draft.description.as_str(),
            rows::privacy_code(draft.privacy),
            rows::kind_code(draft.kind),
            rows::invitations_code(draft.invitations),
            draft.disabled
        ])?;
        let id = RoomId(conn.last_insert_rowid());
        self.claim_name(&draft.name.folded(), ROOM, id.0)?;
        self.put_room_lists(id, draft)?;
        self.tell(Subject::Room(id), Change::Created);
        self.rooms.push((id, Change::Created, 1));
        self.room_now(id)
    }

    fn set_room(
        &mut self,
        id: RoomId,
        expected: Option<u64>,
        draft: &RoomDraft,
    ) -> Result<RowDone, AdminFault> {
        let (rules, disabled) = self.room_rules(id)?;
        fresh(expected, rules)?;
        fresh(draft.under_category_rules, self.category_rules(draft.category)?)?;
        self.batch
            .conn
            .prepare_cached(
                "UPDATE room SET category = ?1, name = ?2, description = ?3, privacy = ?4, kind = ?5,
                 invitations = ?6, disabled = ?7, rules = ?8 WHERE id = ?9",
            )?
            .execute(params![
                draft.category.0,
                draft.name.as_str(),
                draft.description.as_str(),
                rows::privacy_code(draft.privacy),
                rows::kind_code(draft.kind),
                rows::invitations_code(draft.invitations),
                draft.disabled,
                int(rules + 1),
                id.0
            ])?;
        self.change_name(&draft.name.folded(), ROOM, id.0)?;
        self.put_room_lists(id, draft)?;
        let change = switched(!disabled, !draft.disabled);
        self.tell(Subject::Room(id), change);
        self.rooms.push((id, change, rules + 1));
        self.room_now(id)
    }

    fn remove_room(&mut self, id: RoomId) -> Result<RowDone, AdminFault> {
        let (rules, _) = self.room_rules(id)?;
        let conn = self.batch.conn;
        conn.prepare_cached("UPDATE room SET removed = 1, rules = ?1 WHERE id = ?2")?
            .execute(params![int(rules + 1), id.0])?;
        for table in ["room_principal", "invitation", "read_mark"] {
            conn.prepare_cached(&format!("DELETE FROM {table} WHERE room = ?1"))?.execute([id.0])?;
        }
        self.free_name(ROOM, id.0)?;
        self.tell(Subject::Room(id), Change::Removed);
        self.rooms.push((id, Change::Removed, rules + 1));
        Ok(RowDone::Removed(Subject::Room(id)))
    }

    fn put_setting(&mut self, name: &str, value: Option<&str>) -> Result<RowDone, AdminFault> {
        let conn = self.batch.conn;
        match value {
            Some(value) => conn
                .prepare_cached(
                    "INSERT INTO setting (name, value) VALUES (?1, ?2)
                     ON CONFLICT (name) DO UPDATE SET value = ?2",
                )?
                .execute(params![name, value])?,
            None => conn.prepare_cached("DELETE FROM setting WHERE name = ?1")?.execute([name])?,
        };
        self.tell(Subject::Settings, Change::Changed);
        Ok(RowDone::Setting)
    }
}

/// What the changes above share.
impl Desk<'_, '_> {
    fn tell(&mut self, subject: Subject, change: Change) {
        if !self.told.contains(&(subject, change)) {
            self.told.push((subject, change));
        }
    }

    fn standing(&self, id: PersonId) -> Result<(u64, PersonState), AdminFault> {
        let person = rows::people(self.batch.conn, Some(id))?.pop();
        match person {
            Some(person) if person.state != PersonState::Removed => Ok((person.standing, person.state)),
            _ => Err(AdminFault::NoSuch(Subject::Person(id))),
        }
    }

    fn category_rules(&self, id: CategoryId) -> Result<u64, AdminFault> {
        let rules: Option<i64> = self
            .batch
            .conn
            .prepare_cached("SELECT rules FROM category WHERE id = ?1 AND removed = 0")?
            .query_row([id.0], |row| row.get(0))
            .optional()?;
        let rules = rules.ok_or(AdminFault::NoSuch(Subject::Category(id)))?;
        Ok(uint(rules, "category rules")?)
    }

    fn room_rules(&self, id: RoomId) -> Result<(u64, bool), AdminFault> {
        let found: Option<(i64, bool)> = self
            .batch
            .conn
            .prepare_cached("SELECT rules, disabled FROM room WHERE id = ?1 AND removed = 0")?
            .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (rules, disabled) = found.ok_or(AdminFault::NoSuch(Subject::Room(id)))?;
        Ok((uint(rules, "room rules")?, disabled))
    }

    fn person_now(&self, id: PersonId) -> Result<RowDone, AdminFault> {
        let person = rows::people(self.batch.conn, Some(id))?.pop();
        Ok(RowDone::Person(person.ok_or(AdminFault::NoSuch(Subject::Person(id)))?))
    }

    fn category_now(&self, id: CategoryId) -> Result<RowDone, AdminFault> {
        let category = rows::categories(self.batch.conn, Some(id))?.pop();
        Ok(RowDone::Category(category.ok_or(AdminFault::NoSuch(Subject::Category(id)))?))
    }

    fn room_now(&self, id: RoomId) -> Result<RowDone, AdminFault> {
        let room = rows::rooms(self.batch.conn, Some(id))?.pop();
        Ok(RowDone::Room(room.ok_or(AdminFault::NoSuch(Subject::Room(id)))?))
    }

    fn claim_name(&self, folded: &str, kind: i64, id: i64) -> Result<(), AdminFault> {
        let claimed = self
            .batch
            .conn
            .prepare_cached("INSERT INTO name (folded, kind, id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
            .execute(params![folded, kind, id])?;
        if claimed == 0 { Err(AdminFault::DuplicateName) } else { Ok(()) }
    }

    fn change_name(&self, folded: &str, kind: i64, id: i64) -> Result<(), AdminFault> {
        let changed = self
            .batch
            .conn
            .prepare_cached("UPDATE OR IGNORE name SET folded = ?1 WHERE kind = ?2 AND id = ?3")?
            .execute(params![folded, kind, id])?;
        if changed == 0 { Err(AdminFault::DuplicateName) } else { Ok(()) }
    }

    fn free_name(&self, kind: i64, id: i64) -> Result<(), AdminFault> {
        self.batch
            .conn
            .prepare_cached("DELETE FROM name WHERE kind = ?1 AND id = ?2")?
            .execute(params![kind, id])?;
        Ok(())
    }

    fn put_category_lists(&self, id: CategoryId, draft: &CategoryDraft) -> Result<(), AdminFault> {
        let conn = self.batch.conn;
        conn.prepare_cached("DELETE FROM category_principal WHERE category = ?1")?.execute([id.0])?;
        let sql = "INSERT OR IGNORE INTO category_principal (category, list, person, domain)
                   VALUES (?1, ?2, ?3, ?4)";
        self.put_list(sql, id.0, rows::ALLOWED, &draft.scope.allowed)?;
        self.put_list(sql, id.0, rows::DENIED, &draft.scope.denied)?;
        self.put_list(sql, id.0, rows::CREATORS, &draft.creators)
    }

    fn put_room_lists(&self, id: RoomId, draft: &RoomDraft) -> Result<(), AdminFault> {
        let conn = self.batch.conn;
        conn.prepare_cached("DELETE FROM room_principal WHERE room = ?1")?.execute([id.0])?;
        let sql = "INSERT OR IGNORE INTO room_principal (room, list, person, domain) VALUES (?1, ?2, ?3, ?4)";
        self.put_list(sql, id.0, rows::MEMBERS, &draft.members)?;
        self.put_list(sql, id.0, rows::MANAGERS, &draft.managers)?;
        self.put_list(sql, id.0, rows::PRESENTERS, &draft.presenters)
    }

    fn put_list(&self, sql: &str, id: i64, list: i64, principals: &[Principal]) -> Result<(), AdminFault> {
        let mut insert = self.batch.conn.prepare_cached(sql)?;
        for principal in principals {
            match principal {
                Principal::Person(person) => {
                    self.standing(*person)?;
                    insert.execute(params![id, list, person.0, None::<&str>])?;
                }
                Principal::Domain(domain) => {
                    insert.execute(params![id, list, None::<i64>, domain.as_str()])?;
                }
            }
        }
        Ok(())
    }
}

/// Refuses a change that was made from an older reading.
fn fresh(expected: Option<u64>, present: u64) -> Result<(), AdminFault> {
    if expected.is_some_and(|expected| expected != present) { Err(AdminFault::Stale) } else { Ok(()) }
}

fn switched(was_on: bool, is_on: bool) -> Change {
    match (was_on, is_on) {
        (true, false) => Change::Disabled,
        (false, true) => Change::Enabled,
        _ => Change::Changed,
    }
}

fn numbers(conn: &rusqlite::Connection, sql: &str, key: i64) -> Result<Vec<(i64, i64)>, StoreFault> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([key], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
