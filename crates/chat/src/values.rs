//! What can be set of a room or a category, as plain values, and which rights it takes to set it.
//! Which values are right is `rule.rs`; nothing here is kept.

use uuid::Uuid;

use crate::access::{Person, Principal, Scope};
use crate::address::{AddInId, CategoryId, RoomId};
use crate::category::Category;
use crate::event::Right;
use crate::refusal::Refusal;
use crate::room::{Invitations, Privacy, Room, RoomKind};
use crate::text::{Description, NodeName};

/// Who has which role in a room.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RoomRoles {
    /// Members; in an open room they count for nothing but are kept.
    pub members: Vec<Principal>,
    /// Managers.
    pub managers: Vec<Principal>,
    /// Presenters of an auditorium.
    pub presenters: Vec<Principal>,
}

/// All that can be set of a room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomValues {
    /// The category it lies in.
    pub category: CategoryId,
    /// Its name.
    pub name: NodeName,
    /// Free text.
    pub description: Description,
    /// Who may find and join it.
    pub privacy: Privacy,
    /// Who may post in it.
    pub kind: RoomKind,
    /// Whether it invites. It can only follow its category or stay behind it, so it never invites against its category.
    pub invitations: Invitations,
    /// Whether nobody may find, join or read it.
    pub disabled: bool,
    /// The add-in shown beside it.
    pub add_in: Option<AddInId>,
    /// Who has which role in it.
    pub roles: RoomRoles,
}

/// All that can be set of a category.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CategoryValues {
    /// Its name.
    pub name: NodeName,
    /// Free text.
    pub description: Description,
    /// Who may ever have a role in its rooms.
    pub scope: Scope,
    /// Who may create rooms in it.
    pub creators: Vec<Principal>,
    /// Whether its rooms may invite.
    pub invitations: bool,
    /// Whether files may be posted in its rooms.
    pub file_upload: bool,
    /// Whether its rooms keep what is said.
    pub history: bool,
}

/// The rights it takes to turn the room into these values, in the order of [`Right::ALL`]; none if nothing changes.
///
/// Moving takes a say in the target, too ([`Room::decide_move`]). To remove a room, or what was said in it, are no values: they take
/// [`Right::Remove`] and [`Right::Purge`].
#[must_use]
pub fn rights_needed(old: &Room, new: &RoomValues) -> Vec<Right> {
    let moved = old.category != new.category;
    let mut rest = old.values();
    rest.category = new.category;
    rest.disabled = new.disabled;
    let needed = [
        (Right::Manage, rest != *new),
        (Right::Move, moved),
        (Right::Disable, !old.disabled && new.disabled),
        (Right::Enable, old.disabled && !new.disabled),
    ];
    needed.into_iter().filter_map(|(right, needed)| needed.then_some(right)).collect()
}

impl Room {
    /// What can be set of the room, as it is.
    #[must_use]
    pub fn values(&self) -> RoomValues {
        RoomValues {
            category: self.category,
            name: self.name.clone(),
            description: self.description.clone(),
            privacy: self.privacy,
            kind: self.kind,
            invitations: self.invitations,
            disabled: self.disabled,
            add_in: self.add_in,
            roles: RoomRoles {
                members: self.members.clone(),
                managers: self.managers.clone(),
                presenters: self.presenters.clone(),
            },
        }
    }

    /// The same room with these values; its rules have not been raised.
    #[must_use]
    pub fn with(&self, values: RoomValues) -> Self {
        values.of_room(self.id, self.guid, self.rules)
    }

    /// Decides whether the person may turn the room into these values, which lie in `target`; its own category, if it does not move.
    ///
    /// # Errors
    /// As [`Room::allows`] for [`Right::Manage`] and each of [`rights_needed`], and as [`Room::decide_move`].
    pub fn decide_change(
        &self,
        category: &Category,
        target: &Category,
        who: &Person,
        new: &RoomValues,
    ) -> Result<(), Refusal> {
        assert_eq!(new.category, target.id, "the values lie in the target");
        // Also who changes nothing learns nothing of a room that is not managed.
        self.allows(category, who, Right::Manage)?;
        rights_needed(self, new).into_iter().try_for_each(|right| match right {
            Right::Move => self.decide_move(category, target, who),
            _ => self.allows(category, who, right),
        })
    }
}

impl RoomValues {
    /// A new room, as long as nothing more is said of it: closed, normal, enabled, nobody in it. Its creator manages it, if
    /// the category admits it; an administrator may create rooms also where it is outside. Nobody becomes a member by creating.
    #[must_use]
    pub fn new(category: &Category, name: NodeName, creator: Option<&Person>) -> Self {
        let inside = creator.filter(|creator| category.scope.admits(creator));
        Self {
            category: category.id,
            name,
            description: Description::default(),
            privacy: Privacy::Closed,
            kind: RoomKind::Normal,
            invitations: Invitations::Inherit,
            disabled: false,
            add_in: None,
            roles: RoomRoles {
                managers: inside.map(|creator| Principal::Person(creator.id)).into_iter().collect(),
                ..RoomRoles::default()
            },
        }
    }

    /// The room of this number and GUID that has these values, under these rules.
    #[must_use]
    pub fn of_room(self, id: RoomId, guid: Uuid, rules: u64) -> Room {
        Room {
            id,
            guid,
            category: self.category,
            name: self.name,
            description: self.description,
            privacy: self.privacy,
            kind: self.kind,
            invitations: self.invitations,
            disabled: self.disabled,
            add_in: self.add_in,
            members: self.roles.members,
            managers: self.roles.managers,
            presenters: self.roles.presenters,
            rules,
        }
    }

    /// The values with a kind of room. Only auditoriums have presenters: a room that becomes normal has none any more.
    #[must_use]
    pub fn of_kind(mut self, kind: RoomKind) -> Self {
        if self.kind == RoomKind::Auditorium && kind == RoomKind::Normal {
            self.roles.presenters.clear();
        }
        self.kind = kind;
        self
    }
}

impl Category {
    /// What can be set of the category, as it is.
    #[must_use]
    pub fn values(&self) -> CategoryValues {
        CategoryValues {
            name: self.name.clone(),
            description: self.description.clone(),
            scope: self.scope.clone(),
            creators: self.creators.clone(),
            invitations: self.invitations,
            file_upload: self.file_upload,
            history: self.history,
        }
    }

    /// The same category with these values; its rules have not been raised.
    #[must_use]
    pub fn with(&self, values: CategoryValues) -> Self {
        Self {
            id: self.id,
            guid: self.guid,
            name: values.name,
            description: values.description,
            scope: values.scope,
            creators: values.creators,
            invitations: values.invitations,
            file_upload: values.file_upload,
            history: values.history,
            rules: self.rules,
        }
    }
}

impl CategoryValues {
    /// A new category, as long as nothing more is said of it: it admits nobody and keeps history.
    #[must_use]
    pub fn new(name: NodeName) -> Self {
        Self {
            name,
            description: Description::default(),
            scope: Scope::default(),
            creators: Vec::new(),
            invitations: false,
            file_upload: false,
            history: true,
        }
    }
}
