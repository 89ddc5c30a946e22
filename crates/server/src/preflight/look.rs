//! Looking at a machine: what it is, what its names lead to, which ports are free, what its databases answer.
//! Changes nothing; judges nothing.

use std::fs::File;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use chat::Clock;
use rustix::fs::fstatvfs;
use rustix::process::{Resource, getrlimit};
use store::Location;
use topology::{Fqdn, Topology};

use super::{Answer, Certificate, DATA, Database, Folder, Name, Port, Seen, answered};
use crate::apart;
use crate::certificate::{Certificates, Flaw};
use crate::data::Data;
use crate::file_system;
use crate::machine::{self, Machine};
use crate::restart;
use crate::settings::Listening;
use crate::trouble::Trouble;

/// How long a database may take until it listens (ours: beyond it nobody is there).
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// What is to be looked at.
#[derive(Debug)]
pub struct Looked<'a> {
    /// The data directory, which need not be there.
    pub data: &'a Path,
    /// This machine.
    pub machine: &'a Machine,
    /// The topology, if there is one.
    pub topology: Option<&'a Topology>,
    /// Where the server is to listen.
    pub listening: &'a Listening,
    /// The database of its store, if one is known.
    pub store: Option<&'a Location>,
}

/// Looks at everything.
///
/// # Errors
/// [`Trouble`] when the data directory is there and cannot be used.
pub async fn look(at: &Looked<'_>, clock: &dyn Clock) -> Result<Seen, Trouble> {
    let uname = rustix::system::uname();
    let name = uname.sysname().to_string_lossy().into_owned();
    let data = Data::open(at.data)?;
    let ours = data.as_ref().is_some_and(|data| data.hold().is_ok_and(|hold| hold.is_none()));
    let mut names = Vec::new();
    for (name, is_own) in names_of(at) {
        names.push(Name { addresses: addresses(&name).await, name, is_own });
    }
    let certificate = data.as_ref().map(|data| certificate(data, at.machine, clock)).transpose()?;
    Ok(Seen {
        system: (name, uname.release().to_string_lossy().into_owned()),
        memory_mib: memory_mib(),
        descriptors: getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX),
        folders: folders(at),
        clock_is_synchronised: clock_is_synchronised(),
        names,
        ports: ports(at, ours),
        certificate: certificate.flatten(),
        databases: databases(at, clock),
        restart: data.as_ref().map(restart::pending).transpose()?.flatten().filter(|_| ours),
    })
}

/// The memory of the machine.
fn memory_mib() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1_024)
}

/// The data directory, and file stores that lie on this machine.
fn folders(at: &Looked<'_>) -> Vec<Folder> {
    let mut folders = vec![folder(DATA, at.data.to_owned(), true)];
    let own = at.machine.roles.as_ref().and_then(|roles| roles.chat.as_ref());
    let pools =
        at.topology.iter().flat_map(|topology| topology.pools.iter().map(move |pool| (topology, pool)));
    for (topology, pool) in pools.filter(|(_, pool)| own.is_some_and(|own| own.pool == pool.fqdn)) {
        let store = pool.file_store.as_ref().and_then(|id| topology.file_store(id));
        if let Some((store, path)) = store.and_then(|store| Some((store, store.path.as_ref()?))) {
            let what = format!("file store {}", store.id);
            folders.push(folder(&what, path.as_str().into(), false));
        }
    }
    folders
}

/// A folder; one that will be made is looked at where it would lie.
fn folder(what: &str, place: PathBuf, will_be_made: bool) -> Folder {
    let absolute = std::path::absolute(&place).unwrap_or_else(|_| place.clone());
    let there = absolute.ancestors().find(|folder| folder.exists());
    let there = there.filter(|there| will_be_made || *there == absolute.as_path());
    let found = match there {
        None => Err("it is not there".to_owned()),
        Some(there) => File::open(there)
            .and_then(|folder| {
                let room = fstatvfs(&folder)?;
                Ok((file_system::of(&folder)?, (room.f_bavail * room.f_frsize) >> 20))
            })
            .map_err(|error| error.to_string()),
    };
    Folder { what: what.to_owned(), place: place.display().to_string(), found }
}

/// Whether somebody keeps the clock right, as the service manager of the system says.
fn clock_is_synchronised() -> Option<bool> {
    let shown = Command::new("timedatectl").args(["show", "--property=NTPSynchronized", "--value"]).output();
    match String::from_utf8_lossy(&shown.ok()?.stdout).trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// The names that matter here, each with whether it is this machine's: its own, and those of the topology.
fn names_of(at: &Looked<'_>) -> Vec<(String, bool)> {
    let own = &at.machine.name;
    let others = at.topology.map(machine::names).unwrap_or_default();
    let others = others.into_iter().filter(|name| name != own).map(|name| (name, false));
    std::iter::once((own.clone(), true)).chain(others).collect()
}

/// The addresses of a name, each with whether it is one of this machine: only those can be listened at.
async fn addresses(name: &str) -> Vec<(IpAddr, bool)> {
    let found = tokio::net::lookup_host((name, 0)).await.map(Iterator::collect::<Vec<SocketAddr>>);
    let mut addresses: Vec<IpAddr> = found.unwrap_or_default().iter().map(SocketAddr::ip).collect();
    addresses.sort();
    addresses.dedup();
    addresses.into_iter().map(|address| (address, UdpSocket::bind((address, 0)).is_ok())).collect()
}

/// Where the server is to listen; port 0 is any that is free.
fn ports(at: &Looked<'_>, ours: bool) -> Vec<Port> {
    let listening = at.listening;
    let mut wanted = vec![("sip-tls", Some(listening.tls)), ("sip-tcp", listening.tcp)];
    wanted.extend([("https", listening.https), ("metrics", listening.metrics)]);
    let roles = at.machine.roles.as_ref();
    wanted.push(("trunk", roles.and_then(|roles| apart::trunk(roles, listening))));
    let wanted = wanted.into_iter().filter_map(|(what, address)| Some((what, address?)));
    let port = |(what, address): (&str, SocketAddr)| {
        let refused = TcpListener::bind(address).err().map(|error| match error.kind() {
            ErrorKind::AddrInUse => "something else listens there".to_owned(),
            ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
            _ => error.to_string(),
        });
        Port { what: what.to_owned(), address, refused, ours }
    };
    wanted.map(port).collect()
}

/// The certificate that is assigned; on a machine that makes its own at the first start, none is missed.
fn certificate(data: &Data, machine: &Machine, clock: &dyn Clock) -> Result<Option<Certificate>, Trouble> {
    let certificates = Certificates::of(data)?;
    let Some(chain) = certificates.assigned()? else {
        let none = Certificate { flaws: vec![Flaw::Empty], days_left: 0 };
        return Ok(machine.roles.is_some().then_some(none));
    };
    let names = machine.roles.as_ref().map(|roles| roles.certificate_names()).unwrap_or_default();
    let names: Vec<String> = names.iter().map(Fqdn::to_string).collect();
    let now = clock.now();
    let flaws = chain.flaws(&certificates.authorities()?, &names, now);
    Ok(Some(Certificate { flaws, days_left: chain.leaf.days_left(now) }))
}

/// The databases of this machine's roles, and whether they answer.
fn databases(at: &Looked<'_>, clock: &dyn Clock) -> Vec<Database> {
    if let Some(location) = at.store {
        let asked = store::survey(location, clock);
        let answer = asked.map(|survey| answered(&survey)).map_err(|fault| fault.to_string());
        return vec![Database { what: "store".to_owned(), answer }];
    }
    let needed = at.topology.zip(at.machine.roles.as_ref());
    let needed = needed.map(|(topology, roles)| machine::stores(topology, roles)).unwrap_or_default();
    needed
        .into_iter()
        .map(|store| {
            let what = format!("store {}", store.id);
            let answer = listens(store.server.as_str(), store.port());
            Database { what, answer: answer.map(|()| Answer::Listens) }
        })
        .collect()
}

/// Whether something listens.
fn listens(host: &str, port: u16) -> Result<(), String> {
    use std::net::ToSocketAddrs;
    let addresses = (host, port).to_socket_addrs().map_err(|error| format!("{host}: {error}"))?;
    let mut why = format!("{host}: DNS knows no address");
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT_TIME) {
            Ok(_) => return Ok(()),
            Err(error) => why = format!("{host}:{port}: {error}"),
        }
    }
    Err(why)
}
