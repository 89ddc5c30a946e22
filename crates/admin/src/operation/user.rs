//! What can be asked about people.
//! Carried out in `user.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::Secret;

/// Makes a person.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserNew {
    /// The address, sip:user@domain.
    pub address: String,
    /// The name others see.
    pub display_name: String,
    /// The password; without one the person cannot sign on yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// Let clients of the Lync protocol sign on with the password.
    #[serde(default)]
    pub legacy_sign_on: bool,
    /// Make it a program's account, for which administrators make tokens; it stays one.
    #[serde(default)]
    pub bot: bool,
}

/// Shows people.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserList {
    /// Only people with this text in their address or name, case aside.
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

/// Shows one person.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserGet {
    /// The address, sip:user@domain.
    pub user: String,
}

/// Changes what is given of a person.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserSet {
    /// The address, sip:user@domain.
    pub user: String,
    /// The name others see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// A new password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// Let clients of the Lync protocol sign on, or not: false erases what that needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legacy_sign_on: Option<bool>,
}

/// Ends every session of a person and lets it sign on no more.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserDisable {
    /// The address, sip:user@domain.
    pub user: String,
}

/// Lets a disabled person sign on again.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserEnable {
    /// The address, sip:user@domain.
    pub user: String,
}

/// Removes a person and every right; posts stay.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserRemove {
    /// The address, sip:user@domain.
    pub user: String,
}
