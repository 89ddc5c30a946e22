//! The index over texts: entries go in and out with the posts they index, queries name the rooms they may look in.
//! Knows no rights: the caller computes the rooms first.

use chat::{MatchClause, RoomId, TextFilter};

use crate::engine::{Asked, Conn, params};
use crate::fault::StoreFault;
use crate::history::{POST_COLUMNS, POST_TABLES, read_post};
use crate::limits::{HISTORY_BYTES_MAX, SEARCH_POSTS_MAX, SEARCH_ROOMS_MAX, SEARCH_SIEVED_MAX};
use crate::record::{Found, PostRecord, Search};

/// Puts a text into the index, in the transaction that keeps it.
pub(crate) fn add(conn: &Conn, post: i64, room: RoomId, text: &str) -> Result<(), StoreFault> {
    conn.index(post, room.0, text)
}

/// Takes a text out of the index; the text must be the one that was put in.
pub(crate) fn remove(conn: &Conn, post: i64, room: RoomId, text: &str) -> Result<(), StoreFault> {
    conn.unindex(post, room.0, text)
}

/// The newest posts in these rooms that are all of what is asked.
pub(crate) fn find(conn: &Conn, search: &Search) -> Result<Found, StoreFault> {
    let limit = search.limit.min(SEARCH_POSTS_MAX);
    let words = indexed(&search.filter);
    if words.is_empty() {
        return Ok(Found::default());
    }
    let mut hits = Hits { posts: Vec::new(), wanted: limit + 1, left: SEARCH_SIEVED_MAX, cut: false };
    for chunk in search.rooms.chunks(SEARCH_ROOMS_MAX) {
        hits.collect(conn, search, chunk, &words)?;
    }
    let exceeded = hits.posts.len() > limit || hits.cut || hits.left == 0;
    hits.posts.truncate(limit);
    Ok(Found { posts: hits.posts.into_iter().map(|(_, post)| post).collect(), exceeded })
}

/// Hits that are read at once.
const SEARCH_PAGE: i64 = 200;

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
        words: &[&str],
    ) -> Result<(), StoreFault> {
        let either = search.filter.clause() == MatchClause::Or;
        let rooms: Vec<i64> = rooms.iter().map(|room| room.0).collect();
        let Some(Asked { query, from, number, wanted }) = conn.asked(&rooms, words, either)? else {
            return Ok(());
        };
        let older = match self.posts.last() {
            Some((id, _)) if self.cut || self.posts.len() == self.wanted => *id,
            _ => 0,
        };
        // The index gives its rows in the order of their numbers, so that nothing is read that is not wanted.
        let mut statement = conn.prepare(&format!(
            "SELECT p.id, {POST_COLUMNS} FROM {from} {POST_TABLES}
             WHERE {wanted} AND {number} > ?2 AND {number} < ?3 AND p.body IS NOT NULL ORDER BY {number} DESC LIMIT ?4"
        ))?;
        let (mut found, mut bytes, mut newer) = (0, 0, i64::MAX);
        loop {
            let mut rows = statement.query(params![query, older, newer, SEARCH_PAGE])?;
            let mut seen = 0;
            while found < self.wanted
                && bytes <= HISTORY_BYTES_MAX
                && self.left > 0
                && let Some(row) = rows.next()?
            {
                (newer, seen) = (row.get(0)?, seen + 1);
                let post = read_post(row, 1)?;
                if meant(search, &post) {
                    found += 1;
                    bytes += post.bytes();
                    self.posts.push((newer, post));
                } else {
                    self.left -= 1;
                }
            }
            if seen < SEARCH_PAGE {
                break;
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

/// The words that the index could hold.
fn indexed(filter: &TextFilter) -> Vec<&str> {
    filter.words().filter(|word| word.chars().any(char::is_alphanumeric)).collect()
}
