//! Figures for reports: how alive rooms are, who posts how much and when, and where somebody has a role.
//! Counts posts by their headers; no text of one is read here.

use std::collections::BTreeMap;

use chat::{CategoryId, Entry, NodeName, PersonId, Principal, RoomEntry, RoomId, Time};
use uuid::Uuid;

use crate::amend::said_before;
use crate::engine::{Conn, damaged, params, uint, uint32};
use crate::facts::List;
use crate::fault::StoreFault;
use crate::journal::read_header;
use crate::limits::{SEEK_ROWS_MAX, TALLY_POSTS_MAX};
use crate::listing::Sets;
use crate::rows::{Node, guid, parsed, principal};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// How alive a room is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pulse {
    /// Which room.
    pub room: RoomId,
    /// Its GUID.
    pub guid: Uuid,
    /// Its name.
    pub name: NodeName,
    /// The category it lies in.
    pub category: CategoryId,
    /// Whether it is closed to everybody.
    pub disabled: bool,
    /// How many posts there have been, those whose text was taken away included.
    pub posts: u32,
    /// When the newest was said.
    pub last: Option<Time>,
    /// Octets of its kept posts.
    pub octets: u64,
}

/// A page of counting posts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Posts of each room that has any.
    pub rooms: BTreeMap<RoomId, u64>,
    /// Posts of each person who said any.
    pub people: BTreeMap<PersonId, u64>,
    /// Posts of each day in UTC, counted from the Unix epoch.
    pub days: BTreeMap<i64, u64>,
    /// The room and post after which to count on; `None` at the end.
    pub next: Option<(RoomId, u32)>,
}

/// A place on a list of a room or category.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holding {
    /// Of what.
    pub node: Node,
    /// Its name.
    pub name: NodeName,
    /// Its GUID.
    pub guid: Uuid,
    /// The category it lies in; its own number for a category.
    pub category: CategoryId,
    /// Whether it is closed to everybody.
    pub disabled: bool,
    /// The list.
    pub list: List,
    /// Who stands there.
    pub principal: Principal,
    /// The operation that put it there, by its number in the pool's journal.
    pub granted: u64,
}

/// How many there are of what reports count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Headcount {
    /// People who were not removed.
    pub people: usize,
    /// Those of them who may sign on.
    pub enabled: usize,
    /// Categories.
    pub categories: usize,
}

pub(crate) fn headcount(conn: &Conn) -> Result<Headcount, StoreFault> {
    let count = |sql: &str| -> Result<usize, StoreFault> {
        let count: i64 = conn.one(sql, params![], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    };
    Ok(Headcount {
        people: count("SELECT count(*) FROM person WHERE state <> 3 AND gone = 0")?,
        enabled: count("SELECT count(*) FROM person WHERE state = 1 AND gone = 0")?,
        categories: count("SELECT count(*) FROM category WHERE removed = 0")?,
    })
}

/// The names of the categories that are there.
pub(crate) fn category_names(conn: &Conn) -> Result<Vec<(CategoryId, NodeName)>, StoreFault> {
    let mut statement = conn.prepare("SELECT id, name FROM category WHERE removed = 0 ORDER BY id")?;
    let mut rows = statement.query(params![])?;
    let mut names = Vec::new();
    while let Some(row) = rows.next()? {
        names.push((CategoryId(row.get(0)?), parsed(row, 1, "name", NodeName::parse)?));
    }
    Ok(names)
}

/// The rooms after a number, ascending, each with how alive it is.
pub(crate) fn pulses(conn: &Conn, after: RoomId, limit: usize) -> Result<Vec<Pulse>, StoreFault> {
    let mut statement = conn.prepare(
        "SELECT r.id, r.guid, r.name, r.category, r.disabled, coalesce(h.octets, 0),
                coalesce(h.posts - (SELECT CAST(coalesce(sum(g.last - g.fork), 0) AS BIGINT) FROM gap g WHERE g.journal = h.journal), 0),
                (SELECT e.header FROM post p JOIN entry e ON e.journal = h.journal AND e.number = p.number
                 WHERE p.room = r.id ORDER BY p.post DESC LIMIT 1)
         FROM room r LEFT JOIN head h ON h.kind = 1 AND h.subject = r.id
         WHERE r.id > ?1 AND r.removed = 0 ORDER BY r.id LIMIT ?2",
    )?;
    let limit = i64::try_from(limit.min(SEEK_ROWS_MAX)).expect("a limit of the crate is small");
    let mut rows = statement.query(params![after.0, limit])?;
    let mut pulses = Vec::new();
    while let Some(row) = rows.next()? {
        let newest: Option<Vec<u8>> = row.get(7)?;
        pulses.push(Pulse {
            room: RoomId(row.get(0)?),
            guid: guid(row, 1)?,
            name: parsed(row, 2, "name", NodeName::parse)?,
            category: CategoryId(row.get(3)?),
            disabled: row.get(4)?,
            octets: uint(row.get(5)?, "octets of a room")?,
            posts: uint32(row.get(6)?, "posts of a room")?,
            last: newest.map(|header| read_header(&header)).transpose()?.map(|header| header.time),
        });
    }
    Ok(pulses)
}

/// Counts what was said between two times in rooms that are there, from a room and post on: as many posts as one read looks at.
pub(crate) fn tally(
    conn: &Conn,
    from: Option<Time>,
    to: Option<Time>,
    after: Option<(RoomId, u32)>,
) -> Result<Tally, StoreFault> {
    let mut tally = Tally::default();
    let mut seen = 0;
    let (room, post) = after.unwrap_or((RoomId(i64::MIN), 0));
    if after.is_some() {
        count(conn, room, from, to, post, &mut seen, &mut tally)?;
    }
    let mut statement = conn.prepare(
        "SELECT r.id FROM room r JOIN head h ON h.kind = 1 AND h.subject = r.id
         WHERE r.removed = 0 AND r.id > ?1 AND h.time >= ?2 AND h.posts > 0 ORDER BY r.id",
    )?;
    let mut rows = statement.query(params![room.0, from.map_or(i64::MIN, Time::unix_micros)])?;
    while tally.next.is_none()
        && let Some(row) = rows.next()?
    {
        // A room costs something even when nothing in it counts.
        seen += 1;
        count(conn, RoomId(row.get(0)?), from, to, 0, &mut seen, &mut tally)?;
    }
    Ok(tally)
}

fn count(
    conn: &Conn,
    room: RoomId,
    from: Option<Time>,
    to: Option<Time>,
    after: u32,
    seen: &mut usize,
    tally: &mut Tally,
) -> Result<(), StoreFault> {
    let after = from.map_or(Ok(after), |from| said_before(conn, room, from, after))?;
    let mut statement = conn.prepare(
        "SELECT p.post, e.header FROM post p
         JOIN head h ON h.kind = 1 AND h.subject = p.room
         JOIN entry e ON e.journal = h.journal AND e.number = p.number
         WHERE p.room = ?1 AND p.post > ?2 ORDER BY p.post",
    )?;
    let mut rows = statement.query(params![room.0, after])?;
    let mut last = after;
    while let Some(row) = rows.next()? {
        if *seen >= TALLY_POSTS_MAX {
            tally.next = Some((room, last));
            return Ok(());
        }
        *seen += 1;
        last = uint32(row.get(0)?, "post")?;
        let header = read_header(row.blob(1)?)?;
        if to.is_some_and(|to| header.time > to) {
            break;
        }
        let Entry::Room(RoomEntry::Posted { author, .. }) = header.entry else {
            return Err(damaged("the entry of a post is another entry", last));
        };
        *tally.rooms.entry(room).or_default() += 1;
        *tally.people.entry(author).or_default() += 1;
        *tally.days.entry(header.time.unix_micros().div_euclid(DAY)).or_default() += 1;
    }
    if *seen >= TALLY_POSTS_MAX {
        tally.next = Some((room, u32::MAX));
    }
    Ok(())
}

/// Every place these principals have on a list of a room or category that is there, by name.
pub(crate) fn holdings(conn: &Conn, principals: &[Principal]) -> Result<Vec<Holding>, StoreFault> {
    let mut all = of_rooms(conn, principals)?;
    all.extend(of_categories(conn, principals)?);
    all.sort_by_cached_key(|holding| (holding.name.folded(), holding.list));
    Ok(all)
}

const ROOM_LISTS: [List; 3] = [List::Members, List::Managers, List::Presenters];
const CATEGORY_LISTS: [List; 3] = [List::Allowed, List::Denied, List::Creators];

fn of_rooms(conn: &Conn, principals: &[Principal]) -> Result<Vec<Holding>, StoreFault> {
    let mut statement = conn.prepare(
        "SELECT l.list, l.person, l.domain, l.grp, l.granted, r.name, r.guid, r.id, r.category, r.disabled
         FROM (SELECT * FROM room_principal WHERE person IN (SELECT CAST(value AS BIGINT) FROM json_each(?1))
               UNION ALL SELECT * FROM room_principal WHERE grp IN (SELECT CAST(value AS BIGINT) FROM json_each(?2))
               UNION ALL SELECT * FROM room_principal WHERE domain IN (SELECT value FROM json_each(?3))) l
         JOIN room r ON r.id = l.room WHERE r.removed = 0",
    )?;
    let sets = Sets::of(principals);
    let mut rows = statement.query(params![sets.people, sets.groups, sets.domains])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(Holding {
            node: Node::Room(RoomId(row.get(7)?)),
            name: parsed(row, 5, "name", NodeName::parse)?,
            guid: guid(row, 6)?,
            category: CategoryId(row.get(8)?),
            disabled: row.get(9)?,
            list: list(ROOM_LISTS, row.get(0)?)?,
            principal: principal(row, 1)?,
            granted: uint(row.get(4)?, "the number of an operation")?,
        });
    }
    Ok(all)
}

fn of_categories(conn: &Conn, principals: &[Principal]) -> Result<Vec<Holding>, StoreFault> {
    let mut statement = conn.prepare(
        "SELECT l.list, l.person, l.domain, l.grp, l.granted, c.name, c.guid, c.id
         FROM (SELECT * FROM category_principal WHERE person IN (SELECT CAST(value AS BIGINT) FROM json_each(?1))
               UNION ALL SELECT * FROM category_principal WHERE grp IN (SELECT CAST(value AS BIGINT) FROM json_each(?2))
               UNION ALL SELECT * FROM category_principal WHERE domain IN (SELECT value FROM json_each(?3))) l
         JOIN category c ON c.id = l.category WHERE c.removed = 0",
    )?;
    let sets = Sets::of(principals);
    let mut rows = statement.query(params![sets.people, sets.groups, sets.domains])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let id = CategoryId(row.get(7)?);
        all.push(Holding {
            node: Node::Category(id),
            name: parsed(row, 5, "name", NodeName::parse)?,
            guid: guid(row, 6)?,
            category: id,
            disabled: false,
            list: list(CATEGORY_LISTS, row.get(0)?)?,
            principal: principal(row, 1)?,
            granted: uint(row.get(4)?, "the number of an operation")?,
        });
    }
    Ok(all)
}

fn list(names: [List; 3], number: i64) -> Result<List, StoreFault> {
    let found = usize::try_from(number - 1).ok().and_then(|index| names.get(index)).copied();
    found.ok_or_else(|| damaged("a list", number))
}
