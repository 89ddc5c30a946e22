//! What one receiver got of the numbered posts of a run: each must come once, in order.
//! Judges numbers alone; how they travel is not its business.

use std::collections::BTreeSet;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::limits::MISSING_KEPT_MAX;

/// The account of one receiver.
#[derive(Clone, Default, Debug)]
pub struct Ledger {
    next: u32,
    /// Numbers that were passed over, as far as they are remembered.
    missing: BTreeSet<u32>,
    /// Those passed over beyond what is remembered.
    missing_more: u64,
    doubled: u64,
    reordered: u64,
    /// The first thing that was wrong.
    first: Option<Wrong>,
}

/// The first thing that was wrong at a receiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// This number was passed over.
    Missing(u32),
    /// This number came again.
    Doubled(u32),
}

/// What was wrong at all receivers together.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Findings {
    /// Posts that did not come.
    pub missing: u64,
    /// Posts that came more than once.
    pub doubled: u64,
    /// Posts that came after one that was posted later.
    pub reordered: u64,
    /// Posts that should not have come at all.
    pub foreign: u64,
}

impl Ledger {
    /// A post came; whether for the first time.
    pub fn enter(&mut self, number: u32) -> bool {
        if number >= self.next {
            for missing in self.next..number {
                self.pass_over(missing);
            }
            self.next = number + 1;
        } else if self.missing.remove(&number) {
            self.reordered += 1;
        } else {
            self.doubled += 1;
            self.first.get_or_insert(Wrong::Doubled(number));
            return false;
        }
        true
    }

    /// The number after the highest that came.
    #[must_use]
    pub fn next(&self) -> u32 {
        self.next
    }

    /// The first thing that was wrong.
    #[must_use]
    pub fn first(&self) -> Option<Wrong> {
        self.first
    }

    /// The findings after a run of so many posts.
    #[must_use]
    pub fn findings(&self, posts: u32) -> Findings {
        let never = u64::from(posts.saturating_sub(self.next));
        Findings {
            missing: self.missing.len() as u64 + self.missing_more + never,
            doubled: self.doubled,
            reordered: self.reordered,
            foreign: 0,
        }
    }

    fn pass_over(&mut self, number: u32) {
        self.first.get_or_insert(Wrong::Missing(number));
        if self.missing.len() < MISSING_KEPT_MAX {
            self.missing.insert(number);
        } else {
            self.missing_more += 1;
        }
    }
}

impl Findings {
    /// Whether nothing was wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }
}

impl AddAssign for Findings {
    fn add_assign(&mut self, other: Self) {
        self.missing += other.missing;
        self.doubled += other.doubled;
        self.reordered += other.reordered;
        self.foreign += other.foreign;
    }
}
