//! Administrative changes of rows as values, and what they yield.
//! Decides nothing about who may make them.

use chat::{
    Address, Category, CategoryId, Description, DisplayName, Invitations, NodeName, Person, PersonId,
    Principal, Privacy, Room, RoomId, RoomKind, Scope, Subject,
};

/// What can be set of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonDraft {
    /// Unique among people who were not removed.
    pub address: Address,
    /// The display name.
    pub display_name: DisplayName,
    /// Whether the person may use the server.
    pub enabled: bool,
}

/// What can be set of a category, its lists included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CategoryDraft {
    /// Unique among rooms and categories, without regard to case.
    pub name: NodeName,
    /// Free text.
    pub description: Description,
    /// Who may ever be a member, and who not.
    pub scope: Scope,
    /// Who may create rooms.
    pub creators: Vec<Principal>,
    /// Whether its rooms may invite.
    pub invitations: bool,
    /// Whether files may be posted.
    pub file_upload: bool,
    /// Whether what is said is kept.
    pub history: bool,
}

/// What can be set of a room, its lists included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomDraft {
    /// The category it lies in.
    pub category: CategoryId,
    /// The category's rules its roles were decided under. If given and no longer so: [`AdminFault::Stale`](crate::AdminFault::Stale).
    pub under_category_rules: Option<u64>,
    /// Unique among rooms and categories, without regard to case.
    pub name: NodeName,
    /// Free text.
    pub description: Description,
    /// Who may find and join it.
    pub privacy: Privacy,
    /// Who may post in it.
    pub kind: RoomKind,
    /// Whether it invites.
    pub invitations: Invitations,
    /// Whether it is closed to everybody.
    pub disabled: bool,
    /// Members.
    pub members: Vec<Principal>,
    /// Managers.
    pub managers: Vec<Principal>,
    /// Presenters.
    pub presenters: Vec<Principal>,
}

/// A person an operation names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    /// Somebody known.
    Known(PersonId),
    /// The person made last by a [`RowChange::NewPerson`] before this change in the same operation.
    JustMade,
}

/// What a person can sign on with, as kept: nothing here is a password.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    /// The PHC string of an argon2id hash.
    pub argon2: Option<String>,
    /// The sealed secret of legacy sign-on.
    pub nt: Option<Vec<u8>>,
}

/// One change of a row. GUIDs and numbers of new rows are the store's to give.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowChange {
    /// Makes a person.
    NewPerson(PersonDraft),
    /// Changes a person and raises the standing.
    SetPerson {
        /// Who.
        id: PersonId,
        /// If given and no longer so: [`AdminFault::Stale`](crate::AdminFault::Stale).
        expected_standing: Option<u64>,
        /// All that can be set.
        draft: PersonDraft,
    },
    /// Removes a person: out of every list (raising the rules there), with credentials, documents, invitations and
    /// read marks. Posts remain; the address is free again.
    RemovePerson(PersonId),
    /// Replaces what a person signs on with; both parts, `None` erases.
    PutCredentials {
        /// Whose.
        person: Who,
        /// The new ones.
        credentials: Credentials,
    },
    /// Makes a category.
    NewCategory(CategoryDraft),
    /// Changes a category and raises its rules.
    SetCategory {
        /// Which.
        id: CategoryId,
        /// If given and no longer so: [`AdminFault::Stale`](crate::AdminFault::Stale).
        expected_rules: Option<u64>,
        /// All that can be set.
        draft: CategoryDraft,
    },
    /// Removes a category without rooms.
    RemoveCategory(CategoryId),
    /// Makes a room.
    NewRoom(RoomDraft),
    /// Changes a room and raises its rules.
    SetRoom {
        /// Which.
        id: RoomId,
        /// If given and no longer so: [`AdminFault::Stale`](crate::AdminFault::Stale).
        expected_rules: Option<u64>,
        /// All that can be set.
        draft: RoomDraft,
    },
    /// Removes a room; its journal stays, its history is shown no more and its name is free again.
    RemoveRoom(RoomId),
    /// Sets or (with `None`) unsets a managed setting.
    PutSetting {
        /// Its name.
        name: String,
        /// Its value.
        value: Option<String>,
    },
}

/// What one change yielded, in the order of the changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowDone {
    /// The person as it is now.
    Person(Person),
    /// The category as it is now.
    Category(Category),
    /// The room as it is now.
    Room(Room),
    /// Credentials of this person were replaced.
    Credentials(PersonId),
    /// It is gone.
    Removed(Subject),
    /// A setting was changed.
    Setting,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("argon2", &self.argon2.is_some())
            .field("nt", &self.nt.is_some())
            .finish()
    }
}
