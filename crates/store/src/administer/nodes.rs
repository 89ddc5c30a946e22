//! Categories and rooms: made, changed, removed, and their names.
//! Who stands on their lists is `lists.rs`.

use chat::{AddInId, CategoryId, Change, RoomId, Subject};

use super::{Desk, fresh, switched};
use crate::change::{CategoryDraft, RoomDraft, RowDone};
use crate::engine::{int, params, uint};
use crate::fault::AdminFault;
use crate::rows;

/// The kinds of nodes in the table of names.
const CATEGORY: i64 = 1;
const ROOM: i64 = 2;

impl Desk<'_, '_> {
    pub(super) fn new_category(&mut self, draft: &CategoryDraft) -> Result<RowDone, AdminFault> {
        let guid = self.batch.guid();
        let conn = self.batch.conn;
        let id = conn.insert(
            "INSERT INTO category (guid, name, description, invitations, file_upload, history, rules)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)",
            params![
                guid.as_bytes(),
                draft.name.as_str(),
                draft.description.as_str(),
                draft.invitations,
                draft.file_upload,
                draft.history
            ],
        )?;
        self.claim_name(&draft.name.folded(), CATEGORY, id)?;
        self.put_category_lists(CategoryId(id), draft)?;
        self.tell(Subject::Category(CategoryId(id)), Change::Created);
        self.category_now(CategoryId(id))
    }

    pub(super) fn set_category(
        &mut self,
        id: CategoryId,
        expected: Option<u64>,
        draft: &CategoryDraft,
    ) -> Result<RowDone, AdminFault> {
        let rules = self.category_rules(id)?;
        fresh(expected, rules)?;
        self.batch.conn.execute(
            "UPDATE category SET name = ?1, description = ?2, invitations = ?3, file_upload = ?4,
                 history = ?5, rules = ?6 WHERE id = ?7",
            params![
                draft.name.as_str(),
                draft.description.as_str(),
                draft.invitations,
                draft.file_upload,
                draft.history,
                int(rules + 1),
                id.0
            ],
        )?;
        self.change_name(&draft.name.folded(), CATEGORY, id.0)?;
        self.put_category_lists(id, draft)?;
        self.tell(Subject::Category(id), Change::Changed);
        self.category_now(id)
    }

    pub(super) fn remove_category(&mut self, id: CategoryId) -> Result<RowDone, AdminFault> {
        let rules = self.category_rules(id)?;
        let conn = self.batch.conn;
        let full: bool = conn.one(
            "SELECT EXISTS (SELECT 1 FROM room WHERE category = ?1 AND removed = 0)",
            params![id.0],
            |row| row.get(0),
        )?;
        if full {
            return Err(AdminFault::NotEmpty);
        }
        conn.execute(
            "UPDATE category SET removed = 1, rules = ?1 WHERE id = ?2",
            params![int(rules + 1), id.0],
        )?;
        conn.execute("DELETE FROM category_principal WHERE category = ?1", params![id.0])?;
        self.free_name(CATEGORY, id.0)?;
        self.tell(Subject::Category(id), Change::Removed);
        Ok(RowDone::Removed(Subject::Category(id)))
    }

    pub(super) fn new_room(&mut self, draft: &RoomDraft) -> Result<RowDone, AdminFault> {
        fresh(draft.under_category_rules, self.category_rules(draft.category)?)?;
        let guid = self.batch.guid();
        let conn = self.batch.conn;
        let id = RoomId(conn.insert("INSERT INTO room (guid, category, name, description, privacy, kind, invitations, disabled, add_in, rules)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)", params![
            guid.as_bytes(),
            draft.category.0,
            draft.name.as_str(),
            draft.description.as_str(),
            rows::privacy_code(draft.privacy),
            rows::kind_code(draft.kind),
            rows::invitations_code(draft.invitations),
            draft.disabled,
            self.add_in(draft.add_in)?
        ])?);
        self.claim_name(&draft.name.folded(), ROOM, id.0)?;
        self.put_room_lists(id, draft)?;
        self.tell(Subject::Room(id), Change::Created);
        self.rooms.push((id, Change::Created, 1));
        self.room_now(id)
    }

    pub(super) fn set_room(
        &mut self,
        id: RoomId,
        expected: Option<u64>,
        draft: &RoomDraft,
    ) -> Result<RowDone, AdminFault> {
        let (rules, disabled) = self.room_rules(id)?;
        fresh(expected, rules)?;
        fresh(draft.under_category_rules, self.category_rules(draft.category)?)?;
        self.batch.conn.execute(
            "UPDATE room SET category = ?1, name = ?2, description = ?3, privacy = ?4, kind = ?5,
                 invitations = ?6, disabled = ?7, rules = ?8, add_in = ?10 WHERE id = ?9",
            params![
                draft.category.0,
                draft.name.as_str(),
                draft.description.as_str(),
                rows::privacy_code(draft.privacy),
                rows::kind_code(draft.kind),
                rows::invitations_code(draft.invitations),
                draft.disabled,
                int(rules + 1),
                id.0,
                self.add_in(draft.add_in)?
            ],
        )?;
        self.change_name(&draft.name.folded(), ROOM, id.0)?;
        self.put_room_lists(id, draft)?;
        let change = switched(!disabled, !draft.disabled);
        self.tell(Subject::Room(id), change);
        self.rooms.push((id, change, rules + 1));
        self.room_now(id)
    }

    pub(super) fn remove_room(&mut self, id: RoomId) -> Result<RowDone, AdminFault> {
        let (rules, _) = self.room_rules(id)?;
        let conn = self.batch.conn;
        conn.execute("UPDATE room SET removed = 1, rules = ?1 WHERE id = ?2", params![int(rules + 1), id.0])?;
        for table in ["room_principal", "invitation", "mention", "read_mark"] {
            conn.execute(&format!("DELETE FROM {table} WHERE room = ?1"), params![id.0])?;
        }
        self.free_name(ROOM, id.0)?;
        self.tell(Subject::Room(id), Change::Removed);
        self.rooms.push((id, Change::Removed, rules + 1));
        Ok(RowDone::Removed(Subject::Room(id)))
    }
}

/// What the changes above share.
impl Desk<'_, '_> {
    pub(super) fn category_rules(&self, id: CategoryId) -> Result<u64, AdminFault> {
        let rules: Option<i64> = self.batch.conn.row(
            "SELECT rules FROM category WHERE id = ?1 AND removed = 0",
            params![id.0],
            |row| row.get(0),
        )?;
        let rules = rules.ok_or(AdminFault::NoSuch(Subject::Category(id)))?;
        Ok(uint(rules, "category rules")?)
    }

    pub(super) fn room_rules(&self, id: RoomId) -> Result<(u64, bool), AdminFault> {
        let found: Option<(i64, bool)> = self.batch.conn.row(
            "SELECT rules, disabled FROM room WHERE id = ?1 AND removed = 0",
            params![id.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let (rules, disabled) = found.ok_or(AdminFault::NoSuch(Subject::Room(id)))?;
        Ok((uint(rules, "room rules")?, disabled))
    }

    /// The add-in's number, if there is such an add-in.
    fn add_in(&self, id: Option<AddInId>) -> Result<Option<i64>, AdminFault> {
        let Some(id) = id else { return Ok(None) };
        let there: bool = self.batch.conn.one(
            "SELECT EXISTS (SELECT 1 FROM add_in WHERE id = ?1)",
            params![id.0],
            |row| row.get(0),
        )?;
        if there { Ok(Some(id.0)) } else { Err(AdminFault::NoSuch(Subject::AddIn(id))) }
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
        let claimed = self.batch.conn.execute(
            "INSERT INTO name (folded, kind, id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![folded, kind, id],
        )?;
        if claimed == 0 { Err(AdminFault::DuplicateName) } else { Ok(()) }
    }

    fn change_name(&self, folded: &str, kind: i64, id: i64) -> Result<(), AdminFault> {
        let changed = self.batch.conn.update_unless_taken(
            "UPDATE name SET folded = ?1 WHERE kind = ?2 AND id = ?3",
            params![folded, kind, id],
        )?;
        if changed == 0 { Err(AdminFault::DuplicateName) } else { Ok(()) }
    }

    fn free_name(&self, kind: i64, id: i64) -> Result<(), AdminFault> {
        self.batch.conn.execute("DELETE FROM name WHERE kind = ?1 AND id = ?2", params![kind, id])?;
        Ok(())
    }
}
