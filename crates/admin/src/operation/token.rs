//! What can be asked about tokens: what programs show instead of a password.
//! Carried out in `token.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::Moment;

/// Makes a token, and shows its secret once.
///
/// It is one's own, or that of a bot account; one that is made at the shell of the server and for nobody acts for itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenNew {
    /// What it is called, so that its owner knows it again.
    pub name: String,
    /// What it may be used for, and never more than its owner may.
    pub scope: TokenScopeName,
    /// The bot account it is for, by address.
    #[serde(rename = "for", default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When it ends; a date alone is its last moment (UTC). Without this it is good until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
}

/// Shows tokens, never a secret: one's own, and to readers those of everybody.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TokenList {
    /// Only those of this person or bot, by address.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Those that have expired or were revoked, too.
    pub ended: bool,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Ends a token; whoever shows it is nobody from then on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenRevoke {
    /// The token, by its GUID, or by its name if no other one that is good has it.
    pub token: String,
}

/// What a token may be used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TokenScopeName {
    /// All administration.
    Admin,
    /// Categories, rooms, add-ins, messages, policies and settings.
    ChatAdmin,
    /// People, groups and the policy each person has.
    UserAdmin,
    /// Everything administration shows.
    Reader,
    /// What its owner does as a person: rooms, messages, search.
    User,
}
