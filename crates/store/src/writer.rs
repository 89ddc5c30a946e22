//! The one thread that writes: takes what waits, commits it together, tells the feed, then the askers.
//! Knows nothing of what it writes.

use std::sync::Arc;
use std::time::Duration;

use chat::{Clock, ServerId};
use tokio::sync::{broadcast, watch};

use crate::engine::{Conn, Location, Place, Uncommitted, int, params, uint};
use crate::fault::StoreFault;
use crate::journal::Batch;
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
    Perhaps { fault: StoreFault, number: u64, committed: Option<Committed> },
}

impl Writer {
    /// Serves the queue to its end.
    pub(crate) fn run(mut self) {
        while let Some(jobs) = self.queue.take() {
            self.commit(jobs);
        }
        if let Some(conn) = self.conn.take() {
            // What stays in the log is read at the next start.
            if let Err(error) = conn.settle() {
                tracing::warn!(%error, "store.checkpoint_failed");
            }
        }
    }

    /// Commits the jobs together; if the database refuses, halves them until the culprit stands alone.
    fn commit(&mut self, mut jobs: Vec<Job>) {
        match self.attempt(&mut jobs) {
            Ok(committed) => {
                if let Some(committed) = committed {
                    // Nobody following is no fault.
                    let _ = self.feed.send(Arc::new(committed));
                }
                jobs.into_iter().for_each(|job| job.work.answer(Ok(())));
                self.cut_log();
            }
            Err(StoreFault::Rejected { .. } | StoreFault::Damaged { .. }) if jobs.len() > 1 => {
                let rest = jobs.split_off(jobs.len() / 2);
                self.commit(jobs);
                self.commit(rest);
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

    fn attempt(&mut self, jobs: &mut [Job]) -> Result<Option<Committed>, StoreFault> {
        let conn = self.begin()?;
        match self.transact(&conn, jobs) {
            Ok(committed) => {
                self.conn = Some(conn);
                Ok(committed)
            }
            Err(Lost::Surely(fault)) => {
                if conn.roll_back() && !matches!(fault, StoreFault::Unavailable { .. }) {
                    self.conn = Some(conn);
                }
                Err(fault)
            }
            Err(Lost::Perhaps { fault, number, committed }) => {
                drop(conn);
                tracing::warn!(%fault, number, "store.commit_outcome_unknown");
                if self.was_kept(number)? { Ok(committed) } else { Err(fault) }
            }
        }
    }

    /// Begins a transaction, on a new connection if the other end has ended the one there was.
    fn begin(&mut self) -> Result<Conn, StoreFault> {
        if self.location.place()? != self.place {
            let reason = format!("{:?} was replaced while it was open", self.location);
            return Err(StoreFault::Unavailable { reason });
        }
        if let Some(conn) = self.conn.take() {
            match conn.begin() {
                Ok(()) => return Ok(conn),
                Err(_) if conn.is_over() => {}
                Err(fault) => return Err(fault),
            }
        }
        let conn = self.location.resume(&self.options, self.server, self.epoch)?;
        conn.begin()?;
        Ok(conn)
    }

    fn transact(&mut self, conn: &Conn, jobs: &mut [Job]) -> Result<Option<Committed>, Lost> {
        let number = self.claim(conn).map_err(Lost::Surely)?;
        let mut batch = Batch::new(conn, &*self.clock, self.server, self.epoch, self.era);
        for job in jobs {
            job.work.run(&mut batch).map_err(Lost::Surely)?;
        }
        let committed = batch.finish().map_err(Lost::Surely)?;
        let (wrote, forgot) = (batch.wrote, batch.forgot);
        if committed.is_none() && !wrote {
            conn.run("ROLLBACK").map_err(Lost::Surely)?;
            return Ok(None);
        }
        match conn.commit() {
            Ok(()) => {
                self.log_remembers |= forgot;
                Ok(committed)
            }
            Err(Uncommitted { fault, surely_not: true }) => Err(Lost::Surely(fault)),
            Err(Uncommitted { fault, .. }) => Err(Lost::Perhaps { fault, number, committed }),
        }
    }

    /// Numbers the batch in this server's row, which only a server that was not superseded finds.
    fn claim(&self, conn: &Conn) -> Result<u64, StoreFault> {
        let number: Option<i64> = conn.row(
            "UPDATE server SET batch = batch + 1 WHERE id = ?1 AND epoch = ?2 RETURNING batch",
            params![self.server.0, int(self.epoch)],
            |row| row.get(0),
        )?;
        uint(number.ok_or(StoreFault::Superseded)?, "batch number")
    }

    /// Whether the batch was kept. Asks until there is an answer: to guess would be to lie to somebody.
    fn was_kept(&mut self, number: u64) -> Result<bool, StoreFault> {
        loop {
            match self.kept_batch() {
                Ok(kept) => return Ok(kept >= number),
                Err(fault @ StoreFault::Superseded) => return Err(fault),
                Err(fault) if !self.queue.rest(ASK_AGAIN) => return Err(fault),
                Err(_) => {}
            }
        }
    }

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
}

impl Drop for Writer {
    /// Also when the thread died of a broken assertion: nobody waits for it for ever.
    fn drop(&mut self) {
        self.queue.abandon();
        self.ended.send_replace(true);
    }
}
