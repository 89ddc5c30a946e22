//! The address of a database of PostgreSQL: where it is, how one gets in, and whether the way there needs TLS.
//! Opens nothing, and shows no password.

use std::net::IpAddr;
use std::str::FromStr;

use tokio_postgres::config::{Config, Host, SslMode};

use super::NO_ADDRESS;
use super::tls::Trust;

/// Where PostgreSQL listens unless something else is said.
const PORT: u16 = 5432;

/// Where a database of PostgreSQL is, and how one gets in. Shows no password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(super) config: Config,
    /// The roots that its certificate must come from; none where the way leads through this machine alone.
    pub(super) trust: Option<Trust>,
}

impl Address {
    /// Reads `postgres://name:password@host:port/database`, with `sslmode=verify-full` and `sslrootcert=FILE` if need be.
    ///
    /// # Errors
    /// Says what is wrong with it, but not what it is.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let (url, mode, roots) = without_tls(url)?;
        let mut config = Config::from_str(&url).map_err(|error| format!("it cannot be read: {error}"))?;
        if config.get_hosts().is_empty() {
            return Err("it names no host".into());
        }
        if config.get_user().is_none() || config.get_dbname().is_none() {
            return Err(format!("it names no user, or no database: {NO_ADDRESS}"));
        }
        let here = config.get_hosts().iter().all(is_here)
            && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
        let secured = match mode.as_deref() {
            Some("verify-full") => true,
            None => !here || roots.is_some(),
            Some("disable" | "allow" | "prefer") if here && roots.is_none() => false,
            Some(_) => {
                return Err(
                    "say sslmode=verify-full, or leave it out: on the way to another machine no lesser mode \
                            keeps words and passwords to those they are for"
                        .into(),
                );
            }
        };
        config.ssl_mode(if secured { SslMode::Require } else { SslMode::Disable });
        Ok(Self { config, trust: secured.then_some(Trust(roots.map(Into::into))) })
    }
}

impl Address {
    /// The servers of the database, by host and port.
    pub(super) fn servers(&self) -> String {
        let ports = self.config.get_ports();
        let port = |number: usize| ports.get(number).or(ports.first()).unwrap_or(&PORT);
        let hosts = self.config.get_hosts().iter().enumerate().map(|(number, host)| match host {
            Host::Tcp(name) => format!("{name}:{}", port(number)),
            Host::Unix(folder) => folder.display().to_string(),
        });
        hosts.collect::<Vec<_>>().join(", ")
    }

    /// The same server, another database.
    pub(crate) fn in_database(&self, database: &str) -> Self {
        let mut other = self.clone();
        other.config.dbname(database);
        other
    }

    /// The same server, as another role in another database, by the address that [`Address::parse`] reads; without a password.
    pub(crate) fn written_for(&self, role: &str, database: &str) -> String {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => escaped(name),
            Some(Host::Unix(folder)) => escaped(&folder.to_string_lossy()),
            None => String::new(),
        };
        let port = self.config.get_ports().first().map(|port| format!(":{port}")).unwrap_or_default();
        format!("postgres://{}@{host}{port}/{}", escaped(role), escaped(database))
    }
}

/// A part of an address: everything but unreserved characters escaped (RFC 3986, 2.3).
fn escaped(text: &str) -> String {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
    text.bytes()
        .map(|octet| if plain(octet) { char::from(octet).to_string() } else { format!("%{octet:02X}") })
        .collect()
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

/// The address without what it says of TLS: the mode, and the file of trusted roots.
fn without_tls(url: &str) -> Result<(String, Option<String>, Option<String>), String> {
    // A password may hold a question mark.
    let host = url.find('@').unwrap_or(0);
    let Some(question) = url[host..].find('?') else { return Ok((url.to_owned(), None, None)) };
    let (start, options) = url.split_at(host + question);
    let (mut rest, mut mode, mut roots) = (Vec::new(), None, None);
    for option in options[1..].split('&') {
        match option.split_once('=') {
            Some(("sslmode", value)) => mode = Some(decoded(value)?),
            Some(("sslrootcert", value)) => roots = Some(decoded(value)?).filter(|value| value != "system"),
            _ => rest.push(option),
        }
    }
    let mark = if rest.is_empty() { "" } else { "?" };
    Ok((format!("{start}{mark}{}", rest.join("&")), mode, roots))
}

/// A value with its `%2F` and the like as what they stand for.
fn decoded(value: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *byte == b'%') {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| "a value in it is no text".to_owned())
}
