//! The handle of an open store: every request there is but those about texts (`texts.rs`) and one person's own (`own.rs`).
//! Only carries requests to the writer and the readers and answers back.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use chat::{
    Address, Category, CategoryId, Clock, JournalKey, PartReason, Person, PersonId, Position, Room, RoomId,
    ServerEntry, Stand,
};
use tokio::sync::{broadcast, oneshot, watch};

use crate::administer::administer;
use crate::aside::Aside;
use crate::carry::{self, Standing};
use crate::change::{Administered, Order, RowChange};
use crate::engine::Location;
use crate::fault::{AdminFault, MoveFault, StoreFault};
use crate::found;
use crate::journal::{self, Batch};
use crate::limits::{FEED_MAX, LEASE_TIME};
use crate::queue::{Job, Lane, Queue, Signed, Task};
use crate::readers::Readers;
use crate::record::{
    Carried, Carrying, Committed, Founding, Head, Identity, NewPost, Options, PostOutcome, Recorded, Resume,
    Verified, draft_bytes,
};
use crate::rows;
use crate::servers::Place;
use crate::verify::Walk;
use crate::words;
use crate::writer::Writer;

/// An open store. Cheap to clone; all clones are the same store.
///
/// Whatever a write returned as done survives the end of the process and of the machine's power. Writes of one caller
/// that are waited for one after another happen in that order. A request whose future is dropped may still be done.
#[derive(Clone)]
pub struct Store(Arc<Shared>);

struct Shared {
    identity: Identity,
    clock: Arc<dyn Clock>,
    lease_time: Duration,
    aside: Aside,
    queue: Arc<Queue>,
    readers: Readers,
    feed: broadcast::Sender<Arc<Committed>>,
    ended: watch::Receiver<bool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens the store, or makes it with `founding`, and takes this server's place: the epoch rises, whoever had the
    /// store open before is superseded. Blocks for a few milliseconds. Starts the thread that writes.
    ///
    /// A store that exists keeps its own identity: the caller compares.
    ///
    /// # Errors
    /// [`StoreFault::Newer`] for a store of a newer program, [`StoreFault::Damaged`] for a file that is no store,
    /// [`StoreFault::Unavailable`] or [`StoreFault::Full`] when the disk refuses.
    pub fn open(
        at: impl Into<Location>,
        founding: &Founding,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreFault> {
        Self::open_with(at, founding, clock, &Options::default())
    }

    /// Opens a store that was founded before; makes nothing where there is none.
    ///
    /// # Errors
    /// As [`Store::open`]; [`StoreFault::Damaged`] also for a file that is empty or was never founded.
    pub fn open_founded(at: impl Into<Location>, clock: Arc<dyn Clock>) -> Result<Self, StoreFault> {
        Self::open_as(at.into(), None, None, clock, &Options::default())
    }

    /// Opens the store, or makes it with `founding`, as one server of several: its place is taken, and its lease has to be
    /// renewed ([`Store::renew_lease`]).
    ///
    /// # Errors
    /// As [`Store::open`]; [`StoreFault::Held`] when another installation runs the server of that name,
    /// [`StoreFault::PoolFull`] when there is no room for one more, [`StoreFault::TooLarge`] for a long name.
    pub fn open_place(
        at: impl Into<Location>,
        founding: Option<&Founding>,
        place: &Place,
        clock: Arc<dyn Clock>,
        options: &Options,
    ) -> Result<Self, StoreFault> {
        Self::open_as(at.into(), founding, Some(place), clock, options)
    }

    /// As [`Store::open`], with options.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(
        at: impl Into<Location>,
        founding: &Founding,
        clock: Arc<dyn Clock>,
        options: &Options,
    ) -> Result<Self, StoreFault> {
        Self::open_as(at.into(), Some(founding), None, clock, options)
    }

    fn open_as(
        location: Location,
        founding: Option<&Founding>,
        place: Option<&Place>,
        clock: Arc<dyn Clock>,
        options: &Options,
    ) -> Result<Self, StoreFault> {
        let (conn, identity) =
            location.apart(|| found::open(&location, founding, place, &*clock, options))?;
        let lease_time = place.map_or(LEASE_TIME, |place| place.lease);
        let place = location.place()?;
        let queue = Arc::new(Queue::new());
        let feed = broadcast::Sender::new(FEED_MAX);
        let (ended, has_ended) = watch::channel(false);
        let writer = Writer {
            location: location.clone(),
            options: options.clone(),
            clock: Arc::clone(&clock),
            server: identity.server,
            epoch: identity.epoch,
            era: identity.era,
            kept: 0,
            conn: Some(conn),
            place,
            log_remembers: true,
            queue: Arc::clone(&queue),
            feed: feed.clone(),
            ended,
        };
        let thread = writer.start()?;
        let aside = Aside::new(location.clone(), options.clone());
        let readers = Readers::new(location, options.clone());
        let thread = Mutex::new(thread);
        let ended = has_ended;
        Ok(Self(Arc::new(Shared { identity, clock, lease_time, aside, queue, readers, feed, ended, thread })))
    }

    /// Raises the era of a store that nobody has open, after its file was restored from a copy. Returns the new era.
    ///
    /// The first append of each journal then skips [`ERA_SKIP`](crate::limits::ERA_SKIP) numbers, by a `Gap`: no number shown
    /// before the loss ever names anything else, nor after the same copy is put back again (a note beside it, `.era`).
    ///
    /// # Errors
    /// As [`Store::open`]; [`StoreFault::Unavailable`] also when there is no such file.
    pub fn raise_era(at: impl Into<Location>) -> Result<u32, StoreFault> {
        let location = at.into();
        location.apart(|| found::raise_era(&location))
    }

    /// What stands at a place, without taking a place in it; `None` where no store was founded.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn standing(at: &Location) -> Result<Option<Standing>, StoreFault> {
        at.apart(|| carry::standing(at))
    }

    /// Carries a store that nobody has open to another, empty place, proves it there, and marks the one that was left: nothing is
    /// served from it any more. `called` are the names that either has for whoever finds the other's mark. Blocks for as long as it
    /// takes; asked again after it was broken off, it comes to the same end.
    ///
    /// # Errors
    /// [`MoveFault`].
    pub fn carry(
        from: &Location,
        to: &Location,
        called: (&str, &str),
        tell: &mut (dyn FnMut(Carrying<'_>) + Send),
    ) -> Result<Carried, MoveFault> {
        from.apart(|| {
            to.apart(|| {
                carry::carry(
                    carry::End { at: from, called: called.0 },
                    carry::End { at: to, called: called.1 },
                    tell,
                )
            })
        })
    }

    /// Closes a store that was founded just now and takes it back: what was there before is there again. False when somebody else took a
    /// place in it meanwhile; then it stays.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn unfound(self, at: &Location) -> Result<bool, StoreFault> {
        self.close().await;
        at.apart(|| found::unfound(at, self.identity()))
    }

    /// What this store is and as whom this program writes.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// Finishes what is queued, refuses everything else with [`StoreFault::Closed`], and closes the file. May be called
    /// more than once.
    pub async fn close(&self) {
        self.0.queue.close();
        self.0.readers.close().await;
        self.ended().await;
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("store.writer_died");
        }
        self.release_lease().await;
    }

    /// Resolves when nothing is written any more: the store was closed, or its writer died.
    pub async fn ended(&self) {
        let mut ended = self.0.ended.clone();
        // An error means that the sender is gone, and the thread with it.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// Every commit of this server from now on, in order. A reader told that it lagged catches up with
    /// [`Store::entries`] of this server's journal and the ranges named there.
    #[must_use]
    pub fn feed(&self) -> broadcast::Receiver<Arc<Committed>> {
        self.0.feed.subscribe()
    }
}

/// What people do.
impl Store {
    /// Keeps a post, unless it was kept before or the numbers it was decided under have moved. Answered after the commit
    /// only; posts waiting at the same time share one.
    ///
    /// # Errors
    /// [`StoreFault::Busy`] when too many wait; [`StoreFault::Unknown`] when the database was lost in the commit and the store ended
    /// before it was there again. With any other error nothing was written.
    pub async fn post(&self, post: NewPost) -> Result<PostOutcome, StoreFault> {
        let signed = Signed { author: post.author, client_id: post.client_id.clone() };
        let (room, author, bytes) = (post.room, post.author, draft_bytes(&post.draft));
        let (work, answer) = Task::asked(move |batch: &mut Batch<'_>| words::post(batch, &post));
        let job = Job::new(Lane::Words, Some(room), bytes, work);
        let job = Job { person: Some(author), post: Some(signed), ..job };
        match self.ask(job, answer).await {
            Err(StoreFault::Superseded) => Ok(PostOutcome::Superseded),
            outcome => outcome,
        }
    }

    /// Keeps that an endpoint joined rooms: one entry, and the endpoint's row of who is present.
    ///
    /// # Errors
    /// [`StoreFault::Superseded`] when this server must stop, [`StoreFault::Busy`], or the disk's.
    pub async fn join(&self, person: PersonId, endpoint: u64, rooms: Vec<Stand>) -> Result<(), StoreFault> {
        let bytes = size_of_val(rooms.as_slice());
        self.words(person, bytes, move |batch| words::join(batch, person, endpoint, &rooms)).await
    }

    /// Keeps that an endpoint left rooms: one entry, and the endpoint's row of who is present.
    ///
    /// # Errors
    /// As [`Store::join`].
    pub async fn part(
        &self,
        person: PersonId,
        endpoint: u64,
        reason: PartReason,
        rooms: Vec<Stand>,
    ) -> Result<(), StoreFault> {
        let bytes = size_of_val(rooms.as_slice());
        self.words(person, bytes, move |batch| words::part(batch, person, endpoint, reason, &rooms)).await
    }

    /// Keeps that posts `from` to `to` of a room were shown to a person when its head was `head`.
    ///
    /// # Errors
    /// As [`Store::join`].
    pub async fn view(
        &self,
        person: PersonId,
        room: RoomId,
        from: u32,
        to: u32,
        head: Position,
    ) -> Result<(), StoreFault> {
        let viewed = ServerEntry::Viewed { person, room, from, to, head };
        self.words(person, 0, move |batch| words::view(batch, &viewed)).await
    }

    /// Carries out all changes of one administrative operation, or none, in one transaction, with an `Administered`
    /// entry per changed subject (the first has the order's body) and a `Changed` entry in the journal of each touched room.
    ///
    /// # Errors
    /// [`AdminFault`] when a change is refused; nothing was written then.
    pub async fn administer(
        &self,
        order: Order,
        changes: Vec<RowChange>,
    ) -> Result<Administered, AdminFault> {
        let bytes = order.body.len();
        self.write(Lane::Admin, None, bytes, move |batch| administer(batch, &order, &changes)).await?
    }
}

/// What there is.
impl Store {
    /// All categories that were not removed, ascending.
    ///
    /// # Errors
    /// The disk's; [`StoreFault::Damaged`]; [`StoreFault::Closed`]. So for every read below.
    pub async fn categories(&self) -> Result<Vec<Category>, StoreFault> {
        self.0.readers.read(|conn| rows::categories(conn, None)).await
    }

    /// One category, unless it was removed.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn category(&self, id: CategoryId) -> Result<Option<Category>, StoreFault> {
        self.0.readers.read(move |conn| Ok(rows::categories(conn, Some(id))?.pop())).await
    }

    /// All rooms that were not removed, ascending.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn rooms(&self) -> Result<Vec<Room>, StoreFault> {
        self.0.readers.read(|conn| rows::rooms(conn, None)).await
    }

    /// One room, unless it was removed.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn room(&self, id: RoomId) -> Result<Option<Room>, StoreFault> {
        self.0.readers.read(move |conn| Ok(rows::rooms(conn, Some(id))?.pop())).await
    }

    /// Everybody, removed people included (their posts remain), ascending.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn people(&self) -> Result<Vec<Person>, StoreFault> {
        self.0.readers.read(|conn| rows::people(conn, None)).await
    }

    /// One person, removed or not.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn person(&self, id: PersonId) -> Result<Option<Person>, StoreFault> {
        self.0.readers.read(move |conn| Ok(rows::people(conn, Some(id))?.pop())).await
    }

    /// The person who has this address now; nobody who was removed.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn person_at(&self, address: &Address) -> Result<Option<Person>, StoreFault> {
        let address = address.clone();
        self.0.readers.read(move |conn| rows::person_at(conn, &address)).await
    }

    /// The managed settings that were set, by name.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn settings(&self) -> Result<Vec<(String, String)>, StoreFault> {
        self.0.readers.read(rows::settings).await
    }

    /// The newest place of a journal; number 0 when it has no entry.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn head(&self, journal: JournalKey) -> Result<Head, StoreFault> {
        self.0.readers.read(move |conn| journal::read_head(conn, journal)).await
    }

    /// A page of the entries after number `after`, in order: at most `limit`, fewer if that is large or texts are long.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn entries(
        &self,
        journal: JournalKey,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Arc<Recorded>>, StoreFault> {
        self.0.readers.read(move |conn| journal::read_entries(conn, journal, after, limit)).await
    }

    /// Whether somebody who has seen a journal up to `seen` can go on from there, or saw what was lost since.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn resume(&self, journal: JournalKey, seen: Position) -> Result<Resume, StoreFault> {
        self.0.readers.read(move |conn| journal::read_resume(conn, journal, seen)).await
    }

    /// Walks a whole journal and proves it.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`] naming the first place that does not agree; otherwise as [`Store::categories`].
    pub async fn verify(&self, journal: JournalKey) -> Result<Verified, StoreFault> {
        let mut walk = Walk::new(journal);
        loop {
            let mut page = walk;
            let (done, walked) = self.0.readers.read(move |conn| Ok((page.page(conn)?, page))).await?;
            if done {
                return Ok(walked.found);
            }
            walk = walked;
        }
    }
}

/// What the other parts of the handle stand on.
impl Store {
    /// Keeps what a person does, behind what the same person did before.
    async fn words<T: Send + 'static>(
        &self,
        person: PersonId,
        bytes: usize,
        run: impl FnMut(&mut Batch<'_>) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let (work, answer) = Task::asked(run);
        let job = Job { person: Some(person), ..Job::new(Lane::Words, None, bytes, work) };
        self.ask(job, answer).await
    }

    pub(crate) fn readers(&self) -> &Readers {
        &self.0.readers
    }

    pub(crate) fn aside(&self) -> &Aside {
        &self.0.aside
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// For how long each renewal is.
    #[must_use]
    pub fn lease_time(&self) -> Duration {
        self.0.lease_time
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        lane: Lane,
        room: Option<RoomId>,
        bytes: usize,
        run: impl FnMut(&mut Batch<'_>) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let (work, answer) = Task::asked(run);
        self.ask(Job::new(lane, room, bytes, work), answer).await
    }

    async fn ask<T>(
        &self,
        job: Job,
        answer: oneshot::Receiver<Result<T, StoreFault>>,
    ) -> Result<T, StoreFault> {
        self.0.queue.push(job)?;
        let done = answer.await.map_err(|_| StoreFault::Closed)?;
        if let Some(pace) = self.readers().pace() {
            pace.linger().await;
        }
        done
    }
}

impl Drop for Shared {
    /// Without [`Store::close`] what is queued is left undone and unanswered, as if the process had ended.
    fn drop(&mut self) {
        self.queue.abandon();
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.0.identity).finish()
    }
}
