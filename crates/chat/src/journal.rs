//! Positions in journals and what is written there: the words of everything that is kept.
//! Keeps nothing itself; the `store` crate does. Canonical bytes are in `codec.rs`.

use crate::access::Mask;
use crate::address::{AddInId, CategoryId, GroupId, PersonId, RoomId, ServerId};
use crate::time::Time;

/// Which journal: one per room, one per server, one for the pool.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum JournalKey {
    /// What was said in a room and every change of it.
    Room(RoomId),
    /// Who came and went through a server, and which ranges of which journals each of its commits moved.
    Server(ServerId),
    /// Categories, people, settings.
    Pool,
}

/// A place in a journal. Numbers are dense within an era; no number ever names two entries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Position {
    /// Raised with every restore and failover of the store.
    pub era: u32,
    /// 1, 2, 3 ... without gaps but those a `Gap` entry covers.
    pub number: u64,
}

/// Entries `from` to `to`, both included, of one journal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Range {
    /// The journal.
    pub journal: JournalKey,
    /// The first number.
    pub from: u64,
    /// The last number.
    pub to: u64,
}

/// The numbers a write was decided under. If one has moved on, nothing is written and the decision is taken again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Under {
    /// The room's rules.
    pub room_rules: u64,
    /// Its category's rules.
    pub category_rules: u64,
    /// The author's standing.
    pub standing: u64,
}

/// Who did something.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Actor {
    /// A person of the directory.
    Person(PersonId),
    /// Somebody with a shell on the machine, by user id of the operating system.
    Shell(u32),
    /// A token that is nobody's own, by its number.
    Token(i64),
    /// The server itself.
    Server,
}

/// What an administrative entry is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Subject {
    /// A person.
    Person(PersonId),
    /// A category.
    Category(CategoryId),
    /// A room; its own journal has an entry too.
    Room(RoomId),
    /// The pool's settings.
    Settings,
    /// A group, container or directory domain.
    Group(GroupId),
    /// A policy, by its number.
    Policy(i64),
    /// A collection of settings for a scope, by its number.
    Configuration(i64),
    /// A registered add-in.
    AddIn(AddInId),
    /// A contact address of the pool, by its number.
    Endpoint(i64),
    /// A token, by its number.
    Token(i64),
    /// A server of the pool.
    Server(ServerId),
    /// A published topology, by its number.
    Topology(i64),
}

/// What happened to a subject.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Change {
    /// It was made.
    Created,
    /// Its settings or roles were changed.
    Changed,
    /// It was disabled.
    Disabled,
    /// It was enabled again.
    Enabled,
    /// It was removed.
    Removed,
}

/// Why an endpoint left its rooms.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PartReason {
    /// It asked to.
    Left,
    /// Its link or dialog ended.
    Gone,
    /// A right was withdrawn.
    Removed,
}

/// One entry of a room's journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RoomEntry {
    /// Something was said; the text is the body.
    Posted {
        /// The post's own number: what the wire calls `chatId`.
        post: u32,
        /// Who said it.
        author: PersonId,
        /// High importance.
        alert: bool,
        /// A story.
        story: bool,
        /// Whether it is history; fixed for ever when written.
        kept: bool,
        /// The category's rules it was decided under; who does not know them yet reads on before showing it.
        category_rules: u64,
    },
    /// The text of a post was taken away.
    Removed {
        /// Which post.
        post: u32,
        /// By whom.
        by: Actor,
    },
    /// The text of a post was replaced; the new text is the body.
    Replaced {
        /// Which post.
        post: u32,
        /// By whom.
        by: Actor,
    },
    /// The room itself was made or changed.
    Changed {
        /// What happened.
        change: Change,
        /// By whom.
        by: Actor,
        /// Its rules from here on.
        rules: u64,
    },
    /// Numbers after `fork` up to `to` were skipped because a new era began.
    Gap {
        /// The last number shared with the old era.
        fork: u64,
        /// The last number skipped; this entry bears it.
        to: u64,
    },
}

/// A room and the place in its journal somebody stood at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Stand {
    /// The room.
    pub room: RoomId,
    /// The last entry delivered there at that instant.
    pub at: Position,
    /// The permissions at that instant.
    pub mask: Mask,
}

/// One entry of a server's journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ServerEntry {
    /// A commit moved these ranges.
    Moved(Vec<Range>),
    /// An endpoint joined rooms, by one command.
    Joined {
        /// Who.
        person: PersonId,
        /// Through which endpoint of this server.
        endpoint: u64,
        /// Where, and what had been delivered there at that instant.
        rooms: Vec<Stand>,
    },
    /// An endpoint left rooms.
    Parted {
        /// Who.
        person: PersonId,
        /// Through which endpoint of this server.
        endpoint: u64,
        /// Why.
        reason: PartReason,
        /// Where, and what had been delivered there at that instant.
        rooms: Vec<Stand>,
    },
    /// History was fetched.
    Viewed {
        /// Who.
        person: PersonId,
        /// In which room.
        room: RoomId,
        /// The first post shown, 0 if none.
        from: u32,
        /// The last post shown.
        to: u32,
        /// The room's head at that instant.
        head: Position,
    },
    /// The server took its place under this epoch.
    Started {
        /// The epoch.
        epoch: u64,
    },
    /// The server let its lease run out and another ended its time: whoever was there through it is there no more. Stands in
    /// the journal of the server that is lost, behind all it wrote.
    ServerLost {
        /// The server that is lost.
        server: ServerId,
        /// Its epoch that is over.
        epoch: u64,
    },
    /// Numbers after `fork` up to `to` were skipped because a new era began.
    Gap {
        /// The last number shared with the old era.
        fork: u64,
        /// The last number skipped; this entry bears it.
        to: u64,
    },
}

/// One entry of the pool's journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PoolEntry {
    /// An administrative operation changed something; the operation as asked is the body.
    Administered {
        /// By whom.
        by: Actor,
        /// What it is about.
        subject: Subject,
        /// What happened.
        change: Change,
        /// The number in this journal of the operation's first entry; its own, if it is the first. It ties what was done in
        /// several transactions.
        operation: u64,
    },
    /// Numbers after `fork` up to `to` were skipped because a new era began.
    Gap {
        /// The last number shared with the old era.
        fork: u64,
        /// The last number skipped; this entry bears it.
        to: u64,
    },
}

/// One entry of any journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entry {
    /// Of a room's journal.
    Room(RoomEntry),
    /// Of a server's journal.
    Server(ServerEntry),
    /// Of the pool's journal.
    Pool(PoolEntry),
}

/// The part of an entry that is never rewritten. The chain hash covers its canonical bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// Which journal.
    pub journal: JournalKey,
    /// Where in it.
    pub position: Position,
    /// When; never earlier than the entry before it.
    pub time: Time,
    /// What.
    pub entry: Entry,
    /// HMAC-SHA-256 of the body under its salt, if there is a body. The salt lies with the body and goes with it.
    pub body_mac: Option<[u8; 32]>,
}
