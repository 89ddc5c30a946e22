//! The words of a text as the index of SQLite finds them, so that both databases find the same posts.
//! Keeps no text: each is forgotten as soon as its words were read.

use std::collections::BTreeMap;
use std::fmt::Write;

use rusqlite::{Connection, params};

use crate::fault::StoreFault;
use crate::hash::digest;

/// Positions PostgreSQL tells apart in one text, and how often it notes the same word.
const POSITIONS_MAX: usize = 16_383;
const REPEATS_MAX: usize = 255;
/// Longer words are known by their hash: PostgreSQL takes none over 2,046 octets.
const WORD_BYTES_MAX: usize = 256;

/// SQLite's own way of cutting a text into words, in memory.
pub(super) struct Words(Connection);

impl Words {
    pub(super) fn new() -> Result<Self, StoreFault> {
        let conn = Connection::open_in_memory()?;
        conn.execute_batch(
            "CREATE VIRTUAL TABLE words USING fts5 (text, content = '', tokenize = 'unicode61 remove_diacritics 2');
             CREATE VIRTUAL TABLE found USING fts5vocab (words, instance);",
        )?;
        Ok(Self(conn))
    }

    /// The words of a text with their places.
    fn of(&self, text: &str) -> Result<Vec<(String, usize)>, StoreFault> {
        self.0.execute_batch("BEGIN")?;
        let found = self.within(text);
        self.0.execute_batch("ROLLBACK")?;
        found
    }

    fn within(&self, text: &str) -> Result<Vec<(String, usize)>, StoreFault> {
        self.0.prepare_cached("INSERT INTO words (rowid, text) VALUES (1, ?1)")?.execute(params![text])?;
        let mut statement = self.0.prepare_cached("SELECT term, offset FROM found ORDER BY offset")?;
        let rows = statement.query_map([], |row| {
            let place: i64 = row.get(1)?;
            Ok((row.get(0)?, usize::try_from(place).unwrap_or(usize::MAX)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What is kept of a text: its words with their places, and the word of its room, which no text can hold.
    pub(super) fn vector(&self, room: i64, text: &str) -> Result<String, StoreFault> {
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (word, place) in self.of(text)? {
            places.entry(word).or_default().push(place + 1);
        }
        let mut vector = quoted(&of_room(room));
        for (word, at) in places {
            let at: Vec<String> =
                at.iter().take(REPEATS_MAX).map(|place| place.min(&POSITIONS_MAX).to_string()).collect();
            let _ = write!(vector, " {}:{}", quoted(&word), at.join(","));
        }
        Ok(vector)
    }

    /// Any of the rooms, and all or any of the words; each is as many words of the index, in a row, as SQLite sees in it.
    pub(super) fn query(
        &self,
        rooms: &[i64],
        words: &[&str],
        either: bool,
    ) -> Result<Option<String>, StoreFault> {
        let mut phrases = Vec::new();
        for word in words {
            let inner: Vec<String> = self.of(word)?.iter().map(|(word, _)| quoted(word)).collect();
            if !inner.is_empty() {
                phrases.push(format!("({})", inner.join(" <-> ")));
            } else if !either {
                return Ok(None);
            }
        }
        if phrases.is_empty() || rooms.is_empty() {
            return Ok(None);
        }
        let rooms: Vec<String> = rooms.iter().map(|room| quoted(&of_room(*room))).collect();
        let phrases = phrases.join(if either { " | " } else { " & " });
        Ok(Some(format!("({}) & ({phrases})", rooms.join(" | "))))
    }
}

/// No word of a text begins like this.
fn of_room(room: i64) -> String {
    format!("#{room}")
}

fn quoted(word: &str) -> String {
    if word.len() > WORD_BYTES_MAX {
        return format!("'#{}'", hex(&digest(word.as_bytes())));
    }
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
