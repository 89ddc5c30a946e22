//! Principals, people, scopes and permission masks: the values a decision is made from.
//! Decides nothing about rooms; that is `room.rs`.

use std::fmt;

use crate::address::{Address, Domain, GroupId, PersonId};
use crate::group::{Ancestors, Group};
use crate::role::{Role, Roles};
use crate::text::DisplayName;

/// Somebody a right can be given to.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Principal {
    /// One person, by number: whoever gets the address later is somebody else.
    Person(PersonId),
    /// Everybody in a group, container or directory domain, directly or through others in it.
    Group(GroupId),
    /// Everybody whose address ends in this domain, and every group of it.
    Domain(Domain),
}

/// Whether a person may use the server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PersonState {
    /// May sign on.
    Enabled,
    /// May not sign on; rights and history are kept.
    Disabled,
    /// Gone; only the posts remain. The address may be given out again, to somebody else.
    Removed,
}

/// A person as decisions see them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The number that entries name.
    pub id: PersonId,
    /// The GUID that the wire names.
    pub guid: uuid::Uuid,
    /// The address.
    pub address: Address,
    /// The display name.
    pub display_name: DisplayName,
    /// Whether the person may use the server.
    pub state: PersonState,
    /// Raised whenever the person's state, policy or affiliations change; every write names it.
    pub standing: u64,
    /// Raised by every new password, and whenever the person is disabled, gone or removed: whoever signed on under a lesser one is
    /// not signed on any more, and has to do so anew.
    pub admission: u64,
    /// Whether the policy in force for the person lets it use persistent chat at all.
    pub chat: bool,
    /// A program's account, which others may make tokens for.
    pub bot: bool,
    /// The administrative roles.
    pub roles: Roles,
    /// The groups, containers and directory domains the person belongs to.
    pub ancestors: Ancestors,
}

/// Who is inside: on the allowed list and not on the denied list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scope {
    /// Who may ever be a member; empty means nobody.
    pub allowed: Vec<Principal>,
    /// Who may not, whatever `allowed` says.
    pub denied: Vec<Principal>,
}

/// A person's effective permissions in a room, as the wire shows them: bit n is worth 2^n.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Mask(pub u16);

impl Mask {
    /// May change the room.
    pub const MANAGE: Self = Self(1 << 2);
    /// May join.
    pub const JOIN: Self = Self(1 << 7);
    /// May post in a normal room.
    pub const CHAT: Self = Self(1 << 8);
    /// May read history, joined or not.
    pub const READ: Self = Self(1 << 10);
    /// May see that the room exists.
    pub const SEE: Self = Self(1 << 11);
    /// May post in an auditorium.
    pub const PRESENT: Self = Self(1 << 12);
    /// Sees the room whatever its privacy.
    pub const BYPASS: Self = Self(1 << 13);

    /// Both masks together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every bit of `other` is in this mask.
    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl Person {
    /// Whether the principal stands for this person, directly or by affiliation.
    #[must_use]
    pub fn is(&self, principal: &Principal) -> bool {
        match principal {
            Principal::Person(id) => *id == self.id,
            Principal::Group(id) => self.ancestors.contain(*id),
            Principal::Domain(domain) => domain.as_str() == self.address.domain(),
        }
    }

    /// The first of the principals that stands for this person.
    #[must_use]
    pub fn named_by<'a>(&self, principals: &'a [Principal]) -> Option<&'a Principal> {
        principals.iter().find(|principal| self.is(principal))
    }

    /// Whether any of the principals stands for this person.
    #[must_use]
    pub fn is_any(&self, principals: &[Principal]) -> bool {
        self.named_by(principals).is_some()
    }

    /// The administrative role that lets the person do what `needed` is needed for. Whoever is not enabled has none; the policy
    /// of persistent chat does not matter, because administering is not chatting.
    #[must_use]
    pub fn role_for(&self, needed: Role) -> Option<Role> {
        if self.state == PersonState::Enabled { self.roles.granting(needed) } else { None }
    }

    /// Whether the person may use persistent chat: enabled, and its policy agrees.
    #[must_use]
    pub fn may_chat(&self) -> bool {
        self.state == PersonState::Enabled && self.chat
    }
}

impl Scope {
    /// Whether the person is inside.
    #[must_use]
    pub fn admits(&self, person: &Person) -> bool {
        person.is_any(&self.allowed) && !person.is_any(&self.denied)
    }

    /// Whether a group is inside as a whole: it, its domain or a group it lies in is allowed and none of them denied. Who is
    /// denied by name stays outside all the same.
    #[must_use]
    pub fn admits_group(&self, group: &Group) -> bool {
        let any = |list: &[Principal]| list.iter().any(|principal| group.is(principal));
        any(&self.allowed) && !any(&self.denied)
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
