//! Why the front end does not start. What goes wrong on one link is `end.rs`; what is refused is `codes.rs`.
//! Nothing that happens later stops the front end.

use std::io;
use std::net::SocketAddr;

/// Why the front end does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// Neither an address for TLS nor one for TCP is set.
    #[error("no address to listen on: set one for SIP over TLS or over TCP")]
    NoAddress,
    /// An address for TLS is set, but no certificate.
    #[error("SIP over TLS needs a certificate")]
    NoCertificate,
    /// The address is taken, not ours, or not permitted.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// The host's name cannot stand in a sign-on.
    #[error(
        "the host name '{0}' cannot be used: it is empty, longer than 255 characters, or has others than letters, digits, '-', '.' and '_'"
    )]
    HostName(String),
}
