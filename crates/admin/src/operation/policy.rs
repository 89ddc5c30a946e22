//! What can be asked about policies: who may use persistent chat.
//! Carried out in `policy.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::Revised;

/// Shows policies.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PolicyList {
    /// Only policies whose identity is like this: `site:*`, `service:*`, `tag:*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Shows one policy.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyGet {
    /// Its identity: `global`, `site:NAME`, `service:PersistentChatServer:POOL`, or the name of one that is granted.
    pub policy: String,
}

/// Makes a policy, for a site, for a pool, or to be granted to people.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyNew {
    /// Its identity: `site:NAME`, `service:PersistentChatServer:POOL`, or a name under which it is granted.
    pub identity: String,
    /// Whether people under it may use persistent chat (at first not).
    #[serde(default)]
    pub enable_persistent_chat: bool,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Changes what is given of a policy.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicySet {
    /// Its identity: `global`, `site:NAME`, `service:PersistentChatServer:POOL`, or the name of one that is granted.
    pub policy: String,
    /// Whether people under it may use persistent chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_persistent_chat: Option<bool>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Removes a policy. The one called global stays and is only reset: nobody under it may use persistent chat then.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyRemove {
    /// Its identity: `global`, `site:NAME`, `service:PersistentChatServer:POOL`, or the name of one that is granted.
    pub policy: String,
    /// Remove it also when it is granted to people, who lose it.
    #[serde(default)]
    pub force: bool,
}

/// Grants a policy to people, instead of the one each of them had before.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyGrant {
    /// The name of the policy.
    pub policy: String,
    /// Whom to grant it to, by address.
    pub users: Vec<String>,
}

/// Takes a policy from people who were granted it; that of their pool, their site or everybody applies to them then.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyRevoke {
    /// The name of the policy.
    pub policy: String,
    /// Whom to take it from, by address.
    pub users: Vec<String>,
}

/// Says which policy a person is granted, or that it is none.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyAssign {
    /// The address, sip:user@domain.
    pub user: String,
    /// The name of the policy; null takes the one that was granted.
    #[serde(default, skip_serializing_if = "Revised::is_kept")]
    pub policy_name: Revised<String>,
}

/// Shows which policy is in force for a person, and why that one.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyEffective {
    /// The address, sip:user@domain.
    pub user: String,
}
