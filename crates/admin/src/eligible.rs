//! Who could be given a role in a category or room: the lists of its scope, taken apart into single people and groups.
//! Whom a scope admits is said by `chat`.

use chat::{Person, Principal, Privacy, RoomKind, Scope};

use crate::category;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::operation::EligiblePrincipalList;
use crate::outcome::{Outcome, Rows};
use crate::page;
use crate::room;
use crate::scope;
use crate::seek::{self, Candidate, Sought};

/// Whom somebody must be one of.
struct Bounds {
    scope: Scope,
    /// The members of a room, if only they count.
    members: Option<Vec<Principal>>,
}

pub(crate) async fn list(errand: &Errand<'_>, asked: &EligiblePrincipalList) -> Result<Outcome, AdminError> {
    let bounds = match (&asked.category, &asked.room) {
        (Some(name), None) if !asked.presenters => {
            Bounds { scope: category::find(errand, name).await?.scope, members: None }
        }
        (Some(_), None) => {
            let message = "presenters are people of a room, not of a category: give --room";
            return Err(AdminError::invalid("presenters", message));
        }
        (None, Some(name)) => of_room(errand, name, asked.presenters).await?,
        (Some(_), Some(_)) | (None, None) => {
            let message = "give a category or a room, one of the two: --category or --room";
            return Err(AdminError::invalid("category", message));
        }
    };
    let address = asked.filter.as_deref().map(|text| seek::address_pattern("filter", text)).transpose()?;
    if bounds.scope.allowed.iter().all(|principal| matches!(principal, Principal::Person(_))) {
        return named(errand, &bounds, address.as_deref(), asked).await;
    }
    // What has no address is like no pattern for addresses.
    let sought = Sought { no_groups: address.is_some(), address, ..Sought::default() };
    seek::page(errand, &sought, asked.limit, asked.cursor.as_deref(), |candidate| bounds.admit(candidate))
        .await
}

/// Those of a scope that names nobody but single people: nobody else is looked at.
async fn named(
    errand: &Errand<'_>,
    bounds: &Bounds,
    address: Option<&str>,
    asked: &EligiblePrincipalList,
) -> Result<Outcome, AdminError> {
    let (mut people, _) = errand.store.principals(bounds.scope.allowed.clone(), Vec::new()).await?;
    people.retain(|person| {
        bounds.admit(Candidate::Person(person))
            && address.is_none_or(|pattern| scope::matches(pattern, person.address.as_str()))
    });
    people.sort_by(|a, b| a.address.cmp(&b.address));
    let key = |person: &Person| person.address.to_string();
    let (people, next) = page::cut(people, asked.limit, asked.cursor.as_deref(), key)?;
    let views = people.iter().map(seek::person_view);
    Ok(Outcome { next, ..Outcome::of(Rows::Principals(views.collect())) })
}

async fn of_room(errand: &Errand<'_>, name: &str, presenters: bool) -> Result<Bounds, AdminError> {
    let (room, home) = room::find(errand, name).await?;
    if presenters && room.kind == RoomKind::Normal {
        let message = format!(
            "'{}' is a normal room and has no presenters: --presenters asks about an auditorium",
            room.name
        );
        return Err(AdminError::rule("presenters", message));
    }
    // In an open room there are no members to be among.
    let among_members = presenters && room.privacy != Privacy::Open;
    Ok(Bounds { scope: home.scope, members: among_members.then_some(room.members) })
}

impl Bounds {
    fn admit(&self, candidate: Candidate<'_>) -> bool {
        match candidate {
            Candidate::Person(person) => {
                self.scope.admits(person)
                    && self.members.as_ref().is_none_or(|members| person.is_any(members))
            }
            Candidate::Group(group) => {
                let among = |members: &Vec<Principal>| members.iter().any(|member| group.is(member));
                self.scope.admits_group(group) && self.members.as_ref().is_none_or(among)
            }
        }
    }
}
