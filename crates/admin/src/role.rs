//! What an operation needs of whoever asks, and the administrative roles as JSON words.
//! What a role includes is said in `chat`; who has which is kept in the store.

use chat::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an operation needs of whoever asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// A role that includes this one.
    Role(Role),
    /// Somebody signed on: the operation itself looks whether the asker may, as the manager of a room or for oneself.
    Own,
}

/// A role of administration, as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoleName {
    /// Everything, roles included.
    Administrator,
    /// Categories, rooms, add-ins, policies, configuration, messages.
    PersistentChatAdministrator,
    /// People, groups, and which policy they have.
    UserAdministrator,
    /// Sees everything administration shows, changes nothing.
    Reader,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Administrator => Self::Administrator,
            RoleName::PersistentChatAdministrator => Self::ChatAdministrator,
            RoleName::UserAdministrator => Self::UserAdministrator,
            RoleName::Reader => Self::Reader,
        }
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Administrator => Self::Administrator,
            Role::ChatAdministrator => Self::PersistentChatAdministrator,
            Role::UserAdministrator => Self::UserAdministrator,
            Role::Reader => Self::Reader,
        }
    }
}
