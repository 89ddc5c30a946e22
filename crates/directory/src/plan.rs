//! What a source would change: people, groups and containers that come, change and go, and who joins and leaves which group.
//! Finds nothing itself, which is `compare.rs`, and writes nothing.

use chat::{Address, DisplayName, PersonState};
use uuid::Uuid;

use crate::census::Outside;
use crate::distinguished_name::DistinguishedName;
use crate::source::{ObjectKind, PassedOver};

/// All that would change, for reading and for doing.
///
/// `added` and `altered` are in this order: domains, containers (what holds others before what it holds), groups, people; `gone`
/// in the contrary one. Inside each kind the order is that of the source, so two plans from the same are equal.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// The name of the source.
    pub source: String,
    /// Objects that were not known.
    pub added: Vec<Added>,
    /// Objects of which something is not as it was.
    pub altered: Vec<Altered>,
    /// Objects that the source does not have any more.
    pub gone: Vec<Gone>,
    /// Who joins and leaves, by group. The memberships of groups that are gone go with them and are not listed.
    pub memberships: Vec<MembershipChange>,
    /// Objects of which everything is as it was.
    pub unchanged: u64,
    /// People whom the source enables, and who stay disabled because they are so here.
    pub held: Vec<Address>,
    /// People of this source who may sign on now.
    pub enabled_now: u64,
    /// What the source says and nothing is made of.
    pub left_out: LeftOut,
}

/// An object that was not known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Added {
    /// The identity.
    pub guid: Uuid,
    /// What it is.
    pub kind: ObjectKind,
    /// The name.
    pub name: DistinguishedName,
    /// What people read.
    pub display_name: DisplayName,
    /// Where a person is reached: always present for a person, never for anything else.
    pub address: Option<Address>,
    /// Whether a person may sign on.
    pub enabled: bool,
    /// The mail address, as it was written.
    pub mail: Option<Box<str>>,
    /// The container or domain that holds it, if the source has one that does.
    pub container: Option<Uuid>,
}

/// An object of which something is not as it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Altered {
    /// The identity.
    pub guid: Uuid,
    /// What it is.
    pub kind: ObjectKind,
    /// The name as it is now.
    pub name: DistinguishedName,
    /// The display name as it is now.
    pub display_name: DisplayName,
    /// What is not as it was; at least one thing, each field once.
    pub alterations: Vec<Alteration>,
    /// Whether it is in another container than before, and not only in the same one under another name.
    pub is_moved: bool,
    /// Whether it is called something else: its own part of the name, or what people read.
    pub is_renamed: bool,
}

/// One thing that is not as it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Alteration {
    /// The distinguished name, if only in how it is written or because a container was renamed.
    Name {
        /// As it was.
        before: Option<DistinguishedName>,
        /// As it is.
        after: DistinguishedName,
    },
    /// What people read.
    DisplayName {
        /// As it was.
        before: DisplayName,
        /// As it is.
        after: DisplayName,
    },
    /// Where a person is reached.
    Address {
        /// As it was.
        before: Option<Address>,
        /// As it is.
        after: Address,
    },
    /// The mail address.
    Mail {
        /// As it was.
        before: Option<Box<str>>,
        /// As it is.
        after: Option<Box<str>>,
    },
    /// Whether a person may sign on, and whether the object is there at all.
    State {
        /// As it was.
        before: PersonState,
        /// As it is; never `Removed`.
        after: PersonState,
    },
    /// The container or domain that holds it.
    Container {
        /// As it was.
        before: Option<Uuid>,
        /// As it is.
        after: Option<Uuid>,
    },
}

/// An object that the source does not have any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gone {
    /// The identity.
    pub guid: Uuid,
    /// What it was.
    pub kind: ObjectKind,
    /// Its last name.
    pub name: Option<DistinguishedName>,
    /// What people read.
    pub display_name: DisplayName,
    /// Where a person was reached.
    pub address: Option<Address>,
    /// Whether this is a person who could sign on.
    pub was_enabled: bool,
}

/// Who joins and leaves one group, as direct members.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MembershipChange {
    /// The group.
    pub group: Uuid,
    /// What people read.
    pub display_name: DisplayName,
    /// Who joins.
    pub joined: Vec<Member>,
    /// Who leaves, those who are gone altogether included.
    pub left: Vec<Member>,
}

/// A direct member of a group.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Member {
    /// A person or a group.
    pub kind: ObjectKind,
    /// The identity.
    pub guid: Uuid,
}

/// What a source says and nothing is made of.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct LeftOut {
    /// People without an address whom nobody knew.
    pub not_sip_enabled: u64,
    /// Memberships that lead out of the source.
    pub outside: Outside,
    /// Objects of other classes, and addresses that cannot be used.
    pub passed_over: PassedOver,
}

/// One step of doing a plan.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Step<'a> {
    /// An object goes.
    Remove(&'a Gone),
    /// An object comes.
    Add(&'a Added),
    /// An object changes.
    Alter(&'a Altered),
    /// A member leaves a group.
    Part(Uuid, Member),
    /// A member joins a group.
    Join(Uuid, Member),
}

impl Plan {
    /// Whether nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.altered.is_empty()
            && self.gone.is_empty()
            && self.memberships.is_empty()
    }

    /// All steps, in an order in which each stands on those before it, to be done in portions of any size.
    ///
    /// People go first, so that their addresses are free; then domains, containers, groups come and change, what holds before
    /// what is held; then people change, then people come; then members leave, then join; groups, containers and domains go last.
    ///
    /// When two people swap their addresses no order helps: those of [`Plan::readdressed`] are to be freed before any is given out.
    pub fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        let is_person = |kind: ObjectKind| kind == ObjectKind::Person;
        let gone = move |people: bool| {
            self.gone.iter().filter(move |gone| is_person(gone.kind) == people).map(Step::Remove)
        };
        let added = move |people: bool| {
            self.added.iter().filter(move |added| is_person(added.kind) == people).map(Step::Add)
        };
        let altered = move |people: bool| {
            self.altered.iter().filter(move |altered| is_person(altered.kind) == people).map(Step::Alter)
        };
        let left = self
            .memberships
            .iter()
            .flat_map(|change| change.left.iter().map(|member| Step::Part(change.group, *member)));
        let joined = self
            .memberships
            .iter()
            .flat_map(|change| change.joined.iter().map(|member| Step::Join(change.group, *member)));
        gone(true)
            .chain(added(false))
            .chain(altered(false))
            .chain(altered(true))
            .chain(added(true))
            .chain(left)
            .chain(joined)
            .chain(gone(false))
    }

    /// Objects that are called something else.
    pub fn renamed(&self) -> impl Iterator<Item = &Altered> {
        self.altered.iter().filter(|altered| altered.is_renamed)
    }

    /// Objects that are in another container.
    pub fn moved(&self) -> impl Iterator<Item = &Altered> {
        self.altered.iter().filter(|altered| altered.is_moved)
    }

    /// People who could sign on and may not any more.
    pub fn disabled(&self) -> impl Iterator<Item = &Altered> {
        self.altered.iter().filter(|altered| altered.is_disabled())
    }

    /// People who may sign on again, and other objects that were gone and are there again.
    pub fn enabled_again(&self) -> impl Iterator<Item = &Altered> {
        self.altered.iter().filter(|altered| altered.is_enabled_again())
    }

    /// People whose address is another one.
    pub fn readdressed(&self) -> impl Iterator<Item = &Altered> {
        let is_it = |alteration: &Alteration| matches!(alteration, Alteration::Address { .. });
        self.altered.iter().filter(move |altered| altered.alterations.iter().any(is_it))
    }

    /// Objects that changed in no way that has a name of its own: another address, another spelling, a container renamed.
    pub fn changed(&self) -> impl Iterator<Item = &Altered> {
        self.altered.iter().filter(|altered| {
            !(altered.is_renamed || altered.is_moved || altered.is_disabled() || altered.is_enabled_again())
        })
    }

    /// Of the people who may sign on now, the share that may not afterwards, from 0 to 1; 0 when there are none.
    #[must_use]
    pub fn share_disabled(&self) -> f64 {
        if self.enabled_now == 0 { 0.0 } else { self.shut_out() as f64 / self.enabled_now as f64 }
    }

    /// How many people who may sign on now may not afterwards.
    #[must_use]
    pub fn shut_out(&self) -> u64 {
        (self.disabled().count() + self.gone.iter().filter(|gone| gone.was_enabled).count()) as u64
    }
}

impl Altered {
    /// Whether a person who could sign on may not any more.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.turns(|before, after| before == PersonState::Enabled && after != PersonState::Enabled)
    }

    /// Whether a person may sign on again, or something that was gone is there again.
    #[must_use]
    pub fn is_enabled_again(&self) -> bool {
        self.turns(|before, after| before != PersonState::Enabled && after == PersonState::Enabled)
    }

    /// The names of the fields that are not as they were.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.alterations.iter().map(Alteration::field)
    }

    fn turns(&self, is_it: impl Fn(PersonState, PersonState) -> bool) -> bool {
        self.alterations.iter().any(|alteration| match alteration {
            Alteration::State { before, after } => is_it(*before, *after),
            _ => false,
        })
    }
}

impl Alteration {
    /// The name of the field.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Name { .. } => "name",
            Self::DisplayName { .. } => "displayName",
            Self::Address { .. } => "address",
            Self::Mail { .. } => "mail",
            Self::State { .. } => "state",
            Self::Container { .. } => "container",
        }
    }
}
