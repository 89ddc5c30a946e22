//! What live rooms hand to a face: posts, notices, rooms as one person sees them.
//! Knows no wire.

use std::sync::Arc;

use chat::{
    AddIn, Address, Description, Domain, Mask, MatchClause, NodeName, Person, Position, Privacy, RoomKind,
    Time,
};
use uuid::Uuid;

use crate::printed::Printed;

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
    /// Whom the text mentioned when it was kept.
    pub mentions: Vec<Mentioned>,
    /// The face's one printed form.
    pub printed: Printed,
}

/// Somebody whom a text mentions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mentioned {
    /// Who, as known when it was read.
    pub person: Arc<Person>,
    /// The name as it is written in the text after its `@`.
    pub name: Box<str>,
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
    /// Whether it sat there before, and goes on where it was; otherwise nothing of an earlier seat is told any more.
    pub again: bool,
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
    /// Only rooms whose name comes after this one: what a page before has given as [`RoomPage::next`].
    pub after: Option<String>,
}

/// A page of rooms, by name without regard to case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomPage {
    /// The rooms.
    pub rooms: Vec<RoomCard>,
    /// After which name the next page begins; `None` when there is none.
    pub next: Option<String>,
}

/// Where a page of posts begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// The newest posts.
    Newest,
    /// What happened after a position: the last one that was seen.
    After(Position),
    /// The posts before a position.
    Before(Position),
    /// The post of a number with some before it; when it is no more, the first after it.
    Post(u32),
    /// The first post that was said at a time or later, with some before it.
    Time(Time),
}

/// Which page of a room's posts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// Where it begins.
    pub from: Start,
    /// Most posts wanted: none means [`chat::limits::HISTORY_POSTS_DEFAULT`], and more than
    /// [`chat::limits::HISTORY_POSTS_MAX`] are cut.
    pub limit: Option<usize>,
}

/// A page of a room's posts.
#[derive(Clone, Debug)]
pub struct MessagePage {
    /// The posts, oldest first; in a page after a position, in the order in which they were said or changed. It may hold fewer
    /// than were asked for, even none, and not be the last.
    pub messages: Vec<Message>,
    /// The position to ask for what is before this page; `None` when nothing is.
    pub prev: Option<Position>,
    /// The position to ask for what is after this page. When it is `at`, nothing was after it.
    pub next: Position,
    /// The room's head at that moment.
    pub at: Position,
    /// What the caller saw after this position belongs to a past that was lost with a failure of the store: it is to be
    /// forgotten, and the page goes on from there.
    pub reset: Option<Position>,
}

/// A post in a page or among what a search has found, as it is now.
#[derive(Clone, Debug)]
pub struct Message {
    /// The room's GUID.
    pub room: Uuid,
    /// Its number in the room, from 1.
    pub post: u32,
    /// Where it was said.
    pub position: Position,
    /// When it was said.
    pub time: Time,
    /// Who said it, removed people included.
    pub author: Arc<Person>,
    /// High importance.
    pub alert: bool,
    /// A story.
    pub story: bool,
    /// The title of a story.
    pub title: Option<Box<str>>,
    /// Whether it is history.
    pub kept: bool,
    /// Where its text was replaced or taken away, if it was.
    pub changed: Option<Position>,
    /// The present text; `None` once it was taken away.
    pub text: Option<Box<str>>,
    /// The rich rendering of the present text.
    pub rtf: Option<Box<str>>,
    /// Whom the text mentioned when it was kept; nobody once it was replaced.
    pub mentions: Vec<Mentioned>,
}

/// Which texts a person looks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TextQuery {
    /// Words separated by blanks.
    pub words: String,
    /// How several words combine.
    pub clause: MatchClause,
    /// Whether capitals count.
    pub case_sensitive: bool,
    /// Only in these rooms; `None` is every room the person may read.
    pub rooms: Option<Vec<Uuid>>,
    /// Only what people with these addresses said.
    pub authors: Option<Vec<Address>>,
    /// Only what was said then or later.
    pub from: Option<Time>,
    /// Only what was said then or before.
    pub to: Option<Time>,
    /// Most posts wanted: none means [`SEARCH_HITS_DEFAULT`](crate::limits::SEARCH_HITS_DEFAULT), and more than
    /// [`chat::limits::SEARCH_RESULTS_MAX`] are cut.
    pub limit: Option<usize>,
}

/// What a search for texts has found.
#[derive(Clone, Debug)]
pub struct TextsFound {
    /// The posts, newest first.
    pub hits: Vec<Message>,
    /// Whether there are, or may be, more.
    pub exceeded: bool,
}

/// How far a person has read in a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadState {
    /// The room's GUID.
    pub room: Uuid,
    /// The last post read.
    pub read: u32,
    /// The number of the room's last post.
    pub posts: u32,
    /// Posts after the last one read.
    pub unread: u32,
    /// Those of them that mention the person, and still have the text they were said with.
    pub mentions: u32,
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
