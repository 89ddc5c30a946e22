//! What can be asked about messages that were posted: to take them away or replace them, and to clear a room.
//! Carried out in `message.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::Moment;

/// Takes messages of a room away, or puts a text in their place.
///
/// Meant are the messages that are all of what is given; with nothing given but the room, all of its messages. Unless they are taken
/// away, a text is put in their place: one of your own, or "This message was replaced by the Persistent Chat administrator." It
/// cannot be undone.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageRemove {
    /// The room, by name or GUID.
    pub room: String,
    /// Only messages of this author, sip:user@domain; also of a person who was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_uri: Option<String>,
    /// Only messages posted then or later; a date alone is its first moment in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<Moment>,
    /// Only messages posted then or before; a date alone is its last moment in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<Moment>,
    /// Only messages with these words, which blanks separate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// How several words combine (at first and).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_clause: Option<MatchWord>,
    /// Whether capitals count in the words (at first they do not).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub case_sensitive: bool,
    /// Take them away and put nothing in their place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remove: bool,
    /// The text to put in their place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace_message: Option<String>,
}

/// How several words combine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MatchWord {
    /// Every word must occur.
    And,
    /// The same: every word must occur.
    All,
    /// One word is enough.
    Or,
    /// The words must occur as they are written, one after another.
    Exact,
}

/// Takes every message of a room away that was posted up to and including a time. It cannot be undone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoomClear {
    /// The room, by name or GUID.
    pub room: String,
    /// The last moment of what goes; a date alone goes to its last moment in UTC.
    pub end_date: Moment,
}
