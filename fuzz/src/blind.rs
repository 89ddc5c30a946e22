//! A mutation run without coverage, for machines that have no C++ compiler: `blind TARGET SECONDS SEED`.
//! It learns nothing from an input; the same seed and corpus try the same inputs in the same order.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use causerie_fuzz::targets::{TARGETS, Target};

/// An input that takes longer than this is a finding: the parsers are meant for microseconds.
const HANG: Duration = Duration::from_secs(10);
/// Longest input tried, in octets; more than the longest message of the corpus.
const INPUT_BYTES_MAX: usize = 16 * 1024;
/// Most changes made to one seed.
const CHANGES_MAX: u64 = 8;
/// How many inputs are tried between two looks at the clock.
const ROUND: u32 = 256;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let parsed = match arguments.as_slice() {
        [target, seconds, seed] => {
            let found = TARGETS.iter().find(|(name, _)| name == target);
            found.zip(seconds.parse().ok()).zip(seed.parse().ok())
        }
        _ => None,
    };
    let Some((((name, target), seconds), seed)) = parsed else {
        eprintln!("usage: blind TARGET SECONDS SEED");
        return ExitCode::from(2);
    };
    run(name, *target, Duration::from_secs(seconds), seed)
}

fn run(name: &str, target: Target, limit: Duration, seed: u64) -> ExitCode {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let seeds = corpus(&home.join("corpus").join(name));
    println!(
        "{name}: blind for {} s from seed {seed}, {} inputs in the corpus",
        limit.as_secs(),
        seeds.len()
    );
    let current = Arc::new(Mutex::new(Vec::new()));
    let tried = Arc::new(AtomicU64::new(0));
    let kept = home.join("artifacts").join(name);
    watch(Arc::clone(&current), Arc::clone(&tried), kept.clone());
    let mut dice = Dice(seed);
    let start = now();
    for input in &seeds {
        if !holds(target, input) {
            return found(&kept, "panic", input);
        }
    }
    while start.elapsed() < limit {
        for _ in 0..ROUND {
            let input = mutated(&seeds, &mut dice);
            current.lock().expect("no holder of this lock panics").clone_from(&input);
            if !holds(target, &input) {
                return found(&kept, "panic", &input);
            }
            tried.fetch_add(1, Ordering::Relaxed);
        }
    }
    println!("{name}: {} inputs, none broke it", tried.load(Ordering::Relaxed));
    ExitCode::SUCCESS
}

#[expect(clippy::disallowed_methods, reason = "the run is as long as the person who started it says")]
fn now() -> Instant {
    Instant::now()
}

/// Ends the process when one input keeps the target busy for too long.
fn watch(current: Arc<Mutex<Vec<u8>>>, tried: Arc<AtomicU64>, kept: PathBuf) {
    thread::spawn(move || {
        let mut before = None;
        loop {
            thread::park_timeout(HANG);
            let now = tried.load(Ordering::Relaxed);
            if before == Some(now) {
                let input = current.lock().expect("no holder of this lock panics").clone();
                found(&kept, "hang", &input);
                std::process::exit(1);
            }
            before = Some(now);
        }
    });
}

fn holds(target: Target, input: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| target(input))).is_ok()
}

/// Keeps the input that broke the target.
fn found(folder: &Path, what: &str, input: &[u8]) -> ExitCode {
    // FNV-1a, so that the same finding has the same name.
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| {
        (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3)
    });
    let file = folder.join(format!("{what}-{hash:016x}"));
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&file, input));
    match written {
        Ok(()) => eprintln!("{what}: input kept in {}", file.display()),
        Err(error) => eprintln!("{what}: input could not be kept ({error}): {input:?}"),
    }
    ExitCode::FAILURE
}

/// The inputs of the corpus in the order of their names; at least the empty one.
fn corpus(folder: &Path) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut seeds: Vec<Vec<u8>> = files.iter().filter_map(|file| std::fs::read(file).ok()).collect();
    seeds.push(Vec::new());
    seeds
}

fn mutated(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut input = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.next() % CHANGES_MAX {
        change(&mut input, seeds, dice);
    }
    input.truncate(INPUT_BYTES_MAX);
    input
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(input.len() + 1);
    let end = at + dice.below((input.len() - at).min(64) + 1);
    match dice.next() % 8 {
        0 if at < input.len() => input[at] ^= 1 << dice.below(8),
        1 if at < input.len() => input[at] = dice.octet(),
        2 => input.insert(at, dice.octet()),
        3 => drop(input.drain(at..end)),
        4 => {
            let again = input[at..end].to_vec();
            let times = 1 + dice.below(16);
            input.splice(at..at, again.repeat(times));
        }
        5 => {
            // A piece of another seed.
            let other = &seeds[dice.below(seeds.len())];
            let from = dice.below(other.len() + 1);
            let to = from + dice.below((other.len() - from).min(256) + 1);
            input.splice(at..end, other[from..to].iter().copied());
        }
        6 => input.truncate(at),
        _ => {
            let words: [&[u8]; 12] = [
                b"\r\n",
                b"\r\n\r\n",
                b"\0",
                b"<",
                b">",
                b"&#x10FFFF;",
                b"\"",
                b";",
                b"99999999999999999999",
                b"-1",
                b"\xff\xfe",
                b"\xf0\x9f\x98\x80",
            ];
            input.splice(at..end, words[dice.below(words.len())].iter().copied());
        }
    }
}

/// Numbers that follow from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn octet(&mut self) -> u8 {
        self.next() as u8
    }
}
