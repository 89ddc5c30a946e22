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
                of PostgreSQL on this machine; their endpoints are shared out among them, and the user model of 70,200 is carried by \
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
    /// Measure crowds of 19,000 endpoints, a pool's 70,200 and ten million posts instead, all of which the first run makes; writes docs/benchmarks-full.md
    #[arg(long)]
    full: bool,
    /// Only these calls, by name, separated by commas; the page is printed and not written
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

/// Measures and writes the page.
///
/// # Errors
/// [`Trouble`]: what cannot be built, and a call that fails. The page is written also when posts were lost, doubled or reordered,
/// or a target is not measured; then that is the trouble.
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
    let (mut figures, mut faults) = (Figures::default(), Vec::new());
    for call in calls {
        for run in 0..if call.once { 1 } else { options.runs } {
            let name = format!("{}, run {}", call.name, run + 1);
            let said = step::timed(&name, || call_once(call, &target))?;
            faults.extend(said.is_wrong.then(|| format!("{name}: posts were lost, doubled or reordered")));
            said.lines.into_iter().for_each(|line| figures.add(call.name, line));
        }
    }
    let page = page::page(&suite.title, &Machine::here(), suite.targets, &figures, options.runs);
    if !options.only.is_empty() {
        print!("{page}");
    } else {
        let file = place.join(suite.page);
        std::fs::write(&file, page).map_err(Trouble::file(&file))?;
        eprintln!("{} is written", suite.page);
        let unmeasured = suite.targets.iter().filter(|target| (target.of)(&figures).is_none());
        faults.extend(unmeasured.map(|target| format!("not measured: {}, {}", target.id, target.what)));
    }
    if faults.is_empty() { Ok(()) } else { Err(Trouble::Figures(faults)) }
}

fn build(place: &Place, what: &[&str]) -> Result<(), Trouble> {
    let mut build = place.cargo();
    build.args(["build", "--release", "--locked"]).args(what);
    step::run("building what is measured", build.stdout(Stdio::from(std::io::stderr())))
}

fn is_wanted(call: &Call, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|name| name == call.name)
}

/// What a call prints.
struct Said {
    /// One for each thing that was measured.
    lines: Vec<Value>,
    /// Whether it found that posts were lost, doubled or reordered.
    is_wrong: bool,
}

/// How the generator ends when it found that.
const WRONG: i32 = 1;

/// Measures once, and reads what it prints.
fn call_once(call: &Call, target: &Path) -> Result<Said, Trouble> {
    let bench = target.join("bench");
    std::fs::create_dir_all(&bench).map_err(Trouble::file(&bench))?;
    let answer = program_of(call, target, &bench).stderr(Stdio::inherit()).output();
    let answer = answer.map_err(|error| Trouble::NotStarted { program: call.name.to_owned(), error })?;
    let is_wrong = answer.status.code() == Some(WRONG) && !answer.stdout.is_empty();
    if !answer.status.success() && !is_wrong {
        return Err(Trouble::Failed { step: call.name.to_owned(), status: answer.status });
    }
    let text = String::from_utf8_lossy(&answer.stdout);
    let read = |line: &str| {
        serde_json::from_str(line).map_err(|error| Trouble::Unreadable {
            what: format!("a line for {}", call.name),
            why: error.to_string(),
        })
    };
    let lines = text.lines().map(read).collect::<Result<Vec<Value>, _>>()?;
    if is_wrong {
        // What the page has no column for is said here.
        eprintln!("{text}");
    }
    Ok(Said { lines, is_wrong })
}

/// The program that measures it, with all its words.
fn program_of(call: &Call, target: &Path, bench: &Path) -> Command {
    let release = target.join("release");
    let data = call.data.map(|data| bench.join(data));
    let mut command = match (call.of, &data) {
        (Subject::Store, _) => Command::new(release.join("examples/at_size")),
        (Subject::Pool { peers, .. }, Some(data)) => {
            let mut beside = Command::new(release.join("examples/beside"));
            beside.arg(data.join("database")).arg(peers).arg(release.join("causerie-load"));
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
