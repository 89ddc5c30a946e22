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
use crate::trouble::Trouble;
use crate::{setup, step};
use calls::{Call, FULL, Subject, USUAL};
use page::{Machine, Title};
use targets::{FULL_TARGETS, Figures, TARGETS, Target};

/// What is measured without --full, and with it.
const USUALLY: Suite = Suite {
    calls: &USUAL,
    targets: &TARGETS,
    title: Title {
        name: "Benchmarks",
        command: "cargo xtask bench",
        about: "The times of paging are those of a page.",
    },
    page: "docs/benchmarks.md",
};
const AT_LENGTH: Suite = Suite {
    calls: &FULL,
    targets: &FULL_TARGETS,
    title: Title {
        name: "Benchmarks of large crowds",
        command: "cargo xtask bench --full",
        about: "With a window of 0 the next post waits until everybody has the one before. The servers of a pool share one database \
                of PostgreSQL on this machine; their endpoints are shared out among them, and the user model of 69,000 is carried by \
                five processes of the generator, since a process may open 20,000 files here.",
    },
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
    /// Measure crowds of 18,900 endpoints and a pool's 69,000 instead, whose people the first run makes; writes docs/benchmarks-full.md
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
    build(place, &["--package", "server", "--package", "load"])?;
    if calls.iter().any(|call| matches!(call.of, Subject::Pool { .. })) {
        step::timed("set-up", setup::packages)?;
        build(place, &["--package", "cluster", "--example", "beside"])?;
    }
    if calls.iter().any(|call| call.of == Subject::Store) {
        build(place, &["--package", "store", "--example", "at_size"])?;
    }
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

fn build(place: &Place, what: &[&str]) -> Result<(), Trouble> {
    let mut build = place.cargo();
    build.args(["build", "--release", "--locked"]).args(what);
    step::run("building what is measured", build.stdout(Stdio::from(std::io::stderr())))
}

fn is_wanted(call: &Call, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|name| name == call.name)
}

/// What a call prints, a line for each thing that was measured.
fn lines_of(call: &Call, target: &Path) -> Result<Vec<Value>, Trouble> {
    let bench = target.join("bench");
    std::fs::create_dir_all(&bench).map_err(Trouble::file(&bench))?;
    let answer = program_of(call, target, &bench).stderr(Stdio::inherit()).output();
    let answer = answer.map_err(|error| Trouble::NotStarted { program: call.name.to_owned(), error })?;
    if !answer.status.success() {
        return Err(Trouble::Failed { step: call.name.to_owned(), status: answer.status });
    }
    let text = String::from_utf8_lossy(&answer.stdout);
    let read = |line: &str| {
        serde_json::from_str(line).map_err(|error| Trouble::Unreadable {
            what: format!("a line for {}", call.name),
            why: error.to_string(),
        })
    };
    text.lines().map(read).collect()
}

/// The program that measures it, with all its words.
fn program_of(call: &Call, target: &Path, bench: &Path) -> Command {
    let release = target.join("release");
    let data = call.data.map(|data| bench.join(data));
    let mut command = match (call.of, &data) {
        (Subject::Store, _) => Command::new(release.join("examples/at_size")),
        (Subject::Pool { way, .. }, Some(data)) => {
            let mut beside = Command::new(release.join("examples/beside"));
            beside.arg(data.join("database")).arg(way).arg(release.join("causerie-load"));
            beside
        }
        _ => Command::new(release.join("causerie-load")),
    };
    command.args(call.words);
    if call.of != Subject::Store {
        command.arg("--json").arg("--server").arg(release.join("causerie"));
    }
    if let Subject::Pool { servers, .. } = call.of {
        command.args(["--servers", servers]);
    }
    if let Some(data) = data {
        // What the servers of a pool keep for themselves lies beside their database.
        let own = if matches!(call.of, Subject::Pool { .. }) { data.join("servers") } else { data };
        command.arg("--data").arg(own);
    }
    command
}
