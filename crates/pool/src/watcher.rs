//! Watches the pool: reads all heads and leases once a second and whenever the link was away, takes hints at once, and ends the
//! time of a server whose lease has run out.
//! Whoever sees a loss first ends it; the others find it done.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chat::ServerId;
use store::{Servers, StoreFault, TakeOver};
use tokio::time::{Instant, sleep_until};

use crate::link::{Heard, PeerLink};
use crate::pool::Shared;
use crate::service::{Service, Why};

/// The task.
pub(crate) struct Watcher<L> {
    shared: Arc<Shared>,
    link: Arc<L>,
    /// When it was first heard, since this server's own lease ran out, that another one still writes.
    outlived: Option<Instant>,
}

impl<L: PeerLink> Watcher<L> {
    pub(crate) fn new(shared: Arc<Shared>, link: Arc<L>) -> Self {
        Self { shared, link, outlived: None }
    }

    /// Watches until the server stops or its time is over.
    pub(crate) async fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let mut service = shared.service.subscribe();
        let mut next = Instant::now() + shared.options.poll;
        loop {
            let heard = tokio::select! {
                biased;
                () = shared.stopped() => return,
                _ = service.wait_for(|service| *service == Service::Over) => return,
                () = sleep_until(next) => Heard::Anew,
                heard = self.link.hear() => heard,
            };
            let Heard::Hint(hint) = heard else {
                tokio::select! {
                    biased;
                    () = shared.stopped() => return,
                    () = self.look() => (),
                }
                next = Instant::now() + shared.options.poll;
                continue;
            };
            if shared.heads.send_if_modified(|heads| heads.raise(hint)) {
                shared.counts.hints_heard.fetch_add(1, Ordering::Relaxed);
            }
            self.end_if_outlived(hint.server);
        }
    }

    /// Ends this server's time when it hears, as long after its lease ran out as others wait before they take it for lost, that another
    /// one is still kept: then the database answers them, and only this server is cut off from it. In an outage nobody is heard.
    fn end_if_outlived(&mut self, heard: ServerId) {
        let shared = &self.shared;
        if shared.serves() != Service::Withheld(Why::LeaseRanOut) {
            self.outlived = None;
        } else if heard != shared.store.identity().server {
            let now = Instant::now();
            let since = *self.outlived.get_or_insert(now);
            if now.duration_since(since) >= shared.options.grace {
                shared.set_service(Service::Over);
            }
        }
    }

    /// Reads the whole pool, and ends whoever is lost.
    async fn look(&self) {
        let asked = Instant::now();
        match self.read(asked).await {
            Ok(servers) => {
                let since = self.answers_since(asked);
                if asked.duration_since(since) >= self.shared.options.grace {
                    self.end_lost(&servers).await;
                }
            }
            Err(fault) => {
                tracing::warn!(%fault, "pool.not_read");
                self.shared.answers_since.send_replace(None);
            }
        }
    }

    /// Since when the database answers: since now, if it did not before.
    fn answers_since(&self, now: Instant) -> Instant {
        let mut since = now;
        self.shared.answers_since.send_if_modified(|known| {
            since = *known.get_or_insert(now);
            false
        });
        since
    }

    async fn read(&self, asked: Instant) -> Result<Arc<Servers>, StoreFault> {
        let shared = &self.shared;
        let servers = Arc::new(shared.store.servers().await?);
        shared.counts.polls.fetch_add(1, Ordering::Relaxed);
        shared.heads.send_modify(|heads| heads.read(&servers, asked));
        shared.servers.send_replace(Arc::clone(&servers));
        let (own, epoch) = (shared.store.identity().server, shared.store.identity().epoch);
        match servers.one(own) {
            Some(server) if server.epoch == epoch => {
                if shared.serves().is_given() {
                    shared.set_service(Service::Given(server.state));
                }
            }
            _ => shared.set_service(Service::Over),
        }
        Ok(servers)
    }

    /// Ends the time of every server whose lease has run out; only a server that holds its own may.
    async fn end_lost(&self, servers: &Servers) {
        let shared = &self.shared;
        let own = shared.store.identity().server;
        let mut ended = false;
        for lost in servers.lost().filter(|lost| lost.id != own) {
            if !shared.serves().is_given() {
                return;
            }
            match shared.store.take_over(lost.id, lost.epoch).await {
                Ok(TakeOver::Done) => {
                    tracing::warn!(server = lost.name, epoch = lost.epoch, "pool.taken_over");
                    shared.counts.takeovers.fetch_add(1, Ordering::Relaxed);
                    ended = true;
                }
                Ok(TakeOver::NotLost) => tracing::debug!(server = lost.name, "pool.not_lost"),
                Err(StoreFault::Superseded) => return shared.set_service(Service::Over),
                Err(fault) => {
                    tracing::warn!(server = lost.name, %fault, "pool.not_taken_over");
                    shared.answers_since.send_replace(None);
                    break;
                }
            }
        }
        // What was just told is to be followed at once, here at least.
        if ended && let Err(fault) = self.read(Instant::now()).await {
            tracing::warn!(%fault, "pool.not_read");
        }
    }
}
