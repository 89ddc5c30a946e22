//! What can be asked about principals: who there is, and who can be given a role in a category or room.
//! Carried out in `eligible.rs` and `seek.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Shows who could be given a role in a category or a room: people and groups, one by one.
///
/// For administrators, for managers about their rooms, and for creators about their categories.
/// A page may be short, or empty, though more follows: go on until there is no `next`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EligiblePrincipalList {
    /// Who could be a member, manager or creator in this category, by name or GUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Who could be a member or manager of this room, by name or GUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// Who could be a presenter of the room, which must be an auditorium.
    pub presenters: bool,
    /// Only people whose address is like this: `*ada*`.
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

/// Shows people, groups, containers and directory domains, as they can stand in a list of members.
///
/// A page may be short, or empty, though more follows: go on until there is no `next`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PrincipalList {
    /// Only those with this text in their address, name or distinguished name, case aside; `*` stands for anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Only those that lie in this container, directly or deeper: its distinguished name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ou: Option<String>,
    /// Only those of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<PrincipalKind>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What a principal is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    /// A person.
    Person,
    /// A group with members.
    Group,
    /// An organisational unit or other container of a directory.
    Container,
    /// The domain at the root of a directory.
    Domain,
}
