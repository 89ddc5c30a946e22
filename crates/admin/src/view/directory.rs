//! Groups and imports as people read them.
//! Decides nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A group, container or directory domain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupView {
    /// What it is called.
    pub name: String,
    /// As it is written in lists.
    pub principal: String,
    /// `group`, `container` or `domain`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The directory it comes from; null for a local one.
    pub source: Option<String>,
    /// Its directory does not know it any more.
    pub gone: bool,
    /// Its direct members; left out in lists of groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<String>>,
    /// What it belongs to itself.
    pub belongs_to: Vec<String>,
    /// Its GUID.
    pub guid: String,
    /// Names this state of the group; another one has another.
    pub etag: String,
}

/// How many objects an import changes in one way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportView {
    /// `added`, `changed`, `renamed`, `moved`, `disabled`, `enabled`, `gone`, `joined`, `left`, `held`, `unchanged` or `left-out`.
    pub what: String,
    /// `person`, `group`, `container`, `domain`, `membership`, or what was held or left out.
    pub of: String,
    /// How many.
    pub count: u64,
}
