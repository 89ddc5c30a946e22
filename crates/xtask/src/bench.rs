//! `cargo xtask bench`: what the server costs, measured beside a raw server in the same calls, and the pages with it.
//! How a thing is measured, the generator `causerie-load` knows; how much is too much, `bench/targets.rs`.

mod calls;
mod page;
mod targets;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::process::{Command, Stdio};

use clap::Args;
use serde_json::Value;

use crate::place::Place;
use crate::step;
use crate::trouble::Trouble;
use calls::{Call, FULL, USUAL};
use page::{Machine, Title};
use targets::{FULL_TARGETS, Figures, TARGETS, Target};

/// What is measured without --full, and with it.
const USUALLY: Suite = Suite {
    calls: &USUAL,
    targets: &TARGETS,
    title: Title { name: "Benchmarks", command: "cargo xtask bench" },
    page: "docs/benchmarks.md",
};
const AT_LENGTH: Suite = Suite {
    calls: &FULL,
    targets: &FULL_TARGETS,
    title: Title { name: "Benchmarks of large crowds", command: "cargo xtask bench --full" },
    page: "docs/benchmarks-full.md",
};

/// What is measured together, and the page that is written of it.
struct Suite {
    calls: &'static [Call],
    targets: &'static [Target],
    title: Title,
    page: &'static str,
}

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub struct BenchOptions {
    /// How often each thing is measured: the middle one counts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=99))]
    runs: u32,
    /// Measure crowds of 18,900 endpoints instead, whose people the first run makes; writes docs/benchmarks-full.md
    #[arg(long)]
    full: bool,
    /// Only these calls, by name, separated by commas; the page is printed and not written
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

/// Measures and writes the page.
///
/// # Errors
/// [`Trouble`]: what cannot be built, a call that fails, or in which a post was lost, doubled or reordered.
pub fn run(place: &Place, options: &BenchOptions) -> Result<(), Trouble> {
    let suite = if options.full { AT_LENGTH } else { USUALLY };
    let names: Vec<&str> = suite.calls.iter().map(|call| call.name).collect();
    if let Some(unknown) = options.only.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(Trouble::Option(format!(
            "--only: there is no {unknown:?}; there are {}",
            names.join(", ")
        )));
    }
    let calls: Vec<&Call> = suite.calls.iter().filter(|call| is_wanted(call, &options.only)).collect();
    let mut build = place.cargo();
    build.args(["build", "--release", "--locked", "--package", "server", "--package", "load"]);
    step::run("building server and generator", build.stdout(Stdio::from(std::io::stderr())))?;
    let target = place.target()?;
    let mut figures = Figures::default();
    for call in calls {
        for run in 0..if call.once { 1 } else { options.runs } {
            let name = format!("{}, run {}", call.name, run + 1);
            for line in step::timed(&name, || lines_of(call, &target))? {
                figures.add(call.name, line);
            }
        }
    }
    let page = page::page(&suite.title, &Machine::here(), suite.targets, &figures, options.runs);
    if !options.only.is_empty() {
        print!("{page}");
        return Ok(());
    }
    let file = place.join(suite.page);
    std::fs::write(&file, page).map_err(Trouble::file(&file))?;
    eprintln!("{} is written", suite.page);
    Ok(())
}

fn is_wanted(call: &Call, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|name| name == call.name)
}

/// What a call prints, a line for each thing that was measured.
fn lines_of(call: &Call, target: &Path) -> Result<Vec<Value>, Trouble> {
    let mut load = Command::new(target.join("release/causerie-load"));
    load.args(call.words).arg("--json").arg("--server").arg(target.join("release/causerie"));
    if let Some(data) = call.data {
        load.arg("--data").arg(target.join("bench").join(data));
    }
    std::fs::create_dir_all(target.join("bench")).map_err(Trouble::file(&target.join("bench")))?;
    let answer = load.stderr(Stdio::inherit()).output();
    let answer =
        answer.map_err(|error| Trouble::NotStarted { program: "causerie-load".to_owned(), error })?;
    if !answer.status.success() {
        return Err(Trouble::Failed { step: call.name.to_owned(), status: answer.status });
    }
    let text = String::from_utf8_lossy(&answer.stdout);
    let read = |line: &str| {
        serde_json::from_str(line).map_err(|error| Trouble::Unreadable {
            what: format!("a line of causerie-load for {}", call.name),
            why: error.to_string(),
        })
    };
    text.lines().map(read).collect()
}
