//! Appending to journals inside one transaction, and reading them back.
//! Begins and ends no transaction; that is `writer.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chat::{
    Clock, Entry, Header, JournalKey, PersonId, PoolEntry, Position, Range, RoomEntry, RoomId, ServerEntry,
    ServerId, Time,
};

use crate::ahead::Ahead;
use crate::engine::{Conn, Row, damaged, int, octets, params, uint, uint32};
use crate::fault::StoreFault;
use crate::hash::{CHAIN_START, Chain, body_mac, link};
use crate::limits::{ENTRIES_BYTES_MAX, ENTRIES_MAX, ERA_SKIP, PORTION};
use crate::mentions;
use crate::record::{Body, Committed, Head, Recorded, Resume};

/// Octets of the salt of a body (as long as the hash).
const SALT_BYTES: usize = 32;

/// What one transaction has written so far.
pub(crate) struct Batch<'c> {
    /// The connection the transaction is open on.
    pub(crate) conn: &'c Conn,
    /// The server that writes.
    pub(crate) server: ServerId,
    /// The epoch it writes under.
    pub(crate) epoch: u64,
    /// The clock at the beginning of the transaction.
    pub(crate) now: Time,
    /// Set by whatever writes rows without an entry; a transaction that wrote nothing is not committed.
    pub(crate) wrote: bool,
    /// Set by whatever takes a text away: the log holds it too, until it is cut.
    pub(crate) forgot: bool,
    /// The rules of rooms and their categories as read in this transaction; `None` for rooms that are no more.
    pub(crate) rules: BTreeMap<RoomId, Option<(u64, u64)>>,
    /// What was asked for ahead of it.
    pub(crate) ahead: Ahead,
    /// The clock, for what asks the database's.
    pub(crate) clock: &'c dyn Clock,
    era: u32,
    heads: BTreeMap<JournalKey, OpenHead>,
    shared: Vec<Arc<Recorded>>,
    own: Vec<Arc<Recorded>>,
    /// Whose words this server's own journal does not tell yet.
    untold: BTreeSet<PersonId>,
}

/// The head of a journal while a transaction appends to it.
struct OpenHead {
    journal: i64,
    era: u32,
    number: u64,
    posts: u32,
    /// Octets of the kept posts that are shown (rooms only).
    octets: u64,
    chain: Chain,
    time: Time,
    /// The number before this transaction.
    was: u64,
    /// The first number of this transaction that this server's own journal does not tell yet.
    first: Option<u64>,
}

/// An entry just written and where its body lies.
pub(crate) struct Appended {
    /// The entry.
    pub(crate) recorded: Arc<Recorded>,
    /// The row of its body.
    pub(crate) body: Option<i64>,
}

impl<'c> Batch<'c> {
    /// A transaction that has written nothing yet.
    pub(crate) fn new(conn: &'c Conn, clock: &'c dyn Clock, server: ServerId, epoch: u64, era: u32) -> Self {
        Self {
            conn,
            server,
            epoch,
            now: clock.now(),
            wrote: false,
            forgot: false,
            rules: BTreeMap::new(),
            ahead: Ahead::default(),
            clock,
            era,
            heads: BTreeMap::new(),
            shared: Vec::new(),
            own: Vec::new(),
            untold: BTreeSet::new(),
        }
    }

    /// A new GUID.
    pub(crate) fn guid(&self) -> uuid::Uuid {
        self.clock.guid()
    }

    /// The number the next post of the room will have; it is about to be appended.
    pub(crate) fn next_post(&mut self, room: RoomId) -> Result<u32, StoreFault> {
        self.enter_era(JournalKey::Room(room))?;
        let posts = self.head(JournalKey::Room(room))?.posts;
        Ok(posts.checked_add(1).expect("a room never holds 2^32 posts"))
    }

    /// The number the next entry of a journal will have. Writes nothing.
    pub(crate) fn next_number(&self, key: JournalKey) -> Result<u64, StoreFault> {
        let (era, number) = match self.heads.get(&key) {
            Some(head) => (head.era, head.number),
            None => match load(self.conn, key)? {
                Some(head) => (head.era, head.number),
                None => (self.era, 0),
            },
        };
        Ok(number + 1 + if era == self.era { 0 } else { ERA_SKIP })
    }

    /// Holds the head of a journal that there is, so that what was appended to it stays as it is.
    pub(crate) fn hold(&mut self, key: JournalKey) -> Result<(), StoreFault> {
        self.head(key).map(|_| ())
    }

    /// Keeps the head of a journal that this transaction holds, as it was read since.
    pub(crate) fn know_head(&mut self, key: JournalKey, row: Row<'_>) -> Result<(), StoreFault> {
        let head = open_head(key, row)?;
        self.heads.entry(key).or_insert(head);
        Ok(())
    }

    /// Appends an entry with the next number, behind a `Gap` if it is the journal's first in this era.
    pub(crate) fn append(
        &mut self,
        key: JournalKey,
        entry: Entry,
        body: Option<Body>,
    ) -> Result<Appended, StoreFault> {
        self.enter_era(key)?;
        let number = self.head(key)?.number + 1;
        self.write(key, number, entry, body)
    }

    /// Takes down that the text of a kept post had so many octets and has so many now.
    pub(crate) fn reweigh(&mut self, room: RoomId, before: u64, after: u64) -> Result<(), StoreFault> {
        let head = self.head(JournalKey::Room(room))?;
        head.octets = head.octets.saturating_sub(before) + after;
        Ok(())
    }

    /// Writes the `Gap` of a journal that nothing was appended to in this era.
    fn enter_era(&mut self, key: JournalKey) -> Result<(), StoreFault> {
        let era = self.era;
        let head = self.head(key)?;
        if head.era != era {
            if head.era > era {
                return Err(damaged("a journal is in a later era than the pool", head.era));
            }
            let (fork, to) = (head.number, head.number + ERA_SKIP);
            head.era = era;
            if matches!(key, JournalKey::Room(_)) {
                // People are shown the numbers of posts, so those of what was lost are not given again either.
                head.posts = skipped(head.posts, to - fork).expect("a room never holds 2^32 posts");
            }
            let journal = head.journal;
            self.write(key, to, gap(key, fork, to), None)?;
            self.conn.put(
                "INSERT INTO gap (journal, era, fork, last) VALUES (?1, ?2, ?3, ?4)",
                params![journal, era, int(fork), int(to)],
            )?;
        }
        Ok(())
    }

    /// Somebody said something in this transaction.
    pub(crate) fn spoke(&mut self, person: PersonId) {
        self.untold.insert(person);
    }

    /// Before it is told that somebody goes it is told what moved, if that person said something of it: whoever follows this
    /// server's journal shows the words of people who are there.
    pub(crate) fn tell_words_of(&mut self, person: PersonId) -> Result<(), StoreFault> {
        if self.untold.contains(&person) { self.tell_moved() } else { Ok(()) }
    }

    /// Adds what moved since it was last told to this server's own journal.
    fn tell_moved(&mut self) -> Result<(), StoreFault> {
        let own = JournalKey::Server(self.server);
        let mut moved = Vec::new();
        for (key, head) in self.heads.iter_mut().filter(|(key, _)| **key != own) {
            let range = head.first.take().map(|from| Range { journal: *key, from, to: head.number });
            moved.extend(range);
        }
        self.untold.clear();
        if moved.is_empty() {
            return Ok(());
        }
        self.append(own, Entry::Server(ServerEntry::Moved(moved)), None).map(|_| ())
    }

    /// Adds what moved to this server's own journal and writes the heads. `None` when nothing was appended.
    pub(crate) fn finish(&mut self) -> Result<Option<Committed>, StoreFault> {
        self.tell_moved()?;
        for head in self.heads.values().filter(|head| head.number != head.was) {
            self.conn.put(
                "UPDATE head SET era = ?1, number = ?2, posts = ?3, chain = ?4, time = ?5, octets = ?8
                     WHERE journal = ?6 AND number = ?7",
                params![
                    head.era,
                    int(head.number),
                    head.posts,
                    head.chain,
                    head.time.unix_micros(),
                    head.journal,
                    int(head.was),
                    int(head.octets)
                ],
            )?;
        }
        let Some(last) = self.own.last() else { return Ok(None) };
        let server_number = last.header.position.number;
        let mut entries = std::mem::take(&mut self.shared);
        entries.append(&mut self.own);
        Ok(Some(Committed { server_number, entries }))
    }

    fn write(
        &mut self,
        key: JournalKey,
        number: u64,
        entry: Entry,
        body: Option<Body>,
    ) -> Result<Appended, StoreFault> {
        let (mac, row) = self.write_body(body.as_ref())?;
        let (conn, now) = (self.conn, self.now);
        let head = self.head(key)?;
        assert!(number > head.number, "numbers only rise");
        let position = Position { era: head.era, number };
        let header = Header { journal: key, position, time: now.max(head.time), entry, body_mac: mac };
        let bytes = header.to_bytes();
        head.chain = link(&head.chain, &bytes);
        head.number = number;
        head.time = header.time;
        head.first.get_or_insert(number);
        if let Entry::Room(RoomEntry::Posted { post, kept, .. }) = &header.entry {
            assert_eq!(*post, head.posts + 1, "posts are numbered densely");
            head.posts = *post;
            head.octets += body.as_ref().filter(|_| *kept).map_or(0, Body::bytes) as u64;
        }
        conn.put(
            "INSERT INTO entry (journal, number, header, chain, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![head.journal, int(number), bytes, head.chain, row],
        )?;
        let recorded = Arc::new(Recorded { header, body });
        if key == JournalKey::Server(self.server) {
            self.own.push(Arc::clone(&recorded));
        } else {
            self.shared.push(Arc::clone(&recorded));
        }
        Ok(Appended { recorded, body: row })
    }

    fn write_body(&self, body: Option<&Body>) -> Result<(Option<[u8; 32]>, Option<i64>), StoreFault> {
        let Some(body) = body else { return Ok((None, None)) };
        let mut salt = [0; SALT_BYTES];
        self.clock.fill_random(&mut salt);
        let row = self.conn.put_new(
            "INSERT INTO body (salt, text, rtf, mentions) VALUES (?1, ?2, ?3, ?4)",
            params![salt, body.text, body.rtf, mentions::pack(&body.mentions)],
        )?;
        Ok((Some(body_mac(&salt, body)), Some(row)))
    }

    /// The head of a journal, read once per transaction and made with the journal's first entry.
    fn head(&mut self, key: JournalKey) -> Result<&mut OpenHead, StoreFault> {
        if !self.heads.contains_key(&key) {
            // Held first: only what a later statement reads is as it stays.
            let (kind, subject) = name(key);
            self.conn.hold_head(kind, subject)?;
            let head = match load(self.conn, key)? {
                Some(head) => head,
                None => make(self.conn, key, self.era)?,
            };
            self.heads.insert(key, head);
        }
        Ok(self.heads.get_mut(&key).expect("it was put there above"))
    }
}

/// How a journal is named in the tables.
pub(crate) fn name(key: JournalKey) -> (i64, i64) {
    match key {
        JournalKey::Room(RoomId(id)) => (1, id),
        JournalKey::Server(ServerId(id)) => (2, id),
        JournalKey::Pool => (3, 0),
    }
}

/// The head as readers see it.
pub(crate) fn read_head(conn: &Conn, key: JournalKey) -> Result<Head, StoreFault> {
    if let Some(head) = load(conn, key)? {
        let position = Position { era: head.era, number: head.number };
        return Ok(Head { position, posts: head.posts, time: head.time });
    }
    let era = conn.one("SELECT era FROM pool", params![], |row| row.get(0))?;
    Ok(Head { position: Position { era, number: 0 }, posts: 0, time: Time::default() })
}

/// The row number, the last number and the chain of a journal; `None` when it has no entry yet.
pub(crate) fn read_end(conn: &Conn, key: JournalKey) -> Result<Option<(i64, u64, Chain)>, StoreFault> {
    Ok(load(conn, key)?.map(|head| (head.journal, head.number, head.chain)))
}

/// At most so many entries after a number, in order; fewer when their texts are long, but one at least.
pub(crate) fn read_entries(
    conn: &Conn,
    key: JournalKey,
    after: u64,
    limit: usize,
) -> Result<Vec<Arc<Recorded>>, StoreFault> {
    let (kind, subject) = name(key);
    let mut statement = conn.prepare(
        "SELECT e.header, b.text, b.rtf, b.mentions FROM head h
         JOIN entry e ON e.journal = h.journal LEFT JOIN body b ON b.id = e.body
         WHERE h.kind = ?1 AND h.subject = ?2 AND e.number > ?3 ORDER BY e.number LIMIT ?4",
    )?;
    let limit = limit.min(ENTRIES_MAX);
    let mut after = i64::try_from(after).unwrap_or(i64::MAX);
    let (mut entries, mut bytes, mut is_end) = (Vec::new(), 0, false);
    while entries.len() < limit && bytes < ENTRIES_BYTES_MAX && !is_end {
        let portion = PORTION.min(limit - entries.len());
        let mut rows = statement.query(params![kind, subject, after, portion])?;
        is_end = true;
        while bytes < ENTRIES_BYTES_MAX
            && let Some(row) = rows.next()?
        {
            let recorded = read_recorded(row)?;
            after = int(recorded.header.position.number);
            bytes += recorded.body.as_ref().map_or(0, Body::bytes);
            entries.push(Arc::new(recorded));
            is_end = false;
        }
    }
    Ok(entries)
}

fn read_recorded(row: Row<'_>) -> Result<Recorded, StoreFault> {
    let header = read_header(row.blob(0)?)?;
    let body = match row.get::<Option<String>>(1)? {
        Some(text) => {
            Some(Body { text, rtf: row.get(2)?, mentions: mentions::unpack(row.blob_or_null(3)?)? })
        }
        None => None,
    };
    Ok(Recorded { header, body })
}

/// Reads a header as kept.
pub(crate) fn read_header(bytes: &[u8]) -> Result<Header, StoreFault> {
    Header::from_bytes(bytes).map_err(|error| damaged("an entry", error))
}

/// Whether somebody who saw `seen` can go on from there.
pub(crate) fn read_resume(conn: &Conn, key: JournalKey, seen: Position) -> Result<Resume, StoreFault> {
    let Some(head) = load(conn, key)?.filter(|_| seen.number > 0) else {
        let nothing = Position { number: 0, ..seen };
        return Ok(if seen.number == 0 { Resume::Good } else { Resume::ResetTo(nothing) });
    };
    let era = seen.era.min(head.era);
    let reset_to = |number| Resume::ResetTo(Position { era, number });
    // What was seen in an era that this file never reached, or before the journal began, is of a past that was lost.
    if seen.era > head.era {
        return Ok(reset_to(seen.number.min(head.number)));
    }
    if seen.era < began_in(conn, head.journal)?.unwrap_or(head.era) {
        return Ok(reset_to(0));
    }
    let fork: Option<i64> = conn.row(
        "SELECT fork FROM gap WHERE journal = ?1 AND era > ?2 AND fork < ?3 ORDER BY era LIMIT 1",
        params![head.journal, seen.era, i64::try_from(seen.number).unwrap_or(i64::MAX)],
        |row| row.get(0),
    )?;
    match fork {
        Some(fork) => Ok(reset_to(uint(fork, "fork")?)),
        None if seen.number > head.number => Ok(reset_to(head.number)),
        None => Ok(Resume::Good),
    }
}

/// The era of the oldest entry that is still there.
fn began_in(conn: &Conn, journal: i64) -> Result<Option<u32>, StoreFault> {
    let header: Option<Vec<u8>> = conn.row(
        "SELECT header FROM entry WHERE journal = ?1 ORDER BY number LIMIT 1",
        params![journal],
        |row| row.get(0),
    )?;
    Ok(header.map(|bytes| read_header(&bytes)).transpose()?.map(|header| header.position.era))
}

fn load(conn: &Conn, key: JournalKey) -> Result<Option<OpenHead>, StoreFault> {
    let (kind, subject) = name(key);
    let sql = format!("{HEAD_COLUMNS} WHERE h.kind = ?1 AND h.subject = ?2");
    conn.row(&sql, params![kind, subject], |row| open_head(key, row))
}

/// The head of a journal as [`HEAD_COLUMNS`] reads it.
pub(crate) const HEAD_COLUMNS: &str = "SELECT h.journal, h.era, h.number, h.posts, h.chain, h.time, h.octets,
        coalesce((SELECT max(e.number) FROM entry e WHERE e.journal = h.journal),
                 (SELECT f.number FROM floor f WHERE f.journal = h.journal), 0), h.subject FROM head h";

fn open_head(key: JournalKey, row: Row<'_>) -> Result<OpenHead, StoreFault> {
    let number: i64 = row.get(2)?;
    let last: i64 = row.get(7)?;
    if number != last {
        return Err(damaged("the head of a journal does not stand at its last entry", format!("{key:?}")));
    }
    let number = uint(number, "head number")?;
    Ok(OpenHead {
        journal: row.get(0)?,
        era: uint32(row.get(1)?, "head era")?,
        number,
        posts: uint32(row.get(3)?, "head posts")?,
        octets: uint(row.get(6)?, "head octets")?,
        chain: octets(row.blob(4)?, "head chain")?,
        time: Time::from_unix_micros(row.get(5)?),
        was: number,
        first: None,
    })
}

fn make(conn: &Conn, key: JournalKey, era: u32) -> Result<OpenHead, StoreFault> {
    let (kind, subject) = name(key);
    let made = conn.row(
        "INSERT INTO head (kind, subject, era, number, posts, chain, time) VALUES (?1, ?2, ?3, 0, 0, ?4, 0)
         ON CONFLICT (kind, subject) DO NOTHING RETURNING journal",
        params![kind, subject, era, CHAIN_START],
        |row| row.get(0),
    )?;
    // Another server made it a moment ago.
    let journal = made.ok_or(StoreFault::Busy)?;
    let time = Time::default();
    Ok(OpenHead {
        journal,
        era,
        number: 0,
        posts: 0,
        octets: 0,
        chain: CHAIN_START,
        time,
        was: 0,
        first: None,
    })
}

/// The number of the last post behind a gap of so many numbers; `None` beyond what posts can be numbered with.
pub(crate) fn skipped(posts: u32, numbers: u64) -> Option<u32> {
    posts.checked_add(u32::try_from(numbers).ok()?)
}

fn gap(key: JournalKey, fork: u64, to: u64) -> Entry {
    match key {
        JournalKey::Room(_) => Entry::Room(RoomEntry::Gap { fork, to }),
        JournalKey::Server(_) => Entry::Server(ServerEntry::Gap { fork, to }),
        JournalKey::Pool => Entry::Pool(PoolEntry::Gap { fork, to }),
    }
}
