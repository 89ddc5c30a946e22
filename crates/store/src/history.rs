//! Posts as they are shown: kept ones, with their present text.
//! Reads only.

use chat::{Entry, RoomEntry, RoomId};
use rusqlite::{Connection, Row, params};

use crate::engine::{damaged, uint32};
use crate::fault::StoreFault;
use crate::journal::read_header;
use crate::limits::HISTORY_WINDOW_MAX;
use crate::record::{Body, PostRecord, Window};

/// What [`read_post`] reads, from `post p`, `entry e` and `body b`.
pub(crate) const POST_COLUMNS: &str = "p.room, p.post, e.header, b.text, b.rtf";

/// One window of a room's history, oldest first.
pub(crate) fn read_window(
    conn: &Connection,
    room: RoomId,
    window: Window,
) -> Result<Vec<PostRecord>, StoreFault> {
    let (bound, order, count) = match window {
        Window::Last(count) => ((0, i64::MAX), "DESC", count),
        Window::Before { post, count } => ((0, i64::from(post)), "DESC", count),
        Window::After { post, count } => ((i64::from(post), i64::MAX), "ASC", count),
    };
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {POST_COLUMNS} FROM room r
         JOIN head h ON h.kind = 1 AND h.subject = r.id
         JOIN post p ON p.room = r.id
         JOIN entry e ON e.journal = h.journal AND e.number = p.number
         JOIN body b ON b.id = p.body
         WHERE r.id = ?1 AND r.removed = 0 AND p.post > ?2 AND p.post < ?3 AND p.kept = 1
         ORDER BY p.post {order} LIMIT ?4"
    ))?;
    let count = i64::try_from(count.min(HISTORY_WINDOW_MAX)).expect("a limit of the crate is small");
    let mut rows = statement.query(params![room.0, bound.0, bound.1, count])?;
    let mut posts = Vec::new();
    while let Some(row) = rows.next()? {
        posts.push(read_post(row, 0)?);
    }
    if order == "DESC" {
        posts.reverse();
    }
    Ok(posts)
}

/// One post out of [`POST_COLUMNS`], which begin at `first`.
pub(crate) fn read_post(row: &Row<'_>, first: usize) -> Result<PostRecord, StoreFault> {
    let header = read_header(&row.get::<_, Vec<u8>>(first + 2)?)?;
    let number = uint32(row.get(first + 1)?, "post")?;
    let Entry::Room(RoomEntry::Posted { post, author, alert, story, .. }) = header.entry else {
        return Err(damaged("the entry of a post is another entry", number));
    };
    if post != number {
        return Err(damaged("the entry of a post is of another post", number));
    }
    let body = Body { text: row.get(first + 3)?, rtf: row.get(first + 4)? };
    let room = RoomId(row.get(first)?);
    Ok(PostRecord { room, post, position: header.position, time: header.time, author, alert, story, body })
}
