//! Texts taken away or replaced inside one transaction, and which posts of a room are meant.
//! Decides no right: whether somebody may do this was decided before, under the standing that is named.

use std::sync::Arc;

use chat::{Change, Entry, Header, JournalKey, PoolEntry, RoomEntry, RoomId, Subject, Time};

use crate::administer::stands;
use crate::engine::{Conn, damaged, int, params, uint, uint32};
use crate::fault::StoreFault;
use crate::journal::{Batch, read_header};
use crate::limits::{AMEND_POSTS_MAX, SWEEP_BYTES_MAX, SWEEP_POSTS_MAX};
use crate::mentions;
use crate::operations::note;
use crate::record::{Act, Amend, AmendOutcome, Amendment, Body, Recorded, Sweep, Swept, SweptPost};
use crate::search;
use crate::words::{body_of, said};

/// Takes texts away or replaces them, all in this transaction. The old ones leave the index and the file with it.
pub(crate) fn amend(batch: &mut Batch<'_>, amend: &Amend) -> Result<AmendOutcome, StoreFault> {
    let limit = amend.to.posts_max();
    if amend.posts.len() > limit {
        return Ok(AmendOutcome::TooMany { limit });
    }
    let Some(rules) = rules(batch.conn, amend.room)? else { return Ok(AmendOutcome::NoSuchRoom) };
    if !stands(batch.conn, amend.act.by, amend.act.standing, amend.act.token)? {
        return Ok(AmendOutcome::Moved);
    }
    if amend.act.rules.is_some_and(|read| read != rules) {
        return Ok(AmendOutcome::Stale);
    }
    // Nothing is said there and no passing text goes while these are read and amended.
    batch.hold(JournalKey::Room(amend.room))?;
    let mut posts = amend.posts.clone();
    posts.sort_unstable();
    posts.dedup();
    let mut entries = Vec::new();
    for post in posts {
        if let Some(text) = old_text(batch.conn, amend.room, post)? {
            entries.push(amend_one(batch, amend, post, &text)?);
        }
    }
    if entries.is_empty() {
        return Ok(AmendOutcome::Amended { operation: amend.act.operation.unwrap_or_default(), entries });
    }
    let operation = match amend.act.operation {
        Some(operation) => operation,
        None => batch.next_number(JournalKey::Pool)?,
    };
    let change = PoolEntry::Administered {
        by: amend.act.by,
        subject: Subject::Room(amend.room),
        change: Change::Changed,
        operation,
    };
    let told = batch.append(JournalKey::Pool, Entry::Pool(change), asked(&amend.act))?;
    note(batch, operation, amend.act.by, &told.recorded.header, &[Subject::Room(amend.room)])?;
    batch.forgot = true;
    Ok(AmendOutcome::Amended { operation, entries })
}

/// The text of a post before it is amended.
struct OldText {
    /// The row of the post.
    id: i64,
    kept: bool,
    /// The row of the text.
    body: i64,
    text: String,
    /// Octets of text and rich rendering.
    octets: u64,
}

fn old_text(conn: &Conn, room: RoomId, post: u32) -> Result<Option<OldText>, StoreFault> {
    let mut statement = conn.prepare(
        "SELECT p.id, p.kept, p.body, b.text, coalesce(octet_length(b.rtf), 0) FROM post p
         LEFT JOIN body b ON b.id = p.body WHERE p.room = ?1 AND p.post = ?2 AND p.body IS NOT NULL",
    )?;
    let mut rows = statement.query(params![room.0, post])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let body: i64 = row.get(2)?;
    let text: Option<String> = row.get(3)?;
    let text = text.ok_or_else(|| damaged("the text of a post is missing", body))?;
    let octets = text.len() as u64 + uint(row.get(4)?, "octets of a rich rendering")?;
    Ok(Some(OldText { id: row.get(0)?, kept: row.get(1)?, body, text, octets }))
}

fn amend_one(
    batch: &mut Batch<'_>,
    amend: &Amend,
    post: u32,
    old: &OldText,
) -> Result<Arc<Recorded>, StoreFault> {
    let by = amend.act.by;
    let (entry, body) = match &amend.to {
        Amendment::Remove => (RoomEntry::Removed { post, by }, None),
        Amendment::Replace(draft) => (RoomEntry::Replaced { post, by }, Some(body_of(draft, &[]))),
    };
    let done = batch.append(JournalKey::Room(amend.room), Entry::Room(entry), body)?;
    let conn = batch.conn;
    if old.kept {
        batch.reweigh(amend.room, old.octets, amend.to.bytes() as u64)?;
        search::remove(conn, old.id, amend.room, &old.text)?;
        if let Amendment::Replace(draft) = &amend.to {
            search::add(conn, old.id, amend.room, draft.text.as_str())?;
        }
    }
    conn.execute(
        "UPDATE post SET body = ?1, changed = ?2 WHERE id = ?3",
        params![done.body, int(done.recorded.header.position.number), old.id],
    )?;
    // Another text was not said to anybody: it mentions nobody.
    mentions::remove(conn, amend.room, post)?;
    conn.execute("DELETE FROM body WHERE id = ?1", params![old.body])?;
    Ok(done.recorded)
}

/// The body of the pool's entry: the operation as asked, once for all its parts.
fn asked(act: &Act) -> Option<Body> {
    act.operation.is_none().then(|| Body::plain(act.asked.clone()))
}

/// The rules of a room, if it is there.
fn rules(conn: &Conn, room: RoomId) -> Result<Option<u64>, StoreFault> {
    let found =
        conn.row("SELECT rules FROM room WHERE id = ?1 AND removed = 0", params![room.0], |row| row.get(0))?;
    found.map(|rules| uint(rules, "room rules")).transpose()
}

/// The posts a sweep means, from the one after `after` on: at most `limit`, and fewer when many were looked at.
pub(crate) fn sweep(conn: &Conn, sweep: &Sweep, after: u32, limit: usize) -> Result<Swept, StoreFault> {
    let mut found = Swept::default();
    if rules(conn, sweep.room)?.is_none() {
        return Ok(found);
    }
    let limit = limit.clamp(1, AMEND_POSTS_MAX);
    let after = sweep.from.map_or(Ok(after), |from| said_before(conn, sweep.room, from, after))?;
    let mut statement = conn.prepare(
        "SELECT p.post, e.header, b.text FROM post p
         JOIN head h ON h.kind = 1 AND h.subject = p.room
         JOIN entry e ON e.journal = h.journal AND e.number = p.number
         JOIN body b ON b.id = p.body
         WHERE p.room = ?1 AND p.post > ?2 AND p.body IS NOT NULL ORDER BY p.post LIMIT ?3",
    )?;
    let mut rows = statement.query(params![sweep.room.0, after, SWEEP_POSTS_MAX])?;
    let (mut seen, mut bytes) = (0, 0);
    while let Some(row) = rows.next()? {
        let post = uint32(row.get(0)?, "post")?;
        let header = read_header(row.blob(1)?)?;
        if sweep.to.is_some_and(|to| header.time > to) {
            return Ok(found);
        }
        let text = || row.text(2);
        if means(sweep, &header, &mut bytes, text)? {
            let Entry::Room(RoomEntry::Posted { author, .. }) = header.entry else {
                return Err(damaged("the entry of a post is another entry", post));
            };
            found.posts.push(SweptPost { said: said(&header)?, author });
        }
        seen += 1;
        if found.posts.len() == limit || seen == SWEEP_POSTS_MAX || bytes >= SWEEP_BYTES_MAX {
            found.next = Some(post);
            return Ok(found);
        }
    }
    Ok(found)
}

/// Whether one post is meant; its text is read last, and only if it matters.
fn means<'t>(
    sweep: &Sweep,
    header: &Header,
    bytes: &mut usize,
    text: impl FnOnce() -> Result<&'t str, StoreFault>,
) -> Result<bool, StoreFault> {
    let Entry::Room(RoomEntry::Posted { author, .. }) = &header.entry else { return Ok(false) };
    let right = sweep.authors.as_ref().is_none_or(|authors| authors.contains(author))
        && sweep.from.is_none_or(|from| header.time >= from);
    if !right || sweep.filter.is_none() && sweep.unlike.is_none() {
        return Ok(right);
    }
    let text = text()?;
    *bytes += text.len();
    let unlike = sweep.unlike.as_ref().is_none_or(|other| text != other);
    Ok(unlike && sweep.filter.as_ref().is_none_or(|filter| filter.matches(text)))
}

/// A number such that every post after `after` up to it was said before `from`: the later ones begin there. The times of a room
/// never go back, so halving finds it.
pub(crate) fn said_before(conn: &Conn, room: RoomId, from: Time, after: u32) -> Result<u32, StoreFault> {
    let newest: Option<i64> =
        conn.one("SELECT max(post) FROM post WHERE room = ?1", params![room.0], |row| row.get(0))?;
    let mut high = uint32(newest.unwrap_or(0), "post")?;
    let mut low = after;
    let mut statement = conn.prepare(
        "SELECT p.post, e.header FROM post p
         JOIN head h ON h.kind = 1 AND h.subject = p.room
         JOIN entry e ON e.journal = h.journal AND e.number = p.number
         WHERE p.room = ?1 AND p.post > ?2 AND p.post <= ?3 ORDER BY p.post DESC LIMIT 1",
    )?;
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        let found: Option<(i64, Vec<u8>)> =
            statement.row(params![room.0, low, middle], |row| Ok((row.get(0)?, row.get(1)?)))?;
        match found {
            Some((post, header)) if read_header(&header)?.time >= from => high = uint32(post, "post")? - 1,
            _ => low = middle,
        }
    }
    Ok(low)
}
