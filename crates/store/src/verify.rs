//! Walks a journal and proves it: dense numbers, an unbroken chain, times that never go back, bodies that agree.
//! Repairs nothing.

use chat::{Entry, Header, JournalKey, PoolEntry, RoomEntry, ServerEntry, Time};

use crate::engine::{Conn, Row, damaged, int, octets, params, uint};
use crate::fault::StoreFault;
use crate::hash::{CHAIN_START, Chain, body_mac, link};
use crate::journal::{read_end, read_head, read_header, skipped};
use crate::limits::ENTRIES_MAX;
use crate::mentions;
use crate::record::{Body, Verified};

/// How far a walk has come.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    key: JournalKey,
    number: u64,
    chain: Chain,
    era: Option<u32>,
    posts: Option<u32>,
    time: Time,
    begun: bool,
    /// What was found in order so far.
    pub(crate) found: Verified,
}

impl Walk {
    /// A walk that has not begun.
    pub(crate) fn new(key: JournalKey) -> Self {
        Self {
            key,
            number: 0,
            chain: CHAIN_START,
            era: None,
            posts: Some(0),
            time: Time::default(),
            begun: false,
            found: Verified::default(),
        }
    }

    /// Walks one page. True when the head was reached and agrees.
    pub(crate) fn page(&mut self, conn: &Conn) -> Result<bool, StoreFault> {
        let Some((journal, last, chain)) = read_end(conn, self.key)? else { return Ok(true) };
        self.begin(conn, journal)?;
        let mut statement = conn.prepare(
            "SELECT e.number, e.header, e.chain, b.salt, b.text, b.rtf, e.body, b.mentions FROM entry e
             LEFT JOIN body b ON b.id = e.body
             WHERE e.journal = ?1 AND e.number > ?2 ORDER BY e.number LIMIT ?3",
        )?;
        let page = i64::try_from(ENTRIES_MAX).expect("a limit of the crate is small");
        let mut rows = statement.query(params![journal, int(self.number), page])?;
        while let Some(row) = rows.next()? {
            self.step(conn, row)?;
        }
        if self.number < last {
            return Ok(false);
        }
        if self.number != last || self.chain != chain {
            return Err(self.broken("the head does not agree with the last entry"));
        }
        let posts = read_head(conn, self.key)?.posts;
        if self.posts.is_some_and(|counted| counted != posts) {
            return Err(self.broken("the head counts other posts than there are"));
        }
        Ok(true)
    }

    /// Takes up what retention left at the floor.
    fn begin(&mut self, conn: &Conn, journal: i64) -> Result<(), StoreFault> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        let floor: Option<(i64, Vec<u8>)> =
            conn.row("SELECT number, chain FROM floor WHERE journal = ?1", params![journal], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        if let Some((number, chain)) = floor {
            self.number = uint(number, "floor")?;
            self.chain = octets(&chain, "floor chain")?;
            self.posts = None;
        }
        Ok(())
    }

    fn step(&mut self, conn: &Conn, row: Row<'_>) -> Result<(), StoreFault> {
        let number = uint(row.get(0)?, "number")?;
        let bytes: Vec<u8> = row.get(1)?;
        let header = read_header(&bytes)?;
        if header.journal != self.key || header.position.number != number {
            return Err(self.broken("an entry is not where its header says"));
        }
        self.check_number(&header)?;
        if header.time < self.time {
            return Err(self.broken("time goes back"));
        }
        let chain = link(&self.chain, &bytes);
        if row.get::<Vec<u8>>(2)? != chain {
            return Err(self.broken("the chain does not continue"));
        }
        self.check_body(conn, &header, row)?;
        self.check_shown(conn, &header, row)?;
        if let Entry::Room(RoomEntry::Posted { post, .. }) = header.entry {
            if self.posts.is_some_and(|posts| posts + 1 != post) {
                return Err(self.broken("a post is missing"));
            }
            self.posts = Some(post);
        }
        (self.number, self.chain, self.time) = (number, chain, header.time);
        self.era = Some(header.position.era);
        self.found.entries += 1;
        Ok(())
    }

    fn check_number(&mut self, header: &Header) -> Result<(), StoreFault> {
        let number = header.position.number;
        if let Some((fork, to)) = gap(&header.entry) {
            self.found.gaps += 1;
            if matches!(self.key, JournalKey::Room(_)) {
                self.posts = self.posts.and_then(|posts| skipped(posts, to.saturating_sub(fork)));
            }
            let rises = self.era.is_none_or(|era| era < header.position.era);
            return if fork == self.number && to == number && to > fork && rises {
                Ok(())
            } else {
                Err(self.broken("a gap does not begin where the era ended"))
            };
        }
        if number != self.number + 1 {
            return Err(self.broken("a number is missing"));
        }
        if self.era.is_some_and(|era| era != header.position.era) {
            return Err(self.broken("the era changed without a gap"));
        }
        Ok(())
    }

    fn check_body(&mut self, conn: &Conn, header: &Header, row: Row<'_>) -> Result<(), StoreFault> {
        let salt: Option<Vec<u8>> = row.get(3)?;
        match (salt, header.body_mac) {
            (None, None) => Ok(()),
            (Some(salt), Some(mac)) => {
                let mentions = mentions::unpack(row.blob_or_null(7)?)?;
                let body = Body { text: row.get(4)?, rtf: row.get(5)?, mentions };
                if body_mac(&salt, &body) != mac {
                    return Err(self.broken("a body was changed"));
                }
                self.found.bodies += 1;
                Ok(())
            }
            (Some(_), None) => Err(self.broken("a body stands where there was none")),
            (None, Some(_)) if taken_away(conn, header, row.get(6)?)? => Ok(()),
            (None, Some(_)) => Err(self.broken("a body is missing")),
        }
    }

    /// Whether what is shown of a post is what was said: its row names this entry and the text that is still there.
    fn check_shown(&self, conn: &Conn, header: &Header, row: Row<'_>) -> Result<(), StoreFault> {
        let (JournalKey::Room(room), Entry::Room(entry)) = (header.journal, &header.entry) else {
            return Ok(());
        };
        let (RoomEntry::Posted { post, .. }
        | RoomEntry::Replaced { post, .. }
        | RoomEntry::Removed { post, .. }) = *entry
        else {
            return Ok(());
        };
        let shown: Option<(i64, bool, Option<i64>, Option<i64>)> = conn.row(
            "SELECT number, kept, body, changed FROM post WHERE room = ?1 AND post = ?2",
            params![room.0, post],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?;
        let there = row.get::<Option<Vec<u8>>>(3)?.is_some();
        let body: Option<i64> = row.get(6)?;
        let here = int(header.position.number);
        let told = |changed: Option<i64>| changed.is_some_and(|changed| changed >= here);
        let right = match (entry, shown) {
            (RoomEntry::Posted { kept, .. }, Some((number, shown_kept, shown_body, _))) => {
                number == here && shown_kept == *kept && (!there || shown_body == body)
            }
            (RoomEntry::Posted { .. }, None) => false,
            (RoomEntry::Removed { .. }, Some((_, _, shown_body, changed))) => {
                shown_body.is_none() && told(changed)
            }
            (_, Some((_, _, shown_body, changed))) => (!there || shown_body == body) && told(changed),
            // Its own entry was missed already, unless retention took both away.
            (_, None) => true,
        };
        if right { Ok(()) } else { Err(self.broken("a post is shown otherwise than it was said")) }
    }

    fn broken(&self, what: &str) -> StoreFault {
        damaged(what, format_args!("{:?} after {}", self.key, self.number))
    }
}

/// Whether the body of a post was taken away or replaced by a later entry.
fn taken_away(conn: &Conn, header: &Header, body: Option<i64>) -> Result<bool, StoreFault> {
    let JournalKey::Room(room) = header.journal else { return Ok(false) };
    let (Entry::Room(RoomEntry::Posted { post, .. }) | Entry::Room(RoomEntry::Replaced { post, .. })) =
        header.entry
    else {
        return Ok(false);
    };
    let present: Option<Option<i64>> =
        conn.row("SELECT body FROM post WHERE room = ?1 AND post = ?2", params![room.0, post], |row| {
            row.get(0)
        })?;
    Ok(present.is_some_and(|present| present != body))
}

fn gap(entry: &Entry) -> Option<(u64, u64)> {
    match *entry {
        Entry::Room(RoomEntry::Gap { fork, to })
        | Entry::Server(ServerEntry::Gap { fork, to })
        | Entry::Pool(PoolEntry::Gap { fork, to }) => Some((fork, to)),
        _ => None,
    }
}
