//! A published topology as administrators see it, and as servers fetch it.
//! Judges nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A published version of the topology.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TopologyView {
    /// Its number, from 1.
    pub version: u64,
    /// When it was published; empty in a dry run.
    pub time: String,
    /// Who published it; empty in a dry run.
    pub by: String,
    /// Why, as whoever published it said; empty when nothing was.
    pub remark: String,
    /// SHA-256 of the version with its number and the hash of the version before, in hexadecimal digits.
    pub hash: String,
    /// The hash of the version before; zeros for the first.
    pub previous: String,
    /// The document; not in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// What names this state of the topology: its number.
    pub etag: String,
}
