//! `cargo xtask bench`: what the server costs, measured beside a raw server in the same calls, and docs/benchmarks.md with it.
//! How a thing is measured, the generator `causerie-load` knows; how much is too much, `bench/targets.rs`.

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
use page::Machine;
use targets::{Figures, TARGETS};

/// The page that is written.
const PAGE: &str = "docs/benchmarks.md";

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub struct BenchOptions {
    /// How often each thing is measured: the middle one counts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=99))]
    runs: u32,
    /// Only these calls, by name, separated by commas; the page is printed and not written
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

/// A call of the generator.
struct Call {
    /// By what its lines are known.
    name: &'static str,
    words: &'static [&'static str],
    /// Where its people and rooms are kept, which need not be made again for the next run; calls may share them.
    data: Option<&'static str>,
    /// Whether one run is enough: what is counted there is no time.
    once: bool,
}

/// Posts of one author in a room of two.
const INGESTED: &str = "20000";

/// Posts of the room that is paged through and searched.
const STOCKED: &str = "100000";

/// Everything that is measured, the quick before the slow.
const CALLS: [Call; 10] = [
    Call {
        name: "room of 150",
        words: &["fanout", "--receivers", "150", "--posts", "1000", "--window", "1,16"],
        data: Some("room-of-150"),
        once: false,
    },
    Call {
        name: "room of 2,000",
        words: &["fanout", "--receivers", "2000", "--posts", "100", "--window", "1,4", "--way", "tcp"],
        data: Some("room-of-2-000"),
        once: false,
    },
    Call {
        name: "ingest",
        words: &[
            "fanout",
            "--receivers",
            "1",
            "--posts",
            INGESTED,
            "--window",
            "32",
            "--way",
            "tcp",
            "--no-raw",
        ],
        data: None,
        once: false,
    },
    Call {
        name: "user model",
        words: &["usermodel", "--people", "600", "--seconds", "30", "--way", "tcp"],
        data: Some("user-model"),
        once: false,
    },
    Call {
        name: "memory",
        words: &["memory", "--links", "600", "--rooms", "16", "--way", "tls"],
        data: Some("memory"),
        once: false,
    },
    Call {
        name: "joins",
        words: &["join", "--links", "600", "--rooms", "16", "--way", "tcp"],
        data: None,
        once: false,
    },
    Call {
        name: "sign-ons",
        words: &["signon", "--links", "600", "--way", "tls"],
        data: Some("sign-ons"),
        once: false,
    },
    Call {
        name: "paging",
        words: &["history", "--posts", STOCKED, "--clients", "1,4", "--way", "tls"],
        data: Some("archive"),
        once: false,
    },
    Call {
        name: "searches",
        words: &["search", "--posts", STOCKED, "--way", "tls"],
        data: Some("archive"),
        once: false,
    },
    Call { name: "kills", words: &["crash", "--rounds", "50"], data: None, once: true },
];

/// Measures and writes the page.
///
/// # Errors
/// [`Trouble`]: what cannot be built, a call that fails, or in which a post was lost, doubled or reordered.
pub fn run(place: &Place, options: &BenchOptions) -> Result<(), Trouble> {
    let names = CALLS.map(|call| call.name);
    if let Some(unknown) = options.only.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(Trouble::Option(format!(
            "--only: there is no {unknown:?}; there are {}",
            names.join(", ")
        )));
    }
    let calls: Vec<&Call> = CALLS.iter().filter(|call| is_wanted(call, &options.only)).collect();
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
    let page = page::page(&Machine::here(), &TARGETS, &figures, options.runs);
    if !options.only.is_empty() {
        print!("{page}");
        return Ok(());
    }
    let file = place.join(PAGE);
    std::fs::write(&file, page).map_err(Trouble::file(&file))?;
    eprintln!("{PAGE} is written");
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
