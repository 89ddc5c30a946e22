//! Canonical bytes of entry headers: big-endian, one way to write each value, a format version in front.
//! Old readers stay when a new version comes; nothing is ever rewritten.

use crate::access::Mask;
use crate::address::{AddInId, CategoryId, GroupId, PersonId, RoomId, ServerId};
use crate::journal::{
    Actor, Change, Entry, Header, JournalKey, PartReason, PoolEntry, Position, Range, RoomEntry, ServerEntry,
    Stand, Subject,
};
use crate::time::Time;

/// The version written today.
const FORMAT: u8 = 1;

/// Bytes that are no entry header of a known version: a damaged store or a newer program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the bytes are no journal entry this version can read")]
pub struct BadEntry;

impl Header {
    /// The canonical bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(96);
        out.push(FORMAT);
        put_journal(&mut out, self.journal);
        put_position(&mut out, self.position);
        put(&mut out, self.time.unix_micros().to_be_bytes());
        match &self.body_mac {
            None => out.push(0),
            Some(mac) => {
                out.push(1);
                out.extend_from_slice(mac);
            }
        }
        match &self.entry {
            Entry::Room(entry) => put_room(&mut out, entry),
            Entry::Server(entry) => put_server(&mut out, entry),
            Entry::Pool(entry) => put_pool(&mut out, entry),
        }
        out
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`BadEntry`] when the bytes are of an unknown version, cut short, or say something no writer writes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadEntry> {
        let mut from = Source(bytes);
        if from.byte()? != FORMAT {
            return Err(BadEntry);
        }
        let journal = from.journal()?;
        let position = from.position()?;
        let micros = from.i64()?;
        let time = Time::from_unix_micros(micros);
        if time.unix_micros() != micros {
            return Err(BadEntry);
        }
        let body_mac = match from.byte()? {
            0 => None,
            1 => Some(from.array()?),
            _ => return Err(BadEntry),
        };
        let entry = match journal {
            JournalKey::Room(_) => Entry::Room(from.room_entry()?),
            JournalKey::Server(_) => Entry::Server(from.server_entry()?),
            JournalKey::Pool => Entry::Pool(from.pool_entry()?),
        };
        if !from.0.is_empty() {
            return Err(BadEntry);
        }
        Ok(Self { journal, position, time, entry, body_mac })
    }
}

fn put<const N: usize>(out: &mut Vec<u8>, bytes: [u8; N]) {
    out.extend_from_slice(&bytes);
}

fn put_position(out: &mut Vec<u8>, position: Position) {
    put(out, position.era.to_be_bytes());
    put(out, position.number.to_be_bytes());
}

fn put_journal(out: &mut Vec<u8>, key: JournalKey) {
    let (tag, id) = match key {
        JournalKey::Room(RoomId(id)) => (1, id),
        JournalKey::Server(ServerId(id)) => (2, id),
        JournalKey::Pool => (3, 0),
    };
    out.push(tag);
    put(out, id.to_be_bytes());
}

fn put_actor(out: &mut Vec<u8>, actor: Actor) {
    let (tag, id) = match actor {
        Actor::Person(PersonId(id)) => (1, id),
        Actor::Shell(uid) => (2, i64::from(uid)),
        Actor::Server => (3, 0),
        Actor::Token(id) => (4, id),
    };
    out.push(tag);
    put(out, id.to_be_bytes());
}

fn change_byte(change: Change) -> u8 {
    match change {
        Change::Created => 1,
        Change::Changed => 2,
        Change::Disabled => 3,
        Change::Enabled => 4,
        Change::Removed => 5,
    }
}

fn put_gap(out: &mut Vec<u8>, fork: u64, to: u64) {
    out.push(255);
    put(out, fork.to_be_bytes());
    put(out, to.to_be_bytes());
}

fn put_room(out: &mut Vec<u8>, entry: &RoomEntry) {
    match *entry {
        RoomEntry::Posted { post, author, alert, story, kept, category_rules } => {
            out.push(1);
            put(out, post.to_be_bytes());
            put(out, author.0.to_be_bytes());
            out.push(u8::from(alert) | u8::from(story) << 1 | u8::from(kept) << 2);
            put(out, category_rules.to_be_bytes());
        }
        RoomEntry::Removed { post, by } => {
            out.push(2);
            put(out, post.to_be_bytes());
            put_actor(out, by);
        }
        RoomEntry::Replaced { post, by } => {
            out.push(3);
            put(out, post.to_be_bytes());
            put_actor(out, by);
        }
        RoomEntry::Changed { change, by, rules } => {
            out.push(4);
            out.push(change_byte(change));
            put_actor(out, by);
            put(out, rules.to_be_bytes());
        }
        RoomEntry::Gap { fork, to } => put_gap(out, fork, to),
    }
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    let count = u32::try_from(count).expect("lists are limited far below 2^32");
    put(out, count.to_be_bytes());
}

fn put_stands(out: &mut Vec<u8>, rooms: &[Stand]) {
    put_count(out, rooms.len());
    for stand in rooms {
        put(out, stand.room.0.to_be_bytes());
        put_position(out, stand.at);
        put(out, stand.mask.0.to_be_bytes());
    }
}

fn put_server(out: &mut Vec<u8>, entry: &ServerEntry) {
    match entry {
        ServerEntry::Moved(ranges) => {
            out.push(1);
            put_count(out, ranges.len());
            for range in ranges {
                put_journal(out, range.journal);
                put(out, range.from.to_be_bytes());
                put(out, range.to.to_be_bytes());
            }
        }
        ServerEntry::Joined { person, endpoint, rooms } => {
            out.push(2);
            put(out, person.0.to_be_bytes());
            put(out, endpoint.to_be_bytes());
            put_stands(out, rooms);
        }
        ServerEntry::Parted { person, endpoint, reason, rooms } => {
            out.push(3);
            put(out, person.0.to_be_bytes());
            put(out, endpoint.to_be_bytes());
            out.push(match reason {
                PartReason::Left => 1,
                PartReason::Gone => 2,
                PartReason::Removed => 3,
            });
            put_stands(out, rooms);
        }
        ServerEntry::Viewed { person, room, from, to, head } => {
            out.push(4);
            put(out, person.0.to_be_bytes());
            put(out, room.0.to_be_bytes());
            put(out, from.to_be_bytes());
            put(out, to.to_be_bytes());
            put_position(out, *head);
        }
        ServerEntry::Started { epoch } => {
            out.push(5);
            put(out, epoch.to_be_bytes());
        }
        ServerEntry::ServerLost { server, epoch } => {
            out.push(6);
            put(out, server.0.to_be_bytes());
            put(out, epoch.to_be_bytes());
        }
        ServerEntry::Gap { fork, to } => put_gap(out, *fork, *to),
    }
}

fn put_pool(out: &mut Vec<u8>, entry: &PoolEntry) {
    match *entry {
        PoolEntry::Administered { by, subject, change, operation } => {
            out.push(1);
            put_actor(out, by);
            let (tag, id) = match subject {
                Subject::Person(PersonId(id)) => (1, id),
                Subject::Category(CategoryId(id)) => (2, id),
                Subject::Room(RoomId(id)) => (3, id),
                Subject::Settings => (4, 0),
                Subject::Group(GroupId(id)) => (5, i64::from(id)),
                Subject::Policy(id) => (6, id),
                Subject::Configuration(id) => (7, id),
                Subject::AddIn(AddInId(id)) => (8, id),
                Subject::Endpoint(id) => (9, id),
                Subject::Token(id) => (10, id),
                Subject::Server(ServerId(id)) => (11, id),
                Subject::Topology(number) => (12, number),
            };
            out.push(tag);
            put(out, id.to_be_bytes());
            out.push(change_byte(change));
            put(out, operation.to_be_bytes());
        }
        PoolEntry::Gap { fork, to } => put_gap(out, fork, to),
    }
}

/// What is left to read.
struct Source<'a>(&'a [u8]);

impl Source<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], BadEntry> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(BadEntry)?;
        self.0 = rest;
        Ok(*head)
    }

    fn byte(&mut self) -> Result<u8, BadEntry> {
        self.array::<1>().map(|[b]| b)
    }

    fn u32(&mut self) -> Result<u32, BadEntry> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, BadEntry> {
        self.array().map(u64::from_be_bytes)
    }

    fn i64(&mut self) -> Result<i64, BadEntry> {
        self.array().map(i64::from_be_bytes)
    }

    /// A list; grows with the bytes that are really there, never by what its count claims.
    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Result<T, BadEntry>) -> Result<Vec<T>, BadEntry> {
        let count = self.u32()?;
        (0..count).map(|_| one(self)).collect()
    }

    fn position(&mut self) -> Result<Position, BadEntry> {
        Ok(Position { era: self.u32()?, number: self.u64()? })
    }

    fn journal(&mut self) -> Result<JournalKey, BadEntry> {
        let tag = self.byte()?;
        let id = self.i64()?;
        match tag {
            1 => Ok(JournalKey::Room(RoomId(id))),
            2 => Ok(JournalKey::Server(ServerId(id))),
            3 if id == 0 => Ok(JournalKey::Pool),
            _ => Err(BadEntry),
        }
    }

    fn actor(&mut self) -> Result<Actor, BadEntry> {
        let tag = self.byte()?;
        let id = self.i64()?;
        match tag {
            1 => Ok(Actor::Person(PersonId(id))),
            2 => u32::try_from(id).map(Actor::Shell).map_err(|_| BadEntry),
            3 if id == 0 => Ok(Actor::Server),
            4 => Ok(Actor::Token(id)),
            _ => Err(BadEntry),
        }
    }

    fn change(&mut self) -> Result<Change, BadEntry> {
        match self.byte()? {
            1 => Ok(Change::Created),
            2 => Ok(Change::Changed),
            3 => Ok(Change::Disabled),
            4 => Ok(Change::Enabled),
            5 => Ok(Change::Removed),
            _ => Err(BadEntry),
        }
    }

    fn room_entry(&mut self) -> Result<RoomEntry, BadEntry> {
        Ok(match self.byte()? {
            1 => {
                let (post, author) = (self.u32()?, PersonId(self.i64()?));
                let bits = self.byte()?;
                if bits > 7 {
                    return Err(BadEntry);
                }
                let (alert, story, kept) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0);
                RoomEntry::Posted { post, author, alert, story, kept, category_rules: self.u64()? }
            }
            2 => RoomEntry::Removed { post: self.u32()?, by: self.actor()? },
            3 => RoomEntry::Replaced { post: self.u32()?, by: self.actor()? },
            4 => RoomEntry::Changed { change: self.change()?, by: self.actor()?, rules: self.u64()? },
            255 => RoomEntry::Gap { fork: self.u64()?, to: self.u64()? },
            _ => return Err(BadEntry),
        })
    }

    fn stand(&mut self) -> Result<Stand, BadEntry> {
        let (room, at) = (RoomId(self.i64()?), self.position()?);
        Ok(Stand { room, at, mask: Mask(u16::from_be_bytes(self.array()?)) })
    }

    fn range(&mut self) -> Result<Range, BadEntry> {
        Ok(Range { journal: self.journal()?, from: self.u64()?, to: self.u64()? })
    }

    fn server_entry(&mut self) -> Result<ServerEntry, BadEntry> {
        Ok(match self.byte()? {
            1 => ServerEntry::Moved(self.list(Self::range)?),
            2 => ServerEntry::Joined {
                person: PersonId(self.i64()?),
                endpoint: self.u64()?,
                rooms: self.list(Self::stand)?,
            },
            3 => {
                let (person, endpoint) = (PersonId(self.i64()?), self.u64()?);
                let reason = match self.byte()? {
                    1 => PartReason::Left,
                    2 => PartReason::Gone,
                    3 => PartReason::Removed,
                    _ => return Err(BadEntry),
                };
                ServerEntry::Parted { person, endpoint, reason, rooms: self.list(Self::stand)? }
            }
            4 => ServerEntry::Viewed {
                person: PersonId(self.i64()?),
                room: RoomId(self.i64()?),
                from: self.u32()?,
                to: self.u32()?,
                head: self.position()?,
            },
            5 => ServerEntry::Started { epoch: self.u64()? },
            6 => ServerEntry::ServerLost { server: ServerId(self.i64()?), epoch: self.u64()? },
            255 => ServerEntry::Gap { fork: self.u64()?, to: self.u64()? },
            _ => return Err(BadEntry),
        })
    }

    fn pool_entry(&mut self) -> Result<PoolEntry, BadEntry> {
        Ok(match self.byte()? {
            1 => {
                let by = self.actor()?;
                let (tag, id) = (self.byte()?, self.i64()?);
                let subject = match tag {
                    1 => Subject::Person(PersonId(id)),
                    2 => Subject::Category(CategoryId(id)),
                    3 => Subject::Room(RoomId(id)),
                    4 if id == 0 => Subject::Settings,
                    5 => Subject::Group(GroupId(u32::try_from(id).map_err(|_| BadEntry)?)),
                    6 => Subject::Policy(id),
                    7 => Subject::Configuration(id),
                    8 => Subject::AddIn(AddInId(id)),
                    9 => Subject::Endpoint(id),
                    10 => Subject::Token(id),
                    11 => Subject::Server(ServerId(id)),
                    12 => Subject::Topology(id),
                    _ => return Err(BadEntry),
                };
                let (change, operation) = (self.change()?, self.u64()?);
                PoolEntry::Administered { by, subject, change, operation }
            }
            255 => PoolEntry::Gap { fork: self.u64()?, to: self.u64()? },
            _ => return Err(BadEntry),
        })
    }
}
