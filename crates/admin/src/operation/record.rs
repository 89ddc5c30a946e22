//! What can be asked about the record of what administrators did. Nothing that can be asked changes it.
//! Carried out in `record.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::Moment;

/// Shows what administrators did, the newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditList {
    /// Only what this one did: sip:user@domain, also of a person who was removed; uid:NUMBER for whoever had a shell; token:NUMBER;
    /// server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Only what was done to this: a room or category by name or GUID, sip:user@domain, group:NAME, also of one that was removed;
    /// or the name of anything else as the record has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Only what was done by this noun and verb: room-set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// Only what was done then or later; a date alone is its first moment in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<Moment>,
    /// Only what was done then or before; a date alone is its last moment in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<Moment>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Shows one operation in full, each of its transactions with everything it changed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditGet {
    /// The number of the operation, as the list shows it.
    pub operation: String,
    /// At most so many transactions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
