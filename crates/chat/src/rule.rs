//! The rules that the values of rooms and categories obey, and what a room loses when its category admits less.
//! Knows nobody: whoever asks says who is behind a principal. Changes nothing and names no operation.

use std::collections::HashSet;

use crate::access::{Person, PersonState, Principal, Scope};
use crate::address::{GroupId, PersonId};
use crate::category::Category;
use crate::group::Group;
use crate::limits::PRINCIPALS_MAX;
use crate::room::{Privacy, RoomKind};
use crate::values::{CategoryValues, RoomRoles, RoomValues};

/// Who is behind a principal of a list, if it is somebody known. A domain needs nobody behind it.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// A person; one that was removed is nobody.
    Person(&'a Person),
    /// A group, container or directory domain; one that is gone is nobody.
    Group(&'a Group),
}

impl Known<'_> {
    /// Whether its directory does not know it any more. It has no right by any list, and keeps its place until it is back.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        match self {
            Self::Person(person) => person.state == PersonState::Removed,
            Self::Group(group) => group.gone,
        }
    }
}

/// A rule that values can break.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Rule {
    /// Somebody with a role is outside the category's scope.
    #[error("outside what the category allows: allow it in the category first, or leave it out")]
    OutOfScope,
    /// A normal room has presenters.
    #[error("only an auditorium has presenters: make the room an auditorium, or name none")]
    NotAuditorium,
    /// A presenter of a room that is not open is no member.
    #[error("a presenter of a room that is not open must be a member: name it among the members, too")]
    NotMember,
    /// A list is too long.
    #[error("a list names at most {PRINCIPALS_MAX}: name a group or a domain instead")]
    TooMany,
}

/// A rule that is broken: where, and by whom if it is somebody.
#[derive(Clone, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct Breach {
    /// The value, as people write it: `members`, `managers`, `presenters`, `creators`, `allowedMembers`, `deniedMembers`.
    pub field: &'static str,
    /// Which rule.
    pub rule: Rule,
    /// The principal it is about; `None` if it is about the whole list.
    pub principal: Option<Principal>,
}

/// A scope made ready to be asked about many principals.
#[derive(Debug)]
pub struct Bounds<'a> {
    allowed: Listed<'a>,
    denied: Listed<'a>,
}

/// A list of principals made ready to be asked often.
#[derive(Debug, Default)]
struct Listed<'a> {
    people: HashSet<PersonId>,
    groups: HashSet<GroupId>,
    domains: HashSet<&'a str>,
}

impl<'a> Bounds<'a> {
    /// Makes a scope ready.
    #[must_use]
    pub fn of(scope: &'a Scope) -> Self {
        Self { allowed: Listed::of(&scope.allowed), denied: Listed::of(&scope.denied) }
    }

    /// Whether everybody the principal stands for is inside: an entry of the allowed list stands for all of it, and none of
    /// the denied list does. Who is denied by name inside an admitted group stays outside all the same. A person or group that
    /// nobody knows is not admitted.
    pub fn admit<'k>(
        &self,
        principal: &'k Principal,
        known: impl Fn(&'k Principal) -> Option<Known<'k>>,
    ) -> bool {
        let behind = known_of(principal, &known);
        let somebody = behind.is_some() || matches!(principal, Principal::Domain(_));
        somebody && self.allowed.covers(principal, behind) && !self.denied.covers(principal, behind)
    }
}

impl<'a> Listed<'a> {
    fn of(list: &'a [Principal]) -> Self {
        let mut listed = Self::default();
        for principal in list {
            match principal {
                Principal::Person(id) => _ = listed.people.insert(*id),
                Principal::Group(id) => _ = listed.groups.insert(*id),
                Principal::Domain(domain) => _ = listed.domains.insert(domain.as_str()),
            }
        }
        listed
    }

    /// Whether one entry stands for all of the principal: [`Person::is_any`] and [`Group::is`] without reading the list again.
    fn covers(&self, principal: &Principal, known: Option<Known<'_>>) -> bool {
        let of_any = |groups: &[GroupId]| groups.iter().any(|group| self.groups.contains(group));
        match (principal, known) {
            (Principal::Domain(domain), _) => self.domains.contains(domain.as_str()),
            (_, Some(Known::Person(person))) => {
                self.people.contains(&person.id)
                    || self.domains.contains(person.address.domain())
                    || of_any(person.ancestors.as_slice())
            }
            (_, Some(Known::Group(group))) => {
                self.groups.contains(&group.id)
                    || group.domain.as_ref().is_some_and(|domain| self.domains.contains(domain.as_str()))
                    || of_any(group.ancestors.as_slice())
            }
            (Principal::Person(id), None) => self.people.contains(id),
            (Principal::Group(id), None) => self.groups.contains(id),
        }
    }
}

/// Who is behind the principal; nobody is behind whoever is gone.
fn known_of<'k>(
    principal: &'k Principal,
    known: &impl Fn(&'k Principal) -> Option<Known<'k>>,
) -> Option<Known<'k>> {
    match principal {
        Principal::Domain(_) => None,
        Principal::Person(_) | Principal::Group(_) => known(principal).filter(|behind| !behind.is_gone()),
    }
}

/// Whether the principal was known once and is gone.
fn is_gone<'k>(principal: &'k Principal, known: &impl Fn(&'k Principal) -> Option<Known<'k>>) -> bool {
    !matches!(principal, Principal::Domain(_)) && known(principal).is_some_and(|behind| behind.is_gone())
}

/// Whom a room loses, role by role, when it comes to lie within these bounds: everybody outside them, and in a room that is
/// not open the presenters who are no members any more.
///
/// A group is kept or lost as a whole, and whoever is gone is kept. In the order of the lists; asked again of what stays,
/// nobody is lost.
#[must_use]
pub fn outsiders<'a>(
    room: &'a RoomValues,
    bounds: &Bounds<'_>,
    known: impl Fn(&'a Principal) -> Option<Known<'a>>,
) -> RoomRoles {
    let gone = |principal: &'a Principal| is_gone(principal, &known);
    let outside = |principal: &&'a Principal| !bounds.admit(principal, &known) && !gone(principal);
    let lost = |list: &'a [Principal]| list.iter().filter(outside).cloned().collect::<Vec<_>>();
    let RoomRoles { members, managers, presenters } = &room.roles;
    let lost_members = lost(members);
    let staying = without(members, &lost_members);
    let (before, after) = (Listed::of(members), Listed::of(&staying));
    let unseated = |presenter: &'a Principal| {
        let behind = known_of(presenter, &known);
        room.privacy != Privacy::Open && before.covers(presenter, behind) && !after.covers(presenter, behind)
    };
    RoomRoles {
        managers: lost(managers),
        presenters: presenters
            .iter()
            .filter(|presenter| outside(presenter) || (unseated(presenter) && !gone(presenter)))
            .cloned()
            .collect(),
        members: lost_members,
    }
}

/// A list without those of another, in its order.
fn without(list: &[Principal], lost: &[Principal]) -> Vec<Principal> {
    let lost: HashSet<&Principal> = lost.iter().collect();
    list.iter().filter(|principal| !lost.contains(principal)).cloned().collect()
}

impl RoomRoles {
    /// Whether nobody has a role.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.managers.is_empty() && self.presenters.is_empty()
    }

    /// The list that a breach calls by this name.
    fn named(&self, field: &str) -> &[Principal] {
        match field {
            "members" => &self.members,
            "managers" => &self.managers,
            "presenters" => &self.presenters,
            _ => &[],
        }
    }

    /// The lists without whoever is named in the same list of `lost`.
    #[must_use]
    pub fn without(&self, lost: &Self) -> Self {
        Self {
            members: without(&self.members, &lost.members),
            managers: without(&self.managers, &lost.managers),
            presenters: without(&self.presenters, &lost.presenters),
        }
    }
}

impl RoomValues {
    /// Every rule these values break in their category; none if they are right.
    #[must_use]
    pub fn breaches<'a>(
        &'a self,
        home: &Category,
        known: impl Fn(&'a Principal) -> Option<Known<'a>>,
    ) -> Vec<Breach> {
        assert_eq!(self.category, home.id, "a room is judged under its own category");
        let bounds = Bounds::of(&home.scope);
        let RoomRoles { members, managers, presenters } = &self.roles;
        let mut found = Vec::new();
        for (field, list) in [("members", members), ("managers", managers), ("presenters", presenters)] {
            found.extend(too_many(field, list));
            found.extend(out_of_scope(field, list, &bounds, &known));
        }
        if presenters.is_empty() {
            return found;
        }
        if self.kind != RoomKind::Auditorium {
            found.push(Breach { field: "presenters", rule: Rule::NotAuditorium, principal: None });
        }
        if self.privacy != Privacy::Open {
            let listed = Listed::of(members);
            let strangers = presenters.iter().filter(|p| !listed.covers(p, known_of(p, &known)));
            found.extend(strangers.map(|p| Breach {
                field: "presenters",
                rule: Rule::NotMember,
                principal: Some(p.clone()),
            }));
        }
        found
    }

    /// The rules that these values break and `before` did not. What a directory changed meanwhile is no fault of who edits the
    /// description: whoever has become an outsider has no right left, and the list may be cleaned another day. Whoever is gone
    /// breaks no rule on a list it stood on before.
    ///
    /// `before` lies in the same category: a room that moves is cleared of its [`outsiders`] first.
    #[must_use]
    pub fn breaches_since<'a>(
        &'a self,
        before: &'a Self,
        home: &Category,
        known: impl Fn(&'a Principal) -> Option<Known<'a>>,
    ) -> Vec<Breach> {
        let mut found = self.breaches(home, &known);
        if !found.is_empty() {
            let old: HashSet<Breach> = before.breaches(home, &known).into_iter().collect();
            let stays = |breach: &Breach| {
                let who =
                    before.roles.named(breach.field).iter().find(|p| Some(*p) == breach.principal.as_ref());
                who.is_some_and(|principal| is_gone(principal, &known))
            };
            found.retain(|breach| !old.contains(breach) && !stays(breach));
        }
        found
    }
}

impl CategoryValues {
    /// Every rule these values break; none if they are right. Whatever a scope says of its own principals is right.
    #[must_use]
    pub fn breaches<'a>(&'a self, known: impl Fn(&'a Principal) -> Option<Known<'a>>) -> Vec<Breach> {
        let lists = [
            ("allowedMembers", &self.scope.allowed),
            ("deniedMembers", &self.scope.denied),
            ("creators", &self.creators),
        ];
        let mut found: Vec<Breach> = lists.iter().filter_map(|(field, list)| too_many(field, list)).collect();
        found.extend(out_of_scope("creators", &self.creators, &Bounds::of(&self.scope), &known));
        found
    }

    /// Which creators are outside the scope: whom the category loses when its scope comes to be this one. Whoever is gone stays.
    #[must_use]
    pub fn outsiders<'a>(&'a self, known: impl Fn(&'a Principal) -> Option<Known<'a>>) -> Vec<Principal> {
        let bounds = Bounds::of(&self.scope);
        let outside = |creator: &&'a Principal| !bounds.admit(creator, &known) && !is_gone(creator, &known);
        self.creators.iter().filter(outside).cloned().collect()
    }
}

fn too_many(field: &'static str, list: &[Principal]) -> Option<Breach> {
    (list.len() > PRINCIPALS_MAX).then_some(Breach { field, rule: Rule::TooMany, principal: None })
}

fn out_of_scope<'a>(
    field: &'static str,
    list: &'a [Principal],
    bounds: &Bounds<'_>,
    known: &impl Fn(&'a Principal) -> Option<Known<'a>>,
) -> Vec<Breach> {
    let outside = list.iter().filter(|principal| !bounds.admit(principal, known));
    outside.map(|p| Breach { field, rule: Rule::OutOfScope, principal: Some(p.clone()) }).collect()
}
