//! The handle of all live rooms: started over an open store, stopped in order, asked for sessions.
//! One per server.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use chat::{Address, Configuration, JournalKey, Person, PersonId, Refusal};
use pool::Heads;
use store::{Roster, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::course::{self, Course};
use crate::follow::Follower;
use crate::ledger;
use crate::limits::Limits;
use crate::live::Member;
use crate::outbox::Outbox;
use crate::peers::Peers;
use crate::session::Session;
use crate::shared::{Phase, Shared, reached};
use crate::trouble::Trouble;
use crate::values::Facts;
use crate::visitor::Visitor;
use crate::waking;
use crate::welcome::Welcome;

/// All live rooms. Cheap to clone; all clones are the same rooms.
#[derive(Clone)]
pub struct Rooms {
    pub(crate) shared: Arc<Shared>,
    tasks: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Rooms {
    /// Reads what there is and begins to follow the store.
    ///
    /// # Errors
    /// [`Trouble::Store`] when the store cannot be read.
    pub async fn start(store: Store) -> Result<Self, Trouble> {
        Self::start_with(store, Limits::default()).await
    }

    /// As [`Rooms::start`], with other limits.
    ///
    /// # Errors
    /// As [`Rooms::start`].
    pub async fn start_with(store: Store, limits: Limits) -> Result<Self, Trouble> {
        Self::start_among(store, limits, None).await
    }

    /// As [`Rooms::start_with`], among the servers of a pool: follows the journals of all of them as their heads become known.
    ///
    /// # Errors
    /// As [`Rooms::start`].
    pub async fn start_among(
        store: Store,
        limits: Limits,
        heads: Option<watch::Receiver<Heads>>,
    ) -> Result<Self, Trouble> {
        // The feed is opened before anything is read, so that no change falls between; rows are read after the places from which
        // the others are followed, so that what is read is never older.
        let feed = store.feed();
        let own = store.identity().server;
        let Roster { present, heads: cursors } = store.roster().await?;
        let last = cursors.get(&own).copied().unwrap_or(0);
        let shared = Arc::new(Shared::new(store, limits, heads.is_some()));
        let course = Course::begin(shared.store.head(JournalKey::Pool).await?.position.number);
        let confirmed = course.confirmed();
        if shared.among_peers() {
            // Whatever is done from here on is answered when it is followed here.
            let begun = *confirmed.borrow();
            shared.store.confirm(begun).await?;
        }
        shared.live().begin_elsewhere(&present, own);
        shared.read_all().await?;
        let peers = Peers::new(heads, own, cursors);
        let follower = Follower::new(shared.clone(), feed, last, peers, course);
        let mut tasks = vec![
            tokio::spawn(watched(shared.clone(), follower.run())),
            tokio::spawn(watched(shared.clone(), ledger::run(shared.clone()))),
            tokio::spawn(watched(shared.clone(), waking::run(shared.clone()))),
        ];
        if shared.among_peers() {
            tasks.push(tokio::spawn(watched(shared.clone(), course::run(shared.clone(), confirmed))));
        }
        Ok(Self { shared, tasks: Arc::new(Mutex::new(tasks)) })
    }

    /// Refuses new work, lets what runs be kept, delivers and writes what is left, and joins every task.
    pub async fn stop(&self) {
        self.shared.enter(Phase::Stopping);
        let mut mailboxes = self.shared.take_mailboxes();
        while mailboxes.join_next().await.is_some() {}
        self.shared.enter(Phase::Draining);
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            if let Err(failed) = task.await {
                tracing::error!(failed = %failed, "rooms.task_failed");
            }
        }
        self.shared.waking.tell(usize::MAX);
    }

    /// Resolves when these rooms are over: stopped, taken over by another server, or broken.
    pub async fn ended(&self) {
        reached(&mut self.shared.phase.subscribe(), Phase::Stopping).await;
    }

    /// Resolves when everything is followed that this server had kept when it was called: changed rows decide, whoever lost a right
    /// by them is out, and what was posted waits in the outboxes.
    ///
    /// # Errors
    /// [`Trouble::Store`] when the store cannot be read, [`Trouble::Stopping`] when these rooms are over.
    pub async fn settled(&self) -> Result<(), Trouble> {
        let journal = JournalKey::Server(self.shared.store.identity().server);
        let head = self.shared.store.head(journal).await?.position.number;
        let (mut followed, mut phase) =
            (self.shared.tally.followed.subscribe(), self.shared.phase.subscribe());
        tokio::select! {
            biased;
            // The sender lives as long as this handle.
            _ = followed.wait_for(|number| *number >= head) => Ok(()),
            () = reached(&mut phase, Phase::Draining) => Err(Trouble::Stopping),
        }
    }

    /// The time of this server is over: what runs here can be kept no more, and nobody is to wait for it.
    pub fn give_up(&self) {
        self.shared.given_up.store(true, Ordering::Relaxed);
    }

    /// Whether nobody is to wait for what runs here.
    #[must_use]
    pub fn are_given_up(&self) -> bool {
        self.shared.given_up.load(Ordering::Relaxed)
    }

    /// Says whom this server admits from now on.
    pub fn admit(&self, whom: Welcome) {
        let welcome = &self.shared.welcome;
        welcome.send_if_modified(|now| std::mem::replace(now, whom) != whom);
    }

    /// Whether people may come who are not here yet.
    #[must_use]
    pub fn admits(&self) -> bool {
        *self.shared.welcome.borrow() == Welcome::Everybody
    }

    /// Whom this server admits, and every change of it.
    #[must_use]
    pub fn welcome(&self) -> watch::Receiver<Welcome> {
        self.shared.welcome.subscribe()
    }

    /// What the pool is called.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.shared.facts
    }

    /// The settings in force for this pool.
    #[must_use]
    pub fn settings(&self) -> Configuration {
        self.shared.catalog().settings().clone()
    }

    /// The further addresses under which clients find the pool, besides its own.
    #[must_use]
    pub fn endpoints(&self) -> Arc<BTreeSet<Address>> {
        self.shared.catalog().endpoints().clone()
    }

    /// The person who has this address now, enabled or not.
    #[must_use]
    pub fn person(&self, address: &Address) -> Option<Arc<Person>> {
        self.shared.catalog().person_at(address).cloned()
    }

    /// A person by number, removed or not.
    #[must_use]
    pub fn person_by_id(&self, person: PersonId) -> Option<Arc<Person>> {
        self.shared.catalog().person(person).cloned()
    }

    /// Lets a person ask without a link.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] when the person may not use the server or the server stops.
    pub fn of(&self, person: PersonId) -> Result<Visitor, Refusal> {
        self.shared.running().map_err(|_| Refusal::NotAllowed)?;
        if self.may_come(person) {
            Ok(Visitor::new(self.shared.clone(), person))
        } else {
            Err(Refusal::NotAllowed)
        }
    }

    /// Opens a session for one endpoint of a person.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] when the person may not use the server or the server stops, [`Refusal::TooMany`] when
    /// too many sessions of the person are open.
    pub fn open(&self, person: PersonId) -> Result<Session, Refusal> {
        self.shared.running().map_err(|_| Refusal::NotAllowed)?;
        let mut live = self.shared.live();
        if !self.may_come(person) {
            return Err(Refusal::NotAllowed);
        }
        let limit = self.shared.limits.sessions_per_person;
        let others = live.by_person.entry(person).or_default();
        if others.len() >= limit {
            return Err(Refusal::TooMany { what: "sessions of one person", limit });
        }
        let endpoint = self.shared.next_endpoint();
        others.insert(endpoint);
        let outbox = Arc::new(Outbox::new(self.shared.limits.outbox));
        let member = Member { person, outbox: outbox.clone(), rooms: BTreeSet::new() };
        live.sessions.insert(endpoint, member);
        drop(live);
        Ok(Session::new(self.shared.clone(), person, endpoint, outbox))
    }

    fn may_come(&self, person: PersonId) -> bool {
        self.shared.catalog().person(person).is_some_and(|person| person.may_chat())
    }
}

/// A task nothing works without: if it fails, everything stops.
async fn watched(shared: Arc<Shared>, task: impl Future<Output = ()>) {
    struct Watch(Arc<Shared>);
    impl Drop for Watch {
        fn drop(&mut self) {
            if std::thread::panicking() {
                self.0.broken();
            }
        }
    }
    let _watch = Watch(shared);
    task.await;
}

impl std::fmt::Debug for Rooms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rooms").field("facts", &self.shared.facts).finish_non_exhaustive()
    }
}
