//! What can be asked about the settings of the service, by scope.
//! Carried out in `configuration.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::value::Revised;

/// Shows collections of settings.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ConfigurationList {
    /// Only collections whose identity is like this: `site:*`, `service:*`.
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

/// Shows one collection of settings.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigurationGet {
    /// Its identity: `global`, `site:NAME` or `service:PersistentChatServer:POOL`.
    pub configuration: String,
}

/// Makes a collection of settings for a site or a pool.
///
/// It is taken as a whole: a setting that is not given has its default there, whatever the collection for everybody says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ConfigurationNew {
    /// Its identity: `site:NAME` or `service:PersistentChatServer:POOL`.
    pub identity: String,
    /// The settings.
    #[serde(flatten)]
    pub fields: ConfigurationFields,
}

/// Changes what is given of a collection of settings.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ConfigurationSet {
    /// Its identity: `global`, `site:NAME` or `service:PersistentChatServer:POOL`.
    pub configuration: String,
    /// The settings.
    #[serde(flatten)]
    pub fields: ConfigurationFields,
}

/// Removes a collection of settings. The one called global stays and is only reset to the defaults.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigurationRemove {
    /// Its identity: `global`, `site:NAME` or `service:PersistentChatServer:POOL`.
    pub configuration: String,
}

/// Shows which settings are in force for this pool, and why those.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigurationEffective {}

/// What can be set of a collection of settings. What is not given stays as it is, or at its default.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigurationFields {
    /// How many messages a room shows on first request (at first 30).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 500))]
    pub default_chat_history: Option<u16>,
    /// The largest file, in kilobytes of 1,000 octets (at first 20,000).
    #[serde(rename = "maxFileSizeKB", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_294_967_295_u32))]
    pub max_file_size_kb: Option<u32>,
    /// Above how many participants a room tells no more who comes and goes (at first 75).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_294_967_295_u32))]
    pub participant_update_limit: Option<u32>,
    /// A page of one's own for managing rooms; null for the built-in one.
    #[serde(skip_serializing_if = "Revised::is_kept")]
    pub room_management_url: Revised<String>,
    /// Obsolete, and refused: an early page of the product's documentation names it, the product never had it.
    #[serde(rename = "maxChatContentSizeMB", skip_serializing_if = "Option::is_none")]
    #[schemars(extend("deprecated" = true))]
    pub max_chat_content_size_mb: Option<Value>,
    /// Obsolete, and refused: an early page of the product's documentation names it, the product never had it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("deprecated" = true))]
    pub file_service_url: Option<String>,
}
