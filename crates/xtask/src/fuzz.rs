//! `cargo xtask fuzz`: attacks the parsers for a while. Guided by coverage where a C++ compiler can build libFuzzer,
//! which needs no nightly Rust; otherwise a blind run of mutations.
//! What is attacked, and what must hold, is in the package `fuzz/`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::UNIX_EPOCH;

use clap::Args;

use crate::place::Place;
use crate::step;
use crate::trouble::Trouble;

/// What makes rustc count the branches taken, for libFuzzer to read; all of it is in stable Rust.
const COVERAGE_FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                              -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                              -Cllvm-args=-sanitizer-coverage-pc-table \
                              -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";

/// Longest input, in octets; more than the longest message of the corpus.
const INPUT_BYTES_MAX: u32 = 16 * 1024;

/// Options of `cargo xtask fuzz`.
#[derive(Args)]
pub struct FuzzOptions {
    /// One target; all of them, one after the other, when none is named
    target: Option<String>,
    /// How long each target is attacked
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Mutate blindly even where coverage could guide
    #[arg(long)]
    blind: bool,
    /// The seed of the run, to repeat one
    #[arg(long)]
    seed: Option<u32>,
}

/// Attacks one target or all.
///
/// # Errors
/// [`Trouble::Broken`] when an input broke a target; [`Trouble::Option`] for an unknown target; those of the build.
pub fn run(place: &Place, options: &FuzzOptions) -> Result<(), Trouble> {
    let known = targets(place)?;
    let chosen: Vec<&String> = match &options.target {
        Some(wanted) => known.iter().filter(|name| *name == wanted).collect(),
        None => known.iter().collect(),
    };
    if chosen.is_empty() {
        return Err(Trouble::Option(format!("no such target; there are {known:?}")));
    }
    let seed = options.seed.unwrap_or_else(fresh_seed);
    let guided = !options.blind && step::succeeds(Command::new("c++").arg("--version"));
    if !guided && !options.blind {
        eprintln!("no C++ compiler here (apt-get install g++): without coverage, a blind run");
    }
    for target in chosen {
        let before = findings(place, target);
        let mut attack = if guided {
            coverage(place, target, options.seconds, seed)?
        } else {
            blind(place, target, options.seconds, seed)?
        };
        let done = step::run(&format!("{target}, seed {seed}"), attack.current_dir(place.root()));
        let new = findings(place, target).difference(&before).next().cloned();
        match (done, new) {
            (_, Some(input)) => return Err(Trouble::Broken { target: target.clone(), input }),
            (done, None) => done?,
        }
    }
    Ok(())
}

/// The command that lets libFuzzer attack a target, which is built first.
fn coverage(place: &Place, target: &str, seconds: u32, seed: u32) -> Result<Command, Trouble> {
    let host = host()?;
    let build_dir = place.target()?.join("fuzz");
    let mut build = place.cargo();
    build.args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    build.args(["--features", "coverage", "--bin", target, "--target", &host]);
    // The flags hold for this target only, not for build scripts: that is what naming the host as --target does.
    build
        .arg("--target-dir")
        .arg(&build_dir)
        .env("RUSTFLAGS", COVERAGE_FLAGS)
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    step::run(&format!("building {target}"), &mut build)?;
    // What libFuzzer learns stays in the target folder; the corpus of the project grows by hand.
    let learned = build_dir.join("learned").join(target);
    let kept = kept(place, target);
    for folder in [&learned, &kept] {
        std::fs::create_dir_all(folder).map_err(Trouble::file(folder))?;
    }
    let mut attack = Command::new(build_dir.join(host).join("release").join(target));
    attack.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={INPUT_BYTES_MAX}"));
    attack.arg(format!("-seed={seed}")).args(["-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"]);
    attack.arg(format!("-artifact_prefix={}/", kept.display()));
    let dictionary = place.join("fuzz/dictionaries").join(format!("{target}.dict"));
    if dictionary.is_file() {
        attack.arg(format!("-dict={}", dictionary.display()));
    }
    attack.arg(learned).arg(place.join("fuzz/corpus").join(target));
    Ok(attack)
}

/// The command of the blind run, which is built first.
fn blind(place: &Place, target: &str, seconds: u32, seed: u32) -> Result<Command, Trouble> {
    let build_dir = place.target()?.join("fuzz");
    let mut build = place.cargo();
    build.args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--bin", "blind"]);
    build.arg("--target-dir").arg(&build_dir);
    step::run("building the blind run", &mut build)?;
    let mut attack = Command::new(build_dir.join("release/blind"));
    attack.args([target, &seconds.to_string(), &seed.to_string()]);
    Ok(attack)
}

fn targets(place: &Place) -> Result<BTreeSet<String>, Trouble> {
    let folder = place.join("fuzz/fuzz_targets");
    let entries = std::fs::read_dir(&folder).map_err(Trouble::file(&folder))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    Ok(names.filter_map(|name| name.strip_suffix(".rs").map(str::to_owned)).collect())
}

/// Where inputs that broke a target are kept.
fn kept(place: &Place, target: &str) -> PathBuf {
    place.join("fuzz/artifacts").join(target)
}

fn findings(place: &Place, target: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(kept(place, target)).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().display().to_string()).collect()
}

/// The name of this machine's kind, as rustc says it.
fn host() -> Result<String, Trouble> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let answer = Command::new(rustc).arg("-vV").stderr(Stdio::inherit()).output();
    let answer = answer.map_err(|error| Trouble::NotStarted { program: "rustc".to_owned(), error })?;
    let said = String::from_utf8_lossy(&answer.stdout);
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    let missing = || Trouble::Unreadable { what: "rustc -vV".to_owned(), why: "names no host".to_owned() };
    host.map(str::to_owned).ok_or_else(missing)
}

/// A seed nobody chose; it is printed with the run, so the run can be repeated.
#[expect(clippy::disallowed_methods, reason = "a fresh seed must differ from run to run, and is printed")]
fn fresh_seed() -> u32 {
    std::time::SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.subsec_nanos() | 1)
}
