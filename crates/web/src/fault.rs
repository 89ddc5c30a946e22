//! Why the web does not start. What is refused later is `problem.rs`; nothing that happens later stops the web.

use std::io;
use std::net::SocketAddr;

/// Why the web does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// The address is taken, not ours, or not permitted.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// Plain HTTP is for this machine alone.
    #[error(
        "health and metrics on {0} would be open to the network without protection: use a loopback address"
    )]
    HealthOffLoopback(SocketAddr),
    /// As above: passwords would be read on the way.
    #[error(
        "plain HTTP on {0} would carry passwords over the network in clear: use a loopback address, or HTTPS"
    )]
    PlainOffLoopback(SocketAddr),
}
