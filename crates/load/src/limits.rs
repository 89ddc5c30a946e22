//! Every limit of the generator, with its source.
//! Enforces nothing itself.

/// Endpoints of one process (ours: it may often open 20,000 files; several processes carry more).
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
/// Posts of a page of history (measure M4; the server gives 500 at most).
pub const PAGE_POSTS: usize = 100;
/// Hits of a search (what the server gives when nothing is said; 999 at most).
pub const SEARCH_HITS: usize = 100;
/// Requests over HTTP of one person in a run (the server answers 300 at once and then 50 in a second).
pub const ASKED_OF_ONE: usize = 250;
/// Requests over HTTP from one address in a run (the server answers 2,000 at once and then 500 in a second).
pub const ASKED_OF_ADDRESS: usize = 1_500;
/// Connections of one client, each from an address of its own (ours: as many requests in a second as its people may ask).
pub const VISITOR_DOORS_MAX: usize = 4;
/// Loopback addresses there are to come from (ours: those of one octet, without the ends).
pub const SOURCES_MAX: usize = 250;
/// People who ask in turn as one client (ours: 2,000 requests in a second go on for ever then).
pub const VISITOR_PEOPLE_MAX: usize = 40;
/// Clients that read at the same time (ours: with their connections far fewer than there are addresses).
pub const CLIENTS_MAX: usize = 16;
/// Searches of one kind by one client (ours).
pub const SEARCHES_MAX: usize = 10_000;
/// Rooms that are filled before they are read (ours: the server looks into 200 at once).
pub const STOCKED_ROOMS_MAX: usize = 200;
/// Octets of a post that is looked for: its number and a few words.
pub const STOCKED_OCTETS_MIN: usize = 64;
/// Processes that share a run (ours).
pub const PROCESSES_MAX: usize = 16;
/// Servers of a pool (limit of the product: so many take people).
pub const SERVERS_MAX: usize = 4;
