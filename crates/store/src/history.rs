//! Posts as they are shown: kept ones, with their present text, and what happened to them since some place.
//! Reads only.

use chat::{Entry, JournalKey, Position, RoomEntry, RoomId, Time};

use crate::engine::{Conn, Row, damaged, params, uint32};
use crate::fault::StoreFault;
use crate::journal::{read_head, read_header, read_resume};
use crate::limits::{ENTRIES_MAX, HISTORY_BYTES_MAX, HISTORY_WINDOW_MAX, PORTION};
use crate::mentions;
use crate::record::{Body, Happened, History, Mark, Passage, PostRecord, Resume, Timeline, Window};

/// What [`read_post`] reads, from `post p` and [`POST_TABLES`].
pub(crate) const POST_COLUMNS: &str = "p.room, p.post, e.header, c.header, b.text, b.rtf, b.mentions";

/// What belongs to a `post p`: its room if that was not removed, its entry, the entry that last changed it, its present text.
pub(crate) const POST_TABLES: &str = "JOIN room r ON r.id = p.room AND r.removed = 0
         JOIN head h ON h.kind = 1 AND h.subject = p.room
         JOIN entry e ON e.journal = h.journal AND e.number = p.number
         LEFT JOIN entry c ON c.journal = h.journal AND c.number = p.changed
         LEFT JOIN body b ON b.id = p.body";

/// One window of a room's history, oldest first.
pub(crate) fn read_window(conn: &Conn, room: RoomId, window: Window) -> Result<History, StoreFault> {
    let (column, bound, order, count) = match window {
        Window::Last(count) => ("post", (0, i64::MAX), "DESC", count),
        Window::Before { number, count } => {
            ("number", (0, i64::try_from(number).unwrap_or(i64::MAX)), "DESC", count)
        }
        Window::After { post, count } => ("post", (i64::from(post), i64::MAX), "ASC", count),
    };
    let mut statement = conn.prepare(&format!(
        "SELECT {POST_COLUMNS}, p.{column} FROM post p {POST_TABLES}
         WHERE p.room = ?1 AND p.{column} > ?2 AND p.{column} < ?3 AND p.kept = 1 AND p.body IS NOT NULL
         ORDER BY p.{column} {order} LIMIT ?4"
    ))?;
    let count = count.min(HISTORY_WINDOW_MAX);
    let (mut after, mut before) = bound;
    let (mut posts, mut bytes, mut cut, mut is_end) = (Vec::new(), 0, false, false);
    while posts.len() < count && !cut && !is_end {
        let portion = PORTION.min(count - posts.len());
        let mut rows = statement.query(params![room.0, after, before, portion])?;
        is_end = true;
        while let Some(row) = rows.next()?
            && !cut
        {
            let place: i64 = row.get(7)?;
            (after, before) = if order == "DESC" { (after, place) } else { (place, before) };
            let post = read_post(row, 0)?;
            bytes += post.bytes();
            cut = bytes > HISTORY_BYTES_MAX && !posts.is_empty();
            if !cut {
                posts.push(post);
            }
            is_end = false;
        }
    }
    if order == "DESC" {
        posts.reverse();
    }
    Ok(History { posts, cut, head: read_head(conn, JournalKey::Room(room))?.position })
}

/// What lies around a place of a room's history, read at one moment: at most so many posts from it on, and so many before it.
pub(crate) fn read_passage(
    conn: &Conn,
    room: RoomId,
    mark: Mark,
    (earlier, later): (usize, usize),
) -> Result<Passage, StoreFault> {
    let first = match mark {
        Mark::Post(post) => post,
        Mark::Time(time) => first_since(conn, room, time)?,
    };
    let later = read_window(conn, room, Window::After { post: first.saturating_sub(1), count: later })?;
    let number = later.posts.first().map_or(u64::MAX, |post| post.position.number);
    Ok(Passage { earlier: read_window(conn, room, Window::Before { number, count: earlier })?, later })
}

/// The number of the first post that was said at a time or later; the one after the last when none was. Times of a room never go
/// back, so that the range is halved until one is left: 32 look-ups at most, however long the room is.
fn first_since(conn: &Conn, room: RoomId, time: Time) -> Result<u32, StoreFault> {
    let sql = "SELECT p.post, e.header FROM post p
         JOIN head h ON h.kind = 1 AND h.subject = p.room
         JOIN entry e ON e.journal = h.journal AND e.number = p.number
         WHERE p.room = ?1 AND p.post >= ?2 ORDER BY p.post LIMIT 1";
    let (mut low, mut high) = (0, u32::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        let found = conn.row(sql, params![room.0, middle], |row| {
            Ok((uint32(row.get(0)?, "post")?, read_header(row.blob(1)?)?.time))
        })?;
        match found {
            Some((post, said)) if said < time => low = post.saturating_add(1),
            Some(_) | None => high = middle,
        }
    }
    Ok(low)
}

/// What happened to the kept posts of a room after a place, in order: at most so much, fewer when texts are long, one at least.
pub(crate) fn read_timeline(
    conn: &Conn,
    room: RoomId,
    seen: Position,
    limit: usize,
) -> Result<Timeline, StoreFault> {
    let key = JournalKey::Room(room);
    let (reset, after) = match read_resume(conn, key, seen)? {
        Resume::Good => (None, seen),
        Resume::ResetTo(place) => (Some(place), place),
    };
    let head = read_head(conn, key)?.position;
    let to = if after.number >= head.number { head } else { after };
    let mut timeline = Timeline { reset, happened: Vec::new(), to, head };
    let mut entries = conn.prepare(
        "SELECT e.header FROM head h JOIN entry e ON e.journal = h.journal
         WHERE h.kind = 1 AND h.subject = ?1 AND e.number > ?2 ORDER BY e.number LIMIT ?3",
    )?;
    let limit = limit.clamp(1, HISTORY_WINDOW_MAX);
    let most = i64::try_from(ENTRIES_MAX).expect("a limit of the crate is small");
    let mut rows = entries.query(params![room.0, i64::try_from(after.number).unwrap_or(i64::MAX), most])?;
    let mut bytes = 0;
    while timeline.happened.len() < limit
        && let Some(row) = rows.next()?
    {
        let header = read_header(row.blob(0)?)?;
        let at = header.position;
        if let Some(post) = kept_post(conn, room, &header.entry)? {
            bytes += post.bytes();
            if bytes > HISTORY_BYTES_MAX && !timeline.happened.is_empty() {
                break;
            }
            timeline.happened.push(Happened { at, post });
        }
        timeline.to = at;
    }
    Ok(timeline)
}

/// One post of a room that was not removed, history or not.
pub(crate) fn read_one(conn: &Conn, room: RoomId, post: u32) -> Result<Option<PostRecord>, StoreFault> {
    let sql = format!("SELECT {POST_COLUMNS} FROM post p {POST_TABLES} WHERE p.room = ?1 AND p.post = ?2");
    conn.row(&sql, params![room.0, post], |row| read_post(row, 0))
}

/// The post an entry is about, if it is history.
fn kept_post(conn: &Conn, room: RoomId, entry: &Entry) -> Result<Option<PostRecord>, StoreFault> {
    let Entry::Room(
        RoomEntry::Posted { post, .. } | RoomEntry::Removed { post, .. } | RoomEntry::Replaced { post, .. },
    ) = entry
    else {
        return Ok(None);
    };
    let mut statement = conn.prepare(&format!(
        "SELECT {POST_COLUMNS} FROM post p {POST_TABLES} WHERE p.room = ?1 AND p.post = ?2 AND p.kept = 1"
    ))?;
    let mut rows = statement.query(params![room.0, post])?;
    rows.next()?.map(|row| read_post(row, 0)).transpose()
}

/// One post out of [`POST_COLUMNS`], which begin at `first`.
pub(crate) fn read_post(row: Row<'_>, first: usize) -> Result<PostRecord, StoreFault> {
    let header = read_header(row.blob(first + 2)?)?;
    let number = uint32(row.get(first + 1)?, "post")?;
    let Entry::Room(RoomEntry::Posted { post, author, alert, story, .. }) = header.entry else {
        return Err(damaged("the entry of a post is another entry", number));
    };
    if post != number {
        return Err(damaged("the entry of a post is of another post", number));
    }
    let changed = match row.blob_or_null(first + 3)? {
        Some(header) => Some(read_header(header)?.position),
        None => None,
    };
    let body = match row.get(first + 4)? {
        Some(text) => {
            let mentions = mentions::unpack(row.blob_or_null(first + 6)?)?;
            Some(Body { text, rtf: row.get(first + 5)?, mentions })
        }
        None => None,
    };
    Ok(PostRecord {
        room: RoomId(row.get(first)?),
        post,
        position: header.position,
        time: header.time,
        author,
        alert,
        story,
        changed,
        body,
    })
}

impl PostRecord {
    /// How many octets its text has.
    pub(crate) fn bytes(&self) -> usize {
        self.body.as_ref().map_or(0, Body::bytes)
    }
}
