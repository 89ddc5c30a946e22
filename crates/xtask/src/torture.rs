//! `cargo xtask torture`: the story of the suffering pool for as long as asked; `cargo xtask test` tells it once.
//! Does nothing to servers itself.

use std::process::Stdio;

use clap::Args;

use crate::place::Place;
use crate::trouble::Trouble;
use crate::{setup, step};

/// The story's target.
const TARGET: &str = "torture";

/// Options of `cargo xtask torture`.
#[derive(Args)]
pub struct TortureOptions {
    /// Go on for at least so many minutes
    #[arg(long, default_value_t = 30)]
    minutes: u32,
    /// Choose servers by this seed
    #[arg(long)]
    seed: Option<u64>,
    /// Only these faults, in this order, separated by commas: Killed, OffBroker, Frozen, DatabaseDies, OffDatabaseShortly, Drained,
    /// OffDatabase
    #[arg(long)]
    faults: Option<String>,
}

/// Kills, stops, drains and cuts off servers of a pool under people who post, and looks whether anything is lost.
///
/// # Errors
/// What is missing on this machine; that something was lost, doubled, reordered or late.
pub fn run(place: &Place, options: &TortureOptions) -> Result<(), Trouble> {
    step::timed("set-up", setup::packages)?;
    let mut story = step::alone(place, TARGET)?;
    story.env("TORTURE_MINUTES", options.minutes.to_string());
    if let Some(seed) = options.seed {
        story.env("TORTURE_SEED", seed.to_string());
    }
    if let Some(faults) = &options.faults {
        story.env("TORTURE_FAULTS", faults);
    }
    step::run("torture", &mut story)
}

/// Every fault once.
///
/// # Errors
/// As [`run`].
pub fn briefly(place: &Place) -> Result<(), Trouble> {
    step::run("torture", step::alone(place, TARGET)?.stdout(Stdio::from(std::io::stderr())))
}
