//! What an operation yields: rows as people read them, what changed, and warnings about what they may not expect.
//! Holds no secret but that of a token that was just made, which is shown once and never recorded.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::view::{
    AccessView, ActivityView, CategoryView, FigureView, GroupView, HolderView, ImportView, ImportedRoomView,
    MembershipView, MessageView, RecordView, RightView, RoomView, UserView,
};
use crate::view::{
    AddInView, ConfigurationView, EffectiveConfigurationView, EffectivePolicyView, EndpointView,
    JoinCodeView, PolicyView, PoolView, PrincipalView, RoleView, ServerView, TokenView, TopologyView,
};

/// What an operation yields.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The rows, under `rows`, and what they are, under `kind`.
    #[serde(flatten)]
    pub rows: Rows,
    /// What was changed, or in a dry run would be.
    pub changes: Vec<Changed>,
    /// What the asker may not expect, each with what to do.
    pub warnings: Vec<String>,
    /// In a dry run: whose rights would change, by address: the first thousand lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<AccessView>,
    /// How many such lines are not listed here.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_access: usize,
    /// Whether nothing was written, because only that was asked for.
    pub dry_run: bool,
    /// Where the rest of a list begins, if there is more: its `cursor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The rows of an outcome; one for everything but a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "rows", rename_all = "kebab-case")]
pub enum Rows {
    /// People.
    Users(Vec<UserView>),
    /// Categories.
    Categories(Vec<CategoryView>),
    /// Rooms.
    Rooms(Vec<RoomView>),
    // Groups and directories
    /// Groups, containers and directory domains.
    Groups(Vec<GroupView>),
    /// What an import changes.
    Import(Vec<ImportView>),
    // Policies, settings, add-ins, addresses
    /// Policies.
    Policies(Vec<PolicyView>),
    /// The policy in force for a person.
    EffectivePolicies(Vec<EffectivePolicyView>),
    /// Collections of settings.
    Configurations(Vec<ConfigurationView>),
    /// The settings in force.
    EffectiveConfigurations(Vec<EffectiveConfigurationView>),
    /// Add-ins.
    AddIns(Vec<AddInView>),
    /// Further addresses of the pool.
    Endpoints(Vec<EndpointView>),
    /// The pool.
    Pool(Vec<PoolView>),
    /// Servers of the pool.
    Servers(Vec<ServerView>),
    /// People and groups, as they stand in lists.
    Principals(Vec<PrincipalView>),
    // Roles and tokens
    /// Administrative roles people have.
    Roles(Vec<RoleView>),
    /// Tokens.
    Tokens(Vec<TokenView>),
    /// Codes with which machines join.
    JoinCodes(Vec<JoinCodeView>),
    // Messages, bulk work and the record
    /// Messages, without their texts.
    Messages(Vec<MessageView>),
    /// What becomes of the lines of an import of rooms.
    ImportedRooms(Vec<ImportedRoomView>),
    /// What administrators did.
    Record(Vec<RecordView>),
    // The topology
    /// Published versions of the topology.
    Topologies(Vec<TopologyView>),
    // Reports and explanations
    /// Figures of use.
    Figures(Vec<FigureView>),
    /// Rooms and how alive they are.
    Activity(Vec<ActivityView>),
    /// Roles of a person.
    Memberships(Vec<MembershipView>),
    /// Rights, each with why.
    Rights(Vec<RightView>),
    /// People who have a right.
    Holders(Vec<HolderView>),
}

/// One value that changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// What it belongs to: `room Engineering`.
    pub object: String,
    /// Which of its values: `privacy`.
    pub field: String,
    /// The value before; null when there was none. A list has those who were removed.
    pub before: Value,
    /// The value after; null when there is none any more. A list has those who were added.
    pub after: Value,
}

impl Outcome {
    pub(crate) fn of(rows: Rows) -> Self {
        Self {
            rows,
            changes: Vec::new(),
            warnings: Vec::new(),
            access: Vec::new(),
            more_access: 0,
            dry_run: false,
            next: None,
        }
    }
}

impl Rows {
    /// What the rows are: `users`, `rooms`.
    ///
    /// # Panics
    /// Never: rows are plain values.
    #[must_use]
    pub fn kind(&self) -> String {
        self.parts().0
    }

    /// The rows as JSON objects.
    ///
    /// # Panics
    /// Never: rows are plain values.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        self.parts().1
    }

    fn parts(&self) -> (String, Vec<Value>) {
        let mut all = serde_json::to_value(self).expect("rows are plain values");
        match (all["kind"].take(), all["rows"].take()) {
            (Value::String(kind), Value::Array(rows)) => (kind, rows),
            other => unreachable!("rows are a kind and a list, not {other:?}"),
        }
    }
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A word as a shell takes it, so that a command in a message does what it says, whatever somebody called a room.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
