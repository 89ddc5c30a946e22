//! People, categories and rooms as rows: reading them, and the codes their columns hold.
//! Changes nothing; that is `administer.rs`.

use std::collections::HashMap;

use chat::{
    AddInId, Address, Ancestors, Category, CategoryId, Description, DisplayName, Domain, GroupId,
    Invitations, NodeName, Person, PersonId, PersonState, Principal, Privacy, Roles, Room, RoomId, RoomKind,
    Scope,
};
use uuid::Uuid;

use crate::engine::{Conn, Row, damaged, octets, params, uint};
use crate::facts::{List, ListGrant, PostState};
use crate::fault::StoreFault;
use crate::principals::{affiliations, role_of};

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
const PEOPLE: &str =
    "SELECT id, guid, address, display_name, state, standing, chat, bot, affiliation, gone, admission FROM person
     WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
const ROLES: &str = "SELECT person, role FROM role_grant WHERE person BETWEEN ?1 AND ?2";
const CATEGORIES: &str = "SELECT id, guid, name, description, invitations, file_upload, history, rules
     FROM category WHERE id BETWEEN ?1 AND ?2 AND removed = 0 ORDER BY id";
const CATEGORY_LISTS: &str = "SELECT category, list, person, domain, grp, granted FROM category_principal
     WHERE category BETWEEN ?1 AND ?2 ORDER BY category, id";
const ROOMS: &str =
    "SELECT id, guid, category, name, description, privacy, kind, invitations, disabled, rules, add_in
     FROM room WHERE id BETWEEN ?1 AND ?2 AND removed = 0 ORDER BY id";
const ROOM_LISTS: &str = "SELECT room, list, person, domain, grp, granted FROM room_principal
     WHERE room BETWEEN ?1 AND ?2 ORDER BY room, id";

/// The lists of many rows: (row, list) to principals, in the order they were given.
type Lists = HashMap<(i64, i64), Vec<Principal>>;

/// One person, or all, removed ones included; ascending.
pub(crate) fn people(conn: &Conn, id: Option<PersonId>) -> Result<Vec<Person>, StoreFault> {
    let key = one_or_all(id.map(|id| id.0));
    let mut roles = roles(conn, key)?;
    let mut sets = match id {
        Some(id) => affiliations(conn, Some(id))?,
        None => affiliations(conn, None)?,
    };
    let mut statement = conn.prepare(PEOPLE)?;
    let mut rows = statement.query(params![key.0, key.1])?;
    let mut people = Vec::new();
    while let Some(row) = rows.next()? {
        let set: Option<i64> = row.get(8)?;
        let ancestors = set.map(|set| sets.entry(set).or_default().clone()).unwrap_or_default();
        people.push(person(row, &mut roles, ancestors)?);
    }
    Ok(people)
}

/// The person of a row with the first columns of [`PEOPLE`].
pub(crate) fn person(
    row: Row<'_>,
    roles: &mut HashMap<PersonId, Roles>,
    ancestors: Ancestors,
) -> Result<Person, StoreFault> {
    let id = PersonId(row.get(0)?);
    Ok(Person {
        id,
        guid: guid(row, 1)?,
        address: parsed(row, 2, "address", Address::parse)?,
        display_name: parsed(row, 3, "display name", DisplayName::parse)?,
        // Whom its directory does not know any more is as good as removed, until it does again.
        state: if row.get(9)? { PersonState::Removed } else { state(row.get(4)?)? },
        standing: uint(row.get(5)?, "standing")?,
        admission: uint(row.get(10)?, "admission")?,
        chat: row.get(6)?,
        bot: row.get(7)?,
        roles: roles.remove(&id).unwrap_or_default(),
        ancestors,
    })
}

/// The administrative roles of everybody who has one: few people.
pub(crate) fn all_roles(conn: &Conn) -> Result<HashMap<PersonId, Roles>, StoreFault> {
    roles(conn, one_or_all(None))
}

fn roles(conn: &Conn, key: (i64, i64)) -> Result<HashMap<PersonId, Roles>, StoreFault> {
    let mut statement = conn.prepare(ROLES)?;
    let mut rows = statement.query(params![key.0, key.1])?;
    let mut held: HashMap<PersonId, Vec<_>> = HashMap::new();
    while let Some(row) = rows.next()? {
        held.entry(PersonId(row.get(0)?)).or_default().push(role_of(row.get(1)?)?);
    }
    Ok(held.into_iter().map(|(person, roles)| (person, Roles::of(&roles))).collect())
}

/// The person who has this address now; nobody who was removed.
pub(crate) fn person_at(conn: &Conn, address: &Address) -> Result<Option<Person>, StoreFault> {
    let mut statement =
        conn.prepare("SELECT id FROM person WHERE address = ?1 AND state <> 3 AND gone = 0")?;
    let id = statement.row(params![address.as_str()], |row| row.get(0))?;
    // The same is read whether there is somebody or not: nobody has the number 0.
    Ok(people(conn, Some(PersonId(id.unwrap_or(0))))?.pop())
}

/// One category, or all, without removed ones; ascending.
pub(crate) fn categories(conn: &Conn, id: Option<CategoryId>) -> Result<Vec<Category>, StoreFault> {
    let key = one_or_all(id.map(|id| id.0));
    let mut lists = lists(conn, CATEGORY_LISTS, key)?;
    let mut statement = conn.prepare(CATEGORIES)?;
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
pub(crate) fn rooms(conn: &Conn, id: Option<RoomId>) -> Result<Vec<Room>, StoreFault> {
    let key = one_or_all(id.map(|id| id.0));
    let mut lists = lists(conn, ROOM_LISTS, key)?;
    let mut statement = conn.prepare(ROOMS)?;
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
            add_in: row.get::<Option<i64>>(10)?.map(AddInId),
        });
    }
    Ok(rooms)
}

/// How many rooms each category has that has any.
pub(crate) fn room_counts(conn: &Conn) -> Result<Vec<(CategoryId, usize)>, StoreFault> {
    let rows = conn.all(
        "SELECT category, count(*) FROM room WHERE removed = 0 GROUP BY category",
        params![],
        |row| Ok((CategoryId(row.get(0)?), row.get::<i64>(1)?)),
    )?;
    let mut counts = Vec::new();
    for (category, count) in rows {
        counts.push((category, usize::try_from(count).unwrap_or(usize::MAX)));
    }
    Ok(counts)
}

/// How many rooms a category has.
pub(crate) fn room_count(conn: &Conn, category: CategoryId) -> Result<usize, StoreFault> {
    let count: i64 = conn.one(
        "SELECT count(*) FROM room WHERE category = ?1 AND removed = 0",
        params![category.0],
        |row| row.get(0),
    )?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// The rooms of a category, ascending.
pub(crate) fn rooms_in(conn: &Conn, category: CategoryId) -> Result<Vec<Room>, StoreFault> {
    let ids = conn.all(
        "SELECT id FROM room WHERE category = ?1 AND removed = 0 ORDER BY id",
        params![category.0],
        |row| row.get(0),
    )?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(rooms(conn, Some(RoomId(id)))?);
    }
    Ok(found)
}

/// The managed settings, by name.
pub(crate) fn settings(conn: &Conn) -> Result<Vec<(String, String)>, StoreFault> {
    conn.all("SELECT name, value FROM setting ORDER BY name", params![], |row| Ok((row.get(0)?, row.get(1)?)))
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

fn lists(conn: &Conn, sql: &str, key: (i64, i64)) -> Result<Lists, StoreFault> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query(params![key.0, key.1])?;
    let mut lists = Lists::new();
    while let Some(row) = rows.next()? {
        lists.entry((row.get(0)?, row.get(1)?)).or_default().push(principal(row, 2)?);
    }
    Ok(lists)
}

/// The principal in the columns person, domain, grp from `first` on.
pub(crate) fn principal(row: Row<'_>, first: usize) -> Result<Principal, StoreFault> {
    if let Some(person) = row.get::<Option<i64>>(first)? {
        return Ok(Principal::Person(PersonId(person)));
    }
    if let Some(group) = row.get::<Option<u32>>(first + 2)? {
        return Ok(Principal::Group(GroupId(group)));
    }
    Ok(Principal::Domain(parsed(row, first + 1, "domain", Domain::parse)?))
}

/// Who stands on the lists of a category, and by which operation.
pub(crate) fn category_grants(conn: &Conn, id: CategoryId) -> Result<Vec<ListGrant>, StoreFault> {
    grants(conn, CATEGORY_LISTS, id.0, [List::Allowed, List::Denied, List::Creators])
}

/// Who stands on the lists of a room, and by which operation.
pub(crate) fn room_grants(conn: &Conn, id: RoomId) -> Result<Vec<ListGrant>, StoreFault> {
    grants(conn, ROOM_LISTS, id.0, [List::Members, List::Managers, List::Presenters])
}

fn grants(conn: &Conn, sql: &str, id: i64, names: [List; 3]) -> Result<Vec<ListGrant>, StoreFault> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query(params![id, id])?;
    let mut grants = Vec::new();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(1)?;
        let list = usize::try_from(number - 1).ok().and_then(|index| names.get(index)).copied();
        grants.push(ListGrant {
            list: list.ok_or_else(|| damaged("a list", number))?,
            principal: principal(row, 2)?,
            granted: uint(row.get(5)?, "the number of an operation")?,
        });
    }
    Ok(grants)
}

/// What became of a post.
pub(crate) fn post_state(conn: &Conn, room: RoomId, post: u32) -> Result<PostState, StoreFault> {
    let found: Option<(bool, bool)> = conn.row(
        "SELECT kept, body IS NOT NULL FROM post WHERE room = ?1 AND post = ?2",
        params![room.0, post],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(match found {
        None => PostState::Absent,
        Some((false, _)) => PostState::Unkept,
        Some((true, true)) => PostState::Shown,
        Some((true, false)) => PostState::Removed,
    })
}

/// The room or category of this name, by its key.
pub(crate) fn node_named(conn: &Conn, folded: &str) -> Result<Option<Node>, StoreFault> {
    let found: Option<(i64, i64)> =
        conn.row("SELECT kind, id FROM name WHERE folded = ?1", params![folded], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    Ok(match found {
        Some((1, id)) => Some(Node::Category(CategoryId(id))),
        Some((_, id)) => Some(Node::Room(RoomId(id))),
        None => None,
    })
}

/// The room or category of this GUID, unless it was removed.
pub(crate) fn node_of(conn: &Conn, guid: Uuid) -> Result<Option<Node>, StoreFault> {
    // One statement, whichever of them it is or none.
    let found: Option<(i64, i64)> = conn.row(
        "SELECT 1, id FROM category WHERE guid = ?1 AND removed = 0
             UNION ALL SELECT 2, id FROM room WHERE guid = ?1 AND removed = 0",
        params![guid.as_bytes()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found
        .map(|(kind, id)| if kind == 1 { Node::Category(CategoryId(id)) } else { Node::Room(RoomId(id)) }))
}

/// A room or a category.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Node {
    /// A room.
    Room(RoomId),
    /// A category.
    Category(CategoryId),
}

pub(crate) fn guid(row: Row<'_>, column: usize) -> Result<Uuid, StoreFault> {
    Ok(Uuid::from_bytes(octets(&row.get::<Vec<u8>>(column)?, "guid")?))
}

pub(crate) fn parsed<T, E: std::fmt::Display>(
    row: Row<'_>,
    column: usize,
    what: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, StoreFault> {
    parse(&row.get::<String>(column)?).map_err(|error| damaged(what, error))
}
