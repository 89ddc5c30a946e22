//! What goes into the journals and what comes out of them, as values.
//! Reads and writes nothing itself.

use std::sync::Arc;
use std::time::Duration;

use chat::{
    Actor, ClientId, Domain, Draft, Header, Mention, PersonId, Position, RoomId, ServerId, TextFilter, Time,
    Under,
};
use uuid::Uuid;

use crate::limits::{AMEND_POSTS_MAX, BATCH_BYTES_MAX};
use crate::pace::Pace;
use crate::statements::Statements;

/// What a store is founded with; used once, when its file is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Founding {
    /// The organisation's domain.
    pub domain: Domain,
    /// The pool's name, usually the full name of its host.
    pub pool_name: String,
    /// The pool's GUID, the name of this database on the wire.
    pub pool_guid: Uuid,
    /// The site the pool lies in.
    pub site: String,
    /// Whether the policy for everybody lets people use persistent chat from the beginning.
    pub chat: bool,
}

/// How a store is opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// How long a write waits for another process that holds the file. Default: 5 s.
    pub busy_wait: Duration,
    /// Most pages of 4 KiB the file may grow to; beyond it the store is [`StoreFault::Full`](crate::StoreFault::Full). Default: the disk decides.
    pub pages_max: Option<u32>,
    /// Where the statements that are begun are told; for tests. Default: nowhere.
    pub statements: Option<Statements>,
    /// The pace of a simulation: the store then starts no thread. Default: as fast as the machine does it.
    pub pace: Option<Pace>,
}

/// What a store is, and as whom this program writes to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The organisation's domain, as founded.
    pub domain: Domain,
    /// The pool's name, as founded.
    pub pool_name: String,
    /// The pool's GUID, as founded.
    pub pool_guid: Uuid,
    /// The site the pool lies in, as founded.
    pub site: String,
    /// The present era; raised by every restore.
    pub era: u32,
    /// Which server of the pool this is.
    pub server: ServerId,
    /// Its name, in small letters.
    pub server_name: String,
    /// The epoch this server writes under; raised by every open.
    pub epoch: u64,
}

/// How far a store is on its way to another place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carrying<'a> {
    /// Rows of a table go over.
    Rows {
        /// Which table.
        table: &'a str,
        /// How many have gone.
        done: u64,
        /// Of how many.
        of: u64,
    },
    /// Texts go into the index there.
    Texts {
        /// How many are in it.
        done: u64,
        /// Of how many.
        of: u64,
    },
    /// Journals are proven there.
    Journals {
        /// How many are.
        done: u64,
        /// Of how many.
        of: u64,
    },
}

/// What was carried to another place and proven there; nothing, when that was done before and only the end was missing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Carried {
    /// Tables.
    pub tables: usize,
    /// Rows in all of them.
    pub rows: u64,
    /// Journals.
    pub journals: usize,
    /// Entries in all of them.
    pub entries: u64,
    /// Texts that agree with their entries.
    pub bodies: u64,
}

/// A post to be written, decided under the numbers it names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPost {
    /// In which room.
    pub room: RoomId,
    /// Who says it.
    pub author: PersonId,
    /// The numbers the decision was taken under.
    pub under: Under,
    /// The client's own name of the post: kept at most once per author and room.
    pub client_id: Option<ClientId>,
    /// What is said.
    pub draft: Draft,
    /// Whether it becomes history.
    pub kept: bool,
    /// Whether it is a story.
    pub story: bool,
    /// Whom it mentions.
    pub mentions: Vec<Mention>,
}

/// What became of a post.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PostOutcome {
    /// It is kept: it survives the end of this process and of the machine's power.
    Recorded(Arc<Recorded>),
    /// The same author has sent the same client id to this room before; this is what became of it then.
    Repeated(Said),
    /// The same author has sent something else under the same client id to this room before: nothing was written.
    ClientIdTaken,
    /// A number it was decided under has moved, or the room or author is gone: nothing was written, decide again.
    Moved,
    /// Another server writes under a newer epoch: nothing was written, this server must stop.
    Superseded,
}

/// Where and when something was said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Said {
    /// Its place in the room's journal.
    pub position: Position,
    /// The number of the post in its room.
    pub post: u32,
    /// When.
    pub time: Time,
}

/// One entry as kept, with its body as long as that is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// The entry.
    pub header: Header,
    /// Its body: the text of a post, the operation of an administrative entry. `None` when the entry has none or
    /// it was taken away since.
    pub body: Option<Body>,
}

/// The part of an entry that can be taken away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Body {
    /// Plain text, or the JSON of an operation.
    pub text: String,
    /// The rich rendering.
    pub rtf: Option<String>,
    /// Whom the text of a post mentions.
    pub mentions: Vec<Mention>,
}

/// Everything one commit of this server wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Committed {
    /// The head of this server's journal after the commit.
    pub server_number: u64,
    /// The entries, those of one journal in the order of their numbers; this server's own journal comes last.
    pub entries: Vec<Arc<Recorded>>,
}

/// The newest place of a journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// The last entry; number 0 when there is none yet.
    pub position: Position,
    /// The number of the last post (rooms only): how many there have been, and what the gaps of eras skipped.
    pub posts: u32,
    /// The time of the last entry; the Unix epoch when there is none.
    pub time: Time,
}

/// A post as history and search show it: with its present text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PostRecord {
    /// The room.
    pub room: RoomId,
    /// The number of the post in its room, the wire's `chatId`.
    pub post: u32,
    /// Where it was said.
    pub position: Position,
    /// When.
    pub time: Time,
    /// By whom.
    pub author: PersonId,
    /// High importance.
    pub alert: bool,
    /// A story.
    pub story: bool,
    /// The entry that last took its text away or replaced it; `None` while it is as it was said.
    pub changed: Option<Position>,
    /// The present text; `None` once it was taken away.
    pub body: Option<Body>,
}

/// Which part of a room's history. Counts over [`HISTORY_WINDOW_MAX`](crate::limits::HISTORY_WINDOW_MAX) are cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Window {
    /// The newest so many posts.
    Last(usize),
    /// The so many posts nearest before a place of the room's journal.
    Before {
        /// The number of the place, not included; there need be no entry.
        number: u64,
        /// How many.
        count: usize,
    },
    /// The so many posts nearest after one.
    After {
        /// The post not included.
        post: u32,
        /// How many.
        count: usize,
    },
}

/// A place in a room's history that somebody looks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// This post, or when it is no more, the first after it.
    Post(u32),
    /// The first post that was said then or later.
    Time(Time),
}

/// What lies around a place of a room's history, oldest first; without any later post, `later` is empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passage {
    /// Posts before the place.
    pub earlier: History,
    /// The posts from the place on.
    pub later: History,
}

/// A window of a room's history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct History {
    /// The posts that still have a text, oldest first.
    pub posts: Vec<PostRecord>,
    /// Whether it ends because of its octets ([`HISTORY_BYTES_MAX`](crate::limits::HISTORY_BYTES_MAX)): there are more posts
    /// where these end, although fewer came than were asked for.
    pub cut: bool,
    /// The room's head at that moment.
    pub head: Position,
}

/// What happened to the kept posts of a room after some place, as somebody catches up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline {
    /// What was seen after this place belongs to a past that was lost; what happened is told from here on.
    pub reset: Option<Position>,
    /// What happened, in its order.
    pub happened: Vec<Happened>,
    /// Everything up to here is told.
    pub to: Position,
    /// The room's head at that moment.
    pub head: Position,
}

/// Something was said, replaced or taken away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Happened {
    /// The entry.
    pub at: Position,
    /// The post it is about, as it is now.
    pub post: PostRecord,
}

/// What is looked for in texts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Search {
    /// In which rooms: no other is looked into.
    pub rooms: Vec<RoomId>,
    /// Which words. Accents and, unless the filter says otherwise, case do not matter.
    pub filter: TextFilter,
    /// Only what these people said; `None` is everybody, an empty list nobody.
    pub authors: Option<Vec<PersonId>>,
    /// Only what was said then or later.
    pub from: Option<Time>,
    /// Only what was said then or before.
    pub to: Option<Time>,
    /// Most posts wanted; never more than [`SEARCH_POSTS_MAX`](crate::limits::SEARCH_POSTS_MAX).
    pub limit: usize,
}

/// What a search found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// The posts, newest first.
    pub posts: Vec<PostRecord>,
    /// Whether there are, or may be, more than the limits let through.
    pub exceeded: bool,
}

/// An endpoint that is in rooms through this server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Presence {
    /// Through which server.
    pub server: ServerId,
    /// Under which of its epochs.
    pub epoch: u64,
    /// Who.
    pub person: PersonId,
    /// Through which endpoint.
    pub endpoint: u64,
    /// Where, ascending.
    pub rooms: Vec<RoomId>,
}

/// Whether a place somebody saw can be continued from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resume {
    /// Everything up to there is as it was.
    Good,
    /// What was seen after this place belongs to a past that was lost: continue from here instead.
    ResetTo(Position),
}

/// What becomes of the texts of posts. See [`Store::amend`](crate::Store::amend).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Amendment {
    /// They are taken away.
    Remove,
    /// They are replaced by this one.
    Replace(Draft),
}

/// Which posts of a room are meant: those that still have a text and are all of what is given here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sweep {
    /// The room.
    pub room: RoomId,
    /// Said by one of these people; `None` is everybody, an empty list nobody.
    pub authors: Option<Vec<PersonId>>,
    /// Said then or later.
    pub from: Option<Time>,
    /// Said then or before.
    pub to: Option<Time>,
    /// With a text that is meant by this.
    pub filter: Option<TextFilter>,
    /// With another text than exactly this one.
    pub unlike: Option<String>,
}

/// A page of what a sweep finds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    /// The posts, oldest first, without their texts.
    pub posts: Vec<SweptPost>,
    /// The post after which to look on; `None` at the end. A page may be empty and not the last.
    pub next: Option<u32>,
}

/// A post that a sweep means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SweptPost {
    /// Where and when it was said.
    pub said: Said,
    /// By whom.
    pub author: PersonId,
}

/// On whose behalf texts are amended, and as a part of what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Act {
    /// By whom.
    pub by: Actor,
    /// The standing of that person when it was decided; when it has moved on, nothing is written. `None` for who is no person.
    pub standing: Option<u64>,
    /// The token by which it was asked; when it is revoked, nothing is written.
    pub token: Option<Uuid>,
    /// The rules of the room it was decided from; when they have moved on, nothing is written. `None` for whatever they are.
    pub rules: Option<u64>,
    /// The operation this is a further part of, as [`AmendOutcome::Amended`] numbered its first.
    pub operation: Option<u64>,
    /// The body of its first entry: JSON, without secrets.
    pub asked: String,
}

impl Act {
    /// A whole operation, whatever the standing of who asked and the rules of the room, and by no token.
    #[must_use]
    pub fn of(by: Actor, asked: String) -> Self {
        Self { by, standing: None, token: None, rules: None, operation: None, asked }
    }
}

/// Which posts are amended, and by whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Amend {
    /// The room.
    pub room: RoomId,
    /// The posts; at most [`Amendment::posts_max`].
    pub posts: Vec<u32>,
    /// What becomes of them.
    pub to: Amendment,
    /// On whose behalf.
    pub act: Act,
}

/// What became of an amendment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AmendOutcome {
    /// It is kept.
    Amended {
        /// The number of the operation's first entry in the pool's journal; 0 when nothing was amended yet.
        operation: u64,
        /// An entry for each post, in the order of the posts. Posts that do not exist, or whose text was taken away already,
        /// have none.
        entries: Vec<Arc<Recorded>>,
    },
    /// There is no such room, or it was removed: nothing was written.
    NoSuchRoom,
    /// The standing it was decided under has moved on, or the token was revoked: nothing was written, decide again.
    Moved,
    /// The rules of the room have moved on: nothing was written, decide again.
    Stale,
    /// More posts than one transaction takes: nothing was written.
    TooMany {
        /// How many it takes.
        limit: usize,
    },
}

/// What a walk through a journal found in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Verified {
    /// Entries walked.
    pub entries: u64,
    /// Bodies whose code agreed.
    pub bodies: u64,
    /// Gaps of eras.
    pub gaps: u64,
}

impl Amendment {
    /// Most posts one transaction does this to: fewer when the text put in their place is long.
    #[must_use]
    pub fn posts_max(&self) -> usize {
        match self {
            Self::Remove => AMEND_POSTS_MAX,
            Self::Replace(draft) => (BATCH_BYTES_MAX / draft_bytes(draft).max(1)).clamp(1, AMEND_POSTS_MAX),
        }
    }

    /// How many octets it writes for each post, about.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Remove => 0,
            Self::Replace(draft) => draft_bytes(draft),
        }
    }
}

/// About how much a draft writes.
pub(crate) fn draft_bytes(draft: &Draft) -> usize {
    draft.text.as_str().len() + draft.rtf.as_ref().map_or(0, |rtf| rtf.as_str().len())
}

impl Body {
    /// A text without a rich rendering that mentions nobody.
    pub(crate) fn plain(text: String) -> Self {
        Self { text, rtf: None, mentions: Vec::new() }
    }

    /// How many octets it has.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len() + self.rtf.as_ref().map_or(0, String::len)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { busy_wait: Duration::from_secs(5), pages_max: None, statements: None, pace: None }
    }
}
