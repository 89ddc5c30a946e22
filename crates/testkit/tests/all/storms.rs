//! Storms over a pool, each from its seed: whatever happens, everybody is back and has everything, and nobody what is not theirs.
//! These are short; `cargo xtask simulate` runs longer ones from as many seeds as asked.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use testkit::{Storm, Strength};

/// How many storms a test run weathers.
const SEEDS: u64 = 200;

/// As short as a storm can be in which servers are lost and come back.
const SHORT: Strength = Strength { machines: 3, people: 12, seconds: 9 };

#[test]
fn two_hundred_storms_end_well() {
    let (next, bad) = (AtomicU64::new(1), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let seed = next.fetch_add(1, Ordering::Relaxed)
                    && seed <= SEEDS
                {
                    let faults = Storm::run(seed, SHORT).faults;
                    if !faults.is_empty() {
                        bad.lock().expect("no storm panics here").push((seed, faults));
                    }
                }
            });
        }
    });
    let bad = bad.into_inner().expect("no storm panics here");
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn the_same_seed_gives_the_same_story() {
    let [first, second] = [7, 7].map(|seed| Storm::run(seed, Strength::default()));
    assert_eq!(first, second);
    assert!(first.posts > 50 && first.shown > 500, "{first:?}");
}
