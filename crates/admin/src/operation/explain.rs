//! What can be asked about rights: why somebody has one or not, and who has one.
//! Carried out in `explain.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a right is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// A room, by name or GUID.
    #[default]
    Room,
    /// A category, by name or GUID.
    Category,
    /// A post, as ROOM#NUMBER.
    Message,
}

/// A right over a room, or `create` for a category.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RightName {
    /// To find it and see its card.
    #[default]
    See,
    /// To see who takes part.
    Participants,
    /// To join and follow it.
    Join,
    /// To read its history.
    Read,
    /// To post.
    Post,
    /// To post and fetch files.
    Files,
    /// To be invited.
    Invitation,
    /// To see settings and lists.
    Inspect,
    /// To change settings and lists.
    Manage,
    /// To move it to another category.
    Move,
    /// To disable it.
    Disable,
    /// To enable it again.
    Enable,
    /// To remove it.
    Remove,
    /// To remove or replace posts.
    Purge,
    /// To create rooms in a category.
    Create,
    /// To be admitted by a category at all.
    Scope,
}

/// Explains what a person may do and why, with the facts behind each right.
///
/// Administrators are told everything, managers everything about their rooms, everybody about oneself without the names of
/// groups and of who granted what; nobody else learns that the object exists.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Explain {
    /// Whose rights, sip:user@domain.
    pub person: String,
    /// What they are about.
    pub about: About,
    /// Which one: name or GUID; of a post ROOM#NUMBER.
    pub name: String,
    /// Only this right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<RightName>,
}

/// Shows who has a right.
///
/// For administrators, and for managers about their rooms. A page may be short, or empty, though more follows: go on until there
/// is no `next`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WhoCan {
    /// The right.
    pub right: RightName,
    /// What it is about.
    pub about: About,
    /// Which one: name or GUID; of a post ROOM#NUMBER.
    pub name: String,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl RightName {
    /// The right over a room it names; `None` for those over a category.
    #[must_use]
    pub fn of_room(self) -> Option<chat::Right> {
        use chat::Right;
        Some(match self {
            Self::See => Right::See,
            Self::Participants => Right::Participants,
            Self::Join => Right::Join,
            Self::Read => Right::Read,
            Self::Post => Right::Post,
            Self::Files => Right::Files,
            Self::Invitation => Right::Invitation,
            Self::Inspect => Right::Inspect,
            Self::Manage => Right::Manage,
            Self::Move => Right::Move,
            Self::Disable => Right::Disable,
            Self::Enable => Right::Enable,
            Self::Remove => Right::Remove,
            Self::Purge => Right::Purge,
            Self::Create | Self::Scope => return None,
        })
    }
}
