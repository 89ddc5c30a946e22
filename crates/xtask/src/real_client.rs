//! `cargo xtask real-client`: the acceptance walk of two real clients, against a server that is already running.
//! The steps themselves are in `clients/sipe-client/acceptance.py`.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::client::{Transport, Trust};
use crate::place::Place;
use crate::trouble::Trouble;
use crate::{driver, step};

/// Options of `cargo xtask real-client`.
#[derive(Args)]
pub struct RealClientOptions {
    /// Where the server listens, HOST:PORT
    #[arg(long)]
    server: String,
    /// How to reach it
    #[arg(long, value_enum, default_value_t = Transport::Tls)]
    transport: Transport,
    /// The certificate to trust: the server's `ca.pem`, or a folder that holds it
    #[arg(long, value_name = "FILE|DIR")]
    ca: Option<PathBuf>,
    /// First person, as address:password
    #[arg(long, value_name = "USER:PASSWORD")]
    user1: String,
    /// Second person, as address:password
    #[arg(long, value_name = "USER:PASSWORD")]
    user2: String,
    /// A room both may enter
    #[arg(long)]
    room: String,
    /// How many walks, one after the other
    #[arg(long, default_value_t = 1)]
    times: u32,
    /// Longest wait of one step, in seconds
    #[arg(long, default_value_t = 10)]
    timeout: u32,
    /// Keep the plugin's logs as PREFIX-alice.log and so on
    #[arg(long, value_name = "PREFIX")]
    debug: Option<PathBuf>,
}

/// Walks `times` times; stops at the first walk that fails.
///
/// # Errors
/// Those of the driver's build, an unusable `--ca`, or [`Trouble::Failed`] when a step of a walk fails.
pub fn run(place: &Place, options: &RealClientOptions) -> Result<(), Trouble> {
    let driver = driver::ready(place)?;
    let trust = options.ca.as_deref().map(|ca| Trust::of(ca, place)).transpose()?;
    for time in 1..=options.times {
        let mut walk = Command::new("python3");
        walk.current_dir(place.root()).env("SIPE_CLIENT", &driver).env("PYTHONDONTWRITEBYTECODE", "1");
        walk.arg(place.join("clients/sipe-client/acceptance.py"));
        walk.args(["--server", &options.server, "--transport", options.transport.name()]);
        walk.args(["--user1", &options.user1, "--user2", &options.user2, "--room", &options.room]);
        walk.args(["--timeout", &options.timeout.to_string()]);
        if let Some(trust) = &trust {
            walk.arg("--ca-dir").arg(trust.folder());
        }
        if let Some(debug) = &options.debug {
            walk.arg("--debug").arg(debug);
        }
        step::run(&format!("walk {time} of {}", options.times), &mut walk)?;
    }
    Ok(())
}
