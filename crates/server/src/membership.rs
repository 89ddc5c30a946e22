//! A server's membership in its pool: under which name it opens the store, how it hears from the others, what it tells of itself.
//! Keeps no lease itself; that is the crate `pool`'s.

use std::fs::File as OpenFile;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use chat::Clock;
use pool::{Alone, Nats, Notify, Options, Pool, PoolFault};
use rooms::{Rooms, Welcome};
use store::{Place, ServerState, Store};
use tokio::sync::watch;
use uuid::Uuid;
use web::{Measure, Sample, Source};

use crate::cli::Serving;
use crate::data::Data;
use crate::house::host_name;
use crate::machine;
use crate::seat::closed_to_others;
use crate::settings::File;
use crate::trouble::{Trouble, at};

/// The file with the number of an installation.
const INSTALLATION: &str = "installation";
/// The word for hints through the database.
const NOTIFY: &str = "notify";

/// As what a store is opened.
#[derive(Clone, Copy, Debug)]
pub enum Opened<'a> {
    /// As the server of this machine, which begins in this state when the pool does not know it yet.
    Server(&'a str, Option<ServerState>),
    /// By a command that ends soon.
    Command,
}

/// What a server is told of its pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    /// The name of this machine.
    pub machine: String,
    peers: Peers,
}

/// How servers tell each other what they wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Peers {
    Notify,
    Nats { url: String, authority: Option<PathBuf> },
}

impl Opened<'_> {
    /// The machine whose server it is, or on which the command works.
    ///
    /// # Errors
    /// As [`machine::here`].
    pub fn machine_in(self, data: &Data) -> Result<String, Trouble> {
        match self {
            Self::Server(machine, _) => Ok(machine.to_owned()),
            Self::Command => machine::here(data.path()),
        }
    }

    /// The place in a pool whose store is in a database.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when the directory cannot be written.
    pub fn in_pool(self, data: &Data, clock: &dyn Clock) -> Result<Place, Trouble> {
        let installation = installation(data, clock)?;
        let host = host_name(Path::new("/etc/hosts"));
        let holder = format!("{} on {host} ({installation})", data.path().display());
        Ok(match self {
            Self::Server(machine, state) => Place { state, ..Place::of(machine, &holder) },
            Self::Command => {
                let name = format!("command line {installation}");
                Place { state: Some(ServerState::Command), ..Place::of(&name, &holder) }
            }
        })
    }
}

/// The number of the installation in a directory, made when it is asked for first.
fn installation(data: &Data, clock: &dyn Clock) -> Result<Uuid, Trouble> {
    let file = data.file(INSTALLATION);
    match std::fs::read_to_string(&file) {
        Ok(text) => Uuid::try_parse(text.trim()).map_err(|_| {
            Trouble::Unavailable(format!(
                "{} holds no GUID: put it back, or remove it and wait until the lease of this server is over",
                file.display()
            ))
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let (number, new) = (clock.guid(), data.file(&format!("{INSTALLATION}-new")));
            let mut out = OpenFile::create(&new).map_err(at(&new))?;
            writeln!(out, "{number}").and_then(|()| out.sync_all()).map_err(at(&new))?;
            std::fs::rename(&new, &file).map_err(at(&file))?;
            data.sync()?;
            Ok(number)
        }
        Err(error) => Err(at(&file)(error)),
    }
}

impl Membership {
    /// Out of the command line and the settings file.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] for a name or a way to the others that is none, and for a password on the command line; [`Trouble::Denied`] for one
    /// in a settings file that others can read.
    pub fn settle(options: &Serving, machine: Option<&str>, file: &File) -> Result<Self, Trouble> {
        let machine = machine::named(machine, file)?;
        let peers = match options.peers.as_deref().or(file.peers.as_deref()).unwrap_or(NOTIFY) {
            NOTIFY => Peers::Notify,
            url if url.starts_with("nats://") || url.starts_with("tls://") => {
                if url.contains('@') {
                    unread(options, url)?;
                }
                Peers::Nats { url: url.to_owned(), authority: file.peers_ca.clone() }
            }
            other => {
                return Err(Trouble::Invalid(format!(
                    "peers: '{other}' is no way to the other servers: write notify, nats://127.0.0.1:4222 or tls://name:4222"
                )));
            }
        };
        Ok(Self { machine, peers })
    }

    /// Takes part in the pool: the lease is kept and the others are heard when this returns.
    ///
    /// # Errors
    /// [`Trouble`] naming why it does not.
    pub async fn join(&self, store: &Store, embedded: bool) -> Result<Pool, Trouble> {
        let options = Options::default();
        let pool = match &self.peers {
            _ if embedded => Pool::start(store.clone(), Alone, options).await,
            Peers::Notify => Pool::start(store.clone(), Notify::over(store.clone()), options).await,
            Peers::Nats { url, authority } => {
                let link = Nats::connect(url, store.identity().pool_guid, authority.as_deref()).await;
                let link = link.map_err(|fault| Trouble::Invalid(format!("peers: {fault}")))?;
                Pool::start(store.clone(), link, options).await
            }
        };
        pool.map_err(|fault: PoolFault| Trouble::Unavailable(fault.to_string()))
    }
}

/// Refuses a password where others can read it.
fn unread(options: &Serving, url: &str) -> Result<(), Trouble> {
    match &options.config {
        Some(file) if options.peers.as_deref() != Some(url) => {
            closed_to_others(file, &file.metadata().map_err(at(file))?)
        }
        _ => Err(Trouble::Invalid(
            "the address of NATS holds a password, which others on this machine can read on the command line: put it into the \
             settings file, as peers"
                .into(),
        )),
    }
}

/// Lets people in as long as this server serves them, leads them out while it is emptied, and says so to whoever keeps the door of
/// front ends. Ends with the pool's part of this server.
pub async fn admit(pool: Pool, rooms: Rooms, open: watch::Sender<bool>) {
    let (mut service, mut servers) = (pool.service(), pool.servers());
    loop {
        servers.mark_unchanged();
        let now = service.borrow_and_update().clone();
        open.send_replace(now.takes_people());
        rooms.admit(match now {
            now if now.takes_people() => Welcome::Everybody,
            now if now.is_emptied() => Welcome::Nobody { elsewhere: pool.others_take_people() },
            _ => Welcome::WhoIsHere,
        });
        let changed = tokio::select! {
            changed = service.changed() => changed,
            changed = servers.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
    }
}

/// The numbers of the pool, for the metrics.
pub fn numbers(pool: &Pool) -> Source {
    let pool = pool.clone();
    Box::new(move || {
        let now = pool.figures();
        let gauge = |name, help, count: u64| Measure { name, help, sample: Sample::Gauge(count) };
        let counter = |name, help, count: u64| Measure { name, help, sample: Sample::Counter(count) };
        vec![
            gauge("causerie_lease_milliseconds", "How long the lease of this server still is", now.lease_ms),
            gauge("causerie_peers", "Other servers of the pool that run", now.peers as u64),
            counter(
                "causerie_hints_heard_total",
                "Hints of other servers that told something new",
                now.hints_heard,
            ),
            counter("causerie_hints_told_total", "Hints that were told to other servers", now.hints_told),
            counter("causerie_takeovers_total", "Lost servers whose time this one has ended", now.takeovers),
        ]
    })
}
