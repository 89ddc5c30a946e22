//! A server's part in its pool: started over an open store, asked by whoever serves people, stopped.
//! Its tasks do the work; this only holds their ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chat::ServerId;
use store::{Servers, Store, StoreFault};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::heads::Heads;
use crate::keeper::Keeper;
use crate::limits::Options;
use crate::link::PeerLink;
use crate::service::{Service, Why};
use crate::speaker::Speaker;
use crate::watcher::Watcher;

/// Why a server cannot take its part.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PoolFault {
    /// The store could not be read or the lease not renewed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The clocks are too far apart.
    #[error(transparent)]
    Withheld(#[from] Why),
}

/// This server's part in the pool. Cheap to clone; all clones are the same.
#[derive(Clone, Debug)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    tasks: Mutex<JoinSet<()>>,
}

/// What the tasks share with whoever asks.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) options: Options,
    pub(crate) heads: watch::Sender<Heads>,
    pub(crate) servers: watch::Sender<Arc<Servers>>,
    pub(crate) service: watch::Sender<Service>,
    /// When the lease is over by this server's own clock, as far as it was renewed.
    pub(crate) deadline: watch::Sender<Instant>,
    /// Since when the database has done whatever it was asked.
    pub(crate) answers_since: watch::Sender<Option<Instant>>,
    pub(crate) counts: Counts,
    pub(crate) stop: watch::Sender<bool>,
}

/// What has happened so far.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) polls: AtomicU64,
    pub(crate) hints_heard: AtomicU64,
    pub(crate) hints_told: AtomicU64,
    pub(crate) takeovers: AtomicU64,
}

/// Numbers for who watches over the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Figures {
    /// Milliseconds until the lease is over, if it is not renewed.
    pub lease_ms: u64,
    /// Other servers of the pool with a lease that is not over.
    pub peers: usize,
    /// How often all heads were read.
    pub polls: u64,
    /// Hints that brought something new.
    pub hints_heard: u64,
    /// Hints that were told.
    pub hints_told: u64,
    /// Lost servers whose time this one has ended.
    pub takeovers: u64,
}

impl Pool {
    /// Renews the lease, reads who else is there, and begins to keep, to watch and to tell. When this returns the heads are known.
    ///
    /// # Errors
    /// [`PoolFault::Store`] when the database does not answer or the server's time is over; [`PoolFault::Withheld`] when the clocks
    /// are too far apart.
    pub async fn start(store: Store, link: impl PeerLink, options: Options) -> Result<Self, PoolFault> {
        let asked = Instant::now();
        let (deadline, skew) = Keeper::renew(&store).await?;
        if let Some(why) = skew {
            return Err(why.into());
        }
        let feed = store.feed();
        let servers = store.servers().await?;
        let own = store.identity().server;
        let state = servers.one(own).ok_or(StoreFault::Superseded)?.state;
        let heads = Heads { servers: servers.heads(), asked };
        let shared = Arc::new(Shared {
            store,
            options,
            heads: watch::Sender::new(heads),
            servers: watch::Sender::new(Arc::new(servers)),
            service: watch::Sender::new(Service::Given(state)),
            deadline: watch::Sender::new(deadline),
            answers_since: watch::Sender::new(Some(asked)),
            counts: Counts::default(),
            stop: watch::Sender::new(false),
        });
        let link = Arc::new(link);
        let mut tasks = JoinSet::new();
        tasks.spawn(Keeper::new(Arc::clone(&shared)).run());
        tasks.spawn(Watcher::new(Arc::clone(&shared), Arc::clone(&link)).run());
        tasks.spawn(Speaker::new(Arc::clone(&shared), link, feed).run());
        Ok(Self(Arc::new(Inner { shared, tasks: Mutex::new(tasks) })))
    }

    /// How far all journals are; changes with every hint and every poll.
    #[must_use]
    pub fn heads(&self) -> watch::Receiver<Heads> {
        self.0.shared.heads.subscribe()
    }

    /// Who is in the pool, as of the last poll.
    #[must_use]
    pub fn servers(&self) -> watch::Receiver<Arc<Servers>> {
        self.0.shared.servers.subscribe()
    }

    /// Whether this server serves, and every change of it.
    #[must_use]
    pub fn service(&self) -> watch::Receiver<Service> {
        self.0.shared.service.subscribe()
    }

    /// Whether this server serves now. Unlike [`Pool::service`] it looks at the clock: a process that was stopped and goes on does
    /// not take itself for what it was.
    #[must_use]
    pub fn serves(&self) -> Service {
        self.0.shared.serves()
    }

    /// Resolves when this server's time is over: another one ended it, the same one was started elsewhere, or it is cut off from a
    /// database that others still reach.
    pub async fn over(&self) {
        let mut service = self.0.shared.service.subscribe();
        // The sender lives as long as this.
        drop(service.wait_for(|service| *service == Service::Over).await);
    }

    /// Whether this server's time is over, asked of the database if it answers: another part of the server may have noticed first.
    pub async fn is_over(&self) -> bool {
        let shared = &self.0.shared;
        if *shared.service.borrow() == Service::Over {
            return true;
        }
        if matches!(shared.store.renew_lease().await, Err(StoreFault::Superseded)) {
            shared.set_service(Service::Over);
        }
        *shared.service.borrow() == Service::Over
    }

    /// Numbers for who watches over the server.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let shared = &self.0.shared;
        let left = shared.deadline.borrow().saturating_duration_since(Instant::now());
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Figures {
            lease_ms: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
            peers: shared.peers().len(),
            polls: count(&shared.counts.polls),
            hints_heard: count(&shared.counts.hints_heard),
            hints_told: count(&shared.counts.hints_told),
            takeovers: count(&shared.counts.takeovers),
        }
    }

    /// Ends the tasks. The lease is the store's to give up, when it is closed and nothing is written any more.
    pub async fn stop(&self) {
        self.0.shared.stop.send_replace(true);
        let mut tasks = std::mem::take(&mut *self.0.tasks.lock().await);
        while let Some(ended) = tasks.join_next().await {
            if let Err(lost) = ended {
                tracing::error!(%lost, "pool.task_died");
            }
        }
    }
}

impl Shared {
    /// As [`Pool::serves`].
    pub(crate) fn serves(&self) -> Service {
        let service = self.service.borrow().clone();
        if service.is_given() && *self.deadline.borrow() <= Instant::now() {
            return Service::Withheld(Why::LeaseRanOut);
        }
        service
    }

    /// Changes whether this server serves; what is over stays over.
    pub(crate) fn set_service(&self, service: Service) {
        self.service.send_if_modified(|now| {
            if *now == Service::Over || *now == service {
                return false;
            }
            match &service {
                Service::Given(state) => tracing::info!(?state, "pool.service_given"),
                Service::Withheld(why) => tracing::warn!(%why, "pool.service_withheld"),
                Service::Over => tracing::error!("pool.service_over"),
            }
            *now = service;
            true
        });
    }

    /// What this server is by the last poll.
    pub(crate) fn own_state(&self) -> Option<store::ServerState> {
        let own = self.store.identity().server;
        self.servers.borrow().one(own).map(|server| server.state)
    }

    /// Whether the pool has no other server, running or not.
    pub(crate) fn is_alone(&self) -> bool {
        let own = self.store.identity().server;
        self.servers.borrow().all.iter().all(|server| server.id == own)
    }

    /// The others whose lease was not over at the last poll.
    pub(crate) fn peers(&self) -> Vec<ServerId> {
        let (own, servers) = (self.store.identity().server, self.servers.borrow());
        let lives = |server: &&store::Server| {
            server.id != own && server.lease.as_ref().is_some_and(|lease| lease.expires > servers.now)
        };
        servers.all.iter().filter(lives).map(|server| server.id).collect()
    }

    /// Waits for the end.
    pub(crate) async fn stopped(&self) {
        let mut stop = self.stop.subscribe();
        drop(stop.wait_for(|stop| *stop).await);
    }
}
