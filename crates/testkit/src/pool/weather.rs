//! What the database of one server is like: how long things take there, and what they meet.
//! Draws lots only while it is told to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chat::RoomId;
use store::{Fate, Hardship, Pace, Stage};

use crate::pool::chance::Chance;

/// The weather at one server. Cheap to clone; all clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Weather(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    chance: Chance,
    /// Whether chance has a say; otherwise everything is done at once and well.
    rough: bool,
    away: bool,
    poisoned: Option<RoomId>,
    /// What happens to the next commit of words.
    sever: Option<bool>,
    /// Whether this transaction has words in it.
    has_words: bool,
    /// How long each read takes before it is told.
    slow_reads: Duration,
    /// How long what is to be written waits.
    slow_writes: Duration,
}

impl Weather {
    pub(crate) fn new(chance: Chance) -> Self {
        Self(Arc::new(Mutex::new(State {
            chance,
            rough: false,
            away: false,
            poisoned: None,
            sever: None,
            has_words: false,
            slow_reads: Duration::ZERO,
            slow_writes: Duration::ZERO,
        })))
    }

    pub(crate) fn pace(&self) -> Pace {
        let weather = self.clone();
        Pace::of(move |stage| weather.state().fate(stage))
    }

    pub(crate) fn rough(&self, rough: bool) {
        self.state().rough = rough;
    }

    /// Whether the database cannot be reached from here.
    pub(crate) fn away(&self, away: bool) {
        self.state().away = away;
    }

    /// Which room's requests the database refuses.
    pub(crate) fn poison(&self, room: Option<RoomId>) {
        self.state().poisoned = room;
    }

    /// The connection is lost in the next commit of words.
    pub(crate) fn sever(&self, kept: bool) {
        self.state().sever = Some(kept);
    }

    pub(crate) fn slow_reads(&self, each: Duration) {
        self.state().slow_reads = each;
    }

    pub(crate) fn slow_writes(&self, each: Duration) {
        self.state().slow_writes = each;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fate(&mut self, stage: Stage) -> Fate {
        Fate { after: self.delay(stage), hardship: self.hardship(stage) }
    }

    fn delay(&mut self, stage: Stage) -> Duration {
        match stage {
            Stage::Answer if !self.slow_reads.is_zero() => return self.slow_reads,
            Stage::Gather if !self.slow_writes.is_zero() => return self.slow_writes,
            _ => (),
        }
        if !self.rough {
            return Duration::ZERO;
        }
        match stage {
            Stage::Read | Stage::Answer if self.chance.once_in(8) => self.chance.millis(1, 60),
            Stage::Gather => self.chance.millis(0, 12),
            Stage::Aside => self.chance.millis(0, 4),
            _ => Duration::ZERO,
        }
    }

    fn hardship(&mut self, stage: Stage) -> Option<Hardship> {
        match stage {
            Stage::Begin => self.has_words = false,
            Stage::Run(Some(_)) => self.has_words = true,
            _ => (),
        }
        match stage {
            Stage::Read | Stage::Aside | Stage::Begin if self.away => Some(Hardship::Away),
            Stage::Run(Some(room)) if self.poisoned == Some(room) => Some(Hardship::Refused),
            Stage::Run(Some(_)) if self.rough && self.chance.once_in(200) => Some(Hardship::Refused),
            Stage::Commit => match self.sever.take_if(|_| self.has_words) {
                Some(kept) => Some(Hardship::Severed { kept }),
                None if self.rough && self.chance.once_in(80) => {
                    Some(Hardship::Severed { kept: self.chance.once_in(2) })
                }
                None => None,
            },
            _ => None,
        }
    }
}
