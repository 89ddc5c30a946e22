//! Principals, roles and tokens as administrators see them.
//! Decides nothing; the one secret there ever is, that of a new token, is never shown by `Debug`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::operation::{PrincipalKind, RoleName, TokenScopeName};
use crate::value::Secret;

/// Somebody who can stand in a list of members.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrincipalView {
    /// As it is written in a list: an address, a distinguished name, or `group:NAME`.
    pub principal: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: PrincipalKind,
    /// The address of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Where a group stands in its directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinguished_name: Option<String>,
    /// Whether a person may sign on; groups always count.
    pub enabled: bool,
    /// Its GUID.
    pub guid: String,
}

/// An administrative role somebody has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleView {
    /// The person, by address.
    pub user: String,
    /// The role.
    pub role: RoleName,
    /// Whether the person may sign on; nobody else makes use of a role.
    pub enabled: bool,
    /// Who granted it.
    pub granted_by: String,
    /// When.
    pub granted_at: String,
    /// Names the state of the person; another one has another.
    pub etag: String,
}

/// A token.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
    /// What it is called.
    pub name: String,
    /// What it may be used for.
    pub scope: TokenScopeName,
    /// Whose it is, by address; null for one that acts for itself.
    #[serde(rename = "for")]
    pub owner: Option<String>,
    /// When it was made.
    pub made: String,
    /// When it ends; null for one that is good until it is revoked.
    pub expires: Option<String>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<String>,
    /// Its GUID.
    pub guid: String,
    /// The secret, shown this once, when the token is made; it is kept nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub secret: Option<Secret>,
}

/// A code with which a machine joins.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JoinCodeView {
    /// The machine it is for.
    pub machine: String,
    /// When it ends, if it is not used before.
    pub expires: String,
    /// The code, shown this once; it is kept nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub secret: Option<Secret>,
}
