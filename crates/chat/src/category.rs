//! The category: who may ever be a member of its rooms and what all its rooms share.
//! Holds no room.

use uuid::Uuid;

use crate::access::{Person, Principal, Scope};
use crate::address::CategoryId;
use crate::text::{Description, NodeName};

/// A category as decisions see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Category {
    /// The number that entries name.
    pub id: CategoryId,
    /// The GUID of its `ma-cat://` address.
    pub guid: Uuid,
    /// Unique among rooms and categories, without regard to case.
    pub name: NodeName,
    /// Free text.
    pub description: Description,
    /// Who may find its rooms and ever be a member, manager or presenter of one.
    pub scope: Scope,
    /// Who may create rooms in it.
    pub creators: Vec<Principal>,
    /// Whether its rooms may invite.
    pub invitations: bool,
    /// Whether files may be posted in its rooms.
    pub file_upload: bool,
    /// Whether its rooms keep what is said.
    pub history: bool,
    /// Raised by every change of this category; every post in its rooms names it.
    pub rules: u64,
}

impl Category {
    /// Whether the person may create rooms here: a creator inside the scope.
    #[must_use]
    pub fn may_create(&self, person: &Person) -> bool {
        self.scope.admits(person) && person.is_any(&self.creators)
    }
}
