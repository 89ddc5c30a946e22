//! How long things took, counted in buckets a 64th wide, by many tasks at once.
//! Keeps no single time, so its memory does not grow.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// Buckets of one power of two.
const FINE: u64 = 64;
/// 64 buckets for each power of two from 64 us to 2^40 us (twelve days), one for each microsecond below.
const BUCKETS: usize = 64 * 36;

/// Counted times.
#[derive(Debug)]
pub struct Times {
    buckets: Box<[AtomicU64]>,
    count: AtomicU64,
    max: AtomicU64,
}

/// What a report says of times, in milliseconds.
#[derive(Clone, Copy, PartialEq, Default, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spread {
    /// Half took no longer.
    pub p50_ms: f64,
    /// Ninety of a hundred took no longer.
    pub p90_ms: f64,
    /// Ninety-five of a hundred took no longer.
    pub p95_ms: f64,
    /// Ninety-nine of a hundred took no longer.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// Counted times, to be carried from one process to another.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Counts {
    /// Bucket and count, where there is one.
    buckets: Vec<(usize, u64)>,
    max: u64,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
            count: AtomicU64::new(0),
            max: AtomicU64::new(0),
        }
    }
}

impl Times {
    /// Counts one time.
    pub fn enter(&self, micros: u64) {
        self.buckets[bucket(micros)].fetch_add(1, Ordering::Relaxed);
        self.count.fetch_add(1, Ordering::Relaxed);
        self.max.fetch_max(micros, Ordering::Relaxed);
    }

    /// How many were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let buckets = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).enumerate();
        let buckets = buckets.filter(|(_, count)| *count > 0).collect();
        Counts { buckets, max: self.max.load(Ordering::Relaxed) }
    }

    /// Adds what was counted elsewhere.
    pub fn add(&self, counts: &Counts) {
        for (index, count) in &counts.buckets {
            self.buckets[(*index).min(BUCKETS - 1)].fetch_add(*count, Ordering::Relaxed);
            self.count.fetch_add(*count, Ordering::Relaxed);
        }
        self.max.fetch_max(counts.max, Ordering::Relaxed);
    }

    /// What a report says.
    #[must_use]
    pub fn spread(&self) -> Spread {
        Spread {
            p50_ms: self.at(0.5),
            p90_ms: self.at(0.9),
            p95_ms: self.at(0.95),
            p99_ms: self.at(0.99),
            max_ms: rounded(self.max.load(Ordering::Relaxed)),
        }
    }

    /// The time that this share of all does not exceed, in milliseconds.
    fn at(&self, share: f64) -> f64 {
        let wanted = (self.count() as f64 * share).ceil() as u64;
        let mut passed = 0;
        for (index, bucket) in self.buckets.iter().enumerate() {
            passed += bucket.load(Ordering::Relaxed);
            if passed >= wanted {
                return rounded(upper(index).min(self.max.load(Ordering::Relaxed)));
            }
        }
        rounded(self.max.load(Ordering::Relaxed))
    }
}

fn bucket(micros: u64) -> usize {
    if micros < FINE {
        return micros as usize;
    }
    let power = micros.ilog2() - FINE.ilog2();
    let index = FINE * u64::from(power + 1) + (micros >> power) - FINE;
    (index as usize).min(BUCKETS - 1)
}

/// The longest time of a bucket.
fn upper(index: usize) -> u64 {
    let index = index as u64;
    if index < FINE {
        return index;
    }
    let power = index / FINE - 1;
    ((index % FINE + FINE + 1) << power) - 1
}

/// Milliseconds with three digits.
fn rounded(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}
