//! Reports as administrators see them.
//! Holds no text of a post.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A figure of a report of use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FigureView {
    /// To which list it belongs.
    pub section: Section,
    /// What is counted: a room, a person, a day.
    pub what: String,
    /// How many.
    pub count: u64,
    /// When the newest post was said, of a room that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_post: Option<String>,
}

/// A list of a report of use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// What there is altogether.
    Totals,
    /// The rooms with the most posts.
    MostActiveRooms,
    /// The people with the most posts.
    MostActivePeople,
    /// The rooms with the fewest posts.
    LeastActiveRooms,
    /// Posts over time.
    Trend,
}

/// How alive a room is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActivityView {
    /// The room's name.
    pub room: String,
    /// Its category's name.
    pub category: String,
    /// Whether it is closed to everybody.
    pub disabled: bool,
    /// How many posts there have been.
    pub posts: u32,
    /// When the newest was said, if there is one.
    pub last_post: Option<String>,
    /// Octets of the posts that are kept.
    pub octets: u64,
    /// The room's GUID.
    pub guid: String,
}

/// A role a person has, and how the person comes to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MembershipView {
    /// `room` or `category`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The role.
    pub role: HeldRole,
    /// The principal that stands on the list.
    pub by: String,
    /// The groups between the person and that principal, the nearest first; empty when the person stands there itself.
    pub path: Vec<String>,
    /// Whether the category admits the person: without that a role gives nothing.
    pub admitted: bool,
    /// Whether the room is closed to everybody.
    pub disabled: bool,
    /// Its GUID.
    pub guid: String,
}

/// A role in a room or category.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HeldRole {
    /// A member of a room.
    Member,
    /// A manager of a room.
    Manager,
    /// A presenter of an auditorium.
    Presenter,
    /// May create rooms in a category.
    Creator,
}
