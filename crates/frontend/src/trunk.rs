//! The chat server's side of a trunk: one connection of a front end, SIP over mutual TLS, that carries the dialogs of many people.
//! Each dialog is a [`crate::link::Link`] like that of a client, without sign-on and signatures: the front end has seen to both, and
//! says who it is in P-Asserted-Identity. Carries; what is asked inside a dialog is the business of its link.
//!
//! | file | what |
//! | --- | --- |
//! | `door.rs` | accepts connections, and lets in front ends of the topology only |
//! | `exchange.rs` | one trunk: which dialog a message belongs to |
//! | `strand.rs` | the end of one dialog, in place of a connection |
//! | `inbox.rs`, `outlet.rs`, `wire.rs` | what waits for one dialog; what waits to be written; octets and frames. For both sides |

pub(crate) mod door;
pub(crate) mod exchange;
pub(crate) mod inbox;
pub(crate) mod outlet;
pub(crate) mod strand;
pub(crate) mod wire;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::sync::watch;

/// Where front ends reach this chat server, and whom it takes for one.
#[derive(Clone, Debug)]
pub struct TrunkDoor {
    /// The address for SIP over mutual TLS.
    pub address: SocketAddr,
    /// Certificate of this server, and the authority whose certificates are looked at.
    pub tls_config: Arc<ServerConfig>,
    /// The names of the front ends of the topology, as it is published now: a certificate must bear one of them. The trunks of one
    /// that is gone from it are closed.
    pub trusted: watch::Receiver<BTreeSet<String>>,
    /// Whether the server serves; while it stands by or empties, no dialog is begun.
    pub serving: watch::Receiver<bool>,
}
