//! Every limit of the generator, with its source.
//! Enforces nothing itself.

/// People of one run (ours: a process may often open 20,000 files; several runs at once make more).
pub const PEOPLE_MAX: usize = 19_000;
/// Posts of one measure (ours: their times of sending are kept).
pub const POSTS_MAX: u32 = 1_000_000;
/// Posts without acknowledgement (the server has a limit of 32 requests of one link).
pub const WINDOW_MAX: usize = 32;
/// Octets of a post (ours: the limit of a plain message).
pub const POST_OCTETS_MAX: usize = 8_000;
/// Octets of a post that its number and some words need.
pub const POST_OCTETS_MIN: usize = 16;
/// Endpoints of one person (limit of the server).
pub const ENDPOINTS_MAX: usize = 32;
/// Sign-ons under way at the same time (measure M5).
pub const ARRIVING_MAX: usize = 64;
/// Links from one loopback address before the next is taken (ours: half of the usual range of ports).
pub const LINKS_PER_SOURCE: usize = 14_000;
/// Octets of one message that is read (ours: a room list and a page of history fit).
pub const MESSAGE_OCTETS_MAX: usize = 8 << 20;
/// Octets that are read at once.
pub const READ_OCTETS: usize = 16 * 1024;
/// Replies that wait to be looked at (ours: a person asks one thing after the other).
pub const REPLIES_MAX: usize = 8;
/// Numbers a ledger remembers as missing; further ones are only counted.
pub const MISSING_KEPT_MAX: usize = 1_024;
/// Processes that share a run (ours).
pub const PROCESSES_MAX: usize = 16;
