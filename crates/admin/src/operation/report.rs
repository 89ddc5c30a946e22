//! What can be asked about use: how much is posted and where, which rooms are quiet, and where a person has a role.
//! Carried out in `report.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::Moment;

/// Counts posts: totals, the most active rooms and people, the least active rooms, and how it went over time.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportUsage {
    /// Only what was posted then or later; a date alone is its first moment in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<Moment>,
    /// Only what was posted then or before; a date alone is its last moment in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<Moment>,
    /// How many rooms and people each list has (at first ten).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1_000))]
    pub top: Option<u32>,
    /// By what time is counted (at first by day).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Period>,
}

/// A stretch of time, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A month.
    Month,
}

/// Shows rooms by when something was last posted there, the quietest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportActivity {
    /// Only rooms where nothing was posted then or later; a date alone is its first moment in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inactive_since: Option<Moment>,
    /// Only disabled rooms, or only those that are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Shows every room in which a person has a role, and every category in which the person may create rooms, each with how it comes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportMembership {
    /// The person, sip:user@domain.
    pub user: String,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
