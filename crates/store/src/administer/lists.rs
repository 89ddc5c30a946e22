//! Lists of principals of rooms and categories: who is put on them keeps the number of the operation that did it.
//! Says nothing about who may be on them.

use std::collections::{HashMap, HashSet};

use chat::{CategoryId, Change, GroupId, Principal, RoomId, Subject};

use super::{Desk, numbers};
use crate::change::{CategoryDraft, RoomDraft};
use crate::engine::{int, params, uint};
use crate::fault::AdminFault;
use crate::rows;

/// A principal as the tables have it: person, domain, group.
type Columns<'p> = (Option<i64>, Option<&'p str>, Option<u32>);

/// The statements of one kind of node.
struct Sql {
    read: &'static str,
    put: &'static str,
    take: &'static str,
}

const CATEGORY: Sql = Sql {
    read: "SELECT id, list, person, domain, grp FROM category_principal WHERE category = ?1 ORDER BY id",
    put: "INSERT INTO category_principal (category, list, person, domain, grp, granted) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    take: "DELETE FROM category_principal WHERE id = ?1",
};
const ROOM: Sql = Sql {
    read: "SELECT id, list, person, domain, grp FROM room_principal WHERE room = ?1 ORDER BY id",
    put: "INSERT INTO room_principal (room, list, person, domain, grp, granted) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    take: "DELETE FROM room_principal WHERE id = ?1",
};

impl Desk<'_, '_> {
    pub(super) fn put_category_lists(&self, id: CategoryId, draft: &CategoryDraft) -> Result<(), AdminFault> {
        let lists = [
            (rows::ALLOWED, &draft.scope.allowed),
            (rows::DENIED, &draft.scope.denied),
            (rows::CREATORS, &draft.creators),
        ];
        self.put_lists(&CATEGORY, id.0, lists)
    }

    pub(super) fn put_room_lists(&self, id: RoomId, draft: &RoomDraft) -> Result<(), AdminFault> {
        let lists = [
            (rows::MEMBERS, &draft.members),
            (rows::MANAGERS, &draft.managers),
            (rows::PRESENTERS, &draft.presenters),
        ];
        self.put_lists(&ROOM, id.0, lists)
    }

    /// Makes the lists what they are to be; whoever stays keeps its place.
    fn put_lists(&self, sql: &Sql, id: i64, lists: [(i64, &Vec<Principal>); 3]) -> Result<(), AdminFault> {
        let conn = self.batch.conn;
        let mut stand: HashMap<(i64, Principal), i64> = HashMap::new();
        {
            let mut statement = conn.prepare(sql.read)?;
            let mut rows = statement.query(params![id])?;
            while let Some(row) = rows.next()? {
                stand.insert((row.get(1)?, rows::principal(row, 2)?), row.get(0)?);
            }
        }
        let mut put = conn.prepare(sql.put)?;
        for (list, principals) in lists {
            let mut seen = HashSet::new();
            for principal in principals.iter().filter(|principal| seen.insert((*principal).clone())) {
                if stand.remove(&(list, principal.clone())).is_some() {
                    continue;
                }
                let (person, domain, group) = self.columns(principal)?;
                put.execute(params![id, list, person, domain, group, int(self.operation)])?;
            }
        }
        let mut take = conn.prepare(sql.take)?;
        for row in stand.into_values() {
            take.execute(params![row])?;
        }
        Ok(())
    }

    fn columns<'p>(&self, principal: &'p Principal) -> Result<Columns<'p>, AdminFault> {
        match principal {
            Principal::Person(person) => {
                self.standing(*person)?;
                Ok((Some(person.0), None, None))
            }
            Principal::Group(group) => {
                self.group_version(*group)?;
                Ok((None, None, Some(group.0)))
            }
            Principal::Domain(domain) => Ok((None, Some(domain.as_str()), None)),
        }
    }

    /// Takes somebody off every list; raises the rules of what named it, and tells of each.
    pub(super) fn unlist(&mut self, column: Unlisted, id: i64) -> Result<(), AdminFault> {
        let conn = self.batch.conn;
        let column = match column {
            Unlisted::Person => "person",
            Unlisted::Group => "grp",
        };
        let raised = numbers(
            conn,
            &format!(
                "UPDATE category SET rules = rules + 1 WHERE removed = 0
                 AND id IN (SELECT category FROM category_principal WHERE {column} = ?1) RETURNING id, rules"
            ),
            id,
        )?;
        for (category, _) in raised {
            self.tell(Subject::Category(CategoryId(category)), Change::Changed);
        }
        let raised = numbers(
            conn,
            &format!(
                "UPDATE room SET rules = rules + 1 WHERE removed = 0
                 AND id IN (SELECT room FROM room_principal WHERE {column} = ?1) RETURNING id, rules"
            ),
            id,
        )?;
        for (room, rules) in raised {
            let rules = uint(rules, "room rules")?;
            self.tell(Subject::Room(RoomId(room)), Change::Changed);
            self.rooms.push((RoomId(room), Change::Changed, rules));
        }
        for table in ["category_principal", "room_principal"] {
            conn.execute(&format!("DELETE FROM {table} WHERE {column} = ?1"), params![id])?;
        }
        Ok(())
    }

    /// The version of a group that is there.
    pub(super) fn group_version(&self, id: GroupId) -> Result<u64, AdminFault> {
        let version: Option<i64> = self.batch.conn.row(
            "SELECT version FROM principal_group WHERE id = ?1",
            params![id.0],
            |row| row.get(0),
        )?;
        let version = version.ok_or(AdminFault::NoSuch(Subject::Group(id)))?;
        Ok(uint(version, "version of a group")?)
    }
}

/// What is taken off lists.
#[derive(Clone, Copy)]
pub(super) enum Unlisted {
    Person,
    Group,
}
