//! The driver of the real client: a small C program, built from `clients/sipe-client` into the target folder.
//! It does not start the driver; `client.rs` and `real_client.rs` do.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::place::Place;
use crate::trouble::Trouble;
use crate::{setup, step};

/// The driver's program, built anew when its source is newer, with everything it needs installed.
///
/// # Errors
/// Those of [`setup::packages`], or the build's.
pub fn ready(place: &Place) -> Result<PathBuf, Trouble> {
    setup::packages()?;
    let out = place.target()?.join("sipe-client");
    std::fs::create_dir_all(&out).map_err(Trouble::file(&out))?;
    let program = out.join("sipe-client");
    let mut make = Command::new("make");
    make.current_dir(place.join("clients/sipe-client")).arg("--silent").arg(format!("OUT={}", out.display()));
    // `make --question` succeeds when there is nothing to do: no step is announced then.
    let mut question = Command::new("make");
    question
        .current_dir(place.join("clients/sipe-client"))
        .arg("--question")
        .arg(format!("OUT={}", out.display()));
    if !step::succeeds(&mut question) {
        step::run("building the driver of the real client", make.stdout(Stdio::from(std::io::stderr())))?;
    }
    Ok(program)
}
