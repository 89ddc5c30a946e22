//! What can be asked about the topology that is published.
//! Carried out in `topology.rs` of this crate; documents that are not published are no operation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Publishes a topology: judges it by every rule, looks whether all it names is there, and keeps it as a new version.
///
/// Errors publish nothing; what is not run by this version is published with a warning. Every server has the new version soon
/// after. A document that was downloaded says itself from which version it was made; for another one the version is named as its
/// etag. When a newer one has been published since, this one is not.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TopologyPublish {
    /// The document.
    pub document: String,
    /// A remark that is kept with the version: why it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// Lists the versions of the topology that were published, the newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TopologyHistory {
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Gives out a published topology, with its document.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TopologyDownload {
    /// The version; the newest when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub version: Option<u32>,
}
