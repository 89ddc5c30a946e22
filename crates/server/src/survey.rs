//! What the world looks like from this machine, for the rules of topologies: addresses in DNS, file stores, file systems.
//! Judges nothing; what was looked for and not found is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;
use topology::document::FileStore;
use topology::facts::FileSystem;
use topology::word::Fqdn;
use topology::{Seen, Topology};

/// The variable that says under which folder shares are mounted.
const SHARES: &str = "CAUSERIE_SHARES";
/// The folder under which shares are mounted when nothing else is said: each as SERVER/SHARE.
const SHARES_USUAL: &str = "/srv/causerie";
/// How long DNS may take over one name (ours: resolvers give up after ten seconds, and try others before that).
const DNS_TIME: Duration = Duration::from_secs(10);
/// Names that are looked up at the same time (ours).
const LOOKUPS_MAX: usize = 16;
/// Where the system lists what is mounted.
const MOUNTS: &str = "/proc/self/mountinfo";

/// Looks at everything a topology names.
pub async fn survey(topology: &Topology) -> Seen {
    let mut seen = Seen { addresses: addresses(names(topology)).await, ..Seen::default() };
    let mounts = std::fs::read_to_string(MOUNTS).unwrap_or_default();
    for store in &topology.file_stores {
        let place = place_of(store).and_then(|place| place.canonicalize().ok());
        if let Some(place) = place.filter(|place| place.is_dir()) {
            seen.file_stores.insert(store.id.clone(), file_system(&mounts, &place));
        }
    }
    seen
}

/// Where the files of a store lie on this machine; `None` when it names no place.
#[must_use]
pub fn place_of(store: &FileStore) -> Option<PathBuf> {
    match (&store.server, &store.share, &store.path) {
        (Some(server), Some(share), None) => {
            let shares = std::env::var_os(SHARES).map_or_else(|| SHARES_USUAL.into(), PathBuf::from);
            Some(shares.join(server.as_str()).join(share.as_str()))
        }
        (None, None, Some(path)) => Some(path.as_str().into()),
        _ => None,
    }
}

/// Every name that DNS should know.
fn names(topology: &Topology) -> BTreeSet<Fqdn> {
    let servers = topology.standard_edition_servers.iter().map(|server| &server.fqdn);
    let fronts = topology.front_end_pools.iter().flat_map(|pool| pool.machines.iter());
    let pools = topology.pools.iter();
    let machines = pools.clone().flat_map(|pool| pool.machines.iter().map(|machine| &machine.fqdn));
    servers.chain(fronts).chain(pools.map(|pool| &pool.fqdn)).chain(machines).cloned().collect()
}

async fn addresses(names: BTreeSet<Fqdn>) -> BTreeMap<Fqdn, BTreeSet<IpAddr>> {
    let mut found = BTreeMap::new();
    let mut asking = JoinSet::new();
    let mut names = names.into_iter();
    loop {
        while asking.len() < LOOKUPS_MAX {
            let Some(name) = names.next() else { break };
            asking.spawn(async move {
                let addresses = timeout(DNS_TIME, addresses_of(&name)).await.unwrap_or_default();
                (name, addresses)
            });
        }
        let Some(answered) = asking.join_next().await else { return found };
        let (name, addresses) = answered.expect("asking DNS does not panic");
        if !addresses.is_empty() {
            found.insert(name, addresses);
        }
    }
}

/// The addresses of a name; none when nobody knows it.
async fn addresses_of(name: &Fqdn) -> BTreeSet<IpAddr> {
    // The dot at the end keeps the resolver from trying domains of its own behind it; hosts files know names without it.
    for written in [name.to_string(), format!("{name}.")] {
        if let Ok(addresses) = tokio::net::lookup_host((written.as_str(), 0)).await {
            return addresses.map(|address| address.ip()).collect();
        }
    }
    BTreeSet::new()
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
