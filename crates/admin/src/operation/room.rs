//! What can be asked about rooms.
//! Carried out in `room.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{ListChange, Revised};

/// Makes a room.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct RoomNew {
    /// Its name, unique among rooms and categories.
    pub name: String,
    /// The category it lies in, by name or GUID.
    pub category: String,
    /// Everything else.
    #[serde(flatten)]
    pub fields: RoomFields,
}

/// Shows rooms.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RoomList {
    /// Only the room of this name or GUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Only rooms of this category, by name or GUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Only rooms with this text in their name, case aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Look for that text in descriptions, too.
    pub search_description: bool,
    /// Only rooms of which this principal is a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// Only rooms of which this principal is a manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// Only rooms that show this add-in, by name or GUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_in: Option<String>,
    /// Only disabled rooms, or only those that are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Only rooms of this privacy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy: Option<RoomPrivacy>,
    /// Only rooms of this type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<RoomType>,
    /// Only rooms that say this about invitations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitations: Option<RoomInvitations>,
    /// Only rooms whose kept posts are larger than so many megabytes of 1,000,000 octets.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1_000_000_000))]
    pub content_exceeds_mb: Option<u32>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Shows one room.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoomGet {
    /// The room, by name or GUID.
    pub room: String,
}

/// Changes what is given of a room.
///
/// Moved to another category, it loses the principals which that one does not admit.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct RoomSet {
    /// The room, by name or GUID.
    pub room: String,
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another category to move it to, by name or GUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub fields: RoomFields,
}

/// Removes a room and its history from sight.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoomRemove {
    /// The room, by name or GUID.
    pub room: String,
}

/// What can be set of a room. What is not given stays as it is, or at its default.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct RoomFields {
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who may find and join it (at first closed).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy: Option<RoomPrivacy>,
    /// Who may post in it (at first normal).
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<RoomType>,
    /// Whether it invites its members (at first inherit).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitations: Option<RoomInvitations>,
    /// Whether it is closed to everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// The add-in shown beside it, by name or GUID; null for none.
    #[serde(skip_serializing_if = "Revised::is_kept")]
    pub add_in: Revised<String>,
    /// Its members.
    #[serde(skip_serializing_if = "ListChange::is_empty")]
    pub members: ListChange,
    /// Its managers, who may change it.
    #[serde(skip_serializing_if = "ListChange::is_empty")]
    pub managers: ListChange,
    /// Who may post in it when it is an auditorium.
    #[serde(skip_serializing_if = "ListChange::is_empty")]
    pub presenters: ListChange,
}

/// Who may find and join a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoomPrivacy {
    /// Everybody whom the category admits finds and joins it.
    Open,
    /// Everybody whom the category admits finds it, members join.
    Closed,
    /// Only members and managers know of it.
    Secret,
}

/// Who may post in a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoomType {
    /// Whoever may join.
    Normal,
    /// Presenters only.
    Auditorium,
}

/// Whether a room invites its new members.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoomInvitations {
    /// As its category says.
    Inherit,
    /// Never.
    False,
}
