//! What can be asked about the pool and its servers: what state it is in, which servers are active, which are emptied.
//! Carried out in `pool.rs` and `join.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::ListChange;

/// Shows the state of the pool: which databases it works on, the era of its journals, and how many people are there and are leaving.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PoolState {}

/// Shows the servers of the pool, with what each does and until when it holds its lease.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PoolServers {}

/// Shows the active servers: those that take people, and those that are being emptied.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PoolActiveServersList {}

/// Says which servers are active: at most four, and at least one.
///
/// The others stand by: they run and follow, keep the people they have and take nobody new.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PoolActiveServersSet {
    /// The active servers, by their full names.
    #[serde(default, skip_serializing_if = "ListChange::is_empty")]
    pub servers: ListChange,
}

/// Makes every active server stand by, and every one that stands by active.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PoolActiveServersSwap {}

/// Empties a server: it takes nobody new, and leads whoever is there out, a few hundred a second, to the others.
///
/// `pool state` shows how many are left. Its next start ends that, or `pool undrain`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PoolDrain {
    /// The server, by its full name.
    pub server: String,
}

/// Takes people again on a server that is being emptied.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PoolUndrain {
    /// The server, by its full name.
    pub server: String,
}

/// Removes a server that does not run from the pool; started again, it is a new one.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PoolRemove {
    /// The server, by its full name.
    pub server: String,
}

/// Makes a code with which one machine joins the deployment, and shows it once.
///
/// It is good for an hour, for one use, and for the machine of this name: `causerie setup` there gets a certificate and the secrets
/// that all servers share for it. A former code for the machine is good no more. Where a topology is published, only its machines get
/// codes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PoolJoinCode {
    /// The machine, by its full name as the topology has it.
    pub machine: String,
}
