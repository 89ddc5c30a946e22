//! People, categories and rooms as rows: reading them, and the codes their columns hold.
//! Changes nothing; that is `administer.rs`.

use std::collections::HashMap;

use chat::{
    Address, Category, CategoryId, Description, DisplayName, Domain, Invitations, NodeName, Person, PersonId,
    PersonState, Principal, Privacy, Room, RoomId, RoomKind, Scope,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::engine::{damaged, octets, uint};
use crate::fault::StoreFault;

#[cfg(test)]
mod tests;

/// The lists of a category and of a room, as the column `list` numbers them.
pub(crate) const ALLOWED: i64 = 1;
pub(crate) const DENIED: i64 = 2;
pub(crate) const CREATORS: i64 = 3;
pub(crate) const MEMBERS: i64 = 1;
pub(crate) const MANAGERS: i64 = 2;
pub(crate) const PRESENTERS: i64 = 3;

/// Rows from the first to the last number; a range finds one by its key, where `?1 IS NULL OR id = ?1` would read them all.
const PEOPLE: &str = "SELECT id, guid, address, display_name, state, standing FROM person
     WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
const CATEGORIES: &str = "SELECT id, guid, name, description, invitations, file_upload, history, rules
     FROM category WHERE id BETWEEN ?1 AND ?2 AND removed = 0 ORDER BY id";
const CATEGORY_LISTS: &str = "SELECT category, list, person, domain FROM category_principal
     WHERE category BETWEEN ?1 AND ?2 ORDER BY category, id";
const ROOMS: &str =
    "SELECT id, guid, category, name, description, privacy, kind, invitations, disabled, rules
     FROM room WHERE id BETWEEN ?1 AND ?2 AND removed = 0 ORDER BY id";
const ROOM_LISTS: &str = "SELECT room, list, person, domain FROM room_principal
     WHERE room BETWEEN ?1 AND ?2 ORDER BY room, id";

/// The lists of many rows: (row, list) to principals, in the order they were given.
type Lists = HashMap<(i64, i64), Vec<Principal>>;

/// One person, or all, removed ones included; ascending.
pub(crate) fn people(conn: &Connection, id: Option<PersonId>) -> Result<Vec<Person>, StoreFault> {
    let mut statement = conn.prepare_cached(PEOPLE)?;
    let (first, last) = one_or_all(id.map(|id| id.0));
    let mut rows = statement.query([first, last])?;
    let mut people = Vec::new();
    while let Some(row) = rows.next()? {
        people.push(Person {
            id: PersonId(row.get(0)?),
            guid: guid(row, 1)?,
            address: parsed(row, 2, "address", Address::parse)?,
            display_name: parsed(row, 3, "display name", DisplayName::parse)?,
            state: state(row.get(4)?)?,
            standing: uint(row.get(5)?, "standing")?,
        });
    }
    Ok(people)
}

/// The person who has this address now; nobody who was removed.
pub(crate) fn person_at(conn: &Connection, address: &Address) -> Result<Option<Person>, StoreFault> {
    let mut statement = conn.prepare_cached("SELECT id FROM person WHERE address = ?1 AND state <> 3")?;
    let id = statement.query_row(params![address.as_str()], |row| row.get(0)).optional()?;
    match id {
        Some(id) => Ok(people(conn, Some(PersonId(id)))?.pop()),
        None => Ok(None),
    }
}

/// One category, or all, without removed ones; ascending.
pub(crate) fn categories(conn: &Connection, id: Option<CategoryId>) -> Result<Vec<Category>, StoreFault> {
    let key = one_or_all(id.map(|id| id.0));
    let mut lists = lists(conn, CATEGORY_LISTS, key)?;
    let mut statement = conn.prepare_cached(CATEGORIES)?;
    let mut rows = statement.query(params![key.0, key.1])?;
    let mut categories = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let mut list = |list| lists.remove(&(id, list)).unwrap_or_default();
        categories.push(Category {
            id: CategoryId(id),
            guid: guid(row, 1)?,
            name: parsed(row, 2, "name", NodeName::parse)?,
            description: parsed(row, 3, "description", Description::parse)?,
            scope: Scope { allowed: list(ALLOWED), denied: list(DENIED) },
            creators: list(CREATORS),
            invitations: row.get(4)?,
            file_upload: row.get(5)?,
            history: row.get(6)?,
            rules: uint(row.get(7)?, "category rules")?,
        });
    }
    Ok(categories)
}

/// One room, or all, without removed ones; ascending.
pub(crate) fn rooms(conn: &Connection, id: Option<RoomId>) -> Result<Vec<Room>, StoreFault> {
    let key = one_or_all(id.map(|id| id.0));
    let mut lists = lists(conn, ROOM_LISTS, key)?;
    let mut statement = conn.prepare_cached(ROOMS)?;
    let mut rows = statement.query(params![key.0, key.1])?;
    let mut rooms = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let mut list = |list| lists.remove(&(id, list)).unwrap_or_default();
        rooms.push(Room {
            id: RoomId(id),
            guid: guid(row, 1)?,
            category: CategoryId(row.get(2)?),
            name: parsed(row, 3, "name", NodeName::parse)?,
            description: parsed(row, 4, "description", Description::parse)?,
            privacy: privacy(row.get(5)?)?,
            kind: kind(row.get(6)?)?,
            invitations: invitations(row.get(7)?)?,
            disabled: row.get(8)?,
            members: list(MEMBERS),
            managers: list(MANAGERS),
            presenters: list(PRESENTERS),
            rules: uint(row.get(9)?, "room rules")?,
        });
    }
    Ok(rooms)
}

/// The managed settings, by name.
pub(crate) fn settings(conn: &Connection) -> Result<Vec<(String, String)>, StoreFault> {
    let mut statement = conn.prepare_cached("SELECT name, value FROM setting ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn privacy_code(privacy: Privacy) -> i64 {
    match privacy {
        Privacy::Open => 1,
        Privacy::Closed => 2,
        Privacy::Secret => 3,
    }
}

pub(crate) fn kind_code(kind: RoomKind) -> i64 {
    match kind {
        RoomKind::Normal => 1,
        RoomKind::Auditorium => 2,
    }
}

pub(crate) fn invitations_code(invitations: Invitations) -> i64 {
    match invitations {
        Invitations::Inherit => 1,
        Invitations::Off => 2,
    }
}

fn state(code: i64) -> Result<PersonState, StoreFault> {
    match code {
        1 => Ok(PersonState::Enabled),
        2 => Ok(PersonState::Disabled),
        3 => Ok(PersonState::Removed),
        _ => Err(damaged("state of a person", code)),
    }
}

fn privacy(code: i64) -> Result<Privacy, StoreFault> {
    match code {
        1 => Ok(Privacy::Open),
        2 => Ok(Privacy::Closed),
        3 => Ok(Privacy::Secret),
        _ => Err(damaged("privacy of a room", code)),
    }
}

fn kind(code: i64) -> Result<RoomKind, StoreFault> {
    match code {
        1 => Ok(RoomKind::Normal),
        2 => Ok(RoomKind::Auditorium),
        _ => Err(damaged("kind of a room", code)),
    }
}

fn invitations(code: i64) -> Result<Invitations, StoreFault> {
    match code {
        1 => Ok(Invitations::Inherit),
        2 => Ok(Invitations::Off),
        _ => Err(damaged("invitations of a room", code)),
    }
}

/// The first and last number to read.
fn one_or_all(id: Option<i64>) -> (i64, i64) {
    id.map_or((i64::MIN, i64::MAX), |id| (id, id))
}

fn lists(conn: &Connection, sql: &str, key: (i64, i64)) -> Result<Lists, StoreFault> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([key.0, key.1])?;
    let mut lists = Lists::new();
    while let Some(row) = rows.next()? {
        let principal = match row.get::<_, Option<i64>>(2)? {
            Some(person) => Principal::Person(PersonId(person)),
            None => Principal::Domain(parsed(row, 3, "domain", Domain::parse)?),
        };
        lists.entry((row.get(0)?, row.get(1)?)).or_default().push(principal);
    }
    Ok(lists)
}

fn guid(row: &Row<'_>, column: usize) -> Result<Uuid, StoreFault> {
    Ok(Uuid::from_bytes(octets(&row.get::<_, Vec<u8>>(column)?, "guid")?))
}

fn parsed<T, E: std::fmt::Display>(
    row: &Row<'_>,
    column: usize,
    what: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, StoreFault> {
    parse(&row.get::<_, String>(column)?).map_err(|error| damaged(what, error))
}
