//! This machine: by which name the deployment knows it, and what the topology says it is.
//! Asks neither DNS nor other machines.

use std::path::{Path, PathBuf};

use clap::Args;
use store::ServerState;
use topology::document::{Engine, InstanceName, MachineState, Store};
use topology::role::front_end_names;
use topology::{Fqdn, Roles, Topology, roles};

use crate::data::Data;
use crate::house;
use crate::replica::Replica;
use crate::seat::Seat;
use crate::settings::{self, File};
use crate::trouble::Trouble;

/// Which machine of which topology this is.
#[derive(Args, Debug, Clone, Default)]
pub struct MachineOptions {
    /// The topology [default: the copy in the data directory, if there is one]
    #[arg(long, value_name = "FILE")]
    pub topology: Option<PathBuf>,
    /// The name of this machine in the topology, and in its pool where several servers share a database [default: as the settings say,
    /// or its host name]
    #[arg(long, value_name = "NAME", env = MACHINE, hide_env_values = true)]
    pub machine: Option<String>,
}

/// The variable with the name of this machine.
const MACHINE: &str = "CAUSERIE_MACHINE";
/// How much of what is no name is repeated, in characters (ours).
const NAME_SHOWN_CHARS: usize = 80;

/// This machine.
#[derive(Debug, Default)]
pub struct Machine {
    /// Its name, folded.
    pub name: String,
    /// What it is, where there is a topology.
    pub roles: Option<Roles>,
    /// Whether that is the published one, not one that was named.
    pub is_published: bool,
    /// The database servers that keep its store, where the topology has any.
    pub databases: Vec<InstanceName>,
}

impl Machine {
    /// Its name as the topology has it, where there is one.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        self.roles.as_ref().map(|roles| roles.machine.to_string())
    }

    /// The state of the topology in which its chat server begins; `None` where there is none.
    #[must_use]
    pub fn state(&self) -> Option<ServerState> {
        let chat = self.roles.as_ref()?.chat.as_ref()?;
        Some(match chat.state {
            MachineState::Active => ServerState::Active,
            MachineState::Inactive => ServerState::Standby,
        })
    }

    /// Refuses a store of the directory's own where the topology has it in a database: each such server would be a pool by itself.
    ///
    /// # Errors
    /// [`Trouble::Invalid`], with what to do.
    pub fn must_keep_in(&self, seat: &Seat) -> Result<(), Trouble> {
        let Some(database) = self.databases.first().filter(|_| seat.is_embedded()) else { return Ok(()) };
        Err(Trouble::Invalid(format!(
            "the topology keeps the store of {} on {database}, and no database is known in {}: make it with `causerie database \
             install`, or name it with --store postgres://USER@{}/DATABASE; a store that is here already is carried there with \
             `causerie store move --to`",
            self.name,
            seat.data().path().display(),
            database.server,
        )))
    }
}

impl MachineOptions {
    /// The topology, if there is one.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] when the file is missing or no topology.
    pub fn topology(&self, data: Option<&Data>) -> Result<Option<Topology>, Trouble> {
        match (&self.topology, data) {
            (Some(file), _) => read(file).map(Some),
            (None, Some(data)) => Replica::of(data).topology(),
            (None, None) => Ok(None),
        }
    }

    /// The name of this machine: as it was told, as the settings of its data directory say, or its host name.
    ///
    /// # Errors
    /// As [`named`], and those of [`settings::read`].
    pub fn name_in(&self, place: &Path) -> Result<String, Trouble> {
        named(self.machine.as_deref(), &settings::read_in_use(None, place)?)
    }

    /// The machine of this name, and what it is where there is a topology.
    ///
    /// # Errors
    /// [`Trouble::Invalid`] when the topology does not know it, and those of [`MachineOptions::topology`].
    pub fn find(&self, name: &str, data: Option<&Data>) -> Result<Machine, Trouble> {
        let name = name.to_ascii_lowercase();
        let is_published = self.topology.is_none();
        let (roles, databases) = match self.topology(data)? {
            None => (None, Vec::new()),
            Some(topology) => {
                let unknown = |why: String| Trouble::Invalid(format!("this machine does not serve: {why}"));
                let hint = "say with --machine by which name the topology knows it";
                let fqdn = Fqdn::parse(&name).map_err(|bad| unknown(format!("{bad}: {hint}")))?;
                let roles = roles(&topology, &fqdn).map_err(|not| unknown(not.to_string()))?;
                let databases = stores(&topology, &roles).into_iter().map(Store::name).collect();
                (Some(roles), databases)
            }
        };
        Ok(Machine { name, roles, is_published, databases })
    }
}

/// The name of this machine for a command that has no option for it: as the environment says, the settings of its data directory, or
/// its host name.
///
/// # Errors
/// As [`named`], and those of [`settings::read`].
pub fn here(place: &Path) -> Result<String, Trouble> {
    let told = std::env::var(MACHINE).ok().filter(|name| !name.is_empty());
    named(told.as_deref(), &settings::read_in_use(None, place)?)
}

/// The name somebody gave this machine, folded: on the command line or in the environment, else in the settings; its host name where
/// nobody did. Where no topology has names, one label does as well.
///
/// # Errors
/// [`Trouble::Invalid`] for what is no name.
pub fn named(told: Option<&str>, settings: &File) -> Result<String, Trouble> {
    let told = told.or(settings.machine.as_deref());
    let Some(told) = told else { return Ok(house::host_name(Path::new("/etc/hosts"))) };
    let name = told.to_ascii_lowercase();
    // A label is right when it is within a full name.
    let whole = if name.contains('.') { name.clone() } else { format!("{name}.example.com") };
    match Fqdn::parse(&whole) {
        Ok(_) => Ok(name),
        Err(_) => {
            let shown: String = told.chars().take(NAME_SHOWN_CHARS).collect();
            Err(Trouble::Invalid(format!(
                "{shown:?} is no name of a machine: give --machine (CAUSERIE_MACHINE, machine in the settings file) as \
                 cs1.example.com, without a dot at its end, or as cs1 where there is no topology"
            )))
        }
    }
}

/// What a machine is, in words: "a front end of fe.example.com and a persistent chat server of chat.example.com".
#[must_use]
pub fn described(roles: Option<&Roles>) -> String {
    let front_end = roles.and_then(|roles| roles.front_end.as_ref());
    let chat = roles.and_then(|roles| roles.chat.as_ref());
    let parts = [
        front_end.map(|part| format!("a front end of {}", part.pool)),
        chat.map(|part| format!("a persistent chat server of {}", part.pool)),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "a server by itself".to_owned() } else { parts.join(" and ") }
}

/// Reads a topology.
///
/// # Errors
/// [`Trouble::Invalid`] when it is missing, or no topology.
pub fn read(file: &Path) -> Result<Topology, Trouble> {
    let octets = std::fs::read(file);
    let octets = octets.map_err(|error| Trouble::Invalid(format!("{}: {error}", file.display())))?;
    document(file, &octets)
}

/// What these octets of a file say.
///
/// # Errors
/// [`Trouble::Invalid`] when they are no topology.
pub fn document(file: &Path, octets: &[u8]) -> Result<Topology, Trouble> {
    topology::parse(octets).map_err(|fault| Trouble::Invalid(format!("{}: {fault}", file.display())))
}

/// Every name of a machine or pool in a topology, each once.
#[must_use]
pub fn names(topology: &Topology) -> Vec<String> {
    let pools = topology.pools.iter().flat_map(|pool| {
        std::iter::once(&pool.fqdn).chain(pool.machines.iter().map(|machine| &machine.fqdn))
    });
    let mut names = front_end_names(topology);
    names.extend(pools.cloned());
    names.iter().map(Fqdn::to_string).collect()
}

/// The stores on database servers that this machine needs.
#[must_use]
pub fn stores<'a>(topology: &'a Topology, roles: &Roles) -> Vec<&'a Store> {
    let central = roles.front_end.as_ref().and_then(|part| part.store.as_ref());
    let pool = roles.chat.as_ref().and_then(|part| topology.pool(&part.pool));
    let content = pool.and_then(|pool| pool.content_store.as_ref());
    let mut stores: Vec<&Store> =
        central.into_iter().chain(content).filter_map(|id| topology.store(id)).collect();
    stores.retain(|store| store.engine == Engine::Postgresql);
    stores.dedup_by(|a, b| a.id == b.id);
    stores
}
