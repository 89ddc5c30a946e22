//! A clock with a gate: while it is shut, whoever asks for the time stands still, and that is the store's writer inside
//! its transaction. So a story can say what happens before a commit and what after it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use chat::{Clock, Time};
use testkit::TestClock;
use tokio::sync::Notify;

use crate::house::within;

/// The clock of a house.
pub struct Gate {
    clock: TestClock,
    state: Mutex<State>,
    opened: Condvar,
    somebody: Notify,
}

#[derive(Default)]
struct State {
    shut: bool,
    /// Who may pass although it is shut.
    passes: usize,
}

/// The gate is shut as long as this lives.
pub struct Shut<'g>(&'g Gate);

impl Gate {
    pub fn new(clock: TestClock) -> Self {
        Self { clock, state: Mutex::default(), opened: Condvar::new(), somebody: Notify::new() }
    }

    /// Moves the time on.
    pub fn advance_micros(&self, micros: i64) {
        self.clock.advance_micros(micros);
    }

    /// Shuts the gate: the next transaction stands still in it.
    pub fn shut(&self) -> Shut<'_> {
        self.lock().shut = true;
        Shut(self)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shut<'_> {
    /// Waits until a transaction stands in the gate.
    pub async fn reached(&self) {
        within(self.0.somebody.notified()).await;
    }

    /// Lets one transaction through.
    pub fn pass_one(&self) {
        self.0.lock().passes += 1;
        self.0.opened.notify_all();
    }
}

impl Drop for Shut<'_> {
    fn drop(&mut self) {
        *self.0.lock() = State::default();
        self.0.opened.notify_all();
    }
}

impl Clock for Gate {
    fn now(&self) -> Time {
        let mut state = self.lock();
        if state.shut && state.passes == 0 {
            self.somebody.notify_one();
        }
        while state.shut && state.passes == 0 {
            state = self.opened.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.passes = state.passes.saturating_sub(1);
        drop(state);
        self.clock.now()
    }

    fn fill_random(&self, out: &mut [u8]) {
        self.clock.fill_random(out);
    }
}
