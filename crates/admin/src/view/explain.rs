//! Explanations as people read them.
//! Decides nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One right of a person, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RightView {
    /// The right.
    pub right: String,
    /// Whether the person has it.
    pub allowed: bool,
    /// The facts that decide it, a sentence each, in the order in which they were weighed.
    pub because: Vec<String>,
    /// The same facts for programs.
    pub facts: Vec<FactView>,
}

/// One fact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FactView {
    /// What it says: `member`, `out-of-scope` ...
    pub fact: String,
    /// The principal that stands on the list it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How the person belongs to that principal: the groups between, the nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
    /// Who put it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_at: Option<String>,
}

/// A person who has a right.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HolderView {
    /// The address, sip:user@domain.
    pub address: String,
    /// The name others see.
    pub display_name: String,
}

/// How somebody's rights would change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessView {
    /// What they are about: `room Engineering`, `category General`.
    pub about: String,
    /// The address, sip:user@domain.
    pub address: String,
    /// The rights the person would have and has not.
    pub gains: Vec<String>,
    /// The rights the person has and would not.
    pub loses: Vec<String>,
}
