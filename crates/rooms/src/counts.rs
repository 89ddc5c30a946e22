//! Numbers of the live rooms for whoever watches the server, and whether it can serve at all.
//! Names nobody and no room.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chat::JournalKey;
use tokio::sync::watch;

use crate::rooms::Rooms;
use crate::trouble::Trouble;

/// Upper ends of the classes of the time a post takes, in microseconds (ours: from one write on a fast disk to a client's
/// patience).
pub const POST_TIME_CLASSES_MICROS: [u64; 12] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];

/// One more than there are ends: the last class has none.
const CLASSES: usize = POST_TIME_CLASSES_MICROS.len() + 1;

/// How the rooms are at one moment, and what they have done since they were started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Open sessions.
    pub sessions: usize,
    /// People with an open session.
    pub people: usize,
    /// Places taken in rooms, by sessions.
    pub seats: usize,
    /// Rooms somebody is in.
    pub joined_rooms: usize,
    /// Rooms in memory.
    pub live_rooms: usize,
    /// Posts and notices that wait for sessions.
    pub waiting: usize,
    /// Posts that wait in mailboxes.
    pub mailboxes: usize,
    /// Posts kept.
    pub posts: u64,
    /// Posts put before sessions, once for each.
    pub deliveries: u64,
    /// Commits of the store that were followed.
    pub commits: u64,
    /// Up to which number of the server's journal the rooms know what happened.
    pub followed: u64,
    /// How many posts took how long to be decided and kept, by class of [`POST_TIME_CLASSES_MICROS`].
    pub post_times: PostTimes,
}

/// How long posts took.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PostTimes {
    /// Posts in each class; the last one is of those above all ends.
    pub counts: [u64; CLASSES],
    /// All of them together, in microseconds.
    pub sum_micros: u64,
}

/// What is counted while rooms run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    posts: AtomicU64,
    commits: AtomicU64,
    /// The last number of the server's journal that was followed.
    pub(crate) followed: watch::Sender<u64>,
    /// Rises whenever changed rows were read.
    pub(crate) refreshed: watch::Sender<u64>,
    times: [AtomicU64; CLASSES],
    micros: AtomicU64,
}

impl Tally {
    /// A post was kept, and its author answered after so long.
    pub(crate) fn kept(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let class = POST_TIME_CLASSES_MICROS.iter().take_while(|end| **end < micros).count();
        self.posts.fetch_add(1, Ordering::Relaxed);
        self.times[class].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Everything up to this number was read before anything was followed.
    pub(crate) fn begin_at(&self, number: u64) {
        self.followed.send_replace(number);
    }

    /// A commit was followed; the rooms know everything up to this number of the server's journal.
    pub(crate) fn followed(&self, number: u64) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.followed.send_replace(number);
    }
}

impl Rooms {
    /// Changes whenever rows that decide were read again: rooms, categories, people, settings.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.tally.refreshed.subscribe()
    }

    /// How the rooms are now. Walks over all sessions: for whoever asks a few times in a minute.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let live = self.shared.live();
        let tally = &self.shared.tally;
        let rooms = live.rooms.values();
        Counts {
            sessions: live.sessions.len(),
            people: live.by_person.values().filter(|sessions| !sessions.is_empty()).count(),
            seats: rooms.clone().map(|room| room.seats.len()).sum(),
            joined_rooms: rooms.clone().filter(|room| !room.seats.is_empty()).count(),
            live_rooms: live.rooms.len(),
            waiting: live.sessions.values().map(|member| member.outbox.queue().items.len()).sum(),
            mailboxes: rooms
                .filter_map(|room| room.mailbox.as_ref())
                .map(|mailbox| mailbox.max_capacity() - mailbox.capacity())
                .sum(),
            posts: tally.posts.load(Ordering::Relaxed),
            deliveries: live.deliveries,
            commits: tally.commits.load(Ordering::Relaxed),
            followed: *tally.followed.borrow(),
            post_times: PostTimes {
                counts: std::array::from_fn(|class| tally.times[class].load(Ordering::Relaxed)),
                sum_micros: tally.micros.load(Ordering::Relaxed),
            },
        }
    }

    /// Whether people can be served: nothing stops, and the store answers a read.
    ///
    /// # Errors
    /// [`Trouble`] saying why not.
    pub async fn answers(&self) -> Result<(), Trouble> {
        self.shared.running()?;
        let journal = JournalKey::Server(self.shared.store.identity().server);
        let read = self.shared.store.head(journal).await;
        read.map(drop).map_err(|fault| self.shared.fault(fault))
    }
}
