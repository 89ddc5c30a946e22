//! What live rooms hand to a face: posts, notices, rooms as one person sees them.
//! Knows no wire.

use std::sync::{Arc, OnceLock};

use chat::{AddIn, Description, Domain, Mask, NodeName, Person, Position, Privacy, RoomKind, Time};
use uuid::Uuid;

/// What the pool is called; the same for everybody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// The organisation's domain.
    pub domain: Domain,
    /// The GUID of the database: another one after the store was replaced by a different one.
    pub pool_guid: Uuid,
    /// The pool's name.
    pub pool_name: String,
}

/// One post, shared by everybody who is shown it.
#[derive(Debug)]
pub struct Post {
    /// The room's GUID.
    pub room: Uuid,
    /// Its number in the room, from 1: the wire's `chatId`.
    pub post: u32,
    /// Its place in the room's journal.
    pub position: Position,
    /// When it was kept.
    pub time: Time,
    /// Who said it, as known when it was read.
    pub author: Arc<Person>,
    /// High importance.
    pub alert: bool,
    /// A story.
    pub story: bool,
    /// Whether it is history; one that is not is shown live only.
    pub kept: bool,
    /// The plain text.
    pub text: Box<str>,
    /// The rich rendering.
    pub rtf: Option<Box<str>>,
    /// The face's one printed form, made by the first session that shows the post.
    pub printed: OnceLock<Arc<[u8]>>,
}

/// What a session has to show, in this order.
#[derive(Clone, Debug)]
pub enum Outgoing {
    /// Something was said in a room the session is in.
    Post(Arc<Post>),
    /// Somebody came into rooms the session is in, through the first of his endpoints there.
    Came {
        /// Who.
        person: Arc<Person>,
        /// Into which of the receiver's rooms, and with which permissions.
        rooms: Vec<(Uuid, Mask)>,
        /// Whether it was one batch join.
        batch: bool,
    },
    /// A room is no longer large: these people are there, too. The receiver itself is not among them.
    Present {
        /// The room.
        room: Uuid,
        /// Who is there that the session was not told about.
        people: Vec<(Arc<Person>, Mask)>,
    },
    /// The last endpoint of somebody left rooms the session is in.
    Left {
        /// Who.
        person: Arc<Person>,
        /// Which of the receiver's rooms.
        rooms: Vec<Uuid>,
    },
    /// This session was put out of a room; nothing of the room follows.
    Removed {
        /// The room.
        room: Uuid,
    },
    /// This session is over; nothing follows. The face closes the link, unless the reason says otherwise.
    Ended(EndReason),
}

/// Why a session is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EndReason {
    /// The person was disabled or removed.
    PersonGone,
    /// The policy in force no longer lets the person use persistent chat: the face closes what it chats through, not the link.
    PolicyOff,
    /// Another server writes to the store under a newer epoch.
    Superseded,
    /// A part of this server failed.
    Broken,
    /// The face did not take what was waiting, until even the notices were too many.
    TooSlow,
}

/// A room as one person sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomCard {
    /// Its GUID.
    pub guid: Uuid,
    /// Its name.
    pub name: NodeName,
    /// Its description.
    pub description: Description,
    /// The GUID of its category.
    pub category_guid: Uuid,
    /// Who may find and join it.
    pub privacy: Privacy,
    /// Who may post.
    pub kind: RoomKind,
    /// Whether it is disabled.
    pub disabled: bool,
    /// People in it now, each counted once.
    pub participants: usize,
    /// Whether what is said becomes history.
    pub logged: bool,
    /// Whether its members are invited.
    pub invites: bool,
    /// Whether files may be posted.
    pub file_upload: bool,
    /// The page shown beside it.
    pub add_in: Option<Arc<AddIn>>,
    /// What the person may do there.
    pub mask: Mask,
}

/// What a session learns when it has joined a room.
#[derive(Clone, Debug)]
pub struct JoinedRoom {
    /// The room.
    pub card: RoomCard,
    /// What the person may do there.
    pub mask: Mask,
    /// Who is there, the joiner included and each person once, by address; in a large room the joiner alone.
    pub participants: Vec<(Arc<Person>, Mask)>,
    /// Whether the room is large, and so the list not complete.
    pub large: bool,
    /// Everything after this place will be delivered.
    pub at: Position,
}

/// Which rooms a person looks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RoomQuery {
    /// Words separated by blanks; empty finds every visible room.
    pub words: String,
    /// Look into descriptions, too.
    pub extended: bool,
    /// Every word must be found; otherwise one is enough.
    pub all_words: bool,
    /// The words are one phrase.
    pub exact: bool,
    /// Only the room of this GUID.
    pub guid: Option<Uuid>,
    /// Most rooms wanted; never more than [`chat::limits::SEARCH_RESULTS_MAX`].
    pub limit: Option<usize>,
}

/// How a person belongs to a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Association {
    /// A member, by name or domain, who may join.
    Member,
    /// A manager.
    Manager,
}

/// A room somebody is invited to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invited {
    /// The person's own number of the invitation, from 1.
    pub id: u64,
    /// When it was first seen.
    pub time: Time,
    /// The room.
    pub card: RoomCard,
}

/// A stored preference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preference {
    /// Grows by one with every change; 0 when nothing is stored.
    pub version: u64,
    /// The content; `None` when nothing is stored or the caller has seen this version.
    pub content: Option<Vec<u8>>,
}
