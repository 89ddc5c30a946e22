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

/// Hits whose posts are read at once.
const SEARCH_PAGE: usize = 200;

/// Hits that the index is asked for first when they are sieved; where these do not do, it is asked for all that may be.
const SIEVED_AT_FIRST: usize = 2_000;

/// The newest hits so far, newest first, with the rows of their posts.
struct Hits {
    posts: Vec<(i64, PostRecord)>,
    wanted: usize,
    /// How many more may be sieved out.
    left: usize,
    /// Whether older hits were left out because of their octets.
    cut: bool,
}

/// What was taken from some rooms.
#[derive(Default)]
struct Taken {
    hits: usize,
    bytes: usize,
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
        let Some(Asked { query, numbers }) = conn.asked(&rooms, words, either)? else {
            return Ok(());
        };
        let older = match self.posts.last() {
            Some((id, _)) if self.cut || self.posts.len() == self.wanted => *id,
            _ => 0,
        };
        let (mut newer, mut most) = (i64::MAX, if sieves(search) { SIEVED_AT_FIRST } else { self.wanted });
        let mut taken = Taken::default();
        // Each time it is asked, the index may look at all there is: it gives many numbers at once, and posts are read as long as
        // they are wanted.
        loop {
            let found: Vec<i64> = conn.all(numbers, params![query, older, newer, most], |row| row.get(0))?;
            let mut goes_on = true;
            for page in found.chunks(SEARCH_PAGE) {
                goes_on = goes_on && self.take(conn, search, page, &mut taken)?;
            }
            match found.last() {
                Some(last) if goes_on && found.len() == most => newer = *last,
                _ => break,
            }
            most = SEARCH_SIEVED_MAX;
        }
        self.posts.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
        self.posts.truncate(self.wanted);
        self.fit();
        Ok(())
    }

    /// Takes what is meant of these posts; whether more are wanted.
    fn take(
        &mut self,
        conn: &Conn,
        search: &Search,
        numbers: &[i64],
        taken: &mut Taken,
    ) -> Result<bool, StoreFault> {
        let mut statement = conn.prepare(&format!(
            "SELECT p.id, {POST_COLUMNS} FROM (SELECT CAST(value AS BIGINT) AS id FROM json_each(?1)) n
             CROSS JOIN post p ON p.id = n.id {POST_TABLES} WHERE p.body IS NOT NULL ORDER BY p.id DESC"
        ))?;
        let mut rows = statement.query(params![format!("{numbers:?}")])?;
        while taken.hits < self.wanted
            && taken.bytes <= HISTORY_BYTES_MAX
            && self.left > 0
            && let Some(row) = rows.next()?
        {
            let post = read_post(row, 1)?;
            if meant(search, &post) {
                taken.hits += 1;
                taken.bytes += post.bytes();
                self.posts.push((row.get(0)?, post));
            } else {
                self.left -= 1;
            }
        }
        Ok(taken.hits < self.wanted && taken.bytes <= HISTORY_BYTES_MAX && self.left > 0)
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

/// Whether there is anything that the index does not know of.
fn sieves(search: &Search) -> bool {
    search.authors.is_some()
        || search.from.is_some()
        || search.to.is_some()
        || search.filter.is_case_sensitive()
}

/// The words that the index could hold.
fn indexed(filter: &TextFilter) -> Vec<&str> {
    filter.words().filter(|word| word.chars().any(char::is_alphanumeric)).collect()
}
