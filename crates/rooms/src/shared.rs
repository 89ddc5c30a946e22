//! What all tasks and sessions of the live rooms share, and the phases of stopping.
//! Locks, shortest last: the live rooms, then the catalog, then one outbox or those that wait to be told; those of the ledger, of the
//! mailboxes and of posts on their way are taken alone. None is held across an await but `refreshing`, which is there to make readers of rows wait for each other.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chat::{PersonId, Refusal, RoomId};
use store::{Store, StoreFault};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::catalog::{Case, Catalog};
use crate::counts::Tally;
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::live::Live;
use crate::peers::Confirmed;
use crate::trouble::Trouble;
use crate::values::{EndReason, Facts};
use crate::waking::Waking;
use crate::welcome::Welcome;

/// How far stopping has come; it only rises.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Phase {
    Running,
    /// New work is refused, mailboxes end.
    Stopping,
    /// Everything that was kept is delivered, what is owed is written, then the last tasks end.
    Draining,
}

/// Waits until stopping has come so far.
pub(crate) async fn reached(phase: &mut watch::Receiver<Phase>, least: Phase) {
    // The sender lives as long as the state that every waiting task holds.
    drop(phase.wait_for(|phase| *phase >= least).await);
}

/// The state behind every handle.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) facts: Facts,
    pub(crate) limits: Limits,
    pub(crate) ledger: Ledger,
    pub(crate) tally: Tally,
    pub(crate) confirmed: Confirmed,
    pub(crate) waking: Arc<Waking>,
    pub(crate) phase: watch::Sender<Phase>,
    /// One reader of rows at a time, so that an older row never follows a newer one into the catalog.
    pub(crate) refreshing: tokio::sync::Mutex<()>,
    catalog: RwLock<Catalog>,
    live: Mutex<Live>,
    mailboxes: Mutex<JoinSet<()>>,
    /// Posts on their way of people who ask without an endpoint.
    posting: Mutex<HashMap<PersonId, usize>>,
    endpoints: AtomicU64,
    /// Whether nothing that runs here can be kept any more.
    pub(crate) given_up: AtomicBool,
    /// Whether people may come, and stay.
    pub(crate) welcome: watch::Sender<Welcome>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("facts", &self.facts).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(store: Store, limits: Limits, among_peers: bool) -> Self {
        let identity = store.identity();
        let facts = Facts {
            domain: identity.domain.clone(),
            pool_guid: identity.pool_guid,
            pool_name: identity.pool_name.clone(),
        };
        let waking = Arc::<Waking>::default();
        Self {
            facts,
            live: Mutex::new(Live::new(limits.memory_bytes, waking.clone())),
            limits,
            ledger: Ledger::default(),
            tally: Tally::default(),
            confirmed: Confirmed::begin(among_peers),
            waking,
            phase: watch::Sender::new(Phase::Running),
            refreshing: tokio::sync::Mutex::default(),
            catalog: RwLock::default(),
            mailboxes: Mutex::default(),
            posting: Mutex::default(),
            endpoints: AtomicU64::new(1),
            given_up: AtomicBool::new(false),
            welcome: watch::Sender::new(Welcome::default()),
            store,
        }
    }

    pub(crate) fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn catalog(&self) -> RwLockReadGuard<'_, Catalog> {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn catalog_mut(&self) -> RwLockWriteGuard<'_, Catalog> {
        self.catalog.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn posting(&self) -> MutexGuard<'_, HashMap<PersonId, usize>> {
        self.posting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn case(&self, room: RoomId, person: PersonId) -> Result<Case, Refusal> {
        self.catalog().case(room, person)
    }

    /// A number no other endpoint of this run has.
    pub(crate) fn next_endpoint(&self) -> u64 {
        self.endpoints.fetch_add(1, Ordering::Relaxed)
    }

    /// # Errors
    /// [`Trouble::Stopping`] once stopping has begun.
    pub(crate) fn running(&self) -> Result<(), Trouble> {
        if *self.phase.borrow() == Phase::Running { Ok(()) } else { Err(Trouble::Stopping) }
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.send_if_modified(|now| {
            let later = phase > *now;
            *now = phase.max(*now);
            later
        });
    }

    /// What a fault of the store means here. When another server has taken over, or nothing is written any more, every session
    /// ends.
    pub(crate) fn fault(&self, fault: StoreFault) -> Trouble {
        match fault {
            StoreFault::Superseded => self.superseded(),
            StoreFault::Closed => self.broken(),
            _ => (),
        }
        tracing::warn!(fault = %fault, "rooms.store_fault");
        Trouble::from(fault)
    }

    pub(crate) fn superseded(&self) {
        self.give_up(EndReason::Superseded);
    }

    /// Something this server cannot do without has failed: better to stop than to answer what is never shown.
    pub(crate) fn broken(&self) {
        self.give_up(EndReason::Broken);
    }

    /// Once: while stopping nothing is left to be given up.
    fn give_up(&self, reason: EndReason) {
        if *self.phase.borrow() == Phase::Running {
            tracing::error!(?reason, "rooms.given_up");
            self.enter(Phase::Stopping);
            self.live().end_all(reason);
        }
    }

    /// Starts the task of a mailbox; it is joined at the stop.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut mailboxes = self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        while mailboxes.try_join_next().is_some() {}
        mailboxes.spawn(task);
    }

    pub(crate) fn take_mailboxes(&self) -> JoinSet<()> {
        std::mem::take(&mut *self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
