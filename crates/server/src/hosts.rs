//! The addresses of a name: as a file of one's own says, before DNS is asked.
//! Keeps nothing: names move.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;

/// The variable that names a file in the form of `/etc/hosts`, for trials on one machine.
pub const HOSTS: &str = "CAUSERIE_HOSTS";
/// How long DNS may take over one name (ours: resolvers give up after ten seconds, and try others before that).
const DNS_TIME: Duration = Duration::from_secs(10);

/// The addresses of a name; none when nobody knows it.
pub async fn addresses(name: &str) -> BTreeSet<IpAddr> {
    if let Some(file) = std::env::var_os(HOSTS) {
        let text = std::fs::read_to_string(Path::new(&file)).unwrap_or_default();
        let known = in_hosts(&text, name);
        if !known.is_empty() {
            return known;
        }
    }
    // The dot at the end keeps the resolver from trying domains of its own behind it; hosts files know names without it.
    for written in [name.to_owned(), format!("{name}.")] {
        let asked = timeout(DNS_TIME, tokio::net::lookup_host((written.as_str(), 0))).await;
        if let Ok(Ok(addresses)) = asked {
            return addresses.map(|address| address.ip()).collect();
        }
    }
    BTreeSet::new()
}

/// What a hosts file says of a name.
fn in_hosts(text: &str, name: &str) -> BTreeSet<IpAddr> {
    let lines = text.lines().filter_map(|line| line.split('#').next());
    let addresses = lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next()?.parse().ok()?;
        words.any(|word| word.eq_ignore_ascii_case(name)).then_some(address)
    });
    addresses.collect()
}

#[cfg(test)]
mod tests;
