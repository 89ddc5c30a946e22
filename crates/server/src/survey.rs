//! What the world looks like from this machine, for the rules of topologies: addresses in DNS, databases, file stores and what
//! they lie on.
//! Judges nothing; what was looked for and not found is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use admin::{Survey, Surveyed, Surveying};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use topology::document::{Engine, FileStore, InstanceName};
use topology::facts::FileSystem;
use topology::finding::{Object, ObjectKind};
use topology::word::Fqdn;
use topology::{Finding, Seen, Severity, Topology};

use crate::hosts;

/// The variable that says under which folder shares are mounted.
pub const SHARES: &str = "CAUSERIE_SHARES";
/// The folder under which shares are mounted when nothing else is said: each as SERVER/SHARE.
const SHARES_USUAL: &str = "/srv/causerie";
/// How long a database may take to say that it is one (ours).
const DATABASE_TIME: Duration = Duration::from_secs(10);
/// Names and databases that are asked at the same time (ours).
const ASKED_MAX: usize = 16;
/// Where the system lists what is mounted.
const MOUNTS: &str = "/proc/self/mountinfo";
/// The first words of a client of PostgreSQL that would speak TLS: a length and a number (PostgreSQL: SSLRequest). What answers with
/// `S` or `N` is a PostgreSQL.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];
/// The version of a database that says none before somebody signs on.
const UNKNOWN_VERSION: u32 = 0;
/// What stands for a file system on another machine.
const ELSEWHERE: &str = "not seen from here";
/// The name of what is written into a file store to see that it can be.
const PROBE: &str = ".causerie-probe";

/// Somebody who looks at the world from this machine.
pub fn from(machine: String) -> Survey {
    Survey::new(move |asked: Surveying| {
        let machine = machine.clone();
        async move { survey(&asked.topology, &machine, asked.prepares).await }
    })
}

/// Looks at everything a topology names.
pub async fn survey(topology: &Topology, machine: &str, prepares: bool) -> Surveyed {
    let addresses = asked(names(topology), |name| async move {
        Some(hosts::addresses(name.as_str()).await).filter(|found| !found.is_empty())
    });
    let instances = asked(instances(topology), |(name, port)| async move {
        answers(&name, port).await.then_some(UNKNOWN_VERSION)
    });
    let (addresses, instances) = tokio::join!(addresses, instances);
    let instances = instances.into_iter().map(|((name, _), version)| (name, version)).collect();
    let seen = Seen { addresses, instances, ..Seen::default() };
    let mut surveyed = Surveyed { seen, findings: Vec::new() };
    if !machines(topology).any(|fqdn| fqdn.as_str() == machine) {
        surveyed.findings.push(Finding {
            rule: "V23",
            severity: Severity::Warning,
            place: Object::topology().whole(),
            problem: format!(
                "{machine}, from which it is published, is not in it, and would not serve any more"
            ),
            fix: "add it, or say with --machine by which name the topology knows it".to_owned(),
        });
    }
    // Looking at files may wait for a file server.
    let (topology, machine) = (topology.clone(), machine.to_owned());
    let looked = tokio::task::spawn_blocking(move || {
        look_at_files(&topology, &machine, prepares, &mut surveyed);
        surveyed
    });
    looked.await.expect("looking at files does not panic")
}

/// Every name that DNS should know.
fn names(topology: &Topology) -> BTreeSet<Fqdn> {
    machines(topology).chain(topology.pools.iter().map(|pool| &pool.fqdn)).cloned().collect()
}

/// Every machine, some of them twice.
fn machines(topology: &Topology) -> impl Iterator<Item = &Fqdn> {
    let servers = topology.standard_edition_servers.iter().map(|server| &server.fqdn);
    let fronts = topology.front_end_pools.iter().flat_map(|pool| pool.machines.iter());
    let machines = topology.pools.iter().flat_map(|pool| pool.machines.iter().map(|machine| &machine.fqdn));
    servers.chain(fronts).chain(machines)
}

/// Every PostgreSQL that something is kept in, with its port.
fn instances(topology: &Topology) -> BTreeSet<(InstanceName, u16)> {
    let stores = topology.stores.iter().filter(|store| store.engine == Engine::Postgresql);
    let each = stores.flat_map(|store| {
        let mirror = store.mirror.as_ref().map(|mirror| (mirror.name(), mirror.port()));
        std::iter::once((store.name(), store.port())).chain(mirror)
    });
    each.collect()
}

/// Asks about each of many things, several at a time; what has no answer is left out.
async fn asked<K, V, F>(things: BTreeSet<K>, ask: impl Fn(K) -> F) -> BTreeMap<K, V>
where
    K: Clone + Ord + Send + 'static,
    V: Send + 'static,
    F: Future<Output = Option<V>> + Send + 'static,
{
    let mut found = BTreeMap::new();
    let mut asking = JoinSet::new();
    let mut things = things.into_iter();
    loop {
        while asking.len() < ASKED_MAX {
            let Some(thing) = things.next() else { break };
            let answer = ask(thing.clone());
            asking.spawn(async move { (thing, answer.await) });
        }
        let Some(answered) = asking.join_next().await else { return found };
        let (thing, answer) = answered.expect("asking does not panic");
        if let Some(answer) = answer {
            found.insert(thing, answer);
        }
    }
}

/// Whether a PostgreSQL answers there. What may be done in it is tested by whoever has its password: `causerie database test`.
async fn answers(instance: &InstanceName, port: u16) -> bool {
    for address in hosts::addresses(instance.server.as_str()).await {
        let speaks = async {
            let mut stream = TcpStream::connect((address, port)).await.ok()?;
            stream.write_all(&SSL_REQUEST).await.ok()?;
            Some(matches!(stream.read_u8().await.ok()?, b'S' | b'N'))
        };
        if timeout(DATABASE_TIME, speaks).await == Ok(Some(true)) {
            return true;
        }
    }
    false
}

fn look_at_files(topology: &Topology, machine: &str, prepares: bool, surveyed: &mut Surveyed) {
    let mounts = std::fs::read_to_string(MOUNTS).unwrap_or_default();
    for store in &topology.file_stores {
        let Some(place) = place_of(store) else { continue };
        let object = Object::new(ObjectKind::FileStore, &store.id);
        if store.path.is_some() && !is_used_here(topology, store, machine) {
            // Its machine looks at it itself.
            surveyed.seen.file_stores.insert(store.id.clone(), FileSystem(ELSEWHERE.to_owned()));
            continue;
        }
        let Ok(place) = place.canonicalize() else { continue };
        if place.is_dir() {
            surveyed.seen.file_stores.insert(store.id.clone(), file_system(&mounts, &place));
            surveyed.findings.extend(usable(object, &place, prepares));
        }
    }
}

/// Whether a pool with a machine here keeps its files there.
fn is_used_here(topology: &Topology, store: &FileStore, machine: &str) -> bool {
    let mut pools = topology.pools.iter().filter(|pool| pool.file_store.as_ref() == Some(&store.id));
    pools.any(|pool| pool.machines.iter().any(|here| here.fqdn.as_str() == machine))
}

/// Where the files of a store lie on this machine; `None` when it names no place.
fn place_of(store: &FileStore) -> Option<PathBuf> {
    match (&store.server, &store.share, &store.path) {
        (Some(server), Some(share), None) => {
            let shares = std::env::var_os(SHARES).map_or_else(|| SHARES_USUAL.into(), PathBuf::from);
            Some(shares.join(server.as_str()).join(share.as_str()))
        }
        (None, None, Some(path)) => Some(path.as_str().into()),
        _ => None,
    }
}

/// What keeps a folder from being used, or from being used by the service alone. Its rights are narrowed when that is wanted and it is
/// ours.
fn usable(object: Object, place: &Path, prepares: bool) -> Option<Finding> {
    let finding = |severity, problem: String, fix: String| {
        Some(Finding { rule: "V12", severity, place: object.whole(), problem, fix })
    };
    let probe = place.join(format!("{PROBE}-{}", std::process::id()));
    let written = std::fs::OpenOptions::new().write(true).create_new(true).open(&probe);
    let written = written.and_then(|_| std::fs::remove_file(&probe));
    if let Err(error) = written.or_else(|error| match error.kind() {
        // Somebody else looks at the same moment, so it can be written.
        ErrorKind::AlreadyExists | ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    }) {
        let problem = format!("nothing can be written to {}: {error}", place.display());
        return finding(
            Severity::Error,
            problem,
            "give the user of the service the right to write there".into(),
        );
    }
    let facts = place.metadata().ok()?;
    let is_open = facts.mode() & 0o077 != 0;
    if !is_open {
        return None;
    }
    let is_ours = facts.uid() == rustix::process::geteuid().as_raw();
    let narrowed = || std::fs::set_permissions(place, std::fs::Permissions::from_mode(0o700));
    if is_ours && (!prepares || narrowed().is_ok()) {
        return None;
    }
    let problem = format!("others may read or write {}", place.display());
    finding(
        Severity::Warning,
        problem,
        format!("leave it to the user of the service: chmod 700 {}", place.display()),
    )
}

/// The file system a place lies on: that of the deepest mount above it, and the last one there.
fn file_system(mounts: &str, place: &Path) -> FileSystem {
    let mount = |line: &str| {
        let (mounted, kind) = line.split_once(" - ")?;
        let at = unescaped(mounted.split(' ').nth(4)?);
        let kind = kind.split(' ').next()?.to_owned();
        place.starts_with(&at).then_some((at.len(), kind))
    };
    let deepest = mounts.lines().filter_map(mount).max_by_key(|(depth, _)| *depth);
    FileSystem(deepest.map_or_else(|| "unknown".to_owned(), |(_, kind)| kind))
}

/// A path as it is: the list writes blanks and the like as octal numbers.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut path = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let number = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match number {
            Some(octet) => {
                path.push(char::from(octet));
                path.push_str(part.get(3..).unwrap_or_default());
            }
            None => path.push_str(part),
        }
    }
    path
}

#[cfg(test)]
mod tests;
