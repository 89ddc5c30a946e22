//! What waits for the writer: three bounded lanes, served in turn, the words of people first.
//! Executes nothing.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chat::{ClientId, PersonId, RoomId};
use tokio::sync::{Notify, oneshot};

use crate::fault::StoreFault;
use crate::journal::Batch;
use crate::limits::{
    BATCH_BYTES_MAX, BATCH_JOBS_MAX, BATCH_ROOMS_MAX, QUEUE_ADMIN_MAX, QUEUE_BYTES_MAX, QUEUE_MARKS_MAX,
    QUEUE_WORDS_MAX, SKIPS_MAX,
};

/// Which lane a request waits in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lane {
    /// Posts, joins, parts, views: as many as fit share a commit.
    Words,
    /// Administrative operations: one per commit.
    Admin,
    /// Documents, invitations, read marks: as many as fit share a commit.
    Marks,
}

/// A request waiting for the writer.
pub(crate) struct Job {
    pub(crate) lane: Lane,
    /// The room whose journal it moves.
    pub(crate) room: Option<RoomId>,
    /// Whose doing it is, if it is told in a journal: what one person does is kept in its order.
    pub(crate) person: Option<PersonId>,
    /// Whose post it is, if it is one.
    pub(crate) post: Option<Signed>,
    /// Octets it writes, about.
    pub(crate) bytes: usize,
    /// How often its room was just being written by another server.
    pub(crate) skips: u32,
    pub(crate) work: Box<dyn Work>,
}

/// Whose post, under which name of the client's.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Signed {
    pub(crate) author: PersonId,
    pub(crate) client_id: Option<ClientId>,
}

impl Job {
    /// A request that is no post.
    pub(crate) fn new(lane: Lane, room: Option<RoomId>, bytes: usize, work: Box<dyn Work>) -> Self {
        Self { lane, room, person: None, post: None, bytes, skips: 0, work }
    }

    /// Whether its room is to be waited for, because it was passed over often enough.
    pub(crate) fn is_due(&self) -> bool {
        self.skips >= SKIPS_MAX
    }
}

/// What is to be done for a request, whatever the type of its answer.
pub(crate) trait Work: Send {
    /// Does it inside a transaction. May be called again if that transaction was not kept.
    fn run(&mut self, batch: &mut Batch<'_>) -> Result<(), StoreFault>;
    /// Tells the asker what became of it; the last `run` counts if the transaction was kept.
    fn answer(self: Box<Self>, kept: Result<(), StoreFault>);
}

/// A closure with the place its answer goes to.
pub(crate) struct Task<F, T> {
    run: F,
    outcome: Option<T>,
    /// `None` once answered.
    asker: Option<oneshot::Sender<Result<T, StoreFault>>>,
}

impl<F, T> Task<F, T>
where
    F: FnMut(&mut Batch<'_>) -> Result<T, StoreFault> + Send + 'static,
    T: Send + 'static,
{
    /// The work and the end at which its answer comes out.
    pub(crate) fn asked(run: F) -> (Box<dyn Work>, oneshot::Receiver<Result<T, StoreFault>>) {
        let (asker, answer) = oneshot::channel();
        (Box::new(Self { run, outcome: None, asker: Some(asker) }), answer)
    }
}

impl<F, T> Work for Task<F, T>
where
    F: FnMut(&mut Batch<'_>) -> Result<T, StoreFault> + Send,
    T: Send,
{
    fn run(&mut self, batch: &mut Batch<'_>) -> Result<(), StoreFault> {
        self.outcome = Some((self.run)(batch)?);
        Ok(())
    }

    fn answer(mut self: Box<Self>, kept: Result<(), StoreFault>) {
        let outcome = self.outcome.take();
        if let Some(asker) = self.asker.take() {
            // An asker that went away wants no answer.
            let _ = asker.send(kept.map(|()| outcome.expect("a kept transaction has run all its work")));
        }
    }
}

impl<F, T> Drop for Task<F, T> {
    /// A writer that died in the middle says of nothing it had begun that it is not kept.
    fn drop(&mut self) {
        if let Some(asker) = self.asker.take() {
            let begun = self.outcome.is_some();
            let _ = asker.send(Err(if begun { StoreFault::Unknown } else { StoreFault::Closed }));
        }
    }
}

/// The lanes.
pub(crate) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    /// For a writer that is a task.
    news: Notify,
}

struct State {
    words: VecDeque<Job>,
    admin: VecDeque<Job>,
    marks: VecDeque<Job>,
    /// Octets of all that waits.
    bytes: usize,
    /// The lane served last.
    served: Lane,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    /// What waits is still served, nothing more is taken.
    Closing,
    /// Nothing is served any more.
    Abandoned,
}

impl Queue {
    pub(crate) fn new() -> Self {
        let state = State {
            words: VecDeque::new(),
            admin: VecDeque::new(),
            marks: VecDeque::new(),
            bytes: 0,
            served: Lane::Marks,
            end: End::Open,
        };
        Self { state: Mutex::new(state), wake: Condvar::new(), news: Notify::new() }
    }

    /// Queues a request.
    ///
    /// # Errors
    /// [`StoreFault::Busy`] when its lane is full or too many octets wait already, [`StoreFault::Closed`] once closed.
    pub(crate) fn push(&self, job: Job) -> Result<(), StoreFault> {
        let mut state = self.state();
        if state.end != End::Open {
            return Err(StoreFault::Closed);
        }
        let limit = match job.lane {
            Lane::Words => QUEUE_WORDS_MAX,
            Lane::Admin => QUEUE_ADMIN_MAX,
            Lane::Marks => QUEUE_MARKS_MAX,
        };
        let bytes = state.bytes + job.bytes;
        let lane = state.lane(job.lane);
        if lane.len() >= limit || bytes > QUEUE_BYTES_MAX {
            return Err(StoreFault::Busy);
        }
        lane.push_back(job);
        state.bytes = bytes;
        drop(state);
        self.wake.notify_one();
        self.news.notify_one();
        Ok(())
    }

    /// Puts back what could not be done yet, before everything else of its lane.
    pub(crate) fn put_back(&self, jobs: Vec<Job>) {
        let mut state = self.state();
        if state.end == End::Abandoned {
            return;
        }
        for job in jobs.into_iter().rev() {
            state.bytes += job.bytes;
            state.lane(job.lane).push_front(job);
        }
    }

    /// Waits for work and takes what one commit may hold; `None` at the end. Whoever is there first on an idle store
    /// is taken alone and at once.
    pub(crate) fn take(&self) -> Option<Vec<Job>> {
        let mut state = self.state();
        loop {
            if state.end == End::Abandoned {
                return None;
            }
            let jobs = state.take();
            if !jobs.is_empty() {
                return Some(jobs);
            }
            if state.end == End::Closing {
                return None;
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// As [`Queue::take`], for a writer that is a task: waits for work, gathers as long as `gather` takes, and takes it.
    pub(crate) async fn gathered<F: Future>(&self, gather: impl Fn() -> F) -> Option<Vec<Job>> {
        loop {
            let news = self.news.notified();
            if self.state().is_idle() {
                news.await;
                continue;
            }
            gather().await;
            let mut state = self.state();
            let jobs = if state.end == End::Abandoned { Vec::new() } else { state.take() };
            if !jobs.is_empty() {
                return Some(jobs);
            }
            if state.end != End::Open {
                return None;
            }
        }
    }

    /// Rests for a while between two tries of the same thing; false when the end has come meanwhile.
    pub(crate) fn rest(&self, pause: Duration) -> bool {
        let state = self.state();
        let (state, _) = self
            .wake
            .wait_timeout_while(state, pause, |state| state.end == End::Open)
            .unwrap_or_else(PoisonError::into_inner);
        state.end == End::Open
    }

    /// Takes nothing more; what waits is still served.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        if state.end == End::Open {
            state.end = End::Closing;
        }
        drop(state);
        self.wake.notify_all();
        self.news.notify_one();
    }

    /// Takes and serves nothing more; who waits is told so.
    pub(crate) fn abandon(&self) {
        let mut state = self.state();
        state.end = End::Abandoned;
        let left = [Lane::Words, Lane::Admin, Lane::Marks].map(|lane| std::mem::take(state.lane(lane)));
        drop(state);
        drop(left);
        self.wake.notify_all();
        self.news.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether there is nothing to do yet.
    fn is_idle(&self) -> bool {
        let waits = self.words.len() + self.admin.len() + self.marks.len();
        waits == 0 && self.end == End::Open
    }

    fn lane(&mut self, lane: Lane) -> &mut VecDeque<Job> {
        match lane {
            Lane::Words => &mut self.words,
            Lane::Admin => &mut self.admin,
            Lane::Marks => &mut self.marks,
        }
    }

    /// What the next lane in turn has for one commit; empty when nothing waits.
    fn take(&mut self) -> Vec<Job> {
        let turn = match self.served {
            Lane::Words => [Lane::Admin, Lane::Marks, Lane::Words],
            Lane::Admin => [Lane::Marks, Lane::Words, Lane::Admin],
            Lane::Marks => [Lane::Words, Lane::Admin, Lane::Marks],
        };
        for lane in turn {
            let jobs = fitting(self.lane(lane), if lane == Lane::Admin { 1 } else { BATCH_JOBS_MAX });
            if !jobs.is_empty() {
                self.bytes -= jobs.iter().map(|job| job.bytes).sum::<usize>();
                self.served = lane;
                return jobs;
            }
        }
        Vec::new()
    }
}

/// The first jobs of a lane that one commit may hold: at least one, and no job overtakes another. A room that is to be waited for
/// is taken alone.
fn fitting(lane: &mut VecDeque<Job>, jobs_max: usize) -> Vec<Job> {
    let mut jobs = Vec::new();
    let mut rooms = BTreeSet::new();
    let mut bytes = 0;
    let alone = lane.front().filter(|job| job.is_due()).map(|job| job.room);
    while let Some(next) = lane.front() {
        if alone.is_some_and(|room| next.room != room) {
            break;
        }
        rooms.extend(next.room);
        bytes += next.bytes;
        let fits = jobs.len() < jobs_max && rooms.len() <= BATCH_ROOMS_MAX && bytes <= BATCH_BYTES_MAX;
        if !jobs.is_empty() && !fits {
            break;
        }
        jobs.extend(lane.pop_front());
    }
    jobs
}
