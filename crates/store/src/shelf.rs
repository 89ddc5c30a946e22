//! What is kept for one person outside the journals, as values: documents, invitations, read marks.
//! Reads and writes nothing itself.

use chat::{PersonId, RoomId, Time};

/// Which kind of document.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shelf {
    /// Preferences a chat client stores under a label.
    Preference,
    /// Contact lists.
    Contacts,
    /// Presence publications, followed rooms among them.
    Publication,
}

/// A document of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    /// Unique on its shelf.
    pub name: String,
    /// 1 when made, one more with every change.
    pub version: u64,
    /// The content, as it came.
    pub content: Vec<u8>,
}

/// What became of putting a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PutOutcome {
    /// It is kept under this version.
    Stored(u64),
    /// It is gone (or was not there).
    Removed,
    /// The document has another version than expected: this one, 0 when there is none.
    Conflict(u64),
    /// The shelf of this person is full.
    TooMany {
        /// How many documents fit.
        limit: usize,
    },
    /// Name or content is too large.
    TooLarge {
        /// The limit in octets.
        limit: usize,
    },
    /// There is no such person, or no longer.
    NoSuchPerson,
}

/// A room a person was granted, numbered in the order the person first saw the grants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Invitation {
    /// The room.
    pub room: RoomId,
    /// The wire's `inviteId`: 1, 2, 3 ... per person.
    pub id: u64,
    /// When first seen.
    pub time: Time,
}

/// How far a person has read in a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadMark {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub room: RoomId,
    /// The last post read; never goes back.
    pub posts: u32,
}

/// How far a person has read in a room, and what is left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// Where.
    pub room: RoomId,
    /// The last post read.
    pub read: u32,
    /// The number of the room's last post.
    pub posts: u32,
    /// Posts after the last one read. Numbers that the gaps of eras skipped are none.
    pub unread: u32,
    /// Those of them that mention the person, and still have the text they were said with.
    pub mentions: u32,
}
