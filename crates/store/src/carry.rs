//! Carries a whole store to another place: every row, proven there before it counts, and a mark in the store that was left.
//! Serves nobody; neither place may be open meanwhile.
//!
//! Killed at any moment, the same request made again comes to the same end: until the copy is committed there is none; a copy that
//! is committed is marked as arriving, and not served, until the store it came from is marked as left.

use chat::{JournalKey, RoomId, ServerId};
use uuid::Uuid;

use crate::engine::{Conn, Location, Make, Value, damaged, list, octets, params, quoted, uint};
use crate::fault::{MoveFault, StoreFault};
use crate::found::refuse_emptied;
use crate::migrate::{migrate, present};
use crate::record::{Carried, Carrying, Options};
use crate::search;
use crate::verify::Walk;

/// The mark of a store that was left, with the place where it went.
const LEFT: &str = "store.left";
/// The mark of a store that has not wholly arrived, with the place it comes from.
const ARRIVING: &str = "store.arriving";

/// The mark with the fingerprint of the key under which secrets are sealed.
const SEALED: &str = "sealing.key";

/// Tells every so many rows how far it is.
const ROWS_PER_WORD: u64 = 10_000;

/// What can be known of a store without taking a place in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The GUID of the pool.
    pub pool: Uuid,
    /// Where it was carried to: nothing is served from it any more.
    pub left_for: Option<String>,
    /// It has not wholly arrived: nothing is served from it yet.
    pub is_arriving: bool,
}

/// Refuses a store that was left or has not arrived.
pub(crate) fn refuse_unless_served(conn: &Conn) -> Result<(), StoreFault> {
    if let Some(place) = mark(conn, LEFT)? {
        let reason = format!("it was moved to {place}, and what is said here would be lost: use that one");
        return Err(StoreFault::NotServed { reason });
    }
    if let Some(place) = mark(conn, ARRIVING)? {
        let reason = format!(
            "it is a copy of the store in {place} that was not finished: say `causerie store move` there once more"
        );
        return Err(StoreFault::NotServed { reason });
    }
    Ok(())
}

/// What is there, if it is a store that was founded.
pub(crate) fn standing(location: &Location) -> Result<Option<Standing>, StoreFault> {
    if location.file().is_some_and(|file| !file.exists()) {
        return Ok(None);
    }
    refuse_emptied(location)?;
    let conn = location.open_reader(&Options::default())?;
    match conn.schema()? {
        None => Ok(None),
        // Says which schema it is, and why it is not for this program.
        Some(_) => {
            present(&conn)?;
            standing_in(&conn)
        }
    }
}

fn standing_in(conn: &Conn) -> Result<Option<Standing>, StoreFault> {
    let guid: Option<Vec<u8>> = conn.row("SELECT guid FROM pool", params![], |row| row.get(0))?;
    let Some(guid) = guid else { return Ok(None) };
    Ok(Some(Standing {
        pool: Uuid::from_bytes(octets(&guid, "guid")?),
        left_for: mark(conn, LEFT)?,
        is_arriving: mark(conn, ARRIVING)?.is_some(),
    }))
}

fn mark(conn: &Conn, name: &str) -> Result<Option<String>, StoreFault> {
    conn.row("SELECT value FROM setting WHERE name = ?1", params![name], |row| row.get(0))
}

/// Keeps a fingerprint of the key of sealed secrets, unless one is kept; returns whether it is the one that is kept.
pub(crate) fn sealed_under(conn: &Conn, fingerprint: &str) -> Result<bool, StoreFault> {
    let put = "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING";
    conn.execute(put, params![SEALED, fingerprint])?;
    Ok(mark(conn, SEALED)?.as_deref() == Some(fingerprint))
}

fn put_mark(conn: &Conn, name: &str, place: &str) -> Result<(), StoreFault> {
    conn.execute("INSERT INTO setting (name, value) VALUES (?1, ?2)", params![name, place]).map(drop)
}

/// A place and how it is called.
#[derive(Clone, Copy)]
pub(crate) struct End<'a> {
    pub(crate) at: &'a Location,
    pub(crate) called: &'a str,
}

/// Carries a store over.
pub(crate) fn carry(
    from: End<'_>,
    to: End<'_>,
    tell: &mut dyn FnMut(Carrying<'_>),
) -> Result<Carried, MoveFault> {
    refuse_emptied(from.at)?;
    let source = from.at.open_to_carry(Make::Never)?;
    if present(&source)? == 0 {
        return Err(damaged("there is no store", from.called).into());
    }
    migrate(&source)?;
    source.keep_others_out()?.then_some(()).ok_or(MoveFault::Running)?;
    let known = standing_in(&source)?.ok_or_else(|| damaged("the store was never founded", from.called))?;
    if known.is_arriving {
        return Err(MoveFault::Arriving);
    }
    let target = to.at.open_to_carry(Make::IfMissing)?;
    migrate(&target)?;
    target.keep_others_out()?.then_some(()).ok_or(MoveFault::Running)?;
    let there = standing_in(&target)?;
    let same = there.as_ref().is_some_and(|there| there.pool == known.pool);
    let carried = match (&known.left_for, &there) {
        (None, None) => copied(&source, &target, from, tell)?,
        (None, Some(there)) if same && there.is_arriving => copied(&source, &target, from, tell)?,
        (Some(place), Some(_)) if place == to.called && same => Carried::default(),
        (Some(place), _) => return Err(MoveFault::Left { place: place.clone() }),
        (None, Some(_)) => return Err(MoveFault::Occupied),
    };
    if known.left_for.is_none() {
        put_mark(&source, LEFT, to.called)?;
        // Whoever has it open all the same writes no more.
        source.execute("UPDATE server SET epoch = epoch + 1", params![])?;
        source.commit().map_err(StoreFault::from)?;
        source.settle()?;
    }
    target.roll_back();
    target.begin()?;
    target.execute("DELETE FROM setting WHERE name = ?1", params![ARRIVING])?;
    target.commit().map_err(StoreFault::from)?;
    target.settle()?;
    tracing::info!(to = to.called, rows = carried.rows, "store.moved");
    Ok(carried)
}

/// Copies every row and proves it; committed, but marked as arriving.
fn copied(
    source: &Conn,
    target: &Conn,
    from: End<'_>,
    tell: &mut dyn FnMut(Carrying<'_>),
) -> Result<Carried, MoveFault> {
    target.roll_back();
    target.begin()?;
    let done = copy(source, target, from, tell).and_then(|carried| {
        target.commit().map_err(StoreFault::from)?;
        Ok(carried)
    });
    if done.is_err() {
        target.roll_back();
    }
    done
}

fn copy(
    source: &Conn,
    target: &Conn,
    from: End<'_>,
    tell: &mut dyn FnMut(Carrying<'_>),
) -> Result<Carried, MoveFault> {
    let tables = target.tables()?;
    same_tables(source, &tables)?;
    target.erase(&tables)?;
    let mut carried = Carried { tables: tables.len(), ..Carried::default() };
    for table in &tables {
        carried.rows += copy_table(source, target, table, tell)?;
    }
    target.count_on(&source.last_numbers()?)?;
    index(target, tell)?;
    prove(source, target, &tables, &mut carried, tell)?;
    put_mark(target, ARRIVING, from.called)?;
    Ok(carried)
}

fn same_tables(source: &Conn, tables: &[String]) -> Result<(), MoveFault> {
    let (mut here, mut there) = (source.tables()?, tables.to_vec());
    here.sort();
    there.sort();
    if here == there {
        return Ok(());
    }
    Err(MoveFault::Differs {
        what: format!("one has the tables {}, the other {}", here.join(" "), there.join(" ")),
    })
}

/// Copies one table; returns how many rows it has.
fn copy_table(
    source: &Conn,
    target: &Conn,
    table: &str,
    tell: &mut dyn FnMut(Carrying<'_>),
) -> Result<u64, MoveFault> {
    let columns = source.columns(table)?;
    let of = source.count(table)?;
    let (mut rows, width) = (0, columns.len());
    tell(Carrying::Rows { table, done: 0, of });
    let mut intake = target.take_in(table, &columns)?;
    let sql = format!("SELECT {} FROM {}", list(&columns), quoted(table));
    source.each_row(table, &sql, |row| {
        let values = (0..width).map(|column| row.value(column)).collect::<Result<Vec<Value<'_>>, _>>()?;
        intake.row(&values)?;
        rows += 1;
        if rows % ROWS_PER_WORD == 0 {
            tell(Carrying::Rows { table, done: rows, of });
        }
        Ok(())
    })?;
    intake.finish()?;
    Ok(rows)
}

/// Makes the index of texts anew.
fn index(target: &Conn, tell: &mut dyn FnMut(Carrying<'_>)) -> Result<(), StoreFault> {
    let of = "FROM post p JOIN body b ON b.id = p.body WHERE p.kept = 1";
    let all: i64 = target.one(&format!("SELECT count(*) {of}"), params![], |row| row.get(0))?;
    let (mut done, of_all) = (0, uint(all, "a count")?);
    target.each_row("indexed", &format!("SELECT p.id, p.room, b.text {of}"), |row| {
        search::add(target, row.get(0)?, RoomId(row.get(1)?), row.text(2)?)?;
        if done % ROWS_PER_WORD == 0 {
            tell(Carrying::Texts { done, of: of_all });
        }
        done += 1;
        Ok(())
    })
}

/// Proves that the same is on both sides: counts, the end of every journal, and every journal from its beginning.
fn prove(
    source: &Conn,
    target: &Conn,
    tables: &[String],
    carried: &mut Carried,
    tell: &mut dyn FnMut(Carrying<'_>),
) -> Result<(), MoveFault> {
    for table in tables {
        let (here, there) = (source.count(table)?, target.count(table)?);
        if here != there {
            let what = format!("the table {table} has {here} rows, its copy {there}");
            return Err(MoveFault::Differs { what });
        }
    }
    let (here, there) = (heads(source)?, heads(target)?);
    if here != there {
        let at = here.iter().zip(&there).find(|(one, other)| one != other).map(|(one, _)| one.0);
        return Err(MoveFault::Differs { what: format!("the journal {at:?} ends otherwise in its copy") });
    }
    carried.journals = there.len();
    let of = there.len() as u64;
    for (done, (key, ..)) in (0_u64..).zip(there) {
        tell(Carrying::Journals { done, of });
        let mut walk = Walk::new(key);
        while !walk.page(target)? {}
        carried.entries += walk.found.entries;
        carried.bodies += walk.found.bodies;
    }
    Ok(())
}

/// A journal with where it ends: era, number, posts, octets, time and chain.
type Ending = (JournalKey, [i64; 5], Vec<u8>);

fn heads(conn: &Conn) -> Result<Vec<Ending>, StoreFault> {
    let sql =
        "SELECT kind, subject, era, number, posts, octets, time, chain FROM head ORDER BY kind, subject";
    conn.all(sql, params![], |row| {
        let facts = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
        Ok((key_of(row.get(0)?, row.get(1)?)?, facts, row.get(7)?))
    })
}

fn key_of(kind: i64, subject: i64) -> Result<JournalKey, StoreFault> {
    match kind {
        1 => Ok(JournalKey::Room(RoomId(subject))),
        2 => Ok(JournalKey::Server(ServerId(subject))),
        3 => Ok(JournalKey::Pool),
        other => Err(damaged("a kind of journal", other)),
    }
}
