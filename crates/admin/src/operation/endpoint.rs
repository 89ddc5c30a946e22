//! What can be asked about endpoints: further addresses under which clients find the pool.
//! Carried out in `endpoint.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Makes a further address under which older clients find the pool.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndpointNew {
    /// The address, sip:NAME@DOMAIN, of the pool's own domain and nobody's yet.
    pub address: String,
    /// The name clients show (at first the part before the `@`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// Shows the further addresses of the pool.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EndpointList {
    /// Only those with this text in their address or name, case aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Removes a further address of the pool: clients that use it find nothing any more.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndpointRemove {
    /// The address, or the name clients show.
    pub endpoint: String,
}
