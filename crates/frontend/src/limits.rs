//! Every limit of links, sign-ons and chat dialogs, with its source, and the set of those that a test makes smaller.
//! The limits of SIP messages, XCCOS documents and rooms stand in the crates that know them.

use std::time::Duration;

/// Links at the same time (ours: 17 KiB of memory each over TLS).
pub const LINKS_MAX: usize = 32_768;
/// Links at the same time on which nobody is signed on; beyond it each is told to come later (ours).
pub const STRANGERS_MAX: usize = 4_096;
/// Those of one address, of IPv6 one network of 64 bits; beyond it each is closed at once (ours: an eighth, so that nobody takes
/// all places from one address; and many for an organisation behind one proxy, where each is there for three round trips).
pub const STRANGERS_PER_ADDRESS_MAX: usize = 512;
/// For so many strangers one more is there to be told to come later; beyond it each is closed at once (ours).
pub const TURNED_AWAY_SHARE: usize = 8;
/// How long one that will be told to come later may take to ask (ours).
pub const TURNED_AWAY_TIME: Duration = Duration::from_secs(5);
/// TLS handshakes that are computed before everything else goes on; others wait their turn (ours: 300 us of a core each). A
/// peer that is waited for has no turn.
pub const HANDSHAKES_MAX: usize = 8;
/// Proofs of sign-ons examined at the same time; beyond it 503 (ours).
pub const PROOFS_MAX: usize = 256;
/// When somebody who was told to come later may come again (ours).
pub const RETRY_AFTER: Duration = Duration::from_secs(5);
/// How long a peer may take to begin a TLS handshake, and once more to finish it (ours).
pub const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Octets that are read while a proof is examined, so that somebody who hangs up waits no longer; beyond it the link of a
/// stranger ends, and of somebody who is on no more is read (ours: keep-alives are usual).
pub const AHEAD_OCTETS_MAX: usize = 64 * 1024;
/// How long a link may be open before somebody is signed on (ours: a client's own time-out for a request is 60 s).
pub const SIGN_ON_TIME: Duration = Duration::from_secs(60);
/// How long a registration holds (the value clients of this family know).
pub const REGISTRATION_SECONDS: u32 = 3_600;
/// The shortest registration somebody may ask for (RFC 3261 10.3: below an hour it may be refused; ours: a minute).
pub const REGISTRATION_SECONDS_MIN: u32 = 60;
/// How often a client is asked to send a keep-alive, in seconds; the first always comes after 60.
pub const KEEP_ALIVE_SECONDS: u32 = 300;
/// A signed-on link that was silent for so long is dead (ours: three keep-alives).
pub const SILENCE: Duration = Duration::from_secs(900);
/// How long a peer may take nothing of what waits for it (design of the journals: 30 s without progress).
pub const STALL: Duration = Duration::from_secs(30);
/// Octets that wait to be written before no more is read from the peer, and nothing taken from the rooms (ours).
pub const WAITING_OCTETS: usize = 64 * 1024;
/// Requests of one link that wait to be carried out before no more is read (ours).
pub const PENDING_MAX: usize = 32;
/// Octets of such requests, all dialogs together, before no more is read, or refused where an answer must be read (ours:
/// twenty-one posts of full length in both forms; with what is made of them, a megabyte for each link).
pub const PENDING_OCTETS: usize = 512 * 1024;
/// Requests of ours in one dialog without their answer (ours: the order of the link keeps them in order).
pub const OUTSTANDING_MAX: usize = 64;
/// Octets of such requests to somebody behind a front end; one is sent however large it is (ours: two dozen posts of full length in
/// both forms; no more than this waits at the front end for somebody who is slow).
pub const OUTSTANDING_OCTETS: usize = 512 * 1024;
/// Connections of front ends at the same time, those that are being let in included (ours: a handful of front ends have one each).
pub const TRUNKS_MAX: usize = 256;
/// Octets that wait to be written to a trunk before its dialogs add no more (ours: some hundred posts).
pub const TRUNK_WAITING_OCTETS: usize = 1 << 20;
/// Octets of the body of a message that a chat server sends (ours: history of a megabyte, as XML escapes it).
pub const TRUNK_BODY_OCTETS_MAX: usize = 16 << 20;
/// Octets that wait for one dialog at the chat server: what the front end lets be under way, and the answers of the client (ours).
pub const STRAND_OCTETS_MAX: usize = 2 * PENDING_OCTETS;
/// Octets that wait for one dialog at the front end: what the chat server lets be under way, and its answers (ours).
pub const ROUTED_OCTETS_MAX: usize = 4 * OUTSTANDING_OCTETS;
/// Octets of the head of a request that is passed on, so that what a front end adds still fits (ours: 1 KiB is usual).
pub const PASSED_ON_HEAD_OCTETS_MAX: usize = 32 * 1024;
/// Lines of that head (ours: 18 are usual).
pub const PASSED_ON_LINES_MAX: usize = 96;
/// A trunk on which the front end was silent for so long is dead: it asks every [`TRUNK_PROBE`] (ours).
pub const TRUNK_IDLE: Duration = Duration::from_secs(30);
/// How often a front end asks each chat server whether it serves (ours).
pub const TRUNK_PROBE: Duration = Duration::from_secs(3);
/// A chat server of which a front end heard nothing for so long is dead, and the links whose dialogs it had are closed (ours: three
/// questions; within the lease of a server, after which another takes its people).
pub const TRUNK_SILENCE: Duration = Duration::from_secs(9);
/// How long a connection to a chat server may take, and how long after a failure the next is tried (ours).
pub const TRUNK_CONNECT: Duration = Duration::from_secs(3);
/// How long a front end waits for a chat server before it says that there is none (ours: a restart; clients wait for an INVITE much
/// longer, and one that was refused comes back after 300 s or never).
pub const TRUNK_PATIENCE: Duration = Duration::from_secs(10);
/// Servers that may be lost over one INVITE before it is refused (ours: one that dies of it takes no more with it than these).
pub const SERVERS_LOST_MAX: usize = 3;
/// Within this time after a chat server is there again, the links of those who were refused meanwhile are closed, so that they come
/// back (ours: not all at once).
pub const TRUNK_COMEBACK: Duration = Duration::from_secs(4);
/// Chat dialogs of one link (ours: a client has two while it looks the chat server up).
pub const DIALOGS_MAX: usize = 8;
/// Subscriptions of one link (ours: three for itself, and people whose presence it shows).
pub const SUBSCRIPTIONS_MAX: usize = 128;
/// Links of one person (ours: 1.5 are usual).
pub const LINKS_PER_PERSON_MAX: usize = 32;
/// Longest subscription, in seconds (RFC 6665 leaves it to us).
pub const SUBSCRIPTION_SECONDS: u32 = 3_600;
/// Octets of posts in one answer to a request for history; older posts are left out (ours: fifteen full stories).
pub const HISTORY_OCTETS_MAX: usize = 1 << 20;
/// Octets of one publication (ours: the known ones stay below 2 KiB).
pub const PUBLICATION_OCTETS_MAX: usize = 16 * 1024;
/// Publications in one request (ours: a client sends five at sign-on).
pub const PUBLICATIONS_MAX: usize = 64;
/// Publications of one person that last as long as a link (ours).
pub const LIVE_PUBLICATIONS_MAX: usize = 64;
/// Deepest nesting in a body that is not XCCOS (ours).
pub const XML_DEPTH_MAX: usize = 16;
/// Members of all containers of one person (ours).
pub const CONTAINER_MEMBERS_MAX: usize = 256;
/// How long everything that runs may take to end when the front end stops (contract: the program ends within 10 s).
pub const STOP_TIME: Duration = Duration::from_secs(4);
/// How long a link may take to hand out its last answers before it is cut (ours).
pub const FAREWELL_TIME: Duration = Duration::from_secs(3);
/// How often links are told to go while the server is emptied (ours).
pub const LEAVING_EVERY: Duration = Duration::from_millis(250);
/// So many of them each time (ours: two hundred a second sign on elsewhere, a tenth of a core for their handshakes and proofs; 20,000
/// people have gone in 100 s).
pub const LEAVING_AT_ONCE: usize = 50;
/// How long a link that is told to go waits for a moment in which nothing is under way (ours: posts are kept in milliseconds).
pub const LEAVING_TIME: Duration = Duration::from_secs(5);
/// How often it is looked whether everybody who is signed on may still be (ours).
pub const REVIEW_EVERY: Duration = Duration::from_secs(2);
/// Octets of a body that is neither XCCOS nor SDP (ours: five publications take 2 KiB).
pub const DOCUMENT_OCTETS_MAX: usize = 128 * 1024;
/// Elements of such a body (ours: a contact asked for takes two).
pub const DOCUMENT_ELEMENTS_MAX: usize = 8_192;
/// Attributes of one element of such a body (ours: the known ones have six).
pub const XML_ATTRIBUTES_MAX: usize = 32;
/// Octets of all publications of one person that are kept (ours: a thousand followed rooms).
pub const KEPT_PUBLICATIONS_OCTETS_MAX: usize = 1 << 20;
/// People whose presence one link shows (ours: 80 contacts are usual).
pub const WATCHED_MAX: usize = 1_024;
/// Octets of the head of a SUBSCRIBE (ours: a link keeps parts of it for each of its subscriptions; 1 KiB is usual).
pub const SUBSCRIBE_HEAD_OCTETS_MAX: usize = 8 * 1024;
/// Octets that wait to be written before no notification of an event is added; what it would have shown is shown in full
/// with the next change (ours).
pub const NOTICES_WAITING_OCTETS: usize = 1 << 20;
/// How long the one notification of a subscription that is over at once may take (ours).
pub const LAST_NOTICE_SECONDS: u32 = 60;
/// Contacts of one person (ours: 80 are usual).
pub const CONTACTS_MAX: usize = 1_000;
/// Groups of contacts of one person (ours).
pub const CONTACT_GROUPS_MAX: usize = 64;
/// Characters of a contact's or group's name (as those of rooms and people).
pub const CONTACT_TEXT_CHARS_MAX: usize = 256;
/// Octets of a whole contact list (ours).
pub const CONTACT_LIST_OCTETS_MAX: usize = 256 * 1024;

/// The limits that tests make smaller; everybody else uses the default.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// See [`LINKS_MAX`].
    pub links: usize,
    /// See [`STRANGERS_MAX`].
    pub strangers: usize,
    /// See [`STRANGERS_PER_ADDRESS_MAX`].
    pub strangers_per_address: usize,
    /// See [`HANDSHAKE_TIME`].
    pub handshake_time: Duration,
    /// See [`SIGN_ON_TIME`].
    pub sign_on_time: Duration,
    /// See [`REGISTRATION_SECONDS`].
    pub registration_seconds: u32,
    /// See [`SILENCE`].
    pub silence: Duration,
    /// See [`STALL`].
    pub stall: Duration,
    /// See [`TRUNK_PROBE`].
    pub trunk_probe: Duration,
    /// See [`TRUNK_SILENCE`].
    pub trunk_silence: Duration,
    /// See [`TRUNK_PATIENCE`].
    pub trunk_patience: Duration,
    /// See [`TRUNK_COMEBACK`].
    pub trunk_comeback: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            links: LINKS_MAX,
            strangers: STRANGERS_MAX,
            strangers_per_address: STRANGERS_PER_ADDRESS_MAX,
            handshake_time: HANDSHAKE_TIME,
            sign_on_time: SIGN_ON_TIME,
            registration_seconds: REGISTRATION_SECONDS,
            silence: SILENCE,
            stall: STALL,
            trunk_probe: TRUNK_PROBE,
            trunk_silence: TRUNK_SILENCE,
            trunk_patience: TRUNK_PATIENCE,
            trunk_comeback: TRUNK_COMEBACK,
        }
    }
}
