//! One step of a command: announced on standard error, run to its end, timed.
//! Standard output belongs to the program that is run, so that a caller can read its last lines.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::place::Place;
use crate::trouble::Trouble;

/// Runs `command` and waits for it.
///
/// # Errors
/// [`Trouble::NotStarted`] when there is no such program, [`Trouble::Failed`] when it ends with a failure.
pub fn run(name: &str, command: &mut Command) -> Result<(), Trouble> {
    timed(name, || {
        let status =
            command.status().map_err(|error| Trouble::NotStarted { program: program_of(command), error })?;
        if status.success() { Ok(()) } else { Err(Trouble::Failed { step: name.to_owned(), status }) }
    })
}

/// Does `work` as a step called `name`.
///
/// # Errors
/// Those of `work`.
pub fn timed<T>(name: &str, work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    eprintln!("==> {name}");
    let start = now();
    let done = work();
    let took = start.elapsed().as_secs_f64();
    match &done {
        Ok(_) => eprintln!("<== {name}: {took:.1} s"),
        Err(_) => eprintln!("<== {name}: FAILED after {took:.1} s"),
    }
    done
}

/// A story of the server's that is told alone on the machine: program and people are optimised, so that these take nothing from that.
///
/// # Errors
/// The program cannot be built.
pub fn alone(place: &Place, name: &str) -> Result<Command, Trouble> {
    let story = ["test", "--release", "--locked", "--package", "server", "--test", name];
    let mut build = place.cargo();
    build.args(story).arg("--no-run");
    run("building the optimised server", build.stdout(Stdio::from(std::io::stderr())))?;
    let mut told = place.cargo();
    told.args(story).args(["--", "--nocapture"]);
    Ok(told)
}

/// Whether a program can be started and succeeds; what it prints is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|answer| answer.status.success())
}

/// The present moment, for measuring how long something took.
#[expect(
    clippy::disallowed_methods,
    reason = "this crate times programs it starts; no test pauses its clock"
)]
pub fn now() -> Instant {
    Instant::now()
}

fn program_of(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}
