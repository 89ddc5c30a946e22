//! `cargo xtask measure`: how quick the browser is at a large pool, with the optimised program and nobody else on the machine.
//! What is measured, and how quick it must be, the walk `measure.rooms` knows.

use std::process::Stdio;

use crate::pages;
use crate::place::Place;
use crate::trouble::Trouble;
use crate::{setup, step};

/// Builds what is measured, and measures it.
///
/// # Errors
/// What is missing on this machine; something takes too long.
pub fn run(place: &Place) -> Result<(), Trouble> {
    step::timed("set-up", setup::packages)?;
    measured(place, &pages::ready(place)?)
}

/// Measures with this node.
///
/// # Errors
/// As [`run`].
pub fn measured(place: &Place, node: &pages::Node) -> Result<(), Trouble> {
    let mut story = step::alone(place, "measure")?;
    step::run("measure", story.env("NODE", node.program()).stdout(Stdio::from(std::io::stderr())))
}
