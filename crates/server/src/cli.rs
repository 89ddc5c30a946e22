//! The command line: its grammar, and who carries out what. A contract: verbs, options and exit codes stay.
//! Rights and rules are elsewhere; a command becomes an operation and its outcome is printed.

mod ask;
mod password;
mod print;
mod store;
mod verbs;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::trouble::Trouble;
use crate::{demo, serve};

pub use store::StoreVerb;
pub use verbs::{CategoryVerb, RoomVerb, UserVerb};

/// Where data lies unless something else is said.
const PLACE: &str = "causerie-data";

/// A persistent chat server: rooms whose content never goes away.
#[derive(Parser, Debug)]
#[command(name = "causerie", version, max_term_width = 100, args_override_self = true)]
#[command(
    after_help = "Exit codes: 0 done, 2 usage, 3 not found, 4 denied, 5 conflict, 6 invalid, 7 unavailable."
)]
pub struct Line {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    everywhere: Everywhere,
}

/// Options of every command.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Options of every command")]
pub struct Everywhere {
    /// The data directory [default: ./causerie-data; for a demo a temporary one]
    #[arg(long, global = true, env = "CAUSERIE_DATA", hide_env_values = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print JSON: one object per line
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the server
    Serve(Serving),
    /// Run a server over a made-up organisation with a week of history
    Demo(DemoOptions),
    /// People: new, list, get, set, disable, enable, remove
    #[command(subcommand)]
    User(UserVerb),
    /// Categories: new, list, get, set, remove
    #[command(subcommand)]
    Category(CategoryVerb),
    /// Rooms: new, list, get, set, remove
    #[command(subcommand)]
    Room(RoomVerb),
    /// The store itself, while no server runs: verify, restored
    #[command(subcommand)]
    Store(StoreVerb),
}

/// Options of `serve`, and of `demo` with it.
#[derive(Args, Debug, Clone, Default)]
pub struct Serving {
    /// A settings file
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The SIP domain; fixed at the first start
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// Where to listen for SIP over TLS [default: 0.0.0.0:5061; for a demo 127.0.0.1:5061]
    #[arg(long, value_name = "ADDR")]
    pub sip_tls: Option<String>,
    /// Where to listen for SIP over plain TCP, or "off" [default: 127.0.0.1:5060]
    #[arg(long, value_name = "ADDR|off")]
    pub sip_tcp: Option<String>,
    /// Where to listen for HTTPS, or "off" [default: 0.0.0.0:5443; for a demo 127.0.0.1:5443]
    #[arg(long, value_name = "ADDR|off")]
    pub https: Option<String>,
    /// Where on this machine to tell health and metrics, or "off" [default: 127.0.0.1:9464]
    #[arg(long, value_name = "ADDR|off")]
    pub metrics: Option<String>,
}

/// Options of `demo`.
#[derive(Args, Debug, Clone)]
pub struct DemoOptions {
    #[command(flatten)]
    pub serving: Serving,
    /// One password for everybody instead of random ones
    #[arg(long, value_name = "PW")]
    pub password: Option<String>,
}

impl Line {
    /// How much is logged: a server says what it does, a command only what goes wrong.
    #[must_use]
    pub fn log_level(&self) -> &'static str {
        match self.command {
            Command::Serve(_) => "info",
            Command::Demo(_) => "warn",
            Command::User(_) | Command::Category(_) | Command::Room(_) | Command::Store(_) => "error",
        }
    }

    /// The data directory; `None` for one that is yet to be made.
    #[must_use]
    pub fn place(&self) -> Option<&Path> {
        let usual = if matches!(self.command, Command::Demo(_)) { None } else { Some(Path::new(PLACE)) };
        self.everywhere.data.as_deref().or(usual)
    }
}

/// Does what the line says.
///
/// # Errors
/// [`Trouble`], which names the exit code.
pub async fn run(line: Line) -> Result<(), Trouble> {
    let place = line.place().map(Path::to_owned);
    let usual = || place.clone().unwrap_or_else(|| PLACE.into());
    let (operation, confirm) = match line.command {
        Command::Serve(serving) => return serve::run(&usual(), &serving).await,
        Command::Demo(options) => return demo::run(place, &options).await,
        Command::User(verb) => verb.operation()?,
        Command::Category(verb) => verb.operation(),
        Command::Room(verb) => verb.operation(),
        Command::Store(verb) => return store::run(&usual(), &verb, line.everywhere.json).await,
    };
    if let Some(question) = confirm {
        print::confirmed(&question)?;
    }
    let form = print::Form::of(&operation, line.everywhere.json);
    let outcome = ask::carry_out(&usual(), operation).await?;
    print::outcome(&outcome, form)
}
