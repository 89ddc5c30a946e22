//! Every limit of the store, with its source.
//! The limits of words and texts are `chat::limits`.

use std::time::Duration;

/// Most rooms one commit touches (design of the journals: bounds what a failure repeats).
pub const BATCH_ROOMS_MAX: usize = 256;
/// Most octets of text one commit writes (design of the journals).
pub const BATCH_BYTES_MAX: usize = 1 << 20;
/// Most requests one commit answers (ours: four per room of the largest batch).
pub const BATCH_JOBS_MAX: usize = 1_024;
/// How often a room that another server writes to is passed over before it is waited for (design of the journals).
pub const SKIPS_MAX: u32 = 3;
/// How often a transaction is tried that collides with others or whose session ends (ours).
pub const TRIES_MAX: u32 = 4;
/// Posts, joins and the like that may wait for the writer (ours: eight full batches); beyond it they are refused.
pub const QUEUE_WORDS_MAX: usize = 8 * BATCH_JOBS_MAX;
/// Administrative operations that may wait (ours).
pub const QUEUE_ADMIN_MAX: usize = 256;
/// Documents, invitations and marks that may wait (ours).
pub const QUEUE_MARKS_MAX: usize = 8 * BATCH_JOBS_MAX;
/// Octets that may wait for the writer, whatever they are of (ours: a minute of one full batch a second).
pub const QUEUE_BYTES_MAX: usize = 64 << 20;
/// Read marks one request brings to the writer; more go in requests of this size (ours: a millisecond).
pub const MARKS_CHUNK: usize = 256;
/// What a read mark counts for in a batch, in octets (ours: a thousand rows, about the 5 ms that posts may wait for them).
pub const MARK_BYTES: usize = BATCH_BYTES_MAX / (4 * MARKS_CHUNK);
/// Commits the feed holds for a slow reader before that reader has to catch up from the journals (ours).
pub const FEED_MAX: usize = 1_024;
/// Connections that read at the same time (ours: reads are short; more only compete for the same disk).
pub const READERS_MAX: usize = 4;
/// Most entries one read of a journal returns (ours: keeps a read far below 100 ms).
pub const ENTRIES_MAX: usize = 1_000;
/// Rows with texts that are fetched at once, because a database apart sends all of them before the first is looked at (ours: a
/// hundred rich stories are 19 MB).
pub const PORTION: usize = 100;
/// Octets of text after which a page of entries ends (ours: a thousand rich stories would be 190 MB).
pub const ENTRIES_BYTES_MAX: usize = 4 << 20;
/// Most posts one window of history returns (documented: the history setting ends at 500; twice that for pages).
pub const HISTORY_WINDOW_MAX: usize = 1_000;
/// Octets of text after which a window of history ends (ours, as for entries: five hundred rich stories would be 96 MB).
pub const HISTORY_BYTES_MAX: usize = ENTRIES_BYTES_MAX;
/// Most posts one transaction takes the text of or replaces (design of the journals: as many as a batch has rooms).
pub const AMEND_POSTS_MAX: usize = 256;
/// Posts one look for what is to be amended goes through (ours: keeps a read far below 100 ms).
pub const SWEEP_POSTS_MAX: usize = 1_000;
/// Octets of text one look for what is to be amended compares (ours: about 50 ms).
pub const SWEEP_BYTES_MAX: usize = 4 << 20;
/// Hits of the index one search looks at when they are sieved by author, time or case; with more it is answered as exceeded
/// (ours: about 100 ms).
pub const SEARCH_SIEVED_MAX: usize = 20_000;
/// Rooms asked at once in one index query; more are asked in chunks of this (design of the journals).
pub const SEARCH_ROOMS_MAX: usize = 200;
/// Most posts one search returns (documented sample: 999).
pub const SEARCH_POSTS_MAX: usize = 999;
/// Largest document, in octets (as stored preferences: 1 MiB).
pub const DOCUMENT_BYTES_MAX: usize = chat::limits::PREFERENCE_BYTES_MAX;
/// Longest name of a document, in octets (ours: a label of 255 characters of four octets).
pub const DOCUMENT_NAME_BYTES_MAX: usize = 4 * chat::limits::PREFERENCE_LABEL_CHARS_MAX;
/// Most contact documents of one person (ours).
pub const CONTACTS_MAX: usize = 1_024;
/// Most publications of one person (ours: categories times containers times instances of several endpoints).
pub const PUBLICATIONS_MAX: usize = 1_024;
/// Texts of a room said while its history is off that are still there for slow followers (ours: as many as one read
/// returns); older ones go with the next such post, and all of them with the next start.
pub const PASSING_MAX: u32 = 1_000;
/// Texts one transaction lets go at a start (design of the journals: chunks of 500).
pub const PASSING_CHUNK: i64 = 500;
/// Numbers skipped at the first append in a new era (design of the journals: more than an asynchronous copy can lag).
pub const ERA_SKIP: u64 = 1_000_000;
/// Posts one count for a report looks at (ours: keeps a read far below 100 ms).
pub const TALLY_POSTS_MAX: usize = 20_000;
/// Most rooms, people or groups one page holds (ours: the longest page of administration, and one more to see whether there is more).
pub const SEEK_ROWS_MAX: usize = 10_001;
/// Longest name of a server, in octets (RFC 1035, 2.3.4: a name of the domain name system).
pub const SERVER_NAME_BYTES_MAX: usize = 255;
/// Most servers a pool has (documented: eight machines).
pub const SERVERS_MAX: usize = chat::limits::SERVERS_MAX;
/// Most servers that are active (documented: four).
pub const ACTIVE_SERVERS_MAX: usize = chat::limits::ACTIVE_SERVERS_MAX;
/// For how long a lease is taken (design of the journals).
pub const LEASE_TIME: Duration = Duration::from_secs(10);
/// Notices that wait to be heard; beyond it they are dropped (ours: whoever listens looks by himself once a second).
pub const NOTICES_MAX: usize = 1_024;
/// Sessions one statement lets go of or one request brings the uses of (design of the journals: chunks of 500).
pub const SESSIONS_CHUNK: usize = 500;
/// For how long it is told that a session was ended (ours: every server asks each second, and one that does not for so long has lost
/// its lease).
pub const SESSION_ENDED_FOR: Duration = Duration::from_secs(60);
/// Largest published topology with its remark, in octets (ours: that of a document, and room for the remark).
pub const TOPOLOGY_BYTES_MAX: usize = (1 << 20) + 4_096;
