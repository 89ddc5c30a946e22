//! What the topology makes of the links of this machine: whether people sign on here, where front ends come in and whom they are,
//! and the pools to which dialogs are passed on. Without a topology it is front end and chat server in one.
//! Opens nothing; the front end does.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chat::Time;
use frontend::{Apart, RoutedPool, RoutedServer, Routing, TrunkDoor};
use tokio::sync::watch;
use topology::role::front_end_names;
use topology::{ChatServer, Fqdn, FrontEnd, Roles, Route, Topology};

use crate::certificate::{Certificates, Shown};
use crate::machine::Machine;
use crate::settings::Listening;
use crate::trouble::Trouble;

/// The user of the address of every pool: software in the field knows chat traffic by it.
const CONTACT_USER: &str = "GC-1-PersistentChatService-1";

/// What this machine is among the others of its deployment.
#[derive(Clone, Debug)]
pub struct Part {
    /// Whether people sign on here.
    pub signs_on: bool,
    /// How its links stand to other machines.
    pub apart: Apart,
    /// Whom its chat server takes for a front end, where that goes by the published topology.
    pub believed: Option<Believed>,
}

/// Whom a chat server takes for a front end: who is one by the newest topology, while everything else waits for a restart.
#[derive(Clone, Debug)]
pub struct Believed(watch::Sender<BTreeSet<String>>);

impl Believed {
    fn of(names: &BTreeSet<Fqdn>) -> Self {
        Self(watch::Sender::new(as_text(names)))
    }

    /// Believes the front ends of this topology, and nobody else from now on.
    pub fn follow(&self, topology: &Topology) {
        let names = as_text(&front_end_names(topology));
        self.0.send_if_modified(|known| {
            let is_new = *known != names;
            if is_new {
                tracing::info!(?names, "apart.front_ends");
                *known = names;
            }
            is_new
        });
    }
}

fn as_text(names: &BTreeSet<Fqdn>) -> BTreeSet<String> {
    names.iter().map(Fqdn::to_string).collect()
}

/// The part of this machine; `serving` says whether its chat server takes people.
///
/// # Errors
/// [`Trouble::Invalid`] when its certificate cannot prove that it is this machine, or no authority is known by which the others
/// could be recognised.
pub fn part(
    machine: &Machine,
    certificates: &Certificates,
    shown: &Arc<Shown>,
    listening: &Listening,
    serving: watch::Receiver<bool>,
    now: Time,
) -> Result<Part, Trouble> {
    let Some(roles) = &machine.roles else {
        return Ok(Part { signs_on: true, apart: Apart::default(), believed: None });
    };
    let authorities = certificates.authorities()?;
    proves(roles, certificates, now)?;
    let believed = roles.chat.as_ref().map(|chat| Believed::of(&chat.trusted));
    let door = trunk(roles, listening).zip(believed.as_ref()).map(|(address, believed)| {
        Ok::<_, Trouble>(TrunkDoor {
            address,
            tls_config: shown.trunk_server_config(&authorities)?,
            trusted: believed.0.subscribe(),
            serving,
        })
    });
    let routing = roles.front_end.as_ref().map(|front_end| {
        let own = roles.chat.as_ref();
        Ok::<_, Trouble>(Routing {
            pools: routed(front_end, own, &listening.machines),
            default_pool: elsewhere(front_end, own).map(contact),
            tls_config: shown.trunk_client_config(&authorities)?,
        })
    });
    Ok(Part {
        signs_on: roles.front_end.is_some(),
        apart: Apart {
            contact: roles.chat.as_ref().map(|chat| contact(&chat.pool)),
            without_chat: roles.chat.is_none(),
            door: door.transpose()?,
            routing: routing.transpose()?,
        },
        believed: believed.filter(|_| machine.is_published),
    })
}

/// The address by which clients reach a pool: that of its service, in the domain that is its own name, so that no two pools share
/// one and nobody's address is taken.
fn contact(pool: &Fqdn) -> String {
    format!("sip:{CONTACT_USER}@{pool}")
}

/// Where front ends on other machines reach the chat server of this one. Where there are none, only an address that was named is opened.
#[must_use]
pub fn trunk(roles: &Roles, listening: &Listening) -> Option<SocketAddr> {
    let chat = roles.chat.as_ref()?;
    let any = || (IpAddr::V4(Ipv4Addr::UNSPECIFIED), chat.port).into();
    listening.trunk.or_else(|| roles.is_reached_from_elsewhere().then(any))
}

/// The pools that are not this machine's own.
fn routed(
    front_end: &FrontEnd,
    own: Option<&ChatServer>,
    machines: &BTreeMap<String, SocketAddr>,
) -> Vec<RoutedPool> {
    let is_own = |route: &&Route| own.is_some_and(|chat| chat.pool == route.pool);
    let others = front_end.routes.iter().filter(|route| !is_own(route));
    let pool = |route: &Route| RoutedPool {
        contact: contact(&route.pool),
        servers: route.machines.iter().map(|machine| server(route, &machine.fqdn, machines)).collect(),
    };
    others.map(pool).collect()
}

/// A machine by its name in DNS, or where the settings say that it is.
fn server(route: &Route, machine: &Fqdn, machines: &BTreeMap<String, SocketAddr>) -> RoutedServer {
    let told = machines.get(machine.as_str()).map(SocketAddr::to_string);
    RoutedServer {
        name: machine.to_string(),
        address: told.unwrap_or_else(|| format!("{machine}:{}", route.port)),
    }
}

/// The default pool, unless it is here.
fn elsewhere<'a>(front_end: &'a FrontEnd, own: Option<&ChatServer>) -> Option<&'a Fqdn> {
    front_end.default_pool.as_ref().filter(|pool| own.is_none_or(|chat| chat.pool != **pool))
}

/// A machine that others rely on shows a certificate in which its name stands.
fn proves(roles: &Roles, certificates: &Certificates, now: Time) -> Result<(), Trouble> {
    let own = [roles.machine.to_string()];
    let machine = &roles.machine;
    let fix = "ask for one with `causerie certificate request`, then `causerie certificate import` it and assign it";
    let Some(chain) = certificates.assigned()? else {
        return Err(Trouble::Invalid(format!(
            "there is no certificate for {machine}, which the topology says this machine is: {fix}"
        )));
    };
    match chain.flaws(&certificates.authorities()?, &own, now).first() {
        None => Ok(()),
        Some(flaw) => Err(Trouble::Invalid(format!(
            "the certificate of this machine cannot prove that it is {machine}, as the topology says: {flaw}"
        ))),
    }
}

#[cfg(test)]
mod tests;
