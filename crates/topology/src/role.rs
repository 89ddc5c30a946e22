//! What the published topology says a machine is: front end, persistent chat server, or both; whom it routes to, and whom it believes.
//! Starts nothing and looks nothing up: whether the others answer is found out by whoever serves.

use std::collections::BTreeSet;

use crate::document::{FrontEndPool, Machine, MachineState, Pool, StandardEditionServer, Topology};
use crate::word::{Fqdn, Identity};

/// What one machine is. A machine that has none of the parts is [`NotInTopology`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Roles {
    /// The machine, by its name in DNS. A persistent chat server has this name in the store of its pool.
    pub machine: Fqdn,
    /// Its part as front end.
    pub front_end: Option<FrontEnd>,
    /// Its part as persistent chat server.
    pub chat: Option<ChatServer>,
}

/// The part of a front end: people sign on here, and their dialogs are routed to the pools.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrontEnd {
    /// The front-end pool; on a Standard Edition server, the machine itself.
    pub pool: Fqdn,
    /// Which of the two it is.
    pub edition: Edition,
    /// The site it stands in.
    pub site: Identity,
    /// The store of its own data and of the published topology, where one is named.
    pub store: Option<Identity>,
    /// The pool in which the people who sign on here make rooms, and to which `ocschat@` leads: see [`Topology::default_pool`].
    pub default_pool: Option<Fqdn>,
    /// Every persistent chat pool of the topology, by name: what is said to one of them is routed to it.
    pub routes: Vec<Route>,
}

/// Which kind of front end a machine is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edition {
    /// The one machine of a Standard Edition server.
    Standard,
    /// A machine of an Enterprise Edition front-end pool.
    Enterprise,
}

/// A persistent chat pool as front ends see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// The pool.
    pub pool: Fqdn,
    /// Its port, for SIP over mutual TLS.
    pub port: u16,
    /// Its machines: those the topology says are active before those that stand by, each by name. Who really serves is told by
    /// who answers, since an administrator can swap them without a new topology.
    pub machines: Vec<Machine>,
    /// The sites whose default it is, by identity.
    pub default_of: Vec<Identity>,
}

/// The part of a persistent chat server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChatServer {
    /// The pool.
    pub pool: Fqdn,
    /// Whether the topology has it serve or stand by.
    pub state: MachineState,
    /// The port on which front ends reach it, with SIP over mutual TLS.
    pub port: u16,
    /// The front-end pool or Standard Edition server that routes to it, where one is named.
    pub next_hop: Option<Fqdn>,
    /// The other machines of the pool, by name.
    pub peers: Vec<Fqdn>,
    /// The certificate names that are believed when they say who somebody is: those of every front end of the topology and of the
    /// pools of front ends. Nobody else may speak on its port.
    pub trusted: BTreeSet<Fqdn>,
}

/// The machine has no part in the topology.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{machine} is not in the topology ({known}): name this machine with --machine as the topology does, or add it to the topology \
     and publish"
)]
pub struct NotInTopology {
    /// Who was looked for.
    pub machine: Fqdn,
    /// The machines there are, as the message lists them.
    pub known: String,
}

/// What a machine is.
///
/// # Errors
/// It is nothing: neither front end, nor Standard Edition server, nor machine of a persistent chat pool.
pub fn roles(topology: &Topology, machine: &Fqdn) -> Result<Roles, NotInTopology> {
    let front_end = front_end(topology, machine);
    let chat = chat_server(topology, machine);
    if front_end.is_none() && chat.is_none() {
        return Err(NotInTopology { machine: machine.clone(), known: listed(&machines(topology)) });
    }
    Ok(Roles { machine: machine.clone(), front_end, chat })
}

/// The names the certificate of a front end may bear to be believed: each machine and each pool of front ends.
#[must_use]
pub fn front_end_names(topology: &Topology) -> BTreeSet<Fqdn> {
    let servers = topology.standard_edition_servers.iter().map(|server| &server.fqdn);
    let pools =
        topology.front_end_pools.iter().flat_map(|pool| std::iter::once(&pool.fqdn).chain(&pool.machines));
    servers.chain(pools).cloned().collect()
}

impl Roles {
    /// The names a certificate of this machine should bear: its own, then those of the pools it is in.
    #[must_use]
    pub fn certificate_names(&self) -> Vec<Fqdn> {
        let pools =
            [self.front_end.as_ref().map(|part| &part.pool), self.chat.as_ref().map(|part| &part.pool)];
        let mut names = vec![self.machine.clone()];
        for pool in pools.into_iter().flatten() {
            if !names.contains(pool) {
                names.push(pool.clone());
            }
        }
        names
    }
}

impl Roles {
    /// Whether front ends on other machines reach the chat server of this one: a front end passes nothing to itself.
    #[must_use]
    pub fn is_reached_from_elsewhere(&self) -> bool {
        let own = |name: &Fqdn| {
            *name == self.machine || self.front_end.as_ref().is_some_and(|part| part.pool == *name)
        };
        self.chat.as_ref().is_some_and(|chat| chat.trusted.iter().any(|name| !own(name)))
    }
}

impl FrontEnd {
    /// The way to a pool.
    #[must_use]
    pub fn route(&self, pool: &Fqdn) -> Option<&Route> {
        self.routes.iter().find(|route| route.pool == *pool)
    }
}

fn front_end(topology: &Topology, machine: &Fqdn) -> Option<FrontEnd> {
    let standard = topology.standard_edition_server(machine).map(standard_edition);
    let (pool, edition, site, store) = standard.or_else(|| {
        let mut pools = topology.front_end_pools.iter();
        pools.find(|pool| pool.machines.contains(machine)).map(enterprise_edition)
    })?;
    Some(FrontEnd {
        pool: pool.clone(),
        edition,
        site: site.clone(),
        store: store.cloned(),
        default_pool: topology.default_pool(site).map(|pool| pool.fqdn.clone()),
        routes: routes(topology),
    })
}

type Part<'a> = (&'a Fqdn, Edition, &'a Identity, Option<&'a Identity>);

fn standard_edition(server: &StandardEditionServer) -> Part<'_> {
    (&server.fqdn, Edition::Standard, &server.site, server.store.as_ref())
}

fn enterprise_edition(pool: &FrontEndPool) -> Part<'_> {
    (&pool.fqdn, Edition::Enterprise, &pool.site, pool.store.as_ref())
}

fn routes(topology: &Topology) -> Vec<Route> {
    let mut routes: Vec<Route> = topology.pools.iter().map(|pool| route(topology, pool)).collect();
    routes.sort_by(|a, b| a.pool.cmp(&b.pool));
    routes
}

fn route(topology: &Topology, pool: &Pool) -> Route {
    let mut machines = pool.machines.clone();
    machines.sort_by(|a, b| {
        let stands_by = |machine: &Machine| machine.state != MachineState::Active;
        (stands_by(a), &a.fqdn).cmp(&(stands_by(b), &b.fqdn))
    });
    let is_default =
        |site: &&Identity| topology.default_pool(site).is_some_and(|default| default.fqdn == pool.fqdn);
    let mut default_of: Vec<Identity> =
        topology.sites.iter().map(|site| &site.id).filter(is_default).cloned().collect();
    default_of.sort();
    Route { pool: pool.fqdn.clone(), port: pool.port, machines, default_of }
}

fn chat_server(topology: &Topology, machine: &Fqdn) -> Option<ChatServer> {
    let own = |pool: &&Pool| pool.machines.iter().any(|other| other.fqdn == *machine);
    let pool = topology.pools.iter().find(own)?;
    let place = pool.machines.iter().find(|other| other.fqdn == *machine)?;
    let mut peers: Vec<Fqdn> =
        pool.machines.iter().map(|other| other.fqdn.clone()).filter(|other| other != machine).collect();
    peers.sort();
    Some(ChatServer {
        pool: pool.fqdn.clone(),
        state: place.state,
        port: pool.port,
        next_hop: pool.next_hop.clone(),
        peers,
        trusted: front_end_names(topology),
    })
}

/// Every machine that has a part.
fn machines(topology: &Topology) -> BTreeSet<&Fqdn> {
    let servers = topology.standard_edition_servers.iter().map(|server| &server.fqdn);
    let front_ends = topology.front_end_pools.iter().flat_map(|pool| &pool.machines);
    let chat = topology.pools.iter().flat_map(|pool| pool.machines.iter().map(|machine| &machine.fqdn));
    servers.chain(front_ends).chain(chat).collect()
}

fn listed(machines: &BTreeSet<&Fqdn>) -> String {
    if machines.is_empty() {
        return "which has no machine".to_owned();
    }
    let names: Vec<&str> = machines.iter().map(|fqdn| fqdn.as_str()).collect();
    format!("whose machines are {}", names.join(", "))
}
