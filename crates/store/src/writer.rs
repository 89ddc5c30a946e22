//! The one thread that writes: takes what waits, commits it together, tells the feed, then the askers.
//! Knows nothing of what it writes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use chat::{Clock, RoomId, ServerId};
use tokio::sync::{broadcast, watch};

use crate::ahead::look_ahead;
use crate::engine::{Conn, Location, Place, Uncommitted, int, params, uint};
use crate::fault::StoreFault;
use crate::found::note_era;
use crate::journal::{Batch, read_entries};
use crate::limits::TRIES_MAX;
use crate::pace::{Pace, Stage};
use crate::passed::Passed;
use crate::queue::{Job, Queue};
use crate::record::Committed;
use crate::record::Options;

/// How long the writer waits before it asks again whether a commit was kept.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// The thread's own state.
pub(crate) struct Writer {
    pub(crate) location: Location,
    pub(crate) options: Options,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) server: ServerId,
    pub(crate) epoch: u64,
    pub(crate) era: u32,
    /// The last batch that was kept; 0 before the first.
    pub(crate) kept: u64,
    /// Where the file lay when it was opened.
    pub(crate) place: Place,
    /// Lost after a failure and opened again by the next write.
    pub(crate) conn: Option<Conn>,
    /// Whether the log may still hold a text that was taken away; at a start nobody knows.
    pub(crate) log_remembers: bool,
    pub(crate) queue: Arc<Queue>,
    pub(crate) feed: broadcast::Sender<Arc<Committed>>,
    pub(crate) ended: watch::Sender<bool>,
}

/// Why a transaction was not kept, or perhaps was.
enum Lost {
    /// It was not kept.
    Surely(StoreFault),
    /// The commit itself failed; batch `number` of this server says whether it was kept.
    Perhaps { fault: StoreFault, number: u64, done: Done },
}

/// What a transaction has done.
struct Done {
    committed: Option<Committed>,
    /// The rooms that others were writing to: nothing was done there.
    busy: BTreeSet<RoomId>,
}

/// One round through the jobs that were taken together, in one transaction or several.
#[derive(Default)]
struct Round {
    /// Whether rooms that others write to are waited for: the first job was passed over often enough.
    waits: bool,
    /// What was passed over.
    passed: Passed,
    /// The rooms of it that others were writing to.
    busy: BTreeSet<RoomId>,
    /// The jobs of it, in their order.
    later: Vec<Job>,
}

impl Round {
    /// Takes the jobs that wait for the next round, and gives back those that are done.
    fn sort_out(&mut self, jobs: Vec<Job>, busy: BTreeSet<RoomId>) -> Vec<Job> {
        let mut done = Vec::with_capacity(jobs.len());
        let waiting = self.passed.pass(&jobs, &busy);
        for (job, waits) in jobs.into_iter().zip(waiting) {
            if waits { &mut self.later } else { &mut done }.push(job);
        }
        self.busy.extend(busy);
        done
    }
}

/// A transaction that was not kept.
struct Failed {
    fault: StoreFault,
    /// It may be kept when it is tried once more.
    again: bool,
}

impl From<StoreFault> for Failed {
    fn from(fault: StoreFault) -> Self {
        Self { again: fault == StoreFault::Busy, fault }
    }
}

impl Writer {
    /// Begins to serve the queue: on a thread of its own, which is returned, or in a simulation as a task.
    pub(crate) fn start(self) -> Result<Option<JoinHandle<()>>, StoreFault> {
        if let Some(pace) = self.options.pace.clone() {
            tokio::spawn(self.run_at(pace));
            return Ok(None);
        }
        let named = std::thread::Builder::new().name("store-writer".into());
        let started = named.spawn(move || self.run());
        started.map(Some).map_err(|error| StoreFault::Unavailable { reason: error.to_string() })
    }

    /// Serves the queue to its end.
    fn run(mut self) {
        while let Some(jobs) = self.queue.take() {
            self.commit(jobs);
        }
        self.settle();
    }

    /// As [`Writer::run`], as a task.
    async fn run_at(mut self, pace: Pace) {
        let queue = Arc::clone(&self.queue);
        while let Some(jobs) = queue.gathered(|| pace.pass(Stage::Gather)).await {
            self.commit(jobs);
        }
        self.settle();
    }

    fn settle(&mut self) {
        if let Some(conn) = self.conn.take() {
            // What stays in the log is read at the next start.
            if let Err(error) = conn.settle() {
                tracing::warn!(%error, "store.checkpoint_failed");
            }
        }
    }

    /// Commits the jobs together, but for what goes to rooms that another server writes to just now, and what must not overtake
    /// that: it comes with the next.
    fn commit(&mut self, jobs: Vec<Job>) {
        let waits = jobs.first().is_some_and(Job::is_due);
        let mut round = Round { waits, ..Round::default() };
        self.commit_or_halve(jobs, &mut round);
        let Round { mut later, busy, .. } = round;
        let is_busy = |job: &&mut Job| job.room.is_some_and(|room| busy.contains(&room));
        later.iter_mut().filter(is_busy).for_each(|job| job.skips += 1);
        self.queue.put_back(later);
    }

    /// Commits the jobs together; if the database refuses, halves them until the culprit stands alone.
    fn commit_or_halve(&mut self, mut jobs: Vec<Job>, round: &mut Round) {
        match self.try_a_few_times(&mut jobs, round) {
            Ok(Done { committed, busy }) => {
                if let Some(committed) = committed {
                    // Nobody following is no fault.
                    let _ = self.feed.send(Arc::new(committed));
                }
                round.sort_out(jobs, busy).into_iter().for_each(|job| job.work.answer(Ok(())));
                self.cut_log();
            }
            Err(StoreFault::Rejected { .. } | StoreFault::Damaged { .. }) if jobs.len() > 1 => {
                let rest = jobs.split_off(jobs.len() / 2);
                self.commit_or_halve(jobs, round);
                self.commit_or_halve(rest, round);
            }
            Err(fault) => {
                tracing::warn!(%fault, jobs = jobs.len(), "store.write_failed");
                jobs.into_iter().for_each(|job| job.work.answer(Err(fault.clone())));
            }
        }
    }

    /// Takes the log into the file and cuts it, once a text was taken away: the log held it as well. Waits for no reader;
    /// while one looks at an older state the next write tries again.
    fn cut_log(&mut self) {
        let Some(conn) = self.conn.as_ref().filter(|_| self.log_remembers) else { return };
        match conn.cut_log(self.options.busy_wait) {
            Ok(hindered) => self.log_remembers = hindered,
            Err(fault) => tracing::debug!(%fault, "store.checkpoint_failed"),
        }
    }

    /// Tries again what collided with others, and what was not kept because the session ended in the middle of it.
    fn try_a_few_times(&mut self, jobs: &mut [Job], round: &Round) -> Result<Done, StoreFault> {
        for _ in 1..TRIES_MAX {
            match self.attempt(jobs, round) {
                Err(Failed { fault, again: true }) => tracing::debug!(%fault, "store.write_again"),
                done => return done.map_err(|failed| failed.fault),
            }
        }
        self.attempt(jobs, round).map_err(|failed| failed.fault)
    }

    fn attempt(&mut self, jobs: &mut [Job], round: &Round) -> Result<Done, Failed> {
        let (conn, number) = self.begin()?;
        match self.transact(&conn, number, jobs, round) {
            Ok(done) => {
                self.conn = Some(conn);
                Ok(done)
            }
            Err(Lost::Surely(fault)) => {
                let again = conn.is_over() || fault == StoreFault::Busy;
                if conn.roll_back() && !matches!(fault, StoreFault::Unavailable { .. }) {
                    self.conn = Some(conn);
                }
                Err(Failed { fault, again })
            }
            Err(Lost::Perhaps { fault, number, done }) => {
                drop(conn);
                tracing::warn!(%fault, number, "store.commit_outcome_unknown");
                if !self.was_kept(number, done.committed.as_ref())? {
                    return Err(Failed { fault, again: true });
                }
                self.kept = number;
                Ok(done)
            }
        }
    }

    /// Begins a transaction and numbers it, on a new connection if the other end has ended the one there was.
    fn begin(&mut self) -> Result<(Conn, u64), StoreFault> {
        if let Some(pace) = &self.options.pace {
            pace.meet(Stage::Begin)?;
        }
        if self.location.place()? != self.place {
            let reason = format!("{:?} was replaced while it was open", self.location);
            return Err(StoreFault::Unavailable { reason });
        }
        if let Some(conn) = self.conn.take() {
            match self.claim(&conn) {
                Ok(number) => return Ok((conn, number)),
                Err(_) if conn.is_over() => {}
                Err(fault) => {
                    self.conn = Some(conn).filter(Conn::roll_back);
                    return Err(fault);
                }
            }
        }
        let conn = self.location.resume(&self.options, self.server, self.epoch)?;
        let number = self.claim(&conn)?;
        Ok((conn, number))
    }

    fn transact(&mut self, conn: &Conn, number: u64, jobs: &mut [Job], round: &Round) -> Result<Done, Lost> {
        let mut batch = Batch::new(conn, &*self.clock, self.server, self.epoch, self.era);
        let busy = look_ahead(&mut batch, jobs, &round.passed, round.waits).map_err(Lost::Surely)?;
        let waiting = round.passed.clone().pass(jobs, &busy);
        for (job, _) in jobs.iter_mut().zip(waiting).filter(|(_, waits)| !waits) {
            if let Some(pace) = &self.options.pace {
                pace.meet(Stage::Run(job.room)).map_err(Lost::Surely)?;
            }
            job.work.run(&mut batch).map_err(Lost::Surely)?;
        }
        let committed = batch.finish().map_err(Lost::Surely)?;
        let (wrote, forgot) = (batch.wrote, batch.forgot);
        let is_empty = committed.is_none() && !wrote;
        let done = Done { committed, busy };
        if is_empty {
            conn.run("ROLLBACK").map_err(Lost::Surely)?;
            return Ok(done);
        }
        if let Some(kept) = self.options.pace.as_ref().and_then(Pace::severed) {
            let fault = StoreFault::Unavailable { reason: "the connection was lost in the commit".into() };
            conn.run(if kept { "COMMIT" } else { "ROLLBACK" }).map_err(Lost::Surely)?;
            return Err(Lost::Perhaps { fault, number, done });
        }
        match conn.commit() {
            Ok(()) => {
                self.log_remembers |= forgot;
                self.kept = number;
                Ok(done)
            }
            Err(Uncommitted { fault, surely_not: true }) => Err(Lost::Surely(fault)),
            Err(Uncommitted { fault, .. }) => Err(Lost::Perhaps { fault, number, done }),
        }
    }

    /// Begins a transaction and numbers the batch in this server's row, which only a server that was not superseded finds. Whoever
    /// raises the epoch waits for this row until the transaction has ended.
    fn claim(&self, conn: &Conn) -> Result<u64, StoreFault> {
        conn.begin()?;
        let number: Option<i64> = conn.row(
            "UPDATE server SET batch = batch + 1 WHERE id = ?1 AND epoch = ?2 RETURNING batch",
            params![self.server.0, int(self.epoch)],
            |row| row.get(0),
        )?;
        let number = uint(number.ok_or(StoreFault::Superseded)?, "batch number")?;
        if number <= self.kept {
            self.put_back(number);
            return Err(StoreFault::Superseded);
        }
        Ok(number)
    }

    /// The database was put back from a copy while this server had it open: what people saw since is not there, and its numbers must
    /// name nothing else. The next start begins a new era, as if somebody had said so.
    fn put_back(&self, number: u64) {
        let kept = self.kept;
        tracing::error!(number, kept, "store.put_back_while_it_was_open");
        if let Err(fault) = note_era(&self.location, self.era + 1) {
            tracing::error!(%fault, "store.era_not_noted");
        }
    }

    /// Whether the batch was kept. Asks until there is an answer: to guess would be to lie to somebody.
    ///
    /// # Errors
    /// [`StoreFault::Unknown`] when the store ends before.
    fn was_kept(&mut self, number: u64, committed: Option<&Committed>) -> Result<bool, StoreFault> {
        loop {
            let kept = match self.kept_batch() {
                Err(StoreFault::Superseded) => self.is_in_journal(committed),
                kept => kept.map(|kept| kept >= number),
            };
            match kept {
                Ok(kept) => return Ok(kept),
                Err(StoreFault::Unknown) => return Err(StoreFault::Unknown),
                Err(_) if !self.queue.rest(ASK_AGAIN) => return Err(StoreFault::Unknown),
                Err(_) => {}
            }
        }
    }

    /// The last batch that was kept under this epoch, which nobody has raised.
    fn kept_batch(&mut self) -> Result<u64, StoreFault> {
        let conn = self.location.resume(&self.options, self.server, self.epoch)?;
        let kept: Option<i64> = conn.row(
            "SELECT batch FROM server WHERE id = ?1 AND epoch = ?2",
            params![self.server.0, int(self.epoch)],
            |row| row.get(0),
        )?;
        self.conn = Some(conn);
        uint(kept.ok_or(StoreFault::Superseded)?, "batch number")
    }

    /// Whether the batch was kept, once this server's time is over. Whoever raised the epoch waited for the end of the transaction
    /// and told it in the next entry of this server's journal: there stands that entry, or the one of the batch. The number of the
    /// batch says nothing any more, because the same server may have been started anew.
    fn is_in_journal(&self, committed: Option<&Committed>) -> Result<bool, StoreFault> {
        // What wrote no entry cannot be found.
        let last = committed.and_then(|committed| committed.entries.last()).ok_or(StoreFault::Unknown)?;
        let conn = self.location.open_reader(&self.options)?;
        let before = last.header.position.number - 1;
        let found = read_entries(&conn, last.header.journal, before, 1)?;
        Ok(found.first().is_some_and(|found| found.header == last.header))
    }
}

impl Drop for Writer {
    /// Also when the thread died of a broken assertion: nobody waits for it for ever.
    fn drop(&mut self) {
        self.queue.abandon();
        self.ended.send_replace(true);
    }
}
