//! The servers of the pool, as values and as they are read: names, states, leases, and how far their journals have come.
//! Takes no lease and ends none; that is `lease.rs`.

use std::collections::BTreeMap;
use std::time::Duration;

use chat::{Clock, ServerId, Time};

use crate::engine::{Conn, Row, damaged, params, uint, uint32};
use crate::fault::StoreFault;
use crate::limits::{LEASE_TIME, SERVER_NAME_BYTES_MAX};
use crate::record::Presence;
use crate::words;

/// The place somebody opens a store at: which server of the pool it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The full name of the server's machine; case makes no difference. At most
    /// [`SERVER_NAME_BYTES_MAX`](crate::limits::SERVER_NAME_BYTES_MAX) octets.
    pub name: String,
    /// Which installation this is. Whoever names the same one as the lease knows that its former process is dead, because it
    /// holds what only one process of that installation can; anybody else has to wait for the end of the lease.
    pub holder: String,
    /// The state in which it begins when the store does not know it yet. `None`: active, or standby if as many are active as may be.
    pub state: Option<ServerState>,
    /// For how long a lease is taken. Default: [`LEASE_TIME`].
    pub lease: Duration,
}

impl Place {
    /// A place of this name with the usual lease.
    #[must_use]
    pub fn of(name: &str, holder: &str) -> Self {
        Self { name: name.into(), holder: holder.into(), state: None, lease: LEASE_TIME }
    }

    /// The name as it is kept.
    pub(crate) fn folded(&self) -> Result<String, StoreFault> {
        if self.name.len() > SERVER_NAME_BYTES_MAX {
            return Err(StoreFault::TooLarge { what: "the name of a server", limit: SERVER_NAME_BYTES_MAX });
        }
        let may_stand = |octet: u8| octet.is_ascii_alphanumeric() || b"-._ ".contains(&octet);
        let is_bounded = |edge: char| edge.is_ascii_alphanumeric();
        if !self.name.bytes().all(may_stand)
            || !self.name.starts_with(is_bounded)
            || !self.name.ends_with(is_bounded)
        {
            let reason =
                format!("{:?} is no name of a server: name its machine as cs1.example.com", self.name);
            return Err(StoreFault::Rejected { reason });
        }
        Ok(self.name.to_ascii_lowercase())
    }
}

/// What a server does in its pool.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ServerState {
    /// It serves people.
    Active,
    /// It runs and follows, and takes nobody new.
    Standby,
    /// It is one of the active servers and takes nobody new, so that it empties. Its next start ends that.
    Draining,
    /// A command line that writes by itself while it runs; it serves nobody and is no server of the pool.
    Command,
}

impl ServerState {
    /// Whether it counts among those of which so many may be.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Active | Self::Draining)
    }

    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Active => 1,
            Self::Standby => 2,
            Self::Draining => 3,
            Self::Command => 4,
        }
    }

    pub(crate) fn of_code(code: i64) -> Result<Self, StoreFault> {
        match code {
            1 => Ok(Self::Active),
            2 => Ok(Self::Standby),
            3 => Ok(Self::Draining),
            4 => Ok(Self::Command),
            _ => Err(damaged("the state of a server", code)),
        }
    }
}

/// A lease as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// Which installation holds it.
    pub holder: String,
    /// The epoch it is held under.
    pub epoch: u64,
    /// When it ends, by the clock of the database.
    pub expires: Time,
    /// How many endpoints of people its holder had when it was renewed last.
    pub endpoints: u64,
    /// Up to which number of the journal of the pool everything is done that its holder does about it; none while it follows nothing.
    pub confirmed: Option<u64>,
}

/// A server as the pool knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    /// Its number.
    pub id: ServerId,
    /// Its name, in small letters.
    pub name: String,
    /// Its present epoch.
    pub epoch: u64,
    /// What it does.
    pub state: ServerState,
    /// Its lease; none once it was stopped or lost.
    pub lease: Option<Lease>,
    /// The last number of its journal, 0 if it is empty.
    pub number: u64,
}

/// Everything about the servers, read at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Servers {
    /// That moment, by the clock of the database.
    pub now: Time,
    /// The present era.
    pub era: u32,
    /// All of them, command lines included, ascending.
    pub all: Vec<Server>,
}

impl Servers {
    /// The last number of each journal.
    #[must_use]
    pub fn heads(&self) -> BTreeMap<ServerId, u64> {
        self.all.iter().map(|server| (server.id, server.number)).collect()
    }

    /// One of them.
    #[must_use]
    pub fn one(&self, id: ServerId) -> Option<&Server> {
        self.all.iter().find(|server| server.id == id)
    }

    /// Those that serve people under a lease and are not known to have followed the journal of the pool up to a number.
    pub fn behind(&self, number: u64) -> impl Iterator<Item = &Server> {
        let is_behind = move |lease: &Lease| {
            lease.expires > self.now && lease.confirmed.is_some_and(|confirmed| confirmed < number)
        };
        self.all.iter().filter(move |server| server.lease.as_ref().is_some_and(is_behind))
    }

    /// Those whose lease has run out and was ended by nobody.
    pub fn lost(&self) -> impl Iterator<Item = &Server> {
        self.all.iter().filter(|server| server.lease.as_ref().is_some_and(|lease| lease.expires <= self.now))
    }
}

/// Who is in rooms, with the places of the servers' journals at which that is so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Roster {
    /// Everybody, by server, person and endpoint.
    pub present: Vec<Presence>,
    /// The last number of each server's journal when this was read.
    pub heads: BTreeMap<ServerId, u64>,
}

/// All servers, as of the snapshot.
pub(crate) fn read_servers(conn: &Conn, clock: &dyn Clock) -> Result<Servers, StoreFault> {
    let now = conn.now(clock)?;
    let era = conn.row("SELECT era FROM pool", params![], |row| row.get(0))?;
    let era = uint32(era.ok_or_else(|| damaged("the store was never founded", 0))?, "era")?;
    Ok(Servers { now, era, all: conn.all(SERVERS, params![], server_of)? })
}

/// The last number of each server's journal, as of the snapshot.
pub(crate) fn read_heads(conn: &Conn) -> Result<BTreeMap<ServerId, u64>, StoreFault> {
    let rows = conn.all("SELECT subject, number FROM head WHERE kind = 2", params![], |row| {
        Ok((ServerId(row.get(0)?), uint(row.get(1)?, "head number")?))
    })?;
    Ok(rows.into_iter().collect())
}

/// Who is in rooms, as of the snapshot.
pub(crate) fn read_roster(conn: &Conn) -> Result<Roster, StoreFault> {
    Ok(Roster { present: words::read_presence(conn)?, heads: read_heads(conn)? })
}

const SERVERS: &str = "SELECT s.id, s.name, s.epoch, s.state, coalesce(h.number, 0), l.holder, l.epoch, l.expires, l.endpoints, l.confirmed
    FROM server s LEFT JOIN lease l ON l.server = s.id LEFT JOIN head h ON h.kind = 2 AND h.subject = s.id ORDER BY s.id";

fn server_of(row: Row<'_>) -> Result<Server, StoreFault> {
    let lease = match row.get::<Option<String>>(5)? {
        Some(holder) => Some(Lease {
            holder,
            epoch: uint(row.get(6)?, "epoch of a lease")?,
            expires: Time::from_unix_micros(row.get(7)?),
            endpoints: uint(row.get(8)?, "endpoints of a lease")?,
            confirmed: row
                .get::<Option<i64>>(9)?
                .map(|number| uint(number, "confirmed number"))
                .transpose()?,
        }),
        None => None,
    };
    Ok(Server {
        id: ServerId(row.get(0)?),
        name: row.get(1)?,
        epoch: uint(row.get(2)?, "epoch")?,
        state: ServerState::of_code(row.get(3)?)?,
        number: uint(row.get(4)?, "head number")?,
        lease,
    })
}
