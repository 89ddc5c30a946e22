//! A store without threads, for simulations: its writer is a task of the runtime it is opened in, what is read is read where it
//! is asked for, and everything takes the time and meets the trouble that the simulation says. Decides neither.

use std::sync::Arc;
use std::time::Duration;

use chat::RoomId;
use tokio::time::sleep;

use crate::fault::StoreFault;

/// What a store does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// It reads.
    Read,
    /// It does something about leases.
    Aside,
    /// Its writer has something to do: what comes until then goes with it.
    Gather,
    /// It begins a transaction.
    Begin,
    /// It carries out one request of a transaction, about this room.
    Run(Option<RoomId>),
    /// It commits.
    Commit,
    /// It has done what it was asked and says so.
    Answer,
}

/// What that meets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hardship {
    /// The database is away: nothing was done.
    Away,
    /// The database refuses just this.
    Refused,
    /// The connection is lost in the commit. Whether it was kept is told here and nowhere else.
    Severed {
        /// Whether it was.
        kept: bool,
    },
}

/// How long the next stage takes, and what it meets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fate {
    /// How long until it begins. No transaction waits: only what is read, gathered, answered or about leases does.
    pub after: Duration,
    /// What it meets.
    pub hardship: Option<Hardship>,
}

/// Says what becomes of each stage. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Pace(Arc<dyn Fn(Stage) -> Fate + Send + Sync>);

impl Pace {
    /// The pace of a simulation.
    pub fn of(fate: impl Fn(Stage) -> Fate + Send + Sync + 'static) -> Self {
        Self(Arc::new(fate))
    }

    /// Lets the time of a stage pass.
    pub(crate) async fn pass(&self, stage: Stage) -> Result<(), StoreFault> {
        let fate = (self.0)(stage);
        if !fate.after.is_zero() {
            sleep(fate.after).await;
        }
        outcome(fate.hardship)
    }

    /// What was done is not heard of at once.
    pub(crate) async fn linger(&self) {
        let fate = (self.0)(Stage::Answer);
        if !fate.after.is_zero() {
            sleep(fate.after).await;
        }
    }

    /// What a stage meets that takes no time.
    pub(crate) fn meet(&self, stage: Stage) -> Result<(), StoreFault> {
        outcome((self.0)(stage).hardship)
    }

    /// Whether the connection is lost in this commit, and then, whether it was kept.
    pub(crate) fn severed(&self) -> Option<bool> {
        match (self.0)(Stage::Commit).hardship {
            Some(Hardship::Severed { kept }) => Some(kept),
            _ => None,
        }
    }
}

fn outcome(hardship: Option<Hardship>) -> Result<(), StoreFault> {
    match hardship {
        None | Some(Hardship::Severed { .. }) => Ok(()),
        Some(Hardship::Away) => Err(StoreFault::Unavailable { reason: "the database is away".into() }),
        Some(Hardship::Refused) => Err(StoreFault::Rejected { reason: "the database refuses this".into() }),
    }
}

impl PartialEq for Pace {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Pace {}

impl std::fmt::Debug for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pace")
    }
}
