//! Groups, containers and directory domains: what people belong to, and the sets of them a person belongs to.
//! Works out no affiliation; who keeps the memberships does.

use std::sync::Arc;

use uuid::Uuid;

use crate::access::Principal;
use crate::address::{Domain, GroupId};
use crate::text::DisplayName;

/// What kind of thing people belong to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum GroupKind {
    /// A group with members.
    Group,
    /// An organisational unit or other container of a directory.
    Container,
    /// The domain at the root of a directory.
    Domain,
}

/// A group as decisions see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// The number that lists name.
    pub id: GroupId,
    /// The identity in its directory; ours for a local group.
    pub guid: Uuid,
    /// What it is.
    pub kind: GroupKind,
    /// What it is called.
    pub name: DisplayName,
    /// Where it stands in its directory; `None` for a local group.
    pub distinguished_name: Option<Box<str>>,
    /// The domain it counts for: the directory's, the pool's own for a local group.
    pub domain: Option<Domain>,
    /// What it belongs to itself.
    pub ancestors: Ancestors,
    /// Its directory does not know it any more; nobody belongs to it.
    pub gone: bool,
    /// Raised by every change of it.
    pub version: u64,
}

/// A set of groups, sorted; everybody who belongs to the same shares one.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Ancestors(Option<Arc<[GroupId]>>);

impl Group {
    /// Whether the principal stands for this whole group.
    #[must_use]
    pub fn is(&self, principal: &Principal) -> bool {
        match principal {
            Principal::Person(_) => false,
            Principal::Group(id) => *id == self.id || self.ancestors.contain(*id),
            Principal::Domain(domain) => self.domain.as_ref() == Some(domain),
        }
    }
}

impl Ancestors {
    /// The set of these groups, in any order.
    #[must_use]
    pub fn of(mut groups: Vec<GroupId>) -> Self {
        groups.sort_unstable();
        groups.dedup();
        if groups.is_empty() { Self(None) } else { Self(Some(groups.into())) }
    }

    /// Whether the group is one of them.
    #[must_use]
    pub fn contain(&self, group: GroupId) -> bool {
        self.as_slice().binary_search(&group).is_ok()
    }

    /// All of them, ascending.
    #[must_use]
    pub fn as_slice(&self) -> &[GroupId] {
        self.0.as_deref().unwrap_or_default()
    }
}
