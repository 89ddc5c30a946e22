//! The index over texts: entries go in and out with the posts they index, queries name the rooms they may look in.
//! Knows no rights: the caller computes the rooms first.

use chat::RoomId;
use rusqlite::{Connection, params};

use crate::fault::StoreFault;
use crate::history::{POST_COLUMNS, read_post};
use crate::limits::{SEARCH_POSTS_MAX, SEARCH_ROOMS_MAX, SEARCH_WORDS_MAX};
use crate::record::{Found, PostRecord};

/// Puts a text into the index, in the transaction that keeps it.
pub(crate) fn add(conn: &Connection, post: i64, room: RoomId, text: &str) -> Result<(), StoreFault> {
    conn.prepare_cached("INSERT INTO search (rowid, room, text) VALUES (?1, ?2, ?3)")?.execute(params![
        post,
        token(room),
        text
    ])?;
    Ok(())
}

/// Takes a text out of the index; the text must be the one that was put in.
pub(crate) fn remove(conn: &Connection, post: i64, room: RoomId, text: &str) -> Result<(), StoreFault> {
    conn.prepare_cached("INSERT INTO search (search, rowid, room, text) VALUES ('delete', ?1, ?2, ?3)")?
        .execute(params![post, token(room), text])?;
    Ok(())
}

/// The newest posts in these rooms that hold all the words.
pub(crate) fn find(
    conn: &Connection,
    rooms: &[RoomId],
    words: &str,
    limit: usize,
) -> Result<Found, StoreFault> {
    let limit = limit.min(SEARCH_POSTS_MAX);
    let Some(words) = quoted(words) else { return Ok(Found::default()) };
    let mut hits: Vec<(i64, PostRecord)> = Vec::new();
    for chunk in rooms.chunks(SEARCH_ROOMS_MAX) {
        find_in(conn, chunk, &words, limit + 1, &mut hits)?;
        hits.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
        hits.truncate(limit + 1);
    }
    let exceeded = hits.len() > limit;
    hits.truncate(limit);
    Ok(Found { posts: hits.into_iter().map(|(_, post)| post).collect(), exceeded })
}

fn find_in(
    conn: &Connection,
    rooms: &[RoomId],
    words: &str,
    limit: usize,
    hits: &mut Vec<(i64, PostRecord)>,
) -> Result<(), StoreFault> {
    let tokens: Vec<String> = rooms.iter().map(|room| token(*room)).collect();
    let query = format!("room : ({}) AND text : ({words})", tokens.join(" OR "));
    let mut statement = conn.prepare_cached(&format!(
        "SELECT p.id, {POST_COLUMNS} FROM (
             SELECT rowid AS id FROM search WHERE search MATCH ?1 ORDER BY rowid DESC LIMIT ?2
         ) hit JOIN post p ON p.id = hit.id
         JOIN room r ON r.id = p.room AND r.removed = 0
         JOIN head h ON h.kind = 1 AND h.subject = p.room
         JOIN entry e ON e.journal = h.journal AND e.number = p.number
         JOIN body b ON b.id = p.body"
    ))?;
    let limit = i64::try_from(limit).expect("a limit of the crate is small");
    let mut rows = statement.query(params![query, limit])?;
    while let Some(row) = rows.next()? {
        hits.push((row.get(0)?, read_post(row, 1)?));
    }
    Ok(())
}

/// The user's words as an index query that means exactly these words: each is quoted, so that no character of it is
/// syntax. `None` when nothing is left that the index could hold.
fn quoted(words: &str) -> Option<String> {
    let words: Vec<String> = words
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(SEARCH_WORDS_MAX)
        .map(|word| format!("\"{}\"", word.replace('\0', " ").replace('"', "\"\"")))
        .collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

fn token(room: RoomId) -> String {
    format!("r{}", room.0)
}
