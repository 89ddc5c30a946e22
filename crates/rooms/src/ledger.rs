//! What has to be written about things that have happened already: departures nobody asked for, views, read marks.
//! Never decides whether something may happen; what must be kept first is written by its own path.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chat::{PartReason, PersonId, Position, RoomId, Stand};
use store::{ReadMark, Store, StoreFault};
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval};

use crate::limits::{MARKS_MAX, OWED_MAX, READ_MARKS_EVERY};
use crate::shared::{Phase, Shared, reached};

/// Entries not written yet, in order, and the highest post each person has read in each room.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    owed: Mutex<VecDeque<Owed>>,
    marks: Mutex<Marks>,
    news: Notify,
}

/// The highest post of each person in each room.
type Posts = BTreeMap<(PersonId, RoomId), u32>;

/// Read marks that are not kept yet.
#[derive(Debug, Default)]
struct Marks {
    noted: Posts,
    /// Those that the store is just keeping.
    written: Posts,
}

/// An entry that is owed.
#[derive(Clone, Debug)]
pub(crate) enum Owed {
    Part { person: PersonId, endpoint: u64, reason: PartReason, rooms: Vec<Stand> },
    View { person: PersonId, room: RoomId, from: u32, to: u32, head: Position },
}

impl Ledger {
    /// Takes over entries to be written as soon as the store takes them.
    pub(crate) fn owe(&self, entries: Vec<Owed>) {
        if entries.is_empty() {
            return;
        }
        let mut owed = self.owed();
        owed.extend(entries);
        while owed.len() > OWED_MAX {
            owed.pop_front();
            tracing::error!("ledger.entry_given_up");
        }
        self.news.notify_one();
    }

    /// Notes that a person has read everything in a room up to a post; `false` when too many marks wait already.
    pub(crate) fn mark(&self, person: PersonId, room: RoomId, post: u32) -> bool {
        self.marks().note(person, room, post)
    }

    /// The marks of a person that are not kept yet.
    pub(crate) fn marks_of(&self, person: PersonId) -> Vec<(RoomId, u32)> {
        let marks = self.marks();
        let own = (person, RoomId(i64::MIN))..=(person, RoomId(i64::MAX));
        let both = marks.written.range(own.clone()).chain(marks.noted.range(own));
        both.map(|((_, room), post)| (*room, *post)).collect()
    }

    /// Writes what is owed, oldest first, until the store does not take one.
    async fn settle(&self, store: &Store) -> Result<(), StoreFault> {
        loop {
            // Taken out while it is written, so that nobody gives up another in its place.
            let Some(next) = self.owed().pop_front() else { return Ok(()) };
            match next.clone().write(store).await {
                Ok(()) => (),
                // It will never be taken; those behind it must not wait for ever.
                Err(fault @ (StoreFault::Rejected { .. } | StoreFault::TooLarge { .. })) => {
                    tracing::error!(%fault, "ledger.entry_given_up");
                }
                Err(fault) => {
                    self.owed().push_front(next);
                    return Err(fault);
                }
            }
        }
    }

    async fn write_marks(&self, store: &Store) -> Result<(), StoreFault> {
        let rows: Vec<ReadMark> = {
            let mut marks = self.marks();
            marks.written = std::mem::take(&mut marks.noted);
            let row = |(&(person, room), &posts)| ReadMark { person, room, posts };
            marks.written.iter().map(row).collect()
        };
        if rows.is_empty() {
            return Ok(());
        }
        let done = store.mark_read(rows).await;
        let mut marks = self.marks();
        let written = std::mem::take(&mut marks.written);
        if done.is_err() {
            for ((person, room), post) in written {
                marks.note(person, room, post);
            }
        }
        done
    }

    fn owed(&self) -> MutexGuard<'_, VecDeque<Owed>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn marks(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Marks {
    fn note(&mut self, person: PersonId, room: RoomId, post: u32) -> bool {
        if self.noted.len() >= MARKS_MAX && !self.noted.contains_key(&(person, room)) {
            return false;
        }
        let mark = self.noted.entry((person, room)).or_default();
        *mark = post.max(*mark);
        true
    }
}

impl Owed {
    pub(crate) async fn write(self, store: &Store) -> Result<(), StoreFault> {
        match self {
            Self::Part { person, endpoint, reason, rooms } => {
                store.part(person, endpoint, reason, rooms).await
            }
            Self::View { person, room, from, to, head } => store.view(person, room, from, to, head).await,
        }
    }
}

/// The task of the ledger: writes entries at once, marks every few seconds, and both a last time before it ends.
pub(crate) async fn run(shared: Arc<Shared>) {
    let ledger = &shared.ledger;
    let mut phase = shared.phase.subscribe();
    let mut tick = interval(READ_MARKS_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let mut marks_due = false;
        let stopping = tokio::select! {
            biased;
            () = reached(&mut phase, Phase::Draining) => true,
            () = ledger.news.notified() => false,
            _ = tick.tick() => { marks_due = true; false }
        };
        if let Err(fault) = ledger.settle(&shared.store).await {
            tracing::warn!(fault = %fault, "ledger.entry_waits");
        }
        if (marks_due || stopping)
            && let Err(fault) = ledger.write_marks(&shared.store).await
        {
            tracing::warn!(fault = %fault, "ledger.marks_wait");
        }
        if stopping {
            return;
        }
    }
}
