//! The pool and its servers as people see them.
//! Says nothing of who is there.

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
    /// Until when it holds its lease; null when it was stopped in order.
    pub lease_until: Option<String>,
}
