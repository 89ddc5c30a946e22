//! What is kept for one person outside the journals: credentials, documents, invitations, read marks.
//! Understands none of the contents.

use std::collections::BTreeMap;

use chat::limits::PREFERENCES_MAX;
use chat::{PersonId, RoomId, Time};

use crate::change::Credentials;
use crate::engine::{Conn, int, params, uint, uint32};
use crate::fault::StoreFault;
use crate::journal::Batch;
use crate::limits::{CONTACTS_MAX, DOCUMENT_BYTES_MAX, DOCUMENT_NAME_BYTES_MAX, PUBLICATIONS_MAX};
use crate::mentions;
use crate::shelf::{Document, Invitation, PutOutcome, ReadMark, Reading, Shelf};

/// A document to be put or (with no content) taken away.
pub(crate) struct Put {
    pub(crate) person: PersonId,
    pub(crate) shelf: Shelf,
    pub(crate) name: String,
    pub(crate) expected: Option<u64>,
    pub(crate) content: Option<Vec<u8>>,
}

/// One document by name, or all of a shelf; by name.
pub(crate) fn documents(
    conn: &Conn,
    person: PersonId,
    shelf: Shelf,
    name: Option<&str>,
) -> Result<Vec<Document>, StoreFault> {
    let mut statement = conn.prepare(
        "SELECT name, version, content FROM document
         WHERE person = ?1 AND shelf = ?2 AND (name = ?3 OR ?3 IS NULL) ORDER BY name",
    )?;
    let mut rows = statement.query(params![person.0, code(shelf), name])?;
    let mut documents = Vec::new();
    while let Some(row) = rows.next()? {
        let version = uint(row.get(1)?, "version of a document")?;
        documents.push(Document { name: row.get(0)?, version, content: row.get(2)? });
    }
    Ok(documents)
}

/// Puts a document, replaces it or takes it away.
pub(crate) fn put_document(batch: &mut Batch<'_>, put: &Put) -> Result<PutOutcome, StoreFault> {
    if put.name.len() > DOCUMENT_NAME_BYTES_MAX {
        return Ok(PutOutcome::TooLarge { limit: DOCUMENT_NAME_BYTES_MAX });
    }
    if put.content.as_ref().is_some_and(|content| content.len() > DOCUMENT_BYTES_MAX) {
        return Ok(PutOutcome::TooLarge { limit: DOCUMENT_BYTES_MAX });
    }
    let conn = batch.conn;
    let (person, shelf) = (put.person.0, code(put.shelf));
    if !is_there(conn, put.person)? {
        return Ok(PutOutcome::NoSuchPerson);
    }
    let present: Option<i64> = conn.row(
        "SELECT version FROM document WHERE person = ?1 AND shelf = ?2 AND name = ?3",
        params![person, shelf, put.name],
        |row| row.get(0),
    )?;
    let version = uint(present.unwrap_or(0), "version of a document")?;
    if put.expected.is_some_and(|expected| expected != version) {
        return Ok(PutOutcome::Conflict(version));
    }
    let Some(content) = &put.content else {
        if present.is_some() {
            let gone = conn.execute(
                "DELETE FROM document WHERE person = ?1 AND shelf = ?2 AND name = ?3 AND version = ?4",
                params![person, shelf, put.name, int(version)],
            )?;
            if gone == 0 {
                return Err(StoreFault::Busy);
            }
            batch.wrote = true;
        }
        return Ok(PutOutcome::Removed);
    };
    let limit = documents_max(put.shelf);
    if present.is_none() && count(conn, put.person, put.shelf)? >= limit {
        return Ok(PutOutcome::TooMany { limit });
    }
    let written = conn.execute(
        "INSERT INTO document (person, shelf, name, version, content) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (person, shelf, name) DO UPDATE SET version = ?4, content = ?5 WHERE document.version = ?6",
        params![person, shelf, put.name, int(version + 1), content, int(version)],
    )?;
    if written == 0 {
        // Another server wrote it a moment ago: it is looked at again.
        return Err(StoreFault::Busy);
    }
    batch.wrote = true;
    Ok(PutOutcome::Stored(version + 1))
}

/// What a person signs on with.
pub(crate) fn credentials(conn: &Conn, person: PersonId) -> Result<Option<Credentials>, StoreFault> {
    conn.row("SELECT argon2, nt FROM credential WHERE person = ?1", params![person.0], |row| {
        Ok(Credentials { argon2: row.get(0)?, nt: row.get(1)? })
    })
}

/// All invitations a person was ever shown, in their order.
pub(crate) fn invitations(conn: &Conn, person: PersonId) -> Result<Vec<Invitation>, StoreFault> {
    let mut statement =
        conn.prepare("SELECT room, id, time FROM invitation WHERE person = ?1 ORDER BY id")?;
    let mut rows = statement.query(params![person.0])?;
    let mut invitations = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, time) = (uint(row.get(1)?, "invitation")?, Time::from_unix_micros(row.get(2)?));
        invitations.push(Invitation { room: RoomId(row.get(0)?), id, time });
    }
    Ok(invitations)
}

/// Numbers the rooms a person sees for the first time.
pub(crate) fn invite(batch: &mut Batch<'_>, person: PersonId, granted: &[RoomId]) -> Result<(), StoreFault> {
    // Numbers are given in a row: another server that gives some to the same person waits, or is waited for.
    batch.conn.hold_person(person.0)?;
    let mut insert = batch.conn.prepare(
        "INSERT INTO invitation (person, room, id, time)
         SELECT p.id, r.id, 1 + coalesce((SELECT max(i.id) FROM invitation i WHERE i.person = p.id), 0), ?3
         FROM person p, room r WHERE p.id = ?1 AND p.state <> 3 AND r.id = ?2 AND r.removed = 0
         ON CONFLICT (person, room) DO NOTHING",
    )?;
    for room in granted {
        if insert.execute(params![person.0, room.0, batch.now.unix_micros()])? > 0 {
            batch.wrote = true;
        }
    }
    Ok(())
}

/// Moves read marks forward, never back.
pub(crate) fn mark_read(batch: &mut Batch<'_>, marks: &[ReadMark]) -> Result<(), StoreFault> {
    let mut put = batch.conn.prepare(
        "INSERT INTO read_mark (person, room, posts)
         SELECT p.id, r.id, ?3 FROM person p, room r
         WHERE p.id = ?1 AND p.state <> 3 AND r.id = ?2 AND r.removed = 0
         ON CONFLICT (person, room) DO UPDATE SET posts = ?3 WHERE read_mark.posts < ?3",
    )?;
    for mark in marks {
        if put.execute(params![mark.person.0, mark.room.0, mark.posts])? > 0 {
            batch.wrote = true;
        }
    }
    Ok(())
}

/// How far a person has read, by room; `pending` are marks that are not kept yet.
pub(crate) fn reading(
    conn: &Conn,
    person: PersonId,
    pending: &[(RoomId, u32)],
) -> Result<Vec<Reading>, StoreFault> {
    let mut statement = conn.prepare("SELECT room, posts FROM read_mark WHERE person = ?1")?;
    let mut rows = statement.query(params![person.0])?;
    let mut marks: BTreeMap<RoomId, u32> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        marks.insert(RoomId(row.get(0)?), uint32(row.get(1)?, "read mark")?);
    }
    for (room, post) in pending {
        let mark = marks.entry(*room).or_default();
        *mark = (*mark).max(*post);
    }
    marks.into_iter().filter_map(|(room, read)| left_of(conn, person, room, read).transpose()).collect()
}

/// What is left of a room after the last post read; `None` when the room was removed.
fn left_of(conn: &Conn, person: PersonId, room: RoomId, read: u32) -> Result<Option<Reading>, StoreFault> {
    let found: Option<(i64, i64)> = conn.row(
        "SELECT h.journal, h.posts FROM head h JOIN room r ON r.id = h.subject AND r.removed = 0
             WHERE h.kind = 1 AND h.subject = ?1",
        params![room.0],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let Some((journal, posts)) = found else { return Ok(None) };
    let posts = uint32(posts, "head posts")?;
    let left = posts.saturating_sub(read);
    let unread = if left == 0 { 0 } else { left - skipped_after(conn, room, journal, read)?.min(left) };
    let mentions = if left == 0 { 0 } else { mentions::count(conn, person, room, read)? };
    Ok(Some(Reading { room, read, posts, unread, mentions }))
}

/// How many numbers of posts after one the gaps of eras have skipped.
fn skipped_after(conn: &Conn, room: RoomId, journal: i64, read: u32) -> Result<u32, StoreFault> {
    let mut gaps = conn.prepare("SELECT fork, last FROM gap WHERE journal = ?1 ORDER BY era")?;
    let mut last_before =
        conn.prepare("SELECT post FROM post WHERE room = ?1 AND number <= ?2 ORDER BY number DESC LIMIT 1")?;
    let mut rows = gaps.query(params![journal])?;
    let (mut end, mut skipped) = (0_u32, 0);
    while let Some(row) = rows.next()? {
        let (fork, last) = (row.get::<i64>(0)?, row.get::<i64>(1)?);
        let posts: Option<i64> = last_before.row(params![room.0, fork], |row| row.get(0))?;
        // A gap follows the last post before it, or the gap before it when nothing was said between.
        let begin = end.max(uint32(posts.unwrap_or(0), "post")?);
        end = begin.saturating_add(uint32(last - fork, "gap")?);
        skipped += end - begin.max(read).min(end);
    }
    Ok(skipped)
}

fn is_there(conn: &Conn, person: PersonId) -> Result<bool, StoreFault> {
    conn.one("SELECT EXISTS (SELECT 1 FROM person WHERE id = ?1 AND state <> 3)", params![person.0], |row| {
        row.get(0)
    })
}

fn count(conn: &Conn, person: PersonId, shelf: Shelf) -> Result<usize, StoreFault> {
    let count: i64 = conn.one(
        "SELECT count(*) FROM document WHERE person = ?1 AND shelf = ?2",
        params![person.0, code(shelf)],
        |row| row.get(0),
    )?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

fn documents_max(shelf: Shelf) -> usize {
    match shelf {
        Shelf::Preference => PREFERENCES_MAX,
        Shelf::Contacts => CONTACTS_MAX,
        Shelf::Publication => PUBLICATIONS_MAX,
    }
}

fn code(shelf: Shelf) -> i64 {
    match shelf {
        Shelf::Preference => 1,
        Shelf::Contacts => 2,
        Shelf::Publication => 3,
    }
}
