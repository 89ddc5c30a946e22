//! The command line: its grammar, and who carries out what. A contract: verbs, options and exit codes stay.
//! Rights and rules are elsewhere; a command becomes an operation and its outcome is printed.

mod answer;
mod ask;
mod certificate;
mod database;
mod examples;
mod files;
mod grammar;
mod hints;
mod nearest;
mod operate;
mod password;
mod preflight;
mod print;
mod progress;
mod remote;
mod reverse;
mod service;
mod setup;
mod shell;
mod spelling;
mod store;
mod table;
mod topology;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use admin::Spec;
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

use self::certificate::CertificateVerb;
use self::database::DatabaseVerb;
use self::operate::Office;
use self::preflight::PreflightOptions;
use self::service::ServiceVerb;
use self::setup::SetupOptions;
use crate::machine::MachineOptions;
use crate::seat::StoreAt;
use crate::trouble::Trouble;
use crate::{demo, serve, settings};

pub use remote::{Remote, RemoteOptions};
pub use store::StoreVerb;
pub use topology::TopologyVerb;

/// Where data lies unless something else is said.
const PLACE: &str = "causerie-data";

/// What was asked for at the command line.
#[derive(Debug)]
pub enum Line {
    /// Something the program does itself.
    Own(Own),
    /// An operation.
    Operation(Box<Asked>),
}

/// An operation that was asked for.
#[derive(Debug)]
pub struct Asked {
    spec: &'static Spec,
    matches: ArgMatches,
    everywhere: Everywhere,
    remote: RemoteOptions,
}

/// A persistent chat server: rooms whose content never goes away.
#[derive(Parser, Debug)]
#[command(name = "causerie", version, max_term_width = 100, args_override_self = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 a check failed, 2 usage, 3 not found, 4 denied, 5 conflict, 6 invalid,\n7 unavailable."
)]
pub struct Own {
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
    /// The database with the store, postgres://USER@HOST:PORT/DATABASE [default: a file in the data directory, or the
    /// database that the directory names]
    #[arg(long, global = true, env = "CAUSERIE_STORE", hide_env_values = true, value_name = "URL")]
    store: Option<String>,
    /// Print JSON: one object per line
    #[arg(long, global = true)]
    json: bool,
}

impl Everywhere {
    fn store_at(&self) -> Result<StoreAt, Trouble> {
        StoreAt::told(self.store.as_deref(), None)
    }
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the server
    #[command(display_order = 0)]
    Serve(Box<ServeOptions>),
    /// Run a server over a made-up organisation with a week of history
    #[command(display_order = 1)]
    Demo(Box<DemoOptions>),
    /// The store itself, while no server runs: verify, restored, move
    #[command(subcommand, display_order = 1_000)]
    Store(StoreVerb),
    /// Look whether this machine has what the server needs
    #[command(display_order = 1_000)]
    Preflight(Box<PreflightOptions>),
    /// Make this machine what the topology says it is: secrets, settings, the unit of systemd
    #[command(display_order = 1_000)]
    Setup(Box<SetupOptions>),
    /// The server as a service of this machine: status, start, stop
    #[command(subcommand, display_order = 1_000)]
    Service(ServiceVerb),
    /// Certificates: request, import, assign, show, trial
    #[command(subcommand, display_order = 1_000)]
    Certificate(CertificateVerb),
    /// The database of a pool on PostgreSQL: install, test, update
    #[command(subcommand, display_order = 1_000)]
    Database(DatabaseVerb),
    /// The document of a deployment: which machines there are, what each does, where things are kept
    #[command(subcommand, display_order = 999)]
    Topology(TopologyVerb),
    /// Print the script that completes this command line in a shell
    #[command(display_order = 1_001)]
    Completion {
        /// The shell
        shell: Shell,
    },
    /// Write manual pages, one for each command
    #[command(display_order = 1_002)]
    Man {
        /// The folder for them
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// Options of `serve`, and of `demo` with it.
#[derive(Args, Debug, Clone, Default)]
pub struct Serving {
    /// A settings file [default: causerie.toml in the data directory, if it is there]
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
    /// Where on this machine to serve the browser over plain HTTP, or "off" [default: off; for a demo 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR|off")]
    pub http: Option<String>,
    /// How the servers of the pool tell each other what they wrote: "notify" through their database, or an address of NATS, such as
    /// tls://nats.example.com:4222 [default: notify]
    #[arg(long, value_name = "notify|URL")]
    pub peers: Option<String>,
    /// The server that gives out the published topology, such as https://fe.example.com [default: the own store]
    #[arg(long, value_name = "URL")]
    pub central: Option<String>,
    /// A file with a token of the scope reader to show there
    #[arg(long, value_name = "FILE")]
    pub central_token_file: Option<PathBuf>,
    /// Trust the certificate authorities in this file there [default: those of the system]
    #[arg(long, value_name = "FILE")]
    pub central_ca: Option<PathBuf>,
    /// Where on this machine to tell health and metrics, or "off" [default: 127.0.0.1:9464]
    #[arg(long, value_name = "ADDR|off")]
    pub metrics: Option<String>,
    /// Where to listen for front ends [default: the port of the pool in the topology, on all addresses,
    /// where front ends are on other machines]
    #[arg(long, value_name = "ADDR")]
    pub trunk: Option<String>,
}

impl Serving {
    /// Goes by the settings of a data directory where no others were named.
    fn work_in(&mut self, place: &Path) {
        self.config = settings::in_use(self.config.as_deref(), place);
    }
}

/// Options of `serve`.
#[derive(Args, Debug, Clone, Default)]
pub struct ServeOptions {
    #[command(flatten)]
    pub serving: Serving,
    #[command(flatten)]
    pub machine: MachineOptions,
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

/// The whole grammar: what the program does itself, and a noun with its verbs for each kind of thing.
fn grammar() -> clap::Command {
    grammar::nouns(own())
}

/// What the program does itself.
fn own() -> clap::Command {
    // A noun of operations has verbs for a server elsewhere beside those that the program does itself.
    let hidden = |command: clap::Command| match Spec::nouns().contains(&command.get_name()) {
        true => command.mut_subcommands(remote::hidden),
        false => remote::hidden(command),
    };
    remote::offered(Own::command().mut_subcommands(hidden))
}

/// The operation of a noun, and what was said about it.
fn operation<'a>(noun: &str, said: &'a ArgMatches) -> Option<(&'static Spec, &'a ArgMatches)> {
    if let Some(spec) = Spec::find(noun, "") {
        return Some((spec, said));
    }
    let (verb, said) = said.subcommand()?;
    if let Some(spec) = Spec::find(noun, verb) {
        return Some((spec, said));
    }
    let (second, said) = said.subcommand()?;
    Some((Spec::find(noun, &format!("{verb} {second}"))?, said))
}

impl Line {
    /// Reads the command line of the process; ends it with code 2 when that makes no sense.
    #[must_use]
    pub fn parse() -> Self {
        let words: Vec<OsString> = std::env::args_os().collect();
        Self::of(&words).unwrap_or_else(|error| error.exit())
    }

    /// Reads a command line, the program's name first.
    fn of(words: &[OsString]) -> Result<Self, clap::Error> {
        // The grammar of operations is most of it: megabytes that whatever the program does itself is spared.
        if let Ok(matches) = own().try_get_matches_from(words) {
            return Self::read(&matches);
        }
        let mut grammar = grammar();
        if words.iter().any(|word| word.to_str() == Some("--from-stdin")) {
            grammar = grammar::from_stdin(grammar);
        }
        let matches = grammar.try_get_matches_from_mut(words);
        Self::read(&matches.map_err(|error| hints::hinted(error, &grammar, words))?)
    }

    fn read(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Some((spec, said)) = matches.subcommand().and_then(|(noun, said)| operation(noun, said)) else {
            if RemoteOptions::from_arg_matches(matches)?.are_given() {
                let said = "--server, --token-file and --ca are for operations: what the program does itself it does here\n";
                return Err(clap::Error::raw(ErrorKind::ArgumentConflict, said));
            }
            return Own::from_arg_matches(matches).map(Self::Own);
        };
        let everywhere = Everywhere::from_arg_matches(said)?;
        let remote = RemoteOptions::from_arg_matches(said)?;
        Ok(Self::Operation(Box::new(Asked { spec, matches: said.clone(), everywhere, remote })))
    }

    /// How much is logged: a server says what it does, a command only what goes wrong.
    #[must_use]
    pub fn log_level(&self) -> &'static str {
        match self {
            Self::Own(Own { command: Command::Serve(_), .. }) => "info",
            Self::Own(Own { command: Command::Demo(_), .. }) => "warn",
            Self::Own(_) | Self::Operation(_) => "error",
        }
    }

    /// The data directory as whose owner root goes on; `None` where root first does what only root can.
    #[must_use]
    pub fn owned_place(&self) -> Option<&Path> {
        match self {
            Self::Own(Own { command: Command::Setup(_) | Command::Service(_), .. }) => None,
            _ => self.place(),
        }
    }

    /// The data directory; `None` for one that is yet to be made, and when none is needed.
    #[must_use]
    pub fn place(&self) -> Option<&Path> {
        let (everywhere, usual) = match self {
            Self::Own(Own { command: Command::Completion { .. } | Command::Man { .. }, .. }) => return None,
            Self::Own(Own { command: Command::Topology(verb), .. }) if !verb.needs_data() => return None,
            Self::Operation(asked) if asked.remote.server.is_some() => return None,
            Self::Own(Own { command: Command::Demo(_), everywhere }) => (everywhere, None),
            Self::Own(Own { everywhere, .. }) => (everywhere, Some(Path::new(PLACE))),
            Self::Operation(asked) => (&asked.everywhere, Some(Path::new(PLACE))),
        };
        everywhere.data.as_deref().or(usual)
    }
}

/// Does what the line says.
///
/// # Errors
/// [`Trouble`], which names the exit code.
pub async fn run(line: Line) -> Result<(), Trouble> {
    let place = line.place().map(Path::to_owned);
    let usual = || place.clone().unwrap_or_else(|| PLACE.into());
    match line {
        Line::Operation(asked) => {
            let data = usual();
            let store = asked.everywhere.store_at()?;
            let office = match Remote::of(&asked.remote)? {
                Some(remote) => Office::There(remote),
                None => Office::Here(&data, &store),
            };
            operate::run(asked.spec, &asked.matches, office, asked.everywhere.json).await
        }
        Line::Own(own) => match own.command {
            Command::Serve(mut options) => {
                options.serving.work_in(&usual());
                serve::run(&usual(), own.everywhere.store_at()?, &options).await
            }
            Command::Demo(options) => demo::run(place, own.everywhere.store_at()?, &options).await,
            Command::Store(verb) => {
                store::run(&usual(), &own.everywhere.store_at()?, &verb, own.everywhere.json).await
            }
            Command::Preflight(mut options) => {
                options.serving.work_in(&usual());
                preflight::run(&usual(), own.everywhere.store_at()?, &options, own.everywhere.json).await
            }
            Command::Database(verb) => {
                database::run(&usual(), own.everywhere.store_at()?, &verb, own.everywhere.json)
            }
            Command::Setup(options) => {
                setup::run(&usual(), own.everywhere.store_at()?, &options, own.everywhere.json).await
            }
            Command::Service(verb) => service::run(&usual(), &verb, own.everywhere.json).await,
            Command::Certificate(verb) => certificate::run(&usual(), &verb, own.everywhere.json),
            Command::Topology(verb) => topology::run(&usual(), &verb, own.everywhere.json).await,
            Command::Completion { shell } => shell::completion(shell),
            Command::Man { folder } => shell::man(&folder),
        },
    }
}
