//! `cargo xtask test`: everything that must be green, in the order that fails soonest.
//! It decides nothing itself: each step is a command anybody can run alone.

use std::process::{Command, Stdio};

use clap::Args;

use crate::place::Place;
use crate::tidy::{self, TidyOptions};
use crate::trouble::Trouble;
use crate::{counts, driver, measure, pages, schemathesis, setup, step, torture};

/// The modules of tests with foreign programs: the real client, Chromium, killed servers, strace, schemathesis, curl.
const FOREIGN: &[&str] =
    &["real_client::", "browser::", "killed::", "durable::", "schemathesis::", "guide::"];

/// Options of `cargo xtask test`.
#[derive(Args)]
pub struct TestOptions {
    /// Leave out the tests with real clients, browsers, killed servers, strace, schemathesis and curl, and what these need
    #[arg(long)]
    fast: bool,
    /// Run only tests whose name contains one of these
    filters: Vec<String>,
}

/// Runs all steps; the last one is `cargo test`, whose summary closes standard output.
///
/// # Errors
/// The first step that fails.
pub fn run(place: &Place, options: &TestOptions) -> Result<(), Trouble> {
    if !options.fast {
        step::timed("set-up", setup::packages)?;
    }
    setup::toolchain()?;
    step::run("formatting", aside(place.cargo().args(["fmt", "--all", "--check"])))?;
    let fuzz = ["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"];
    step::run("formatting of fuzz", aside(place.cargo().args(fuzz)))?;
    tidy::run(place, &TidyOptions::default())?;
    let node = pages::ready(place)?;
    pages::check(place, &node)?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    step::run("lints", aside(place.cargo().args(clippy)))?;
    step::run(
        "building the server",
        aside(place.cargo().args(["build", "--locked", "--package", "server"])),
    )?;
    if !options.fast && options.filters.is_empty() {
        counts::checked(place)?;
        torture::briefly(place)?;
        measure::measured(place, &node)?;
    }
    let mut tests = place.cargo();
    tests.args(["test", "--workspace", "--locked", "--"]).args(&options.filters);
    if options.fast {
        tests.args(FOREIGN.iter().flat_map(|module| ["--skip", module]));
    } else {
        tests.env("SIPE_CLIENT", driver::ready(place)?);
        tests.env("NODE", node.program());
        tests.env("SCHEMATHESIS", schemathesis::ready(place)?);
    }
    step::run("tests", &mut tests)?;
    eprintln!("everything is green");
    Ok(())
}

/// A command whose output is news, not the result: it goes to standard error.
fn aside(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::from(std::io::stderr()))
}
