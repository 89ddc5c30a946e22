//! The front end's side of chat servers elsewhere: their pools and servers, who of them serves, and the way of each dialog.
//! Passes on what the people who are signed on here say in dialogs, and parses no XCCOS; what a message means is the chat server's.
//!
//! | file | what |
//! | --- | --- |
//! | `pool.rs` | the servers of a pool, and which of them takes the next dialog |
//! | `uplink.rs` | the connection to one server: kept up, asked whether it serves, its messages handed to their links |
//! | `routed.rs` | the dialogs of one link that lead elsewhere |
//! | `relay.rs` | how a message is written anew when it is passed on |

pub(crate) mod pool;
mod relay;
pub(crate) mod routed;
mod uplink;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustls::ClientConfig;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::limits::Limits;
use crate::proxy::pool::Pool;

/// The Reason of a BYE by which a chat server has the link of a client closed, instead of its dialog alone (RFC 3326).
pub(crate) const CLOSE_LINK: &str = "SIP;cause=503;text=\"close the link\"";

/// The persistent chat pools that are elsewhere.
#[derive(Clone, Debug)]
pub struct Routing {
    /// Each of them.
    pub pools: Vec<RoutedPool>,
    /// The contact of that in which the people who sign on here make rooms; `None` when it is here, or there is none.
    pub default_pool: Option<String>,
    /// Our certificate, and the authority we trust.
    pub tls_config: Arc<ClientConfig>,
}

/// A pool elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoutedPool {
    /// `sip:` and the address by which clients reach it.
    pub contact: String,
    /// Its servers; those that stand by refuse dialogs, and others are taken.
    pub servers: Vec<RoutedServer>,
}

/// A server of a pool elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoutedServer {
    /// The name its certificate must bear.
    pub name: String,
    /// Host and port.
    pub address: String,
}

/// The pools elsewhere, while there are links.
#[derive(Debug)]
pub(crate) struct Proxy {
    pools: Vec<Arc<Pool>>,
    default_pool: Option<usize>,
    /// The value of Record-Route before and after what names a dialog.
    host: String,
    tokens: AtomicU64,
    limits: Limits,
}

impl Proxy {
    /// Knows the pools, and keeps up a connection to each server until told to stop: the tasks that do.
    pub(crate) fn start(
        routing: Routing,
        host: &str,
        limits: &Limits,
        stopping: &watch::Receiver<bool>,
    ) -> (Arc<Self>, Vec<JoinHandle<()>>) {
        let pools: Vec<Arc<Pool>> = routing.pools.into_iter().map(|pool| Arc::new(Pool::new(pool))).collect();
        let default = routing.default_pool;
        let is_default = |pool: &Arc<Pool>| default.as_deref().is_some_and(|contact| pool.is(contact));
        let default_pool = pools.iter().position(is_default);
        let proxy = Arc::new(Self {
            pools,
            default_pool,
            host: host.to_owned(),
            tokens: AtomicU64::new(1),
            limits: limits.clone(),
        });
        let mut tasks = Vec::new();
        for pool in &proxy.pools {
            for server in 0..pool.servers.len() {
                let tls = routing.tls_config.clone();
                let keeping = uplink::keep(proxy.clone(), pool.clone(), server, tls, stopping.clone());
                tasks.push(tokio::spawn(keeping));
            }
        }
        (proxy, tasks)
    }

    /// The pool with this address as its contact, without scheme.
    pub(crate) fn by_contact(&self, address: &str) -> Option<usize> {
        self.pools.iter().position(|pool| pool.is(&format!("sip:{address}")))
    }

    /// The default pool, when it is elsewhere.
    pub(crate) fn default_pool(&self) -> Option<usize> {
        self.default_pool
    }

    /// Its contact.
    pub(crate) fn default_contact(&self) -> Option<&str> {
        self.default_pool.map(|pool| self.pools[pool].contact.as_str())
    }

    fn pool(&self, pool: usize) -> &Arc<Pool> {
        &self.pools[pool]
    }

    /// What no other dialog of this run is named by.
    fn next_token(&self) -> u64 {
        self.tokens.fetch_add(1, Ordering::Relaxed)
    }

    /// Where requests of the chat server in a dialog come back to.
    fn record_route(&self, token: u64) -> String {
        format!("<sip:{token:x}@{};transport=tls;lr>", self.host)
    }
}
