//! What can be asked about administrative roles.
//! Carried out in `role.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Gives a person an administrative role.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleGrant {
    /// The role.
    pub role: RoleName,
    /// The address, sip:user@domain.
    pub user: String,
}

/// Takes an administrative role from a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleRevoke {
    /// The role.
    pub role: RoleName,
    /// The address, sip:user@domain.
    pub user: String,
}

/// Shows who has which administrative role, and who granted it when.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RoleList {
    /// Only those of this role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// Only those of this person, by address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A role of administration, as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoleName {
    /// Everything, roles included.
    Administrator,
    /// Categories, rooms, add-ins, policies, configuration, messages.
    PersistentChatAdministrator,
    /// People, groups, and which policy they have.
    UserAdministrator,
    /// Sees everything administration shows, changes nothing.
    Reader,
}
