//! The workshop of the project: `cargo xtask COMMAND` builds, checks, tries and attacks the server.
//! Nothing here is part of the server, and nothing of the server is linked in: it is started as a stranger would.
//!
//! | File | What it is for |
//! | --- | --- |
//! | `place.rs` | where the project and its target folder are |
//! | `step.rs` | one step of a command: announced, run, timed |
//! | `trouble.rs` | what can go wrong in this crate |
//! | `setup.rs` | packages and toolchain parts the tests need |
//! | `pages.rs` | builds, checks and tests the browser client, and finds or installs node |
//! | `driver.rs` | builds the driver of the real client |
//! | `schemathesis.rs` | installs the program that attacks the API |
//! | `test.rs` | `cargo xtask test` |
//! | `demo.rs` | `cargo xtask demo` |
//! | `client.rs`, `client/` | `cargo xtask client`: a person at a keyboard behind the real client |
//! | `real_client.rs` | `cargo xtask real-client`: the acceptance walk, as often as asked |
//! | `torture.rs` | `cargo xtask torture`: a pool whose servers are killed under people who post |
//! | `bench.rs`, `bench/` | `cargo xtask bench`: what the server costs, beside a raw server |
//! | `measure.rs` | `cargo xtask measure`: how quick the browser is at a large pool |
//! | `counts.rs`, `counts/` | `cargo xtask counts`: what the codecs of the hot path cost, in instructions |
//! | `fuzz.rs` | `cargo xtask fuzz` |
//! | `simulate.rs` | `cargo xtask simulate`: several servers in one process, in storms from seeds |
//! | `tidy.rs`, `tidy/` | `cargo xtask tidy`: the shape of the house |
//!
//! It starts threads in `client.rs` only: one reading the keyboard, one reading the driver.

mod bench;
mod client;
mod counts;
mod demo;
mod driver;
mod fuzz;
mod measure;
mod pages;
mod place;
mod real_client;
mod schemathesis;
mod setup;
mod simulate;
mod step;
mod test;
mod tidy;
mod torture;
mod trouble;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::place::Place;
use crate::trouble::Trouble;

/// Builds, checks and tries Causerie.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what the tests need (as root), or say what is missing and how to install it
    Setup,
    /// Everything that must be green: set-up, formatting, lints, tidy, all tests
    Test(test::TestOptions),
    /// Check the shape of the house: crate table, limits, module heads, links
    Tidy(tidy::TidyOptions),
    /// Build the browser client, and the server with it
    Build(pages::BuildOptions),
    /// Build the server and start a demo organisation; further options go to `causerie demo`
    Demo(demo::DemoOptions),
    /// Sign on with the real pidgin-sipe client and chat from this terminal
    Client(client::ClientOptions),
    /// Build the driver of the real client and print its path
    Driver,
    /// Install schemathesis, which asks the API what its document allows, and print its path
    Schemathesis,
    /// Walk two real clients through the acceptance steps against a running server
    RealClient(real_client::RealClientOptions),
    /// Kill, stop, drain and cut off servers of a pool under people who post, for as long as asked
    Torture(torture::TortureOptions),
    /// Measure what the server costs beside a raw server, and write docs/benchmarks.md
    Bench(bench::BenchOptions),
    /// Measure how quick the browser is with a thousand rooms and a hundred thousand messages
    Measure,
    /// Count the instructions and allocations of the codecs of the hot path, and compare with what is written down
    Counts(counts::CountsOptions),
    /// Attack the parsers: coverage-guided where a C++ compiler exists, blindly otherwise
    Fuzz(fuzz::FuzzOptions),
    /// Storms over a pool of several servers in one process: everybody must be back and have everything
    Simulate(simulate::SimulateOptions),
}

fn main() -> ExitCode {
    let line = Line::parse();
    let done = Place::find().and_then(|place| run(line.command, &place));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("xtask: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, place: &Place) -> Result<(), Trouble> {
    match command {
        Command::Setup => setup::packages().and_then(|()| setup::toolchain()),
        Command::Test(options) => test::run(place, &options),
        Command::Tidy(options) => tidy::run(place, &options),
        Command::Build(options) => pages::build(place, &options),
        Command::Demo(options) => demo::run(place, &options),
        Command::Client(options) => client::run(place, &options),
        Command::Driver => {
            println!("{}", driver::ready(place)?.display());
            Ok(())
        }
        Command::Schemathesis => {
            println!("{}", schemathesis::ready(place)?.display());
            Ok(())
        }
        Command::RealClient(options) => real_client::run(place, &options),
        Command::Torture(options) => torture::run(place, &options),
        Command::Bench(options) => bench::run(place, &options),
        Command::Measure => measure::run(place),
        Command::Counts(options) => counts::run(place, &options),
        Command::Fuzz(options) => fuzz::run(place, &options),
        Command::Simulate(options) => simulate::run(place, &options),
    }
}
