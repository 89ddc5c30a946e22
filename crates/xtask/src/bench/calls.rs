//! The calls of the programs that measure: what is measured, in which order, with which people.
//! Calls nothing itself.

/// A call of such a program.
pub struct Call {
    /// By what its lines are known.
    pub name: &'static str,
    pub words: &'static [&'static str],
    /// Where its people and rooms are kept, which need not be made again for the next run; calls may share them.
    pub data: Option<&'static str>,
    /// Whether one run is enough: what is judged there is no time.
    pub once: bool,
    pub of: Subject,
}

/// What is measured, and by which program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// One server that has its store to itself, by the generator.
    Server,
    /// So many servers of a pool over PostgreSQL that tell each other what was written by `notify` or `nats`; by the generator.
    Pool { servers: &'static str, peers: &'static str },
    /// The store alone, by its example `at_size`.
    Store,
}

/// Posts of one author in a room of two.
pub const INGESTED: &str = "20000";

/// Posts of the room that is paged through and searched.
const STOCKED: &str = "100000";

/// What is measured in a quarter of an hour, the quick before the slow.
pub const USUAL: [Call; 10] = [
    Call {
        name: "room of 150",
        words: &["fanout", "--receivers", "150", "--posts", "1000", "--window", "0,1,16"],
        data: Some("room-of-150"),
        once: false,
        of: Subject::Server,
    },
    Call {
        name: "room of 2,000",
        words: &["fanout", "--receivers", "2000", "--posts", "100", "--window", "0,1,4", "--way", "tcp"],
        data: Some("room-of-2-000"),
        once: false,
        of: Subject::Server,
    },
    Call {
        name: "ingest",
        words: &[
            "fanout",
            "--receivers",
            "1",
            "--posts",
            INGESTED,
            "--window",
            "32",
            "--way",
            "tcp",
            "--no-raw",
        ],
        data: None,
        once: false,
        of: Subject::Server,
    },
    Call {
        name: "user model",
        words: &["usermodel", "--people", "600", "--seconds", "30", "--way", "tcp"],
        data: Some("user-model"),
        once: false,
        of: Subject::Server,
    },
    Call {
        name: "memory",
        words: &["memory", "--links", "600", "--rooms", "16", "--way", "tls"],
        data: Some("memory"),
        once: false,
        of: Subject::Server,
    },
    Call {
        name: "joins",
        words: &["join", "--links", "600", "--rooms", "16", "--way", "tcp"],
        data: None,
        once: false,
        of: Subject::Server,
    },
    Call {
        name: "sign-ons",
        words: &["signon", "--links", "600", "--way", "tls"],
        data: Some("sign-ons"),
        once: false,
        of: Subject::Server,
    },
    Call {
        name: "paging",
        words: &["history", "--posts", STOCKED, "--clients", "1,4", "--way", "tls"],
        data: Some("archive"),
        once: false,
        of: Subject::Server,
    },
    Call {
        name: "searches",
        words: &["search", "--posts", STOCKED, "--way", "tls"],
        data: Some("archive"),
        once: false,
        of: Subject::Server,
    },
    Call { name: "kills", words: &["crash", "--rounds", "50"], data: None, once: true, of: Subject::Server },
];

/// Where the people of the large models are, of whom every second has two endpoints: a process may often open 20,000 files.
const CROWD: &str = "crowd-of-12-600";

/// Where the people of a pool of four are, whom the first run makes.
const TOWN: &str = "pool-of-46-800";
/// Where the people are whom one server serves, or two.
const FEW: &str = "pool-of-two";

/// What one server does, and two.
const POOL_ROOM: &[&str] =
    &["fanout", "--receivers", "150", "--posts", "1000", "--window", "0", "--way", "tcp", "--no-raw"];
const POOL_MODEL: &[&str] =
    &["usermodel", "--people", "600", "--rate", "10", "--seconds", "30", "--way", "tcp"];

/// What one or two servers of a pool cost.
const fn of_pool(
    name: &'static str,
    words: &'static [&'static str],
    servers: &'static str,
    peers: &'static str,
) -> Call {
    Call { name, words, data: Some(FEW), once: false, of: Subject::Pool { servers, peers } }
}

/// What takes longer: as many endpoints as one process may have, the largest room of the published model, pools, and ten million posts.
pub const FULL: [Call; 12] = [
    Call {
        name: "room of 150",
        words: &["fanout", "--receivers", "150", "--posts", "1000", "--window", "0", "--way", "tcp"],
        data: Some("room-of-150"),
        once: false,
        of: Subject::Server,
    },
    Call {
        name: "storm of 19,000",
        words: &[
            "memory",
            "--links",
            "19000",
            "--endpoints",
            "2",
            "--rooms",
            "12",
            "--way",
            "tls",
            "--no-raw",
        ],
        data: Some(CROWD),
        once: false,
        of: Subject::Server,
    },
    Call {
        name: "room of 16,000",
        // The receivers of a raw server would be as many open files again.
        words: &[
            "fanout",
            "--receivers",
            "16000",
            "--endpoints",
            "2",
            "--posts",
            "20",
            "--window",
            "0",
            "--no-raw",
        ],
        data: Some(CROWD),
        once: false,
        of: Subject::Server,
    },
    Call {
        name: "user model of 18,900",
        words: &["usermodel", "--people", "12600", "--seconds", "60", "--way", "tls"],
        data: Some(CROWD),
        once: false,
        of: Subject::Server,
    },
    of_pool("room: one server", POOL_ROOM, "1", "notify"),
    of_pool("room: two over NOTIFY", POOL_ROOM, "2", "notify"),
    of_pool("room: two over NATS", POOL_ROOM, "2", "nats"),
    of_pool("model: one server", POOL_MODEL, "1", "notify"),
    of_pool("model: two over NOTIFY", POOL_MODEL, "2", "notify"),
    of_pool("model: two over NATS", POOL_MODEL, "2", "nats"),
    Call {
        name: "user model of 70,200",
        words: &[
            "usermodel",
            "--people",
            "46800",
            "--seconds",
            "60",
            "--way",
            "tls",
            "--processes",
            "5",
            "--patience",
            "120",
        ],
        data: Some(TOWN),
        once: true,
        of: Subject::Pool { servers: "4", peers: "notify" },
    },
    Call {
        name: "ten million",
        words: &["--rooms", "33077", "--people", "80000", "--posts", "10000000"],
        data: Some("ten-million"),
        once: false,
        of: Subject::Store,
    },
];
