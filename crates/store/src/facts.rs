//! Rows that administration reads and decisions do not: tokens, endpoints, settings by scope, who granted what.
//! Reads and writes nothing itself.

use chat::{
    Actor, Address, Configuration, DisplayName, GroupId, PersonId, Principal, Role, ScopeName, Subject, Time,
};
use uuid::Uuid;

use crate::change::Member;

/// A collection of settings with its scope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigurationRow {
    /// Its number.
    pub id: i64,
    /// For what.
    pub scope: ScopeName,
    /// The settings.
    pub settings: Configuration,
    /// Raised by every change of it.
    pub version: u64,
}

/// A further address under which clients find the pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// Its number.
    pub id: i64,
    /// The address.
    pub address: Address,
    /// What it is called.
    pub display_name: DisplayName,
}

/// A token as kept: nothing here can be used to sign on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenRow {
    /// Its number.
    pub id: i64,
    /// Its GUID.
    pub guid: Uuid,
    /// What it is called.
    pub name: DisplayName,
    /// What it may be used for, as its face says it.
    pub scope: String,
    /// Whose it is.
    pub person: Option<PersonId>,
    /// Whether its owner made it himself.
    pub own: bool,
    /// When it was made.
    pub made: Time,
    /// When it ends.
    pub expires: Option<Time>,
    /// When it was ended before that.
    pub revoked: Option<Time>,
}

/// An administrative role somebody has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoleGrant {
    /// Who.
    pub person: PersonId,
    /// Which.
    pub role: Role,
    /// The operation that gave it, by its number in the pool's journal.
    pub granted: u64,
}

/// What became of a post.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PostState {
    /// It is part of the history.
    Shown,
    /// It was said while the history was off.
    Unkept,
    /// Its text was taken away.
    Removed,
    /// The room has no such post.
    Absent,
}

/// A list of a room or category.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum List {
    /// A category's allowed members.
    Allowed,
    /// A category's denied members.
    Denied,
    /// A category's creators.
    Creators,
    /// A room's members.
    Members,
    /// A room's managers.
    Managers,
    /// A room's presenters.
    Presenters,
}

/// A principal on a list, and which operation put it there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListGrant {
    /// The list.
    pub list: List,
    /// Who.
    pub principal: Principal,
    /// The operation, by its number in the pool's journal.
    pub granted: u64,
}

/// That somebody is a direct member of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Membership {
    /// The group.
    pub group: GroupId,
    /// Who.
    pub member: Member,
}

/// What a person's row says beyond what decisions need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonFacts {
    /// Who.
    pub id: PersonId,
    /// The policy granted to the person.
    pub policy: Option<i64>,
    /// The directory the person comes from; `None` for a local account.
    pub source: Option<String>,
    /// Where the person stands in it.
    pub distinguished_name: Option<String>,
    /// The container it lies in.
    pub parent: Option<GroupId>,
    /// The mail address.
    pub mail: Option<String>,
    /// The directory does not know the person any more.
    pub gone: bool,
    /// Disabled here, whatever the directory says.
    pub held: bool,
}

/// Which operations are looked for: those that are all of what is given.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OperationFilter {
    /// Done by one of these; an empty list means none.
    pub by: Option<Vec<Actor>>,
    /// About one of these; an empty list means none.
    pub about: Option<Vec<Subject>>,
    /// Done then or later.
    pub from: Option<Time>,
    /// Done then or before.
    pub to: Option<Time>,
}

/// An operation as the record has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperationRow {
    /// The number of its first entry in the pool's journal.
    pub operation: u64,
    /// When it began.
    pub time: Time,
    /// By whom.
    pub by: Actor,
    /// In how many transactions it was done.
    pub parts: usize,
    /// How many entries it has, one for each thing a transaction changed.
    pub entries: usize,
    /// The body of its first entry.
    pub body: Option<String>,
}

/// One transaction of an operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperationPart {
    /// The number of its first entry in the pool's journal.
    pub number: u64,
    /// How many entries it has.
    pub entries: usize,
    /// When.
    pub time: Time,
    /// The body of its first entry.
    pub body: Option<String>,
}

/// What administration shows of a person besides what decisions need.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Account {
    /// Who.
    pub person: PersonId,
    /// The policy granted to the person.
    pub policy: Option<i64>,
    /// Whether a password is set.
    pub has_password: bool,
    /// Whether clients of the Lync protocol may sign on.
    pub legacy_sign_on: bool,
}

/// How many people have a policy of their own, or have none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PolicyHolders {
    /// The policy; `None` for those without one.
    pub policy: Option<i64>,
    /// How many, whoever was removed or is gone aside.
    pub people: usize,
    /// How many of them may use persistent chat.
    pub with_chat: usize,
}

/// Who did an operation, and when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Granted {
    /// The operation, by its number in the pool's journal.
    pub operation: u64,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Time,
}
