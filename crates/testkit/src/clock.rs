//! A clock that a test sets and moves, with random bytes from a seed: the same seed gives the same run.
//! Moves only when told to.

use std::sync::{Mutex, PoisonError};

use chat::{Clock, Time};

/// Simulated time and randomness.
#[derive(Debug)]
pub struct TestClock {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    now: Time,
    seed: u64,
}

impl TestClock {
    /// A clock standing at the given ISO time.
    ///
    /// # Panics
    /// When the text is no time: the test is wrong.
    #[must_use]
    pub fn at(iso: &str, seed: u64) -> Self {
        let now = Time::parse_iso(iso).expect("the test names a valid time");
        Self { state: Mutex::new(State { now, seed }) }
    }

    /// Moves the clock forward.
    pub fn advance_micros(&self, micros: i64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now = state.now.plus_micros(micros);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Time {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).now
    }

    fn fill_random(&self, out: &mut [u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in out.chunks_mut(8) {
            let bytes = split_mix(&mut state.seed).to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// One step of SplitMix64 (Steele, Lea, Flood 2014): enough for tests, never for secrets.
pub(crate) fn split_mix(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
