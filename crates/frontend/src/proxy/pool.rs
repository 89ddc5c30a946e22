//! The servers of one pool elsewhere: who serves, who carries how many dialogs, and who takes the next.
//! Keeps no connection; that is `uplink.rs`.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::proxy::uplink::Uplink;
use crate::proxy::{RoutedPool, RoutedServer};

/// A pool.
#[derive(Debug)]
pub(crate) struct Pool {
    /// The address by which clients reach it.
    pub(crate) contact: String,
    pub(crate) servers: Vec<Server>,
    /// Counts the changes of who serves.
    changes: watch::Sender<u64>,
}

/// One of its servers.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) at: RoutedServer,
    /// The connection to it, while it serves.
    serving: Mutex<Option<Arc<Uplink>>>,
    carried: AtomicUsize,
}

/// The way of one dialog to one server, counted as long as it lives.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) uplink: Arc<Uplink>,
    pool: Arc<Pool>,
    /// Which of the servers.
    pub(crate) server: usize,
}

impl Pool {
    /// Nobody serves yet.
    pub(crate) fn new(pool: RoutedPool) -> Self {
        let server = |at| Server { at, serving: Mutex::default(), carried: AtomicUsize::new(0) };
        let servers = pool.servers.into_iter().map(server).collect();
        Self { contact: pool.contact, servers, changes: watch::Sender::new(0) }
    }

    /// Whether it has this contact.
    pub(crate) fn is(&self, contact: &str) -> bool {
        self.contact.eq_ignore_ascii_case(contact)
    }

    /// A server serves over this connection, or with `None` does no longer.
    pub(crate) fn set(&self, server: usize, uplink: Option<Arc<Uplink>>) {
        let serving = &self.servers[server].serving;
        *serving.lock().unwrap_or_else(PoisonError::into_inner) = uplink;
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// A server does not serve any more over this connection; another one may be there already.
    fn unset(&self, server: usize, uplink: &Arc<Uplink>) {
        let mut serving = self.servers[server].serving.lock().unwrap_or_else(PoisonError::into_inner);
        if serving.as_ref().is_some_and(|one| Arc::ptr_eq(one, uplink)) {
            *serving = None;
        }
    }

    /// The server with the fewest dialogs of those that serve and were not tried.
    pub(crate) fn pick(self: &Arc<Self>, tried: &BTreeSet<usize>) -> Option<Way> {
        let serving = (0..self.servers.len()).filter(|at| !tried.contains(at)).filter_map(|at| {
            let server = &self.servers[at];
            let uplink = server.serving.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
            Some((server.carried.load(Ordering::Relaxed), at, uplink))
        });
        let (_, server, uplink) = serving.min_by_key(|(carried, at, _)| (*carried, *at))?;
        self.servers[server].carried.fetch_add(1, Ordering::Relaxed);
        Some(Way { uplink, pool: self.clone(), server })
    }

    /// As [`Pool::pick`], once somebody serves; `None` when nobody does until then.
    pub(crate) async fn seek(self: Arc<Self>, until: Instant) -> Option<Way> {
        let mut changes = self.changes.subscribe();
        loop {
            changes.mark_unchanged();
            if let Some(way) = self.pick(&BTreeSet::new()) {
                return Some(way);
            }
            timeout_at(until, changes.changed()).await.ok()?.ok()?;
        }
    }

    /// Returns once somebody serves.
    pub(crate) async fn back(self: Arc<Self>) {
        let mut changes = self.changes.subscribe();
        loop {
            changes.mark_unchanged();
            let serves =
                |server: &Server| server.serving.lock().unwrap_or_else(PoisonError::into_inner).is_some();
            // The sender lives as long as the pool does.
            if self.servers.iter().any(serves) || changes.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Way {
    /// The server said that it takes no dialogs now.
    pub(crate) fn stands_by(&self) {
        // In this order: whatever says meanwhile that it serves is heard after that.
        self.pool.unset(self.server, &self.uplink);
        self.uplink.stands_by();
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.pool.servers[self.server].carried.fetch_sub(1, Ordering::Relaxed);
    }
}
