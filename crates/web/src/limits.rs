//! Every limit of connections, requests, sessions and rates over HTTP, with its source, and the set that a test makes smaller.
//! The limits of what is said in rooms stand in `chat`, those of operations in `admin`.

use std::time::Duration;

/// Connections at the same time; beyond it each is closed at once (ours: 17 KiB of memory each over TLS).
pub const CONNECTIONS_MAX: usize = 4_096;
/// Those of one address, of IPv6 one network of 64 bits (ours: a browser opens six; many sit behind one proxy).
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 512;
/// Connections of the health listener: whoever watches needs a few (ours).
pub const HEALTH_CONNECTIONS_MAX: usize = 32;
/// How long a peer may take to begin a TLS handshake, and once more to finish it (ours).
pub const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long the head of a request may take, and how long a connection may be without one (ours).
pub const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long the body of a request may take (ours: two megabytes in a second for the largest).
pub const BODY_TIME: Duration = Duration::from_secs(30);
/// Octets of a body that are taken in although the request is refused, so that whoever sends it hears why (ours).
pub const PASSED_OVER_OCTETS_MAX: usize = 1 << 20;
/// How long that may take (ours: whoever is shut out while it sends is told so within 5 s).
pub const PASSED_OVER_TIME: Duration = Duration::from_secs(2);
/// How long a request may take in all (ours: a sign-on stands in line for 45 s at most).
pub const REQUEST_TIME: Duration = Duration::from_secs(60);
/// How long an operation of administration may take (ours: as at the socket; tens of thousands of rooms are made by one).
pub const OPERATION_TIME: Duration = Duration::from_secs(300);
/// How long a peer may take nothing of an answer (as on links).
pub const STALL: Duration = Duration::from_secs(30);
/// Octets of the head of a request; beyond it 431 (ours: browsers send 2 KiB).
pub const HEAD_OCTETS_MAX: usize = 16 * 1024;
/// Fields in the head of a request (ours: browsers send twenty).
pub const HEAD_FIELDS_MAX: usize = 64;
/// Octets of a body, where a route does not say otherwise (ours: five stories of full length in both forms).
pub const BODY_OCTETS_MAX: usize = 1 << 20;
/// Octets of the body of an operation that needs a role (ours: a list of 10,000 principals by distinguished names of 400 octets).
pub const OPERATION_OCTETS_MAX: usize = 4 << 20;
/// Octets of the body of an operation that takes in a file (ours: a table of 33,077 rooms with 731,088 principals has 25 MB).
pub const FILE_OCTETS_MAX: usize = 64 << 20;
/// Octets of a query (ours: eight words and their names).
pub const QUERY_OCTETS_MAX: usize = 4 * 1024;
/// Octets of an etag (ours: ours have thirty-two).
pub const ETAG_OCTETS_MAX: usize = 128;
/// Requests of one address, of IPv6 one network of 64 bits, that come at once (ours: an office behind one proxy begins its day).
pub const ADDRESS_BURST: u32 = 2_000;
/// And in each second after that (ours).
pub const ADDRESS_PER_SECOND: u32 = 500;
/// Requests of one session's person, or of one token, that come at once (ours: a page that opens asks for a few dozen things).
pub const CALLER_BURST: u32 = 300;
/// And in each second after that (ours: more than one person or one bot has to say).
pub const CALLER_PER_SECOND: u32 = 50;
/// Addresses and callers whose rate is remembered; beyond it all begin anew (ours: about 4 MB).
pub const RATES_MAX: usize = 65_536;
/// Sign-ons that wait for their turn at the same time; beyond it 429 (ours: as proofs on links).
pub const SIGN_ONS_MAX: usize = 256;
/// When somebody whom there was no room for may come again (ours).
pub const RETRY_AFTER: Duration = Duration::from_secs(5);
/// Characters of an address or a password that is tried (as the longest that can be set; more would only be hashed in vain).
pub const CREDENTIAL_OCTETS_MAX: usize = 256;
/// Characters of a request for a certificate (ours: one for a key of 4096 bits and ten names has two thousand).
pub const REQUEST_OCTETS_MAX: usize = 8_192;
/// Sessions of one person; one more ends the one that was used least lately (ours: browsers on a few machines).
pub const SESSIONS_PER_PERSON_MAX: usize = 16;
/// A session that was not used for so long is over (OWASP session management: 15 to 30 minutes).
pub const SESSION_IDLE: Duration = Duration::from_secs(30 * 60);
/// A session is over after so long in any case (OWASP session management: a working day at most).
pub const SESSION_LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
/// How late a use of a session is written down; a server that ends before has forgotten it (ours: little beside half an hour).
pub const SESSION_WRITTEN_EVERY: Duration = Duration::from_secs(60);
/// For how long whoever signs off waits for that to be kept, and a server that ends for its last uses (ours: less than
/// [`REVIEW_EVERY`], after which a request of a session that is over is answered no more, and the one that ends it is such a one).
pub const SESSION_END_WAIT: Duration = Duration::from_millis(500);
/// Sessions held in memory, about 100 octets each; others are looked up in the store when they are used (ours: every person of the largest
/// documented pool).
pub const SESSIONS_HELD_MAX: usize = 80_000;
/// How often it is looked whether everybody who has a session or waits for an answer may still be here (ours: the promise is 5 s).
pub const REVIEW_EVERY: Duration = Duration::from_secs(1);
/// How long running requests may take to end when the web stops (contract: the program ends within 10 s).
pub const STOP_TIME: Duration = Duration::from_secs(3);
/// For how long browsers remember to come by TLS only (OWASP: a year).
pub const TLS_ONLY_SECONDS: u32 = 31_536_000;

/// Octets of one command on a live link (ours: a thousand rooms with their positions).
pub const LIVE_COMMAND_OCTETS_MAX: usize = 128 * 1024;
/// Events of one batch on a live link, written together (ours).
pub const LIVE_BATCH: usize = 64;
/// Batches that are told before changes are looked for; the rest is told first (ours: what an outbox holds).
pub const LIVE_DRAINS_MAX: usize = 128;
/// Commands in a row that a live link refuses because they come too fast or are none; the next one ends it (ours: a program that
/// heeds what it is told stops after the first).
pub const LIVE_REFUSALS_MAX: u32 = 100;
/// How often a live link says something at least; its client is given up after twice as long without an answer (ours: proxies
/// close what is silent for 60 s).
pub const LIVE_BEAT: Duration = Duration::from_secs(20);
/// How often a live link looks for changes of posts, which no notice tells (ours).
pub const LIVE_LOOK_EVERY: Duration = Duration::from_secs(1);
/// Within this time the live links of a server that is emptied say goodbye (ours: not all at once; of 4,096 some hundred a second).
pub const LIVE_LEAVING: Duration = Duration::from_secs(8);
/// How long the farewell of a live link may take (ours: whoever is shut out is cut off within 5 s in all).
pub const LIVE_FAREWELL: Duration = Duration::from_secs(1);
/// Posts in one page of what a client has missed (ours: keeps reads short).
pub const LIVE_PAGE: usize = 100;
/// Pages of what a client has missed in one room; beyond it the client reads the room anew (ours: 500 posts are read faster so).
pub const LIVE_MISSED_PAGES_MAX: usize = 5;

/// The limits that tests make smaller; everybody else uses the default.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// See [`CONNECTIONS_MAX`].
    pub connections: usize,
    /// See [`CONNECTIONS_PER_ADDRESS_MAX`].
    pub connections_per_address: usize,
    /// See [`HEAD_TIME`].
    pub head_time: Duration,
    /// See [`BODY_TIME`].
    pub body_time: Duration,
    /// See [`ADDRESS_BURST`].
    pub address_burst: u32,
    /// See [`CALLER_BURST`].
    pub caller_burst: u32,
    /// See [`SESSIONS_PER_PERSON_MAX`].
    pub sessions_per_person: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS_MAX,
            connections_per_address: CONNECTIONS_PER_ADDRESS_MAX,
            head_time: HEAD_TIME,
            body_time: BODY_TIME,
            address_burst: ADDRESS_BURST,
            caller_burst: CALLER_BURST,
            sessions_per_person: SESSIONS_PER_PERSON_MAX,
        }
    }
}
