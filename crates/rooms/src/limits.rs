//! Every limit of live rooms, with its source, and the set of those that a test makes smaller.
//! The limits of words and texts are `chat::limits`.

use std::time::Duration;

/// Sessions one person may have open at the same time (ours: 1.5 are usual).
pub const SESSIONS_PER_PERSON_MAX: usize = 32;
/// People who are offered to whoever begins to mention one (ours: as many as a list of suggestions shows).
pub const MENTIONABLE_MAX: usize = 8;
/// Names that are looked at for them (ours: two milliseconds; more letters of a name leave fewer).
pub const MENTIONABLE_LOOKED_AT_MAX: usize = 5_000;
/// Rooms one session may be in (ours: 16 to 24 are usual).
pub const ROOMS_PER_SESSION_MAX: usize = chat::limits::JOIN_ROOMS_MAX;
/// Posts of one session, and of one person without a session, that may wait to be kept (ours).
pub const POSTS_PER_SESSION_MAX: usize = 64;
/// Posts that may wait in one room's mailbox (ours).
pub const MAILBOX_MAX: usize = 256;
/// Posts of one room that are handed to the store together (ours: a quarter of its mailbox).
pub const POSTS_TOGETHER_MAX: usize = 64;
/// Times a decision is taken again because its numbers moved, before the poster is told to try later (ours).
pub const DECISIONS_MAX: usize = 8;
/// How long a mailbox waits for a post before its task ends (ours).
pub const MAILBOX_IDLE: Duration = Duration::from_secs(60);
/// Items in a session's outbox before its posts collapse to "behind since" (documented: the alarm threshold of the
/// outbound queue is 5,000). As many notices alone end the session.
pub const OUTBOX_MAX: usize = 5_000;
/// Sessions of a room that are told at once that a post waits for them; of a larger room they are told in slices (ours: a delivery
/// costs 15 us, so 4 ms of one core).
pub const TOLD_AT_ONCE_MAX: usize = 256;
/// Sessions that are told before everybody else has a turn (ours: an eighth of the 256 tasks that a worker's own queue holds; what is more
/// goes to a queue of all workers, which they seldom look at).
pub const TOLD_SLICE: usize = 32;
/// Octets all rooms together may remember (ours: thirty posts in each of thirty thousand rooms would be 250 MB).
pub const MEMORY_BYTES_MAX: usize = 32 << 20;
/// The newest posts of a room whose printed form is kept: receivers who are further behind print anew (ours: several times what
/// waits for an answer of a receiver).
pub const PRINTED_POSTS: usize = 64;
/// What a remembered post costs beside its text: its fields and the headers of one printed form (ours, measured).
pub const POST_OVERHEAD_BYTES: usize = 512;
/// Entries read at once when a session, a room or this server catches up (ours: keeps reads short).
pub const CATCH_UP_ENTRIES: usize = 256;
/// Changed rooms from which on all of them are read at once (ours).
pub const REFRESH_ROOMS_ONE_BY_ONE_MAX: usize = 256;
/// How long until something the store could not do is tried again (ours).
pub const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often read marks are written (design of the journals: together every 5 s).
pub const READ_MARKS_EVERY: Duration = Duration::from_secs(5);
/// Entries about departures and views that may wait for a store that takes nothing; beyond it the oldest are given up
/// and logged (ours).
pub const OWED_MAX: usize = 100_000;

/// How long ago the journals of the pool may have been followed to their ends before history and searches are refused (design
/// of the journals: 5 s).
pub const CONFIRMED_WITHIN: Duration = Duration::from_secs(5);

/// Read marks that may wait for a store that takes nothing; further ones are not noted, and what they tell counts as unread
/// (ours: 80,000 people with twelve rooms each, once in five seconds).
pub const MARKS_MAX: usize = 1_000_000;

/// Posts one search for texts finds when it names no number (documented sample: 100).
pub const SEARCH_HITS_DEFAULT: usize = 100;
/// Authors one search for texts may name (ours).
pub const SEARCH_AUTHORS_MAX: usize = 100;

/// The limits that tests make smaller; everybody else uses the default.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// See [`SESSIONS_PER_PERSON_MAX`].
    pub sessions_per_person: usize,
    /// See [`ROOMS_PER_SESSION_MAX`].
    pub rooms_per_session: usize,
    /// See [`POSTS_PER_SESSION_MAX`].
    pub posts_per_session: usize,
    /// See [`MAILBOX_MAX`].
    pub mailbox: usize,
    /// See [`MAILBOX_IDLE`].
    pub mailbox_idle: Duration,
    /// See [`CONFIRMED_WITHIN`].
    pub confirmed_within: Duration,
    /// See [`OUTBOX_MAX`].
    pub outbox: usize,
    /// See [`MEMORY_BYTES_MAX`].
    pub memory_bytes: usize,
    /// People present above whom a room is large; `None` for what the settings say.
    pub participant_updates: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sessions_per_person: SESSIONS_PER_PERSON_MAX,
            rooms_per_session: ROOMS_PER_SESSION_MAX,
            posts_per_session: POSTS_PER_SESSION_MAX,
            mailbox: MAILBOX_MAX,
            mailbox_idle: MAILBOX_IDLE,
            confirmed_within: CONFIRMED_WITHIN,
            outbox: OUTBOX_MAX,
            memory_bytes: MEMORY_BYTES_MAX,
            participant_updates: None,
        }
    }
}
