//! What goes into the journals and what comes out of them, as values.
//! Reads and writes nothing itself.

use std::sync::Arc;
use std::time::Duration;

use chat::{Actor, Domain, Draft, Header, PersonId, Position, RoomId, ServerId, Time, Under};
use uuid::Uuid;

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
    /// The epoch this server writes under; raised by every open.
    pub epoch: u64,
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
    /// The client's own name of the post: kept at most once per author and room. At most
    /// [`CLIENT_ID_BYTES_MAX`](crate::limits::CLIENT_ID_BYTES_MAX) octets.
    pub client_id: Option<String>,
    /// What is said.
    pub draft: Draft,
    /// Whether it becomes history.
    pub kept: bool,
    /// Whether it is a story.
    pub story: bool,
}

/// What became of a post.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PostOutcome {
    /// It is kept: it survives the end of this process and of the machine's power.
    Recorded(Arc<Recorded>),
    /// The same author has sent the same client id to this room before; it stands there.
    Repeated(Position),
    /// A number it was decided under has moved, or the room or author is gone: nothing was written, decide again.
    Moved,
    /// Another server writes under a newer epoch: nothing was written, this server must stop.
    Superseded,
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
    /// The present text.
    pub body: Body,
}

/// Which part of a room's history. Counts over [`HISTORY_WINDOW_MAX`](crate::limits::HISTORY_WINDOW_MAX) are cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Window {
    /// The newest so many posts.
    Last(usize),
    /// The so many posts nearest before one.
    Before {
        /// The post not included.
        post: u32,
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

/// What a search found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// The posts, newest first.
    pub posts: Vec<PostRecord>,
    /// Whether there are more than the limit let through.
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

/// What becomes of a post's text. See [`Store::amend`](crate::Store::amend).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Amendment {
    /// It is taken away.
    Remove,
    /// It is replaced.
    Replace(Draft),
}

/// Which post is amended, and by whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Amend {
    /// The room.
    pub room: RoomId,
    /// The post.
    pub post: u32,
    /// By whom.
    pub by: Actor,
    /// What becomes of it.
    pub to: Amendment,
}

/// What became of an amendment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AmendOutcome {
    /// It is kept.
    Recorded(Arc<Recorded>),
    /// There is no such post, or its text was taken away already.
    NoSuchPost,
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

impl Body {
    /// How many octets it has.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len() + self.rtf.as_ref().map_or(0, String::len)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { busy_wait: Duration::from_secs(5), pages_max: None }
    }
}
