//! Runs storms over a pool from many seeds, on all processors: `simulate FIRST COUNT`; one seed and an endpoint tell what it met.
//! Ends with 1 when a storm did not end well, and names its seed.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use testkit::{Storm, Strength};

/// How often it says how far it has come, in storms.
const TOLD_EVERY: u64 = 500;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse::<u64>().expect("numbers"));
    let (first, count) = (numbers.next().unwrap_or(1), numbers.next().unwrap_or(1));
    if let Some(endpoint) = numbers.next() {
        tell(first, endpoint);
    }
    let (next, bad) = (AtomicU64::new(first), AtomicU64::new(0));
    let (posts, shown) = (AtomicU64::new(0), AtomicU64::new(0));
    let weather = || {
        while let seed = next.fetch_add(1, Ordering::Relaxed)
            && seed < first + count
        {
            let verdict = Storm::run(seed, Strength::default());
            posts.fetch_add(verdict.posts as u64, Ordering::Relaxed);
            shown.fetch_add(verdict.shown as u64, Ordering::Relaxed);
            let begun = seed - first + 1;
            if begun.is_multiple_of(TOLD_EVERY) {
                eprintln!("{begun} of {count} storms, {} of them bad", bad.load(Ordering::Relaxed));
            }
            if !verdict.faults.is_empty() {
                bad.fetch_add(1, Ordering::Relaxed);
                println!("seed {seed}: {:#?}", verdict.faults);
            }
        }
    };
    std::thread::scope(|scope| {
        (0..std::thread::available_parallelism().map_or(1, usize::from))
            .for_each(|_| drop(scope.spawn(weather)));
    });
    let [bad, posts, shown] = [bad, posts, shown].map(AtomicU64::into_inner);
    println!("{count} storms, {bad} of them bad; {posts} posts were kept and shown {shown} times");
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What an endpoint met in a storm.
fn tell(seed: u64, endpoint: u64) {
    let (pool, _) = Storm::weather(seed, Strength::default());
    for line in pool.lines().iter().filter(|line| line.endpoint as u64 == endpoint) {
        println!("{} {:?}", line.time, line.met);
    }
}
