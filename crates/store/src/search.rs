//! The index over texts: entries go in and out with the posts they index, queries name the rooms they may look in.
//! Knows no rights: the caller computes the rooms first.

use chat::{MatchClause, RoomId, TextFilter};

use crate::engine::{Conn, params};
use crate::fault::StoreFault;
use crate::history::{POST_COLUMNS, POST_TABLES, read_post};
use crate::limits::{HISTORY_BYTES_MAX, SEARCH_POSTS_MAX, SEARCH_ROOMS_MAX, SEARCH_SIEVED_MAX};
use crate::record::{Found, PostRecord, Search};

/// Puts a text into the index, in the transaction that keeps it.
pub(crate) fn add(conn: &Conn, post: i64, room: RoomId, text: &str) -> Result<(), StoreFault> {
    conn.execute(
        "INSERT INTO search (rowid, room, text) VALUES (?1, ?2, ?3)",
        params![post, token(room), text],
    )?;
    Ok(())
}

/// Takes a text out of the index; the text must be the one that was put in.
pub(crate) fn remove(conn: &Conn, post: i64, room: RoomId, text: &str) -> Result<(), StoreFault> {
    conn.execute(
        "INSERT INTO search (search, rowid, room, text) VALUES ('delete', ?1, ?2, ?3)",
        params![post, token(room), text],
    )?;
    Ok(())
}

/// The newest posts in these rooms that are all of what is asked.
pub(crate) fn find(conn: &Conn, search: &Search) -> Result<Found, StoreFault> {
    let limit = search.limit.min(SEARCH_POSTS_MAX);
    let Some(words) = indexed(&search.filter) else { return Ok(Found::default()) };
    let mut hits = Hits { posts: Vec::new(), wanted: limit + 1, left: SEARCH_SIEVED_MAX, cut: false };
    for chunk in search.rooms.chunks(SEARCH_ROOMS_MAX) {
        hits.collect(conn, search, chunk, &words)?;
    }
    let exceeded = hits.posts.len() > limit || hits.cut || hits.left == 0;
    hits.posts.truncate(limit);
    Ok(Found { posts: hits.posts.into_iter().map(|(_, post)| post).collect(), exceeded })
}

/// The newest hits so far, newest first, with the rows of their posts.
struct Hits {
    posts: Vec<(i64, PostRecord)>,
    wanted: usize,
    /// How many more may be sieved out.
    left: usize,
    /// Whether older hits were left out because of their octets.
    cut: bool,
}

impl Hits {
    /// Looks into some more rooms. Once there are enough hits, older ones are not looked at any more.
    fn collect(
        &mut self,
        conn: &Conn,
        search: &Search,
        rooms: &[RoomId],
        words: &str,
    ) -> Result<(), StoreFault> {
        let tokens: Vec<String> = rooms.iter().map(|room| token(*room)).collect();
        let query = format!("room : ({}) AND text : ({words})", tokens.join(" OR "));
        let older = match self.posts.last() {
            Some((id, _)) if self.cut || self.posts.len() == self.wanted => *id,
            _ => 0,
        };
        // The index gives its rows in the order of their numbers, so that nothing is read that is not wanted.
        let mut statement = conn.prepare(&format!(
            "SELECT p.id, {POST_COLUMNS} FROM search s CROSS JOIN post p ON p.id = s.rowid {POST_TABLES}
             WHERE s.search MATCH ?1 AND s.rowid > ?2 AND p.body IS NOT NULL ORDER BY s.rowid DESC"
        ))?;
        let mut rows = statement.query(params![query, older])?;
        let (mut found, mut bytes) = (0, 0);
        while found < self.wanted
            && bytes <= HISTORY_BYTES_MAX
            && self.left > 0
            && let Some(row) = rows.next()?
        {
            let post = read_post(row, 1)?;
            if meant(search, &post) {
                found += 1;
                bytes += post.bytes();
                self.posts.push((row.get(0)?, post));
            } else {
                self.left -= 1;
            }
        }
        self.posts.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
        self.posts.truncate(self.wanted);
        self.fit();
        Ok(())
    }

    /// Leaves out the oldest hits beyond what one answer may hold.
    fn fit(&mut self) {
        let mut bytes = 0;
        let fits = |(_, post): &&(i64, PostRecord)| {
            bytes += post.bytes();
            bytes <= HISTORY_BYTES_MAX
        };
        let count = self.posts.iter().take_while(fits).count().max(1);
        if count < self.posts.len() {
            self.posts.truncate(count);
            self.cut = true;
        }
    }
}

/// What the index does not know of: who said it, when, and how it is written.
fn meant(search: &Search, post: &PostRecord) -> bool {
    search.authors.as_ref().is_none_or(|authors| authors.contains(&post.author))
        && search.from.is_none_or(|from| post.time >= from)
        && search.to.is_none_or(|to| post.time <= to)
        && (!search.filter.is_case_sensitive()
            || post.body.as_ref().is_some_and(|body| search.filter.matches(&body.text)))
}

/// The words as an index query that means exactly these words: each is quoted, so that no character of it is syntax. `None`
/// when nothing is left that the index could hold.
fn indexed(filter: &TextFilter) -> Option<String> {
    let words: Vec<String> = filter
        .words()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("\"{}\"", word.replace('\0', " ").replace('"', "\"\"")))
        .collect();
    let and_or = if filter.clause() == MatchClause::Or { " OR " } else { " AND " };
    (!words.is_empty()).then(|| words.join(and_or))
}

fn token(room: RoomId) -> String {
    format!("r{}", room.0)
}
