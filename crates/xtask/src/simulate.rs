//! `cargo xtask simulate`: storms over a pool of several servers in one process, from as many seeds as asked.
//! The storms themselves, and what is asked of them, are in the crate `testkit`; 200 short ones run with its tests.

use std::process::Command;

use clap::Args;

use crate::place::Place;
use crate::step;
use crate::trouble::Trouble;

/// Options of `cargo xtask simulate`.
#[derive(Args)]
pub struct SimulateOptions {
    /// How many seeds
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Print what this endpoint meets in the storm of the first seed
    #[arg(long, value_name = "ENDPOINT")]
    tell: Option<u64>,
}

/// Runs the storms, optimised; each that does not end well is printed with its seed, which gives the same storm again.
///
/// # Errors
/// [`Trouble::Failed`] when one does not end well, [`Trouble::NotStarted`] when cargo cannot be started.
pub fn run(place: &Place, options: &SimulateOptions) -> Result<(), Trouble> {
    let mut simulate = Command::new("cargo");
    simulate.current_dir(place.root());
    simulate.args(["run", "--quiet", "--release", "-p", "testkit", "--example", "simulate", "--"]);
    simulate.args([options.first.to_string(), options.seeds.to_string()]);
    simulate.args(options.tell.map(|endpoint| endpoint.to_string()));
    step::run("simulate", &mut simulate)
}
