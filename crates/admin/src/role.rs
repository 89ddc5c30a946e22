//! Roles of administration: who may do what everywhere, apart from what people are in single rooms.
//! Who has which role is kept elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A role of administration.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Everything, roles included.
    Administrator,
    /// Categories, rooms, add-ins, policies, configuration, messages.
    PersistentChatAdministrator,
    /// People, groups, and which policy they have.
    UserAdministrator,
    /// Sees everything, changes nothing.
    Reader,
}

/// What an operation needs of whoever asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// A role that includes this one.
    Role(Role),
    /// Somebody signed on: the operation itself looks whether the asker may, as the manager of a room or for oneself.
    Own,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Administrator, Self::PersistentChatAdministrator, Self::UserAdministrator, Self::Reader];

    /// Whether whoever has this role may do what needs that one: an administrator may do everything, and every role may
    /// look.
    #[must_use]
    pub fn grants(self, needed: Self) -> bool {
        self == needed || self == Self::Administrator || needed == Self::Reader
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::PersistentChatAdministrator => "persistent-chat-administrator",
            Self::UserAdministrator => "user-administrator",
            Self::Reader => "reader",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
