//! The program `causerie`: reads its command line, does one thing, says how it went by its exit code.
//! Everything with a name of the field lives in the crates below; here is only wiring.
//!
//! | file | what |
//! | --- | --- |
//! | `cli.rs`, `cli/` | the command line, and printing what came of it |
//! | `data.rs` | the data directory: whose it is, what it is on, who has it |
//! | `seat.rs` | where its store is: a file there, or a database; passwords of databases |
//! | `moving.rs` | carrying a store to a database, and back |
//! | `house.rs` | what stands in it: store, key, identity; founding and opening |
//! | `certificate.rs`, `certificate/` | the private certificate authority and the server's certificate |
//! | `preflight.rs`, `preflight/`, `file_system.rs` | whether a machine has what the server needs |
//! | `join.rs`, `join/` | what a machine gets that joins the deployment, and asking for it |
//! | `machine.rs` | which machine of the topology this is |
//! | `settings.rs` | the settings file |
//! | `socket.rs` | administration of a running server |
//! | `service.rs` | the server as a service of this machine |
//! | `serve.rs`, `demo.rs` | the server, and a demo organisation |
//! | `deployment.rs`, `replica.rs` | what the topology says this machine is; the copy of it here |
//! | `restart.rs` | what was published and waits for a restart |
//! | `watched.rs` | numbers and remarks of this crate's parts, for whoever watches the server |
//! | `survey.rs`, `hosts.rs` | what this machine sees of a topology; addresses of names |
//! | `clock.rs` | the machine's time and randomness |
//! | `trouble.rs` | why the program ends, as an exit code and a sentence |

mod apart;
mod certificate;
mod cli;
mod clock;
mod data;
mod demo;
mod deployment;
mod file_system;
mod hosts;
mod house;
mod join;
mod machine;
mod membership;
mod moving;
mod preflight;
mod replica;
mod restart;
mod seat;
mod serve;
mod service;
mod settings;
mod socket;
mod survey;
mod trouble;
mod watched;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use rustix::fs::Mode;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::Line;
use crate::trouble::Trouble;

/// The variable that says what is logged.
const LOG: &str = "CAUSERIE_LOG";
/// The parts that log in our own words. Others may put what passes through them into a log: frames of WebSockets, values of queries.
const OURS: [&str; 13] = [
    "admin",
    "causerie",
    "chat",
    "directory",
    "frontend",
    "ntlm",
    "pool",
    "rooms",
    "sip",
    "store",
    "topology",
    "web",
    "xccos",
];
/// Threads that run tasks; beside them the store has its writer (ours: links are cheap, posts wait for one disk).
const WORKERS: usize = 2;

/// How long what was left behind may take to end (contract: with all before it, ten seconds).
const LEFT_TIME: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    // What is made in a data directory is for its owner alone, whatever the habits of the caller are.
    rustix::process::umask(Mode::from_raw_mode(0o077));
    let line = Line::parse();
    match log(&line).and_then(|()| run(line)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            let _ = writeln!(std::io::stderr(), "causerie: {}", trouble.to_string().trim_end());
            ExitCode::from(trouble.code())
        }
    }
}

/// Begins to log to standard error.
fn log(line: &Line) -> Result<(), Trouble> {
    let colour = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(wanted(line)?)
        .with_writer(std::io::stderr)
        .with_ansi(colour)
        // A log that nobody reads any more is no reason to stop working.
        .log_internal_errors(false)
        .finish()
        .with(filter_fn(may_be_logged))
        .init();
    Ok(())
}

/// Whether something may stand in a log, whatever is wanted: of the parts that are not ours only what they say unasked.
fn may_be_logged(event: &Metadata<'_>) -> bool {
    let part = event.target().split("::").next().unwrap_or_default();
    *event.level() <= Level::INFO || OURS.contains(&part)
}

/// What is logged: what the environment says, or what is usual for the command.
fn wanted(line: &Line) -> Result<EnvFilter, Trouble> {
    let text = std::env::var_os(LOG).unwrap_or_default();
    if text.is_empty() {
        return Ok(EnvFilter::new(line.log_level()));
    }
    let refused = |part: &str, why: &str| {
        Trouble::Invalid(format!("{LOG}: '{part}': {why}: write info, debug, or warn,frontend=debug"))
    };
    let text = text.to_str().ok_or_else(|| refused(&text.to_string_lossy(), "this is no UTF-8"))?;
    for part in text.split(',') {
        // A word alone would be taken for the name of a part, and a mistyped level would silence all others.
        if !part.contains(['=', '[']) && part.parse::<LevelFilter>().is_err() {
            return Err(refused(part, "this is no level"));
        }
    }
    EnvFilter::try_new(text).map_err(|error| refused(text, &error.to_string()))
}

fn run(line: Line) -> Result<(), Trouble> {
    line.owned_place().map_or(Ok(()), data::go_on_as_owner)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    let runtime =
        runtime.map_err(|failed| Trouble::Unavailable(format!("the machine gives no threads: {failed}")))?;
    let done = runtime.block_on(cli::run(line));
    // Whoever still waits for a database or a disk that does not answer is left there.
    runtime.shutdown_timeout(LEFT_TIME);
    done
}
