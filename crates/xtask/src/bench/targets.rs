//! What must be reached, what is tried for, and where the figure for it is found among what was measured.
//! The numbers are those of the project's own plan; goals that no measure here is of are named in decision 0033. Measures nothing.

use serde_json::Value;

/// A bound.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// A target.
pub struct Target {
    pub id: &'static str,
    pub what: &'static str,
    pub unit: &'static str,
    /// What it must be; nothing, where it is only told.
    pub must: Option<Bound>,
    pub goal: Option<Bound>,
    /// The figure; nothing, when it was not measured.
    pub of: fn(&Figures) -> Option<f64>,
}

/// What was measured, all runs of it.
#[derive(Default)]
pub struct Figures(Vec<(&'static str, Value)>);

/// Which line of a call.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Which {
    pub call: &'static str,
    /// `causerie`, or a raw server.
    pub server: &'static str,
    pub way: &'static str,
    pub window: Option<u64>,
    pub endpoints: Option<u64>,
    /// What was counted, where a call has a line for each of several things.
    pub unit: Option<&'static str>,
}

impl Bound {
    pub fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtMost(most) => figure <= most,
            Self::AtLeast(least) => figure >= least,
        }
    }
}

impl Figures {
    /// A line of a call.
    pub fn add(&mut self, call: &'static str, line: Value) {
        self.0.push((call, line));
    }

    /// The lines there are, each once, in the order in which they came.
    pub fn kinds(&self) -> Vec<(&'static str, &Value)> {
        let mut kinds: Vec<(&'static str, &Value)> = Vec::new();
        for (call, line) in &self.0 {
            if !kinds.iter().any(|(other, known)| other == call && is_alike(known, line)) {
                kinds.push((call, line));
            }
        }
        kinds
    }

    /// The middle one of a field in all runs of a line like this one.
    pub fn middle_of(&self, call: &str, like: &Value, field: &str) -> Option<f64> {
        self.middle_alike(call, like, |line| line[field].as_f64())
    }

    /// The same of a field within another.
    pub fn nested_of(&self, call: &str, like: &Value, outer: &str, field: &str) -> Option<f64> {
        self.middle_alike(call, like, |line| line[outer][field].as_f64())
    }

    fn middle_alike(&self, call: &str, like: &Value, read: impl Fn(&Value) -> Option<f64>) -> Option<f64> {
        let runs = self.0.iter().filter(|(other, line)| *other == call && is_alike(like, line));
        middle(runs.filter_map(|(_, line)| read(line)).collect())
    }

    /// The middle one of a field of a line.
    pub fn middle(&self, which: Which, field: &str) -> Option<f64> {
        self.middle_by(which, |line| line[field].as_f64())
    }

    /// The same of a field within another.
    pub fn nested(&self, which: Which, outer: &str, field: &str) -> Option<f64> {
        self.middle_by(which, |line| line[outer][field].as_f64())
    }

    /// Posts that were missing, doubled, reordered or nobody's, in all runs together.
    fn wrong(&self, which: Which) -> Option<f64> {
        let fields = ["missing", "doubled", "reordered", "foreign"];
        let of = |line: &Value| fields.iter().map(|field| line[field].as_f64()).sum::<Option<f64>>();
        let runs = self.of(which, of);
        (!runs.is_empty()).then(|| runs.iter().sum())
    }

    /// What servers, database and NATS computed together, in seconds for a million.
    fn spent(&self, call: &'static str) -> Option<f64> {
        let with_store =
            |line: &Value| Some(line["cpuSPerMillion"].as_f64()? + line["storeCpuSPerMillion"].as_f64()?);
        self.middle_by(other(call, "tcp", None), with_store)
    }

    fn middle_by(&self, which: Which, read: impl Fn(&Value) -> Option<f64>) -> Option<f64> {
        middle(self.of(which, read))
    }

    /// What is read of a line in each run of it.
    fn of(&self, which: Which, read: impl Fn(&Value) -> Option<f64>) -> Vec<f64> {
        let is_it = |(call, line): &&(&'static str, Value)| {
            *call == which.call
                && line["server"] == which.server
                && line["way"] == which.way
                && which.window.is_none_or(|window| line["window"] == window)
                && which.endpoints.is_none_or(|endpoints| line["endpoints"] == endpoints)
                && which.unit.is_none_or(|unit| line["unit"] == unit)
        };
        self.0.iter().filter(is_it).filter_map(|(_, line)| read(line)).collect()
    }
}

/// Whether two lines are of the same thing.
fn is_alike(one: &Value, other: &Value) -> bool {
    ["server", "way", "window", "endpoints", "unit"].iter().all(|field| one[field] == other[field])
}

/// The one in the middle; of an even number, the lower one.
fn middle(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len().checked_sub(1)? / 2).copied()
}

const fn fanout(call: &'static str, way: &'static str, window: u64) -> Which {
    Which { window: Some(window), ..other(call, way, None) }
}

const fn other(call: &'static str, way: &'static str, unit: Option<&'static str>) -> Which {
    Which { call, server: "causerie", way, window: None, endpoints: None, unit }
}

/// So many clients page.
const fn paging(clients: u64) -> Which {
    Which { endpoints: Some(clients), ..other("paging", "tls", None) }
}

const ROOM: &str = "room of 150";
const LARGE: &str = "room of 2,000";
const SEARCHES: [&str; 4] = [
    "searches for one word in one room",
    "searches for two words in one room",
    "searches for one word in all rooms",
    "searches for two words in all rooms",
];

/// The targets whose measures there are.
pub const TARGETS: [Target; 19] = [
    Target {
        id: "T1",
        what: "processor time of a delivery, 150 receivers, one post after the other, TCP",
        unit: "x raw",
        must: Some(Bound::AtMost(2.2)),
        goal: Some(Bound::AtMost(1.35)),
        of: |all| all.middle(fanout(ROOM, "tcp", 1), "cpuRatio"),
    },
    Target {
        id: "T1",
        what: "the same, 2,000 receivers: posts acknowledged before everybody has them share writes",
        unit: "x raw",
        must: Some(Bound::AtMost(2.2)),
        goal: Some(Bound::AtMost(1.35)),
        of: |all| all.middle(fanout(LARGE, "tcp", 1), "cpuRatio"),
    },
    Target {
        id: "T1",
        what: "150 receivers, each post sent when everybody has the one before",
        unit: "x raw",
        must: None,
        goal: None,
        of: |all| all.middle(fanout(ROOM, "tcp", 0), "cpuRatio"),
    },
    Target {
        id: "T1",
        what: "the same, 2,000 receivers",
        unit: "x raw",
        must: None,
        goal: None,
        of: |all| all.middle(fanout(LARGE, "tcp", 0), "cpuRatio"),
    },
    Target {
        id: "T2",
        what: "the same, 150 receivers, 16 posts unacknowledged, against raw writing all that waits at once",
        unit: "x raw",
        must: Some(Bound::AtMost(7.0)),
        goal: Some(Bound::AtMost(4.0)),
        of: |all| all.middle(fanout(ROOM, "tcp", 16), "cpuRatio"),
    },
    Target {
        id: "T2",
        what: "the same, 2,000 receivers, 4 unacknowledged",
        unit: "x raw",
        must: Some(Bound::AtMost(7.0)),
        goal: Some(Bound::AtMost(4.0)),
        of: |all| all.middle(fanout(LARGE, "tcp", 4), "cpuRatio"),
    },
    Target {
        id: "T3",
        what: "processor time of a delivery over TLS, signed, 150 receivers, one post after the other",
        unit: "x raw",
        must: Some(Bound::AtMost(2.2)),
        goal: Some(Bound::AtMost(1.6)),
        of: |all| all.middle(fanout(ROOM, "tls", 1), "cpuRatio"),
    },
    Target {
        id: "T4",
        what: "posts of one author into one room, 32 unacknowledged, each kept before it is acknowledged",
        unit: "a second",
        must: Some(Bound::AtLeast(2_700.0)),
        goal: None,
        of: |all| {
            let posts: f64 = super::calls::INGESTED.parse().ok()?;
            Some(posts / all.middle(fanout("ingest", "tcp", 32), "seconds")?)
        },
    },
    Target {
        id: "T5",
        what: "from the time a post is due to a receipt, 600 people of the user model, 99 of 100",
        unit: "ms",
        must: Some(Bound::AtMost(20.0)),
        goal: None,
        of: |all| all.middle(other("user model", "tcp", None), "p99Ms"),
    },
    Target {
        id: "T6",
        what: "memory of a person over TLS in 16 rooms",
        unit: "KiB",
        must: Some(Bound::AtMost(34.0)),
        goal: Some(Bound::AtMost(24.0)),
        of: |all| all.middle(other("memory", "tls", Some("in their rooms")), "kibPerEndpoint"),
    },
    Target {
        id: "T7",
        what: "joins with the last 25 posts",
        unit: "a second",
        must: Some(Bound::AtLeast(2_000.0)),
        goal: Some(Bound::AtLeast(4_000.0)),
        of: |all| all.middle(other("joins", "tcp", None), "perSecond"),
    },
    Target {
        id: "T8",
        what: "a client pages through a room of 100,000 posts, 100 a page, over HTTPS",
        unit: "posts a second",
        must: Some(Bound::AtLeast(15_000.0)),
        goal: Some(Bound::AtLeast(30_000.0)),
        of: |all| all.middle(paging(1), "perSecond"),
    },
    Target {
        id: "T8",
        what: "the same, a page in the middle",
        unit: "ms",
        must: Some(Bound::AtMost(5.0)),
        goal: None,
        of: |all| all.middle(paging(1), "p50Ms"),
    },
    Target {
        id: "T8",
        what: "the same, four clients at once",
        unit: "posts a second",
        must: Some(Bound::AtLeast(15_000.0)),
        goal: Some(Bound::AtLeast(30_000.0)),
        of: |all| all.middle(paging(4), "perSecond"),
    },
    Target {
        id: "T9",
        what: "a search in the middle among 100,000 posts, for one word or two, in one room or all, whichever takes longest",
        unit: "ms",
        must: Some(Bound::AtMost(10.0)),
        goal: None,
        of: |all| {
            let all = SEARCHES.map(|unit| all.middle(other("searches", "tls", Some(unit)), "p50Ms"));
            all.into_iter().try_fold(0.0, |longest: f64, one| Some(longest.max(one?)))
        },
    },
    Target {
        id: "T10",
        what: "sign-ons: TLS, NTLM, subscriptions",
        unit: "a second",
        must: Some(Bound::AtLeast(300.0)),
        goal: None,
        of: |all| all.middle(other("sign-ons", "tls", None), "perSecond"),
    },
    Target {
        id: "T10",
        what: "the same: processor time of each",
        unit: "ms",
        must: None,
        goal: Some(Bound::AtMost(2.0)),
        of: |all| {
            let all = all.middle(other("sign-ons", "tls", None), "cpuSPerMillion");
            all.map(|of_a_million| of_a_million * MS_OF_S_PER_MILLION)
        },
    },
    Target {
        id: "T11",
        what: "acknowledged posts missing, doubled or reordered in 50 kills, each after 20 to 450 of them",
        unit: "posts",
        must: Some(Bound::AtMost(0.0)),
        goal: None,
        of: |all| all.wrong(other("kills", "tcp", None)),
    },
    Target {
        id: "T12",
        what: "processor time of a delivery at 2,000 receivers against that at 150, each post sent when everybody has the one before",
        unit: "x",
        must: Some(Bound::AtMost(1.3)),
        goal: None,
        of: |all| {
            let [small, large] =
                [ROOM, LARGE].map(|room| all.middle(fanout(room, "tcp", 0), "cpuSPerMillion"));
            Some(large? / small?)
        },
    },
];

const STORM: &str = "storm of 19,000";
const HALL: &str = "room of 16,000";
const MODEL: &str = "user model of 18,900";
/// Milliseconds for one, of seconds for a million.
const MS_OF_S_PER_MILLION: f64 = 1e-3;

/// Searches of the store alone for two words in its largest room, which has 30,000 posts.
const TWO_WORDS: [&str; 5] = [
    "search_busy_room_two_drawn_words",
    "search_busy_room_two_frequent_words",
    "search_busy_room_to_its_beginning",
    "search_busy_room_frequent_and_rare_word",
    "search_busy_room_two_words_never_together",
];

/// The targets of large crowds.
pub const FULL_TARGETS: [Target; 14] = [
    Target {
        id: "storm",
        what: "19,000 endpoints sign on over TLS and each joins 12 rooms: processor time of each",
        unit: "ms",
        must: Some(Bound::AtMost(3.0)),
        goal: None,
        of: |all| {
            let steps = ["signed on", "in their rooms"];
            let each = steps.map(|unit| all.middle(other(STORM, "tls", Some(unit)), "cpuSPerMillion"));
            each.into_iter().try_fold(0.0, |sum, one| Some(sum + one? * MS_OF_S_PER_MILLION))
        },
    },
    Target {
        id: "model",
        what: "user model, 12,600 people with 18,900 endpoints: from the time a post is due to its last receipt, 99 of 100 posts",
        unit: "ms",
        must: Some(Bound::AtMost(250.0)),
        goal: None,
        of: |all| all.nested(other(MODEL, "tls", None), "whole", "p99Ms"),
    },
    Target {
        id: "model",
        what: "the same: from the time a post is due to a receipt, 99 of 100 receipts, most of them in rooms of thousands",
        unit: "ms",
        must: None,
        goal: None,
        of: |all| all.middle(other(MODEL, "tls", None), "p99Ms"),
    },
    Target {
        id: "model",
        what: "the same: processor time of the server",
        unit: "% of one core",
        must: Some(Bound::AtMost(50.0)),
        goal: None,
        of: |all| {
            let of = |field| all.middle(other(MODEL, "tls", None), field);
            Some(of("cpuSPerMillion")? * of("count")? * 1e-6 / of("seconds")? * 100.0)
        },
    },
    Target {
        id: "model",
        what: "the same: posts missing, doubled or reordered",
        unit: "posts",
        must: Some(Bound::AtMost(0.0)),
        goal: None,
        of: |all| all.wrong(other(MODEL, "tls", None)),
    },
    Target {
        id: "room",
        what: "one message to all in a room of 16,000, TCP, the slowest of 20 messages",
        unit: "ms",
        must: Some(Bound::AtMost(600.0)),
        goal: None,
        of: |all| all.middle(fanout(HALL, "tcp", 0), "maxMs"),
    },
    Target {
        id: "room",
        what: "the same, TLS and signed",
        unit: "ms",
        must: Some(Bound::AtMost(1_200.0)),
        goal: None,
        of: |all| all.middle(fanout(HALL, "tls", 0), "maxMs"),
    },
    Target {
        id: "T12",
        what: "processor time of a delivery in a room of 16,000, TCP, against that at 150",
        unit: "x",
        must: None,
        goal: Some(Bound::AtMost(1.3)),
        of: |all| {
            let [small, large] =
                [ROOM, HALL].map(|room| all.middle(fanout(room, "tcp", 0), "cpuSPerMillion"));
            Some(large? / small?)
        },
    },
    Target {
        id: "pool",
        what: "user model, 46,800 people with 70,200 endpoints, four servers: posts missing, doubled or reordered",
        unit: "posts",
        must: Some(Bound::AtMost(0.0)),
        goal: None,
        of: |all| all.wrong(other("user model of 70,200", "tls", None)),
    },
    Target {
        id: "pool",
        what: "processor time of two servers and their database against one and its database, room of 150, over NOTIFY",
        unit: "x",
        must: None,
        goal: None,
        of: |all| Some(all.spent("room: two over NOTIFY")? / all.spent("room: one server")?),
    },
    Target {
        id: "pool",
        what: "the same, over NATS, which counts with the database",
        unit: "x",
        must: None,
        goal: None,
        of: |all| Some(all.spent("room: two over NATS")? / all.spent("room: one server")?),
    },
    Target {
        id: "pool",
        what: "the same, user model of 600 people at ten times its rate, over NOTIFY",
        unit: "x",
        must: None,
        goal: None,
        of: |all| Some(all.spent("model: two over NOTIFY")? / all.spent("model: one server")?),
    },
    Target {
        id: "pool",
        what: "the same, over NATS, which counts with the database",
        unit: "x",
        must: None,
        goal: None,
        of: |all| Some(all.spent("model: two over NATS")? / all.spent("model: one server")?),
    },
    Target {
        id: "size",
        what: "search for two words in one room of 30,000 posts among ten million, the store alone, 95 of 100, whichever takes longest",
        unit: "ms",
        must: Some(Bound::AtMost(30.0)),
        goal: None,
        of: |all| {
            let of = |unit| Which {
                call: "ten million",
                server: "store",
                way: "embedded",
                unit: Some(unit),
                ..Which::default()
            };
            let all = TWO_WORDS.map(|unit| all.middle(of(unit), "p95Ms"));
            all.into_iter().try_fold(0.0, |longest: f64, one| Some(longest.max(one?)))
        },
    },
];
