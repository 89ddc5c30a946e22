//! Watches the pool: reads all heads and leases once a second and whenever the link was away, takes hints at once, and ends the
//! time of a server whose lease has run out.
//! Whoever sees a loss first ends it; the others find it done.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chat::ServerId;
use store::{Servers, StoreFault, TakeOver};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::heads::Raised;
use crate::limits::LOOK_APART;
use crate::link::{Heard, Hint, PeerLink};
use crate::pool::Shared;
use crate::service::{Service, Why};

/// The task.
pub(crate) struct Watcher<L> {
    shared: Arc<Shared>,
    link: Arc<L>,
}

/// Takes hints.
struct Hearer<'a> {
    shared: &'a Shared,
    wanted: &'a Wanted,
    /// When it was first heard, since this server's own lease ran out, that another one still writes.
    outlived: Option<Instant>,
}

/// Reads what there is.
struct Looker<'a, L> {
    shared: &'a Shared,
    wanted: &'a Wanted,
    link: &'a L,
}

/// What the looks are told of what was heard.
#[derive(Default)]
struct Wanted {
    /// What of servers that are known came since the last look began, which may not have seen it.
    since: Mutex<BTreeMap<ServerId, u64>>,
    /// Something may have been missed.
    at_once: Notify,
    /// A server was heard of that is not known. It may have come since the last look, or there is none.
    soon: Notify,
}

impl<L: PeerLink> Watcher<L> {
    pub(crate) fn new(shared: Arc<Shared>, link: Arc<L>) -> Self {
        Self { shared, link }
    }

    /// Watches until the server stops or its time is over.
    pub(crate) async fn run(self) {
        let Self { shared, link } = self;
        let mut service = shared.service.subscribe();
        let wanted = Wanted::default();
        let looker = Looker { shared: &shared, wanted: &wanted, link: &*link };
        let hearer = Hearer { shared: &shared, wanted: &wanted, outlived: None };
        tokio::select! {
            biased;
            () = shared.stopped() => (),
            _ = service.wait_for(|service| *service == Service::Over) => (),
            // What is heard does not wait for a look: a database that does not answer lets that wait for as long as it likes.
            () = hearer.run(&*link) => (),
            () = looker.run() => (),
        }
    }
}

impl Hearer<'_> {
    async fn run(mut self, link: &impl PeerLink) {
        loop {
            match link.hear().await {
                Heard::Anew => self.wanted.at_once.notify_one(),
                Heard::Hint(hint) => self.take(hint),
            }
        }
    }

    fn take(&mut self, hint: Hint) {
        if hint.server == self.shared.store.identity().server {
            return self.end_if_taken_over(hint.number);
        }
        let mut raised = Raised::Known;
        self.shared.heads.send_if_modified(|heads| {
            raised = heads.raise(hint);
            raised == Raised::News
        });
        match raised {
            Raised::News => {
                self.wanted.since().insert(hint.server, hint.number);
                self.shared.counts.hints_heard.fetch_add(1, Ordering::Relaxed);
            }
            Raised::Unknown => return self.wanted.soon.notify_one(),
            Raised::Known => (),
        }
        self.end_if_outlived();
    }

    /// Ends this server's time when its lease has run out and it hears of an entry of its own journal that it did not write: another one
    /// has told there that this server is lost. A lease that runs is believed more than whoever says that.
    fn end_if_taken_over(&self, number: u64) {
        let own = self.shared.store.identity().server;
        let written = self.shared.heads.borrow().servers.get(&own).copied().unwrap_or(0);
        if number > written && self.shared.serves() == Service::Withheld(Why::LeaseRanOut) {
            self.shared.set_service(Service::Over);
        }
    }

    /// Ends this server's time when it hears, as long after its lease ran out as others wait before they take it for lost, that another
    /// one is still kept: then the database answers them, and only this server is cut off from it. In an outage nobody is heard.
    fn end_if_outlived(&mut self) {
        let shared = self.shared;
        if shared.serves() != Service::Withheld(Why::LeaseRanOut) {
            self.outlived = None;
        } else {
            let now = Instant::now();
            let since = *self.outlived.get_or_insert(now);
            if now.duration_since(since) >= shared.options.grace {
                shared.set_service(Service::Over);
            }
        }
    }
}

impl Wanted {
    fn since(&self) -> MutexGuard<'_, BTreeMap<ServerId, u64>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L: PeerLink> Looker<'_, L> {
    async fn run(self) {
        let mut next = Instant::now() + self.shared.options.poll;
        loop {
            tokio::select! {
                () = sleep_until(next) => (),
                () = self.wanted.at_once.notified() => (),
                // Whoever sends numbers that nobody has makes this server look no more often than that.
                () = self.wanted.soon.notified() => {
                    let looked = next - self.shared.options.poll;
                    sleep_until(next.min(looked + LOOK_APART)).await;
                }
            }
            self.look().await;
            next = Instant::now() + self.shared.options.poll;
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
        let shared = self.shared;
        self.wanted.since().clear();
        let servers = Arc::new(shared.store.servers().await?);
        shared.counts.polls.fetch_add(1, Ordering::Relaxed);
        let (own, epoch) = (shared.store.identity().server, shared.store.identity().epoch);
        shared.heads.send_modify(|heads| {
            heads.read(&servers, asked, own);
            for (server, number) in &*self.wanted.since() {
                heads.raise(Hint { server: *server, number: *number });
            }
        });
        shared.servers.send_replace(Arc::clone(&servers));
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
        let shared = self.shared;
        let own = shared.store.identity().server;
        let mut ended = Vec::new();
        for lost in servers.lost().filter(|lost| lost.id != own) {
            if !shared.serves().is_given() {
                return;
            }
            match shared.store.take_over(lost.id, lost.epoch).await {
                Ok(TakeOver::Done) => {
                    tracing::warn!(server = lost.name, epoch = lost.epoch, "pool.taken_over");
                    shared.counts.takeovers.fetch_add(1, Ordering::Relaxed);
                    ended.push(lost.id);
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
        if !ended.is_empty() {
            self.tell(&ended).await;
        }
    }

    /// What was just written about servers that are lost is to be followed at once; and whichever of them still runs is to hear of it.
    async fn tell(&self, ended: &[ServerId]) {
        let servers = match self.read(Instant::now()).await {
            Ok(servers) => servers,
            Err(fault) => return tracing::warn!(%fault, "pool.not_read"),
        };
        for server in ended.iter().filter_map(|id| servers.one(*id)) {
            self.link.tell(Hint { server: server.id, number: server.number }).await;
        }
    }
}
