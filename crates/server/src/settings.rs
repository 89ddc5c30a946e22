//! The settings file: what a server must know before it opens its store. Everything else is kept in the store.
//! The command line comes before the file, the file before the defaults.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::service::SETTINGS;
use crate::trouble::Trouble;

/// Longest settings file (ours: all names there are take a few kilobytes).
const OCTETS_MAX: u64 = 1 << 20;
/// TLS is open to the network: it is what clients use.
pub const SIP_TLS: &str = "0.0.0.0:5061";
/// Plain TCP is for this machine alone.
pub const SIP_TCP: &str = "127.0.0.1:5060";
/// HTTPS is open to the network; the usual port would need rights that a server should not have.
pub const HTTPS: &str = "0.0.0.0:5443";
/// Plain HTTP is for this machine alone, and only when it is asked for.
pub const HTTP: &str = "off";
/// Health and metrics are for this machine alone.
pub const METRICS: &str = "127.0.0.1:9464";

/// The file as written. An unknown name is an error, not a surprise.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    /// The SIP domain, for the first start.
    pub domain: Option<String>,
    /// The database with the store; a file in the data directory if there is none.
    pub store: Option<String>,
    /// The file with its password.
    pub store_password_file: Option<PathBuf>,
    /// The name of this machine in its pool; its host name if there is none.
    pub machine: Option<String>,
    /// How servers of the pool tell each other what they wrote: `notify`, or an address of NATS.
    pub peers: Option<String>,
    /// The file with who vouches for the NATS server, if it is not one that everybody knows.
    pub peers_ca: Option<PathBuf>,
    /// The address for SIP over TLS.
    pub sip_tls: Option<String>,
    /// The address for SIP over plain TCP, or `off`.
    pub sip_tcp: Option<String>,
    /// Whether plain TCP may be open to the network. Bodies of messages are not protected there.
    #[serde(default)]
    pub allow_plain_tcp_off_loopback: bool,
    /// The address for HTTPS, or `off`.
    pub https: Option<String>,
    /// The loopback address for plain HTTP, or `off`.
    pub http: Option<String>,
    /// The loopback address for health and metrics, or `off`.
    pub metrics: Option<String>,
    /// The server that gives out the published topology.
    pub central: Option<String>,
    /// A file with the token to show there.
    pub central_token_file: Option<PathBuf>,
    /// A file with the certificate authorities to trust there.
    pub central_ca: Option<PathBuf>,
    /// Further names under which this host is reached over HTTPS.
    #[serde(default)]
    pub host_names: Vec<String>,
    /// Where front ends reach the chat server of this machine; by default the port the topology says, on all addresses, where there
    /// are front ends on other machines.
    pub trunk: Option<String>,
    /// Addresses and ports of chat servers by their names in the topology, where DNS does not say them.
    #[serde(default)]
    pub machines: BTreeMap<String, SocketAddr>,
}

/// Addresses as the command line gives them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// SIP over TLS.
    pub sip_tls: Option<&'a str>,
    /// SIP over plain TCP.
    pub sip_tcp: Option<&'a str>,
    /// HTTPS.
    pub https: Option<&'a str>,
    /// Plain HTTP.
    pub http: Option<&'a str>,
    /// Health and metrics.
    pub metrics: Option<&'a str>,
    /// SIP over mutual TLS.
    pub trunk: Option<&'a str>,
}

/// Where the server listens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listening {
    /// SIP over TLS.
    pub tls: SocketAddr,
    /// SIP over plain TCP.
    pub tcp: Option<SocketAddr>,
    /// HTTPS.
    pub https: Option<SocketAddr>,
    /// Plain HTTP.
    pub http: Option<SocketAddr>,
    /// Health and metrics.
    pub metrics: Option<SocketAddr>,
    /// Further names of this host.
    pub host_names: Vec<String>,
    /// SIP over mutual TLS; `None` leaves it to the topology.
    pub trunk: Option<SocketAddr>,
    /// Chat servers by name, where DNS does not say them.
    pub machines: BTreeMap<String, SocketAddr>,
}

/// The settings file of a command that works in this data directory: the one that was named, or that of the directory if there is one.
#[must_use]
pub fn in_use(named: Option<&Path>, place: &Path) -> Option<PathBuf> {
    let own = place.join(SETTINGS);
    // A link that leads nowhere is not the same as none.
    named.map(Path::to_owned).or_else(|| own.symlink_metadata().is_ok().then_some(own))
}

/// Reads the file, if there is one.
///
/// # Errors
/// As [`read`].
pub fn read_in_use(named: Option<&Path>, place: &Path) -> Result<File, Trouble> {
    in_use(named, place).as_deref().map_or(Ok(File::default()), read)
}

/// Reads the file.
///
/// # Errors
/// [`Trouble::Invalid`] naming the line and what is wrong there.
pub fn read(path: &Path) -> Result<File, Trouble> {
    let invalid = |why: &dyn std::fmt::Display| {
        Trouble::Invalid(format!("the settings file {}: {why}", path.display()))
    };
    let facts = std::fs::metadata(path).map_err(|error| invalid(&error))?;
    if !facts.is_file() || facts.len() > OCTETS_MAX {
        return Err(invalid(&format!("this is no file of at most {OCTETS_MAX} octets")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| invalid(&error))?;
    toml::from_str(&text).map_err(|error: toml::de::Error| {
        // The line itself is not repeated: a password may stand in it.
        let before = &text[..error.span().map_or(0, |span| span.start.min(text.len()))];
        let line = before.matches('\n').count() + 1;
        invalid(&format!("line {line}: {}", error.message()))
    })
}

/// Puts command line, file and defaults together.
///
/// # Errors
/// [`Trouble::Invalid`] for an address that is none, for plain TCP off loopback without the setting that allows it, and for
/// plain HTTP or metrics off loopback.
pub fn listening(wanted: Wanted<'_>, file: &File) -> Result<Listening, Trouble> {
    let tls = wanted.sip_tls.or(file.sip_tls.as_deref()).unwrap_or(SIP_TLS);
    let tcp = switchable("sip-tcp", wanted.sip_tcp.or(file.sip_tcp.as_deref()).unwrap_or(SIP_TCP))?;
    let https = switchable("https", wanted.https.or(file.https.as_deref()).unwrap_or(HTTPS))?;
    let http = switchable("http", wanted.http.or(file.http.as_deref()).unwrap_or(HTTP))?;
    let metrics = switchable("metrics", wanted.metrics.or(file.metrics.as_deref()).unwrap_or(METRICS))?;
    if let Some(open) = tcp.filter(|tcp| !tcp.ip().is_loopback()) {
        if !file.allow_plain_tcp_off_loopback {
            return Err(Trouble::Invalid(format!(
                "plain TCP on {open} would let anybody on the network change what is said: use TLS, or set \
                 allow-plain-tcp-off-loopback = true in the settings file"
            )));
        }
        let danger = "anybody on the path can change what is said";
        tracing::warn!(address = %open, danger, "serve.plain_tcp_off_loopback");
    }
    if let Some(open) = metrics.filter(|metrics| !metrics.ip().is_loopback()) {
        return Err(Trouble::Invalid(format!(
            "metrics: {open} would tell the whole network how this server does: use a loopback address such as {METRICS}, \
             and let whoever collects come through a proxy"
        )));
    }
    if let Some(open) = http.filter(|http| !http.ip().is_loopback()) {
        return Err(Trouble::Invalid(format!(
            "http: {open} would carry passwords and messages over the network in clear: use a loopback address such as \
             127.0.0.1:8080, and HTTPS for everybody else"
        )));
    }
    let trunk = wanted.trunk.or(file.trunk.as_deref());
    let trunk = trunk.map(|text| address("trunk", text)).transpose()?;
    let (host_names, machines) = (file.host_names.clone(), file.machines.clone());
    Ok(Listening { tls: address("sip-tls", tls)?, tcp, https, http, metrics, host_names, trunk, machines })
}

/// An address, or nothing for `off`.
fn switchable(what: &str, text: &str) -> Result<Option<SocketAddr>, Trouble> {
    if text == "off" { Ok(None) } else { address(what, text).map(Some) }
}

fn address(what: &str, text: &str) -> Result<SocketAddr, Trouble> {
    text.parse().map_err(|_| {
        Trouble::Invalid(format!(
            "{what}: '{text}' is no address and port: write 127.0.0.1:5061 or [::]:5061"
        ))
    })
}
