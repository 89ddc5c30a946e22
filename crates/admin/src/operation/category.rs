//! What can be asked about categories.
//! Carried out in `category.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::ListChange;

/// Makes a category.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct CategoryNew {
    /// Its name, unique among categories and rooms.
    pub name: String,
    /// Everything else.
    #[serde(flatten)]
    pub fields: CategoryFields,
}

/// Shows categories.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CategoryList {
    /// Only categories with this text in their name or description, case aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Shows one category.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CategoryGet {
    /// The category, by name or GUID.
    pub category: String,
}

/// Changes what is given of a category; whom it admits no more loses every role in its rooms.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct CategorySet {
    /// The category, by name or GUID.
    pub category: String,
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub fields: CategoryFields,
}

/// Removes a category without rooms.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CategoryRemove {
    /// The category, by name or GUID.
    pub category: String,
}

/// What can be set of a category. What is not given stays as it is, or at its default.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CategoryFields {
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who may ever be a member of its rooms.
    #[serde(skip_serializing_if = "ListChange::is_empty")]
    pub allowed_members: ListChange,
    /// Who may not, whatever the allowed list says.
    #[serde(skip_serializing_if = "ListChange::is_empty")]
    pub denied_members: ListChange,
    /// Who may create rooms in it.
    #[serde(skip_serializing_if = "ListChange::is_empty")]
    pub creators: ListChange,
    /// Whether its rooms may invite (at first not).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitations: Option<bool>,
    /// Whether files may be posted in its rooms (at first not).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_upload: Option<bool>,
    /// Whether what is said is kept as history (at first it is).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_history: Option<bool>,
}
