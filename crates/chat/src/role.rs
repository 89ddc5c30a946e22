//! The administrative roles and which of them includes which.
//! Roles in a room (member, manager, presenter) are lists of the room, not these.

use std::fmt;

/// What somebody may administer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Reads everything administration shows; no text of a post.
    Reader,
    /// People, groups and the policy each person has.
    UserAdministrator,
    /// Categories, rooms, add-ins, messages, policies and settings (documented: the Persistent Chat administrator).
    ChatAdministrator,
    /// Everything, roles included.
    Administrator,
}

/// The roles of one person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Roles(u8);

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 4] =
        [Self::Reader, Self::UserAdministrator, Self::ChatAdministrator, Self::Administrator];

    /// The word people write.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::UserAdministrator => "user-administrator",
            Self::ChatAdministrator => "persistent-chat-administrator",
            Self::Administrator => "administrator",
        }
    }

    /// The role of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Whether who has this role has the other one with it.
    #[must_use]
    pub fn includes(self, other: Self) -> bool {
        self == other || self == Self::Administrator || other == Self::Reader
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Roles {
    /// These roles and no other.
    #[must_use]
    pub fn of(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |bits, role| bits | role.bit()))
    }

    /// The roles themselves, the least first, without those they include.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.0 & role.bit() != 0)
    }

    /// The role that lets its holder do what `needed` is needed for.
    #[must_use]
    pub fn granting(self, needed: Role) -> Option<Role> {
        self.iter().find(|role| role.includes(needed))
    }

    /// The roles that both have: what a token gives of what its owner has.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        let shared = Role::ALL
            .into_iter()
            .filter(|role| self.granting(*role).is_some() && other.granting(*role).is_some());
        Self::of(&shared.collect::<Vec<_>>())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
