//! What servers tell each other: hints that come at once, late, twice or not at all, or say more than there is.
//! Carries no words.

use std::collections::BTreeMap;

use pool::Hint;

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
    under_way: BTreeMap<(i64, u64), (usize, Hint)>,
    sent: u64,
}

impl Wire {
    pub(crate) fn new(chance: Chance) -> Self {
        Self { chance, rough: false, cut: false, under_way: BTreeMap::new(), sent: 0 }
    }

    /// Sends a hint to a machine.
    pub(crate) fn send(&mut self, now: i64, to: usize, hint: Hint) {
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
            // Whoever forges hints is believed until the next look at most.
            let lie = if self.rough && self.chance.once_in(100) { 1 + self.chance.below(40) } else { 0 };
            let number = hint.number + u64::try_from(lie).expect("a small number");
            self.sent += 1;
            let due = now + i64::try_from(millis).expect("a few seconds") * 1_000;
            self.under_way.insert((due, self.sent), (to, Hint { number, ..hint }));
        }
    }

    /// The hints that have come, and to which machine.
    pub(crate) fn arrived(&mut self, now: i64) -> Vec<(usize, Hint)> {
        let later = self.under_way.split_off(&(now + 1, 0));
        std::mem::replace(&mut self.under_way, later).into_values().collect()
    }
}
