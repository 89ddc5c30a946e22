//! Chance from a seed: the same seed draws the same lots.
//! Enough for simulations, never for secrets.

use std::time::Duration;

use crate::clock::split_mix;

/// A source of lots.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The source of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// Another source, which draws by itself.
    pub(crate) fn branch(&mut self) -> Self {
        Self(self.draw())
    }

    pub(crate) fn draw(&mut self) -> u64 {
        split_mix(&mut self.0)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a number of a simulation is small");
        usize::try_from(self.draw() % end).expect("it is below a number that fits")
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Milliseconds from `least` to `most`.
    pub(crate) fn millis(&mut self, least: usize, most: usize) -> Duration {
        let millis = least + self.below(most - least + 1);
        Duration::from_millis(u64::try_from(millis).expect("a number of a simulation is small"))
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { Some(&all[self.below(all.len())]) }
    }

    /// Puts several into any order.
    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }
}
