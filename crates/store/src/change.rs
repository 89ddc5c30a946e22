//! Administrative changes of rows as values, and what they yield.
//! Decides nothing about who may make them.

use chat::{
    Actor, AddIn, AddInId, AddInName, Address, Ancestors, Category, CategoryId, Configuration, Description,
    DisplayName, Domain, Group, GroupId, GroupKind, Invitations, NodeName, Person, PersonId, Policy,
    Principal, Privacy, Role, Room, RoomId, RoomKind, Scope, ScopeName, ServerId, Subject, Time, Url,
};
use uuid::Uuid;

use crate::facts::{ConfigurationRow, Endpoint, TokenRow};
use crate::servers::ServerState;

/// What can be set of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonDraft {
    /// Unique among people who were not removed.
    pub address: Address,
    /// The display name.
    pub display_name: DisplayName,
    /// Whether the person may use the server.
    pub enabled: bool,
    /// A program's account.
    pub bot: bool,
    /// What its directory says of it; `None` for a local account, and to leave what was said.
    pub entry: Option<DirectoryEntry>,
}

/// What a directory says of a principal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectoryEntry {
    /// Which directory.
    pub source: String,
    /// The identity there.
    pub guid: Uuid,
    /// Where it stands.
    pub name: String,
    /// The key of `name`: equal for equal names.
    pub name_folded: String,
    /// The container it lies in, if that is known.
    pub parent: Option<GroupId>,
    /// The mail address, if any.
    pub mail: Option<String>,
    /// The directory does not know it any more.
    pub gone: bool,
}

/// What can be set of a group, container or directory domain; its members apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupDraft {
    /// What it is called; unique among local groups, case aside.
    pub name: DisplayName,
    /// What it is.
    pub kind: GroupKind,
    /// The domain it counts for.
    pub domain: Option<Domain>,
    /// What its directory says of it; `None` for a local group.
    pub entry: Option<DirectoryEntry>,
}

/// A direct member of a group.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Member {
    /// A person.
    Person(PersonId),
    /// A group.
    Group(GroupId),
}

/// What can be set of a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyDraft {
    /// For whom; fixed once it is made.
    pub scope: ScopeName,
    /// Whether they may use persistent chat.
    pub enabled: bool,
    /// Free text.
    pub description: Description,
}

/// What can be set of an add-in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddInDraft {
    /// Unique without regard to case.
    pub name: AddInName,
    /// The page.
    pub url: Url,
}

/// A token to be made; the secret itself is not here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenDraft {
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// What it is called.
    pub name: DisplayName,
    /// What it may be used for, as its face says it.
    pub scope: String,
    /// Whose it is.
    pub person: Option<PersonId>,
    /// When it ends.
    pub expires: Option<Time>,
}

/// A version of the topology to be published: what it says was judged, and it follows the one its numbers name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopologyDraft {
    /// Its number: one more than that of the version it was derived from.
    pub number: u64,
    /// The hash of that one.
    pub previous: [u8; 32],
    /// Its own hash.
    pub hash: [u8; 32],
    /// The document.
    pub document: String,
    /// A remark for people.
    pub remark: String,
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
    /// The add-in shown beside it.
    pub add_in: Option<AddInId>,
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
    /// Says whether a person is disabled here whatever its directory says. Whether it is disabled now is another thing.
    HoldPerson(PersonId, bool),
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
    /// Changes nothing: what was decided from something that is no longer so is [`AdminFault::Stale`](crate::AdminFault::Stale).
    Assert(Premise),
    /// Makes a group, container or directory domain, without members.
    NewGroup(GroupDraft),
    /// Changes a group.
    SetGroup {
        /// Which.
        id: GroupId,
        /// If given and no longer so: [`AdminFault::Stale`](crate::AdminFault::Stale).
        expected_version: Option<u64>,
        /// All that can be set.
        draft: GroupDraft,
    },
    /// Removes a group: out of every list (raising the rules there) and out of every group.
    RemoveGroup(GroupId),
    /// Changes the direct members of a group. Affiliations follow by [`RowChange::Affiliate`] in the same operation.
    SetMembers {
        /// Which.
        group: GroupId,
        /// Who comes in.
        add: Vec<Member>,
        /// Who goes.
        remove: Vec<Member>,
    },
    /// Says anew what these belong to, directly and through others; raises the standing of each person it changes.
    Affiliate {
        /// People.
        people: Vec<(PersonId, Ancestors)>,
        /// Groups.
        groups: Vec<(GroupId, Ancestors)>,
    },
    /// Makes a policy; everybody's effective policy and standing follow in the same transaction.
    NewPolicy(PolicyDraft),
    /// Changes a policy, as above. Its scope stays.
    SetPolicy {
        /// Which.
        id: i64,
        /// If given and no longer so: [`AdminFault::Stale`](crate::AdminFault::Stale).
        expected_version: Option<u64>,
        /// All that can be set.
        draft: PolicyDraft,
    },
    /// Grants a person a policy of its own, or (with `None`) takes it; raises the standing.
    GrantPolicy(PersonId, Option<i64>),
    /// Removes a policy, as above; who had it has the next in line.
    RemovePolicy(i64),
    /// Makes a collection of settings.
    NewConfiguration(ScopeName, Configuration),
    /// Changes a collection of settings.
    SetConfiguration {
        /// Which.
        id: i64,
        /// If given and no longer so: [`AdminFault::Stale`](crate::AdminFault::Stale).
        expected_version: Option<u64>,
        /// All of them.
        settings: Configuration,
    },
    /// Removes a collection of settings.
    RemoveConfiguration(i64),
    /// Registers an add-in.
    NewAddIn(AddInDraft),
    /// Changes an add-in.
    SetAddIn {
        /// Which.
        id: AddInId,
        /// If given and no longer so: [`AdminFault::Stale`](crate::AdminFault::Stale).
        expected_version: Option<u64>,
        /// All that can be set.
        draft: AddInDraft,
    },
    /// Removes an add-in; rooms that show it show none, which raises their rules.
    RemoveAddIn(AddInId),
    /// Makes a further address of the pool.
    NewEndpoint(Address, DisplayName),
    /// Removes a further address of the pool.
    RemoveEndpoint(i64),
    /// Changes what servers do. How many are active is decided by all of them: if one came, went or does something else than when
    /// that was read, or one that is to go runs now, it is [`AdminFault::Stale`](crate::AdminFault::Stale).
    SetServers {
        /// Every server of the pool, ascending, and what it did when that was read.
        read: Vec<(ServerId, ServerState)>,
        /// What some of them do from now on.
        after: Vec<(ServerId, ServerState)>,
    },
    /// Gives an administrative role; raises the standing.
    GrantRole(PersonId, Role),
    /// Takes an administrative role; raises the standing.
    RevokeRole(PersonId, Role),
    /// Makes a token.
    NewToken(TokenDraft),
    /// Ends a token.
    RevokeToken(i64),
    /// Ends a token by using it up: one that has ended already, or is over, is [`AdminFault::NoSuch`](crate::AdminFault::NoSuch).
    RedeemToken(i64),
    /// Publishes a version of the topology, unless it does not follow the newest one: [`AdminFault::Stale`](crate::AdminFault::Stale).
    PublishTopology(TopologyDraft),
    /// Notes that work of several transactions is under way, or (with `false`) that it is done. Nobody sees a difference by it, so no
    /// entry tells of it. What is under way is among the settings after a stop.
    NoteUnfinished {
        /// Its name among the settings.
        name: String,
        /// Whether it is under way.
        is_open: bool,
    },
}

/// What a change was decided from, as it was read: changes whose rows do not name their own number are preceded by it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Premise {
    /// The standing of a person.
    Person(PersonId, u64),
    /// The rules of a category.
    Category(CategoryId, u64),
    /// The rules of a room.
    Room(RoomId, u64),
    /// A policy, and to how many people it is granted.
    Policy {
        /// Which.
        id: i64,
        /// Its version.
        version: u64,
        /// How many have it, whoever was removed or is gone aside.
        holders: usize,
    },
    /// The version of a collection of settings.
    Configuration(i64, u64),
    /// An add-in, and the rooms that show it.
    AddIn {
        /// Which.
        id: AddInId,
        /// Its version.
        version: u64,
        /// The rooms.
        rooms: Vec<RoomId>,
    },
    /// The number of all memberships, as [`Store::graph_number`](crate::Store::graph_number) gives it.
    Graph(u64),
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
    /// Nothing was changed by it.
    Asserted,
    /// The group as it is now.
    Group(Group),
    /// So many people and groups belong to something else now.
    Affiliated(usize),
    /// The policy as it is now.
    Policy(Policy),
    /// The collection of settings as it is now.
    Configuration(ConfigurationRow),
    /// The add-in as it is now.
    AddIn(AddIn),
    /// The address as it is now.
    Endpoint(Endpoint),
    /// What servers do was changed.
    Servers,
    /// The roles of this person were changed.
    Role(PersonId),
    /// The token as it is now.
    Token(TokenRow),
    /// The topology of this number was published.
    Topology(u64),
}

/// What an administrative operation is written with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// Who asked.
    pub by: Actor,
    /// The standing of the person who asked, under which it was decided that it may. If given and no longer so:
    /// [`AdminFault::Moved`](crate::AdminFault::Moved).
    pub standing: Option<u64>,
    /// The token by which it was asked. If given and revoked: [`AdminFault::Moved`](crate::AdminFault::Moved).
    pub token: Option<Uuid>,
    /// The body of its first entry: JSON, without secrets. That of a further part may be empty, and is then none.
    pub body: String,
    /// The operation this is a further part of, as [`Administered::operation`] numbered its first.
    pub operation: Option<u64>,
    /// Only try: everything is checked, nothing is written.
    pub rehearse: bool,
}

impl Order {
    /// A whole operation, to be written, whatever the standing of who asked, and by no token.
    #[must_use]
    pub fn of(by: Actor, body: String) -> Self {
        Self { by, standing: None, token: None, body, operation: None, rehearse: false }
    }
}

/// What an administrative operation yielded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Administered {
    /// The number of its first entry in the pool's journal; 0 for a rehearsal.
    pub operation: u64,
    /// What each change yielded, in their order.
    pub done: Vec<RowDone>,
}

impl PersonDraft {
    /// A local account that is enabled and has no policy of its own.
    #[must_use]
    pub fn local(address: Address, display_name: DisplayName) -> Self {
        Self { address, display_name, enabled: true, bot: false, entry: None }
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("argon2", &self.argon2.is_some())
            .field("nt", &self.nt.is_some())
            .finish()
    }
}
