//! What can be asked about add-ins: pages shown beside rooms.
//! Carried out in `add_in.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Registers the page of an add-in, so that rooms can show it; the page itself is not made.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddInNew {
    /// Its name, unique among add-ins, at most 50 characters.
    pub name: String,
    /// The page: an address with http or https, at most 255 characters.
    pub url: String,
}

/// Shows the registered add-ins, to everybody who is signed on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AddInList {
    /// Only add-ins with this text in their name or address, case aside.
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

/// Shows one add-in, to everybody who is signed on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddInGet {
    /// The add-in, by name or GUID.
    pub add_in: String,
}

/// Changes what is given of an add-in; rooms that show it show it as it is then.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddInSet {
    /// The add-in, by name or GUID.
    pub add_in: String,
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Removes an add-in.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddInRemove {
    /// The add-in, by name or GUID.
    pub add_in: String,
    /// Remove it also when rooms show it, which then show none.
    #[serde(default)]
    pub force: bool,
}
