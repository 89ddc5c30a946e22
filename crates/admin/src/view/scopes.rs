//! Policies, settings, add-ins and addresses of the pool as administrators see them.
//! Decides nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A policy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyView {
    /// For whom: `global`, `site:NAME`, `service:PersistentChatServer:POOL`, or a name under which it is granted.
    pub identity: String,
    /// Whether people under it may use persistent chat.
    pub enable_persistent_chat: bool,
    /// Free text.
    pub description: String,
    /// To how many people it is granted, if it is one to be granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<usize>,
    /// Names this state of the policy; another one has another.
    pub etag: String,
}

/// The policy in force for a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EffectivePolicyView {
    /// The person.
    pub user: String,
    /// The identity of the policy.
    pub policy: String,
    /// Whether the person may use persistent chat by it.
    pub enable_persistent_chat: bool,
    /// Why it is this one, in a sentence.
    pub because: String,
}

/// A collection of settings.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationView {
    /// For what: `global`, `site:NAME` or `service:PersistentChatServer:POOL`.
    pub identity: String,
    /// How many messages a room shows on first request.
    pub default_chat_history: u16,
    /// The largest file, in kilobytes of 1,000 octets.
    #[serde(rename = "maxFileSizeKB")]
    pub max_file_size_kb: u32,
    /// Above how many participants a room tells no more who comes and goes.
    pub participant_update_limit: u32,
    /// A page of one's own for managing rooms; null for the built-in one.
    pub room_management_url: Option<String>,
    /// Names this state of the collection; another one has another.
    pub etag: String,
}

/// The settings in force for this pool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EffectiveConfigurationView {
    /// The pool.
    pub pool: String,
    /// The collection they come from, whole.
    #[serde(flatten)]
    pub configuration: ConfigurationView,
    /// Why it is this one, in a sentence.
    pub because: String,
}

/// An add-in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddInView {
    /// Its name.
    pub name: String,
    /// The page.
    pub url: String,
    /// Its GUID.
    pub guid: String,
    /// Names this state of the add-in; another one has another.
    pub etag: String,
}

/// A further address of the pool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointView {
    /// The address.
    pub address: String,
    /// The name clients show.
    pub display_name: String,
}
