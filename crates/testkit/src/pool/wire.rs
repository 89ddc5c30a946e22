//! What servers tell each other: hints that come at once, late, twice or not at all.
//! Carries no words.

use std::collections::BTreeMap;

use chat::ServerId;

use crate::pool::chance::Chance;

/// Hints on their way.
#[derive(Debug)]
pub(crate) struct Wire {
    chance: Chance,
    /// Whether chance has a say; otherwise each hint comes with the next step.
    pub(crate) rough: bool,
    /// Whether none comes.
    pub(crate) cut: bool,
    /// By when they come, in microseconds, and the order in which they were sent.
    under_way: BTreeMap<(i64, u64), (usize, ServerId, u64)>,
    sent: u64,
}

impl Wire {
    pub(crate) fn new(chance: Chance) -> Self {
        Self { chance, rough: false, cut: false, under_way: BTreeMap::new(), sent: 0 }
    }

    /// Sends a hint to a machine.
    pub(crate) fn send(&mut self, now: i64, to: usize, server: ServerId, number: u64) {
        if self.cut || (self.rough && self.chance.once_in(4)) {
            return;
        }
        let copies = if self.rough && self.chance.once_in(6) { 2 } else { 1 };
        for _ in 0..copies {
            let millis = match self.rough {
                true if self.chance.once_in(10) => 1 + self.chance.below(3_000),
                true => 1 + self.chance.below(30),
                false => 0,
            };
            self.sent += 1;
            let due = now + i64::try_from(millis).expect("a few seconds") * 1_000;
            self.under_way.insert((due, self.sent), (to, server, number));
        }
    }

    /// The hints that have come: to which machine, of which server, and its number.
    pub(crate) fn arrived(&mut self, now: i64) -> Vec<(usize, ServerId, u64)> {
        let later = self.under_way.split_off(&(now + 1, 0));
        std::mem::replace(&mut self.under_way, later).into_values().collect()
    }
}
