//! How far this server has followed the journal of the pool, and telling the others so: an operation is answered when all have.
//! Follows nothing itself; `follow.rs` does.

use std::collections::BTreeSet;
use std::sync::Arc;

use store::StoreFault;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::limits::RETRY_AFTER;
use crate::shared::{Phase, Shared, reached};

/// The way through the journal of the pool. Its entries come by the journals of the servers that wrote them, so that a later one may
/// be followed first.
#[derive(Debug)]
pub(crate) struct Course {
    /// Everything up to here is followed.
    to: u64,
    /// What is followed beyond that, from one number to another.
    ahead: BTreeSet<(u64, u64)>,
    confirmed: watch::Sender<u64>,
}

impl Course {
    /// Everything up to this number is known.
    pub(crate) fn begin(to: u64) -> Self {
        Self { to, ahead: BTreeSet::new(), confirmed: watch::Sender::new(to) }
    }

    /// How far everything is followed.
    pub(crate) fn to(&self) -> u64 {
        self.to
    }

    /// How far everything is followed, as it rises.
    pub(crate) fn confirmed(&self) -> watch::Receiver<u64> {
        self.confirmed.subscribe()
    }

    /// An entry is followed that stands for the numbers from one to another.
    pub(crate) fn followed(&mut self, first: u64, last: u64) {
        self.ahead.insert((first, last));
        let before = self.to;
        while let Some((first, last)) = self.ahead.first().copied()
            && first <= self.to + 1
        {
            self.to = self.to.max(last);
            self.ahead.pop_first();
        }
        if self.to > before {
            self.confirmed.send_replace(self.to);
        }
    }
}

/// The task: tells the others, until the server drains.
pub(crate) async fn run(shared: Arc<Shared>, mut confirmed: watch::Receiver<u64>) {
    let mut phase = shared.phase.subscribe();
    tokio::select! {
        biased;
        () = reached(&mut phase, Phase::Draining) => (),
        () = tell(&shared, &mut confirmed) => (),
    }
}

/// Tells until this server's time is over.
async fn tell(shared: &Shared, confirmed: &mut watch::Receiver<u64>) {
    while confirmed.changed().await.is_ok() {
        let number = *confirmed.borrow_and_update();
        match shared.store.confirm(number).await {
            Ok(()) => (),
            Err(StoreFault::Closed | StoreFault::Superseded) => return,
            Err(fault) => {
                tracing::warn!(%fault, "course.not_told");
                confirmed.mark_changed();
                sleep(RETRY_AFTER).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
