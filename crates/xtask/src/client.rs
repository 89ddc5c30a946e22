//! `cargo xtask client`: a person at a keyboard (or one line given as an option) behind the real pidgin-sipe client.
//! It does not speak SIP: the plugin does, and the driver reports what its user would see.

mod session;
mod story;
#[cfg(test)]
mod tests;
mod trust;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::{Args, ValueEnum};

pub use self::trust::Trust;
use crate::driver;
use crate::place::Place;
use crate::trouble::Trouble;

/// How the client reaches the server.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Transport {
    /// TLS, what everybody should use.
    Tls,
    /// Plain TCP, for loopback.
    Tcp,
}

impl Transport {
    /// The driver's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Transport::Tls => "tls",
            Transport::Tcp => "tcp",
        }
    }
}

impl std::fmt::Display for Transport {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())
    }
}

/// Options of `cargo xtask client`.
#[derive(Args)]
#[command(
    after_help = "Commands while it runs: rooms, join NAME, say TEXT (in the room joined last), send ROOM TEXT, \
                        participants ROOM, leave ROOM, quit. A name with spaces stands in quotes after `send`."
)]
pub struct ClientOptions {
    /// Who signs on, for example alice@example.com
    #[arg(long)]
    user: String,
    /// The password; better in the environment, where other users of the machine cannot read it
    #[arg(long, env = "CAUSERIE_PASSWORD", hide_env_values = true)]
    password: String,
    /// Where the server listens, HOST:PORT
    #[arg(long)]
    server: String,
    /// How to reach it
    #[arg(long, value_enum, default_value_t = Transport::Tls)]
    transport: Transport,
    /// The certificate to trust: the server's `ca.pem`, or a folder that holds it
    #[arg(long, value_name = "FILE|DIR")]
    ca: Option<PathBuf>,
    /// Join this room first
    #[arg(long)]
    room: Option<String>,
    /// Say this in the room, wait until it comes back, and quit
    #[arg(long, requires = "room", value_name = "TEXT")]
    say: Option<String>,
    /// Print the driver's events as JSON, one per line
    #[arg(long)]
    json: bool,
    /// How long an answer may take, in seconds
    #[arg(long, default_value_t = 15, value_name = "SECONDS")]
    timeout: u64,
    /// Keep the plugin's whole log, with every SIP message, in this file
    #[arg(long, value_name = "FILE")]
    debug: Option<PathBuf>,
}

/// Builds the driver, signs on and runs the session to its end.
///
/// # Errors
/// Those of the driver's build, an unusable `--ca`, or [`Trouble::Client`] with what the person asked for and did
/// not get.
pub fn run(place: &Place, options: &ClientOptions) -> Result<(), Trouble> {
    let program = driver::ready(place)?;
    let trust = options.ca.as_deref().map(|ca| Trust::of(ca, place)).transpose()?;
    let mut command = Command::new(&program);
    command.args([
        "--user",
        &options.user,
        "--server",
        &options.server,
        "--transport",
        options.transport.name(),
    ]);
    if let Some(trust) = &trust {
        command.arg("--ca-dir").arg(trust.folder());
    }
    if let Some(debug) = &options.debug {
        command.arg("--debug").arg(debug);
    }
    // The password goes through the environment, which only the same user can read; the plugin needs a UTF-8 locale.
    command.env("SIPE_PASSWORD", &options.password).env("LC_ALL", "C.UTF-8");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let driver = command
        .spawn()
        .map_err(|error| Trouble::NotStarted { program: program.display().to_string(), error })?;
    let patience = Duration::from_secs(options.timeout);
    session::Session::new(driver, options.json, patience).run(options.room.as_deref(), options.say.as_deref())
}
