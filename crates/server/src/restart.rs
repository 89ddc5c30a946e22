//! What was published since this server began, and makes of its machine something else: said, and noted for whoever looks, because
//! only a restart does it. Restarts nothing: who is here would be cut off, and when that may be is for people to say.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;

use topology::document::MachineState;
use topology::{ChatServer, Fqdn, Roles, Topology, roles};

use crate::data::Data;
use crate::machine::{Machine, described};
use crate::replica::Replica;
use crate::trouble::{Trouble, at};

/// The file in the data directory that says why the server is to be restarted.
const NAME: &str = "restart-pending";
/// Longest note that is read, in octets (ours: ten names).
const NOTE_BYTES_MAX: u64 = 8_192;

/// As what a server began.
#[derive(Debug)]
pub struct Begun {
    machine: String,
    roles: Option<Roles>,
    /// Whether it began with the published topology, and would do so again.
    follows: bool,
}

impl Begun {
    /// The server of this machine begins; `follows` says whether it goes by the published topology. What was noted before is done.
    ///
    /// # Errors
    /// [`Trouble::Unavailable`] when a former note cannot be taken away.
    pub fn now(data: &Data, machine: &Machine, follows: bool) -> Result<Self, Trouble> {
        take_away(data)?;
        Ok(Self { machine: machine.name.clone(), roles: machine.roles.clone(), follows })
    }

    /// Compares with what is published now: says and notes it when that is something else, and takes the note away when it is not.
    ///
    /// # Errors
    /// [`Trouble`] when the topology cannot be read or the note not be written.
    pub fn compare(&self, data: &Data) -> Result<(), Trouble> {
        let topology = if self.follows { Replica::of(data).topology()? } else { None };
        let Some(topology) = topology else { return Ok(()) };
        let Some(why) = self.differs(&topology) else { return take_away(data) };
        if pending(data)?.as_deref() != Some(&*why) {
            tracing::warn!(why, "topology.restart_pending");
            note(data, &why)?;
        }
        Ok(())
    }

    /// What a restart would change, in words; `None` when nothing.
    fn differs(&self, topology: &Topology) -> Option<String> {
        let machine = &self.machine;
        let now = Fqdn::parse(machine).ok().and_then(|fqdn| roles(topology, &fqdn).ok());
        let Some(now) = now else {
            return Some(format!(
                "the published topology has no machine {machine} any more: this server goes on until it is stopped, and will not \
                 start again; drain it and stop it, or add the machine and publish"
            ));
        };
        let was = self.roles.as_ref();
        let (before, after) = (described(was), described(Some(&now)));
        if before != after {
            return Some(format!(
                "the published topology says that {machine} is {after}, and this server began as {before}: drain and restart it \
                 for that to be so"
            ));
        }
        let state =
            |roles: Option<&Roles>| roles.and_then(|roles| roles.chat.as_ref()).map(|chat| chat.state);
        if state(was) != state(Some(&now)) {
            let (what, verb) = match state(Some(&now)) {
                Some(MachineState::Inactive) => ("to stand by", "--remove-server"),
                _ => ("to be active", "--add-server"),
            };
            return Some(format!(
                "the published topology says that {machine} is {what}: `causerie pool active-servers set {verb} {machine}` has it \
                 so, and no restart does"
            ));
        }
        (was != Some(&now)).then(|| {
            format!(
                "the published topology names other machines or pools than those to which {machine} passes people or which it \
                 believes: drain and restart it for that to be so{}",
                new_peers(was, &now)
            )
        })
    }
}

/// The machines of the own pool that came, for whoever wonders what is meant.
fn new_peers(was: Option<&Roles>, now: &Roles) -> String {
    let of = |chat: Option<&ChatServer>| chat.map(|chat| chat.peers.clone()).unwrap_or_default();
    let known = of(was.and_then(|roles| roles.chat.as_ref()));
    let new = of(now.chat.as_ref()).into_iter().filter(|peer| !known.contains(peer));
    let new: Vec<String> = new.map(|peer| peer.to_string()).collect();
    if new.is_empty() { String::new() } else { format!(" (new in its pool: {})", new.join(", ")) }
}

/// Why the server in this directory is to be restarted, as it noted; `None` when it is not.
///
/// # Errors
/// [`Trouble::Unavailable`] when the note cannot be read.
pub fn pending(data: &Data) -> Result<Option<String>, Trouble> {
    let place = data.file(NAME);
    let file = match File::open(&place) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(at(&place))?,
    };
    let mut text = String::new();
    file.take(NOTE_BYTES_MAX).read_to_string(&mut text).map_err(at(&place))?;
    Ok(Some(text.trim_end().to_owned()).filter(|text| !text.is_empty()))
}

fn note(data: &Data, why: &str) -> Result<(), Trouble> {
    let place = data.file(NAME);
    let opened = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&place);
    opened.and_then(|mut file| writeln!(file, "{why}")).map_err(at(&place))
}

fn take_away(data: &Data) -> Result<(), Trouble> {
    let place = data.file(NAME);
    match std::fs::remove_file(&place) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(at(&place)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
