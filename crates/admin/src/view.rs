//! Rows as administrators see them.
//! Holds no secret and decides nothing.

mod bearers;
mod bulk;
mod directory;
mod explain;
mod pool;
mod report;
mod scopes;
mod topology;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use bearers::{JoinCodeView, PrincipalView, RoleView, TokenView};
pub use bulk::{ImportResult, ImportedRoomView, MessageView, RecordView};
pub use directory::{GroupView, ImportView};
pub use explain::{AccessView, FactView, HolderView, RightView};
pub use pool::{PoolView, ServerView};
pub use report::{ActivityView, FigureView, HeldRole, MembershipView, Section};
pub use scopes::{
    AddInView, ConfigurationView, EffectiveConfigurationView, EffectivePolicyView, EndpointView, PolicyView,
};

pub use topology::TopologyView;

use crate::operation::{RoomInvitations, RoomPrivacy, RoomType};

/// A person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserView {
    /// The address, sip:user@domain.
    pub address: String,
    /// The name others see.
    pub display_name: String,
    /// Whether the person may sign on.
    pub enabled: bool,
    /// Whether a password is set.
    pub has_password: bool,
    /// Whether clients of the Lync protocol may sign on.
    pub legacy_sign_on: bool,
    /// Whether it is a program's account, for which others may make tokens.
    pub bot: bool,
    /// The policy granted to the person; null when that of the pool, the site or everybody applies.
    pub policy: Option<String>,
    /// Whether the policy in force lets the person use persistent chat.
    pub chat: bool,
    /// The GUID of this identity; an address given out again has another one.
    pub guid: String,
    /// Names this state of the person; another one has another.
    pub etag: String,
}

/// A category.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryView {
    /// Its name.
    pub name: String,
    /// Its `ma-cat://` address.
    pub uri: String,
    /// Free text.
    pub description: String,
    /// Who may ever be a member of its rooms.
    pub allowed_members: Vec<String>,
    /// Who may not, whatever the allowed list says.
    pub denied_members: Vec<String>,
    /// Who may create rooms in it.
    pub creators: Vec<String>,
    /// Whether its rooms may invite.
    pub invitations: bool,
    /// Whether files may be posted in its rooms.
    pub file_upload: bool,
    /// Whether what is said is kept as history.
    pub chat_history: bool,
    /// How many rooms it has.
    pub rooms: usize,
    /// Its GUID.
    pub guid: String,
    /// Names this state of the category; another one has another.
    pub etag: String,
}

/// A room.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoomView {
    /// Its name.
    pub name: String,
    /// Its `ma-chan://` address.
    pub uri: String,
    /// Its category's name.
    pub category: String,
    /// Free text.
    pub description: String,
    /// Who may find and join it.
    pub privacy: RoomPrivacy,
    /// Who may post in it.
    #[serde(rename = "type")]
    pub kind: RoomType,
    /// Whether it invites its members.
    pub invitations: RoomInvitations,
    /// Whether it is closed to everybody.
    pub disabled: bool,
    /// The add-in shown beside it, by name.
    pub add_in: Option<String>,
    /// Its members.
    pub members: Vec<String>,
    /// Its managers.
    pub managers: Vec<String>,
    /// Its presenters.
    pub presenters: Vec<String>,
    /// Its GUID.
    pub guid: String,
    /// Names this state of the room; another one has another.
    pub etag: String,
}
