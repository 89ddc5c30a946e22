//! Tells the other servers how far this server's journal has come, after each commit and each renewal of its lease; many commits are
//! told as one.
//! Waits for nobody to have heard it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use store::Committed;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use crate::link::{Hint, PeerLink};
use crate::pool::Shared;

/// The task.
pub(crate) struct Speaker<L> {
    shared: Arc<Shared>,
    link: Arc<L>,
    feed: Receiver<Arc<Committed>>,
}

impl<L: PeerLink> Speaker<L> {
    pub(crate) fn new(shared: Arc<Shared>, link: Arc<L>, feed: Receiver<Arc<Committed>>) -> Self {
        Self { shared, link, feed }
    }

    /// Tells until the server stops or nothing is committed any more.
    pub(crate) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let server = shared.store.identity().server;
        let mut renewed = shared.deadline.subscribe();
        loop {
            let number = tokio::select! {
                biased;
                () = shared.stopped() => return,
                number = self.newest() => number,
                // Whoever hears it knows that the database answers.
                _ = renewed.changed() => shared.heads.borrow().servers.get(&server).copied(),
            };
            let Some(number) = number else { return };
            let hint = Hint { server, number };
            shared.heads.send_if_modified(|heads| heads.raise(hint));
            if shared.is_alone() {
                continue;
            }
            tokio::select! {
                biased;
                () = shared.stopped() => return,
                () = self.link.tell(hint) => (),
            }
            shared.counts.hints_told.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits for a commit and takes all there are; the number of the last. None when there will be no more.
    async fn newest(&mut self) -> Option<u64> {
        let mut newest = loop {
            match self.feed.recv().await {
                Ok(committed) => break committed.server_number,
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        };
        loop {
            match self.feed.try_recv() {
                Ok(committed) => newest = committed.server_number,
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Some(newest),
            }
        }
    }
}
