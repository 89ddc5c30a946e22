//! The settings file: what a server must know before it opens its store. Everything else is kept in the store.
//! The command line comes before the file, the file before the defaults.

use std::net::SocketAddr;
use std::path::Path;

use serde::Deserialize;

use crate::trouble::Trouble;

/// TLS is open to the network: it is what clients use.
const SIP_TLS: &str = "0.0.0.0:5061";
/// Plain TCP is for this machine alone.
const SIP_TCP: &str = "127.0.0.1:5060";

/// The file as written. An unknown name is an error, not a surprise.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    /// The SIP domain, for the first start.
    pub domain: Option<String>,
    /// The address for SIP over TLS.
    pub sip_tls: Option<String>,
    /// The address for SIP over plain TCP, or `off`.
    pub sip_tcp: Option<String>,
    /// Whether plain TCP may be open to the network. Bodies of messages are not protected there.
    #[serde(default)]
    pub allow_plain_tcp_off_loopback: bool,
}

/// Where the server listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listening {
    /// SIP over TLS.
    pub tls: SocketAddr,
    /// SIP over plain TCP.
    pub tcp: Option<SocketAddr>,
}

/// Reads the file.
///
/// # Errors
/// [`Trouble::Invalid`] naming the line and what is wrong there.
pub fn read(path: &Path) -> Result<File, Trouble> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Trouble::Invalid(format!("the settings file {}: {error}", path.display())))?;
    toml::from_str(&text)
        .map_err(|error| Trouble::Invalid(format!("the settings file {}: {error}", path.display())))
}

/// Puts command line, file and defaults together.
///
/// # Errors
/// [`Trouble::Invalid`] for an address that is none, or plain TCP off loopback without the setting that allows it.
pub fn listening(tls: Option<&str>, tcp: Option<&str>, file: &File) -> Result<Listening, Trouble> {
    let tls = tls.or(file.sip_tls.as_deref()).unwrap_or(SIP_TLS);
    let tcp = tcp.or(file.sip_tcp.as_deref()).unwrap_or(SIP_TCP);
    let tcp = if tcp == "off" { None } else { Some(address("sip-tcp", tcp)?) };
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
    Ok(Listening { tls: address("sip-tls", tls)?, tcp })
}

fn address(what: &str, text: &str) -> Result<SocketAddr, Trouble> {
    text.parse().map_err(|_| {
        Trouble::Invalid(format!(
            "{what}: '{text}' is no address and port: write 127.0.0.1:5061 or [::]:5061"
        ))
    })
}
