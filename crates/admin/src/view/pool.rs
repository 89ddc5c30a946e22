//! The pool and its servers as people see them.
//! Says nothing of who is there, only how many.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The state of the pool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PoolView {
    /// The name of the pool.
    pub pool: String,
    /// `Normal`: it works on the databases it was made for.
    pub state: String,
    /// The era of its journals; each restored copy begins another.
    pub era: u32,
    /// The names of its active servers.
    pub active_servers: Vec<String>,
    /// Endpoints of people on all its servers: clients that are signed on, and browsers.
    pub endpoints: u64,
    /// Those of them that are on servers that are being emptied, and still have to go elsewhere.
    pub leaving: u64,
}

/// A server of the pool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServerView {
    /// Its full name.
    pub server: String,
    /// `active`, `standby`, or `draining`: active and being emptied.
    pub state: String,
    /// Whether it runs: its lease is not over.
    pub running: bool,
    /// Endpoints of people on it: clients that are signed on, and browsers; as of the last seconds.
    pub endpoints: u64,
    /// Whether it is the server that answers.
    pub here: bool,
    /// Until when it holds its lease; null when it was stopped in order.
    pub lease_until: Option<String>,
}
