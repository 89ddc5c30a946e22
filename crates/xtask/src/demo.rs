//! `cargo xtask demo`: builds the server and becomes it.
//! What a demo organisation is, `causerie demo` knows.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use clap::Args;

use crate::place::Place;
use crate::trouble::Trouble;
use crate::{pages, step};

/// Options of `cargo xtask demo`.
#[derive(Args)]
pub struct DemoOptions {
    /// Build with optimisation; takes minutes longer
    #[arg(long)]
    release: bool,
    /// Options for `causerie demo`, for example `--data DIR` or `--password PW`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Builds the browser client, if that can be done, and `causerie`, and replaces this process by `causerie demo`, so that signals reach the server itself.
///
/// # Errors
/// Those of the build, or that the program cannot be started. Returns in no other case.
pub fn run(place: &Place, options: &DemoOptions) -> Result<(), Trouble> {
    if let Err(trouble) = pages::ready(place) {
        eprintln!("the demo goes on without the browser client: {trouble}");
    }
    let mut build = place.cargo();
    build.args(["build", "--locked", "--package", "server"]).stdout(Stdio::from(std::io::stderr()));
    if options.release {
        build.arg("--release");
    }
    step::run("building the server", &mut build)?;
    let folder = if options.release { "release" } else { "debug" };
    let program = place.target()?.join(folder).join("causerie");
    let error = Command::new(&program).arg("demo").args(&options.arguments).exec();
    Err(Trouble::NotStarted { program: program.display().to_string(), error })
}
