//! Sessions that are to be told that a post waits for them. Those of a room with more than a few hundred are told a slice at a time, so
//! that whoever is told of anything else meanwhile does not wait behind all of them.
//! Decides no order: what waits is in the outboxes already.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::task::yield_now;

use crate::limits::{TOLD_AT_ONCE_MAX, TOLD_SLICE};
use crate::outbox::Outbox;
use crate::shared::{Phase, Shared, reached};

/// The sessions that wait to be told: each has one place at most, which is the limit of them.
#[derive(Debug, Default)]
pub(crate) struct Waking {
    waiting: Mutex<VecDeque<Arc<Outbox>>>,
    more: Notify,
}

impl Waking {
    /// Tells those who sit in a room with so many seats: at once where these are few, in their turn where they are many.
    pub(crate) fn tell_all<'a>(&self, seats: usize, outboxes: impl Iterator<Item = &'a Arc<Outbox>>) {
        if seats <= TOLD_AT_ONCE_MAX {
            outboxes.for_each(|outbox| outbox.tell());
        } else {
            self.add(outboxes);
        }
    }

    /// These are to be told in their turn, unless they wait for it already.
    fn add<'a>(&self, outboxes: impl Iterator<Item = &'a Arc<Outbox>>) {
        let called = outboxes.filter(|outbox| outbox.call()).cloned();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).extend(called);
        self.more.notify_one();
    }

    /// Tells so many of them. `false` when nobody is left.
    pub(crate) fn tell(&self, count: usize) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = count.min(waiting.len());
        let slice: Vec<_> = waiting.drain(..count).collect();
        let are_left = !waiting.is_empty();
        drop(waiting);
        slice.iter().for_each(|outbox| outbox.tell_in_turn());
        are_left
    }
}

/// Tells slice after slice; between two of them everybody else has a turn. Who is left at the end, `Rooms::stop` tells.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut phase = shared.phase.subscribe();
    loop {
        tokio::select! {
            biased;
            () = reached(&mut phase, Phase::Draining) => return,
            () = shared.waking.more.notified() => (),
        }
        while shared.waking.tell(TOLD_SLICE) {
            yield_now().await;
        }
    }
}
