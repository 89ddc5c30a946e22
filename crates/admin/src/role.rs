//! The verbs of administrative roles: grant, revoke, list.
//! What a role includes is said in `chat`; who has which is kept in the store.

use std::collections::HashMap;

use chat::{Person, PersonId, PersonState, Principal, Role};
use store::{RoleGrant as Held, RowChange};

use crate::changes::Work;
use crate::errand::Errand;
use crate::error::AdminError;
use crate::explain;
use crate::operation::{RoleGrant, RoleList, RoleName, RoleRevoke};
use crate::outcome::{Changed, Outcome, Rows};
use crate::page;
use crate::principal::People;
use crate::user;
use crate::view::RoleView;

pub(crate) async fn grant(errand: &Errand<'_>, asked: &RoleGrant) -> Result<Outcome, AdminError> {
    let person = user::find(errand, "user", &asked.user).await?;
    errand.matches(&user::object(&person.address), &person.standing.to_string())?;
    let role = Role::from(asked.role);
    let mut work = Work::default();
    if !has(&person, role) {
        work.changes.push(changed(&person, None, Some(role)));
        work.rows.push(user::as_read(&person));
        work.rows.push(RowChange::GrantRole(person.id, role));
    }
    if person.state != PersonState::Enabled {
        work.warnings.push(format!(
            "{} is disabled and makes no use of a role: `causerie user enable {}`",
            person.address, person.address
        ));
    }
    errand.write(&work).await?;
    let rows = match held(errand, person.id, role).await? {
        Some(view) => view,
        // It was only said what would be.
        None => RoleView {
            user: person.address.to_string(),
            role: asked.role,
            enabled: person.state == PersonState::Enabled,
            granted_by: explain::actor(errand, errand.asker.by).await?,
            granted_at: String::new(),
            etag: person.standing.to_string(),
        },
    };
    Ok(work.outcome(Rows::Roles(vec![rows])))
}

pub(crate) async fn revoke(errand: &Errand<'_>, asked: &RoleRevoke) -> Result<Outcome, AdminError> {
    let person = user::find(errand, "user", &asked.user).await?;
    errand.matches(&user::object(&person.address), &person.standing.to_string())?;
    let role = Role::from(asked.role);
    let Some(view) = held(errand, person.id, role).await? else {
        return Err(AdminError::NotFound(format!(
            "{} has not the role {role}: `causerie role list` shows who has which",
            person.address
        )));
    };
    let mut work = Work::default();
    work.changes.push(changed(&person, Some(role), None));
    work.rows.push(user::as_read(&person));
    work.rows.push(RowChange::RevokeRole(person.id, role));
    let grants = errand.store.role_grants().await?;
    let others = grants.iter().any(|held| held.role == Role::Administrator && held.person != person.id);
    if role == Role::Administrator && !others {
        work.warnings.push(format!(
            "nobody has the role {role} any more; whoever has a shell on the server still acts as one \
             (`causerie role grant {role} ADDRESS`)"
        ));
    }
    errand.write(&work).await?;
    Ok(work.outcome(Rows::Roles(vec![view])))
}

pub(crate) async fn list(errand: &Errand<'_>, asked: &RoleList) -> Result<Outcome, AdminError> {
    let of = match &asked.user {
        Some(address) => Some(user::find(errand, "user", address).await?.id),
        None => None,
    };
    let role = asked.role.map(Role::from);
    let mut grants = errand.store.role_grants().await?;
    grants.retain(|held| {
        of.is_none_or(|person| held.person == person) && role.is_none_or(|role| held.role == role)
    });
    let mut views = views(errand, &grants).await?;
    let key = |view: &RoleView| format!("{} {}", view.user, Role::from(view.role));
    views.sort_by_cached_key(key);
    let (views, next) = page::cut(views, asked.limit, asked.cursor.as_deref(), key)?;
    Ok(Outcome { next, ..Outcome::of(Rows::Roles(views)) })
}

/// The role as a person has it, if the person has it itself.
async fn held(errand: &Errand<'_>, person: PersonId, role: Role) -> Result<Option<RoleView>, AdminError> {
    let mut grants = errand.store.role_grants().await?;
    grants.retain(|held| held.person == person && held.role == role);
    Ok(views(errand, &grants).await?.pop())
}

async fn views(errand: &Errand<'_>, grants: &[Held]) -> Result<Vec<RoleView>, AdminError> {
    let named: Vec<Principal> = grants.iter().map(|held| Principal::Person(held.person)).collect();
    let people = People::on(errand.store, &named).await?;
    let operations = errand.store.granted(grants.iter().map(|held| held.granted).collect()).await?;
    let operations: HashMap<u64, _> = operations.into_iter().map(|done| (done.operation, done)).collect();
    let mut views = Vec::with_capacity(grants.len());
    for held in grants {
        let there = people.person(held.person).filter(|person| person.state != PersonState::Removed);
        let Some(person) = there else { continue };
        let done = operations.get(&held.granted);
        views.push(RoleView {
            user: person.address.to_string(),
            role: held.role.into(),
            enabled: person.state == PersonState::Enabled,
            granted_by: match done {
                Some(done) => explain::actor(errand, done.by).await?,
                None => "(not recorded)".to_owned(),
            },
            granted_at: done.map_or_else(String::new, |done| done.at.iso7()),
            etag: person.standing.to_string(),
        });
    }
    Ok(views)
}

/// Whether the person has the role itself, not by one that includes it.
fn has(person: &Person, role: Role) -> bool {
    person.roles.iter().any(|own| own == role)
}

fn changed(person: &Person, before: Option<Role>, after: Option<Role>) -> Changed {
    let told = |role: Option<Role>| role.map_or(serde_json::Value::Null, |role| role.word().into());
    Changed {
        object: user::object(&person.address),
        field: "role".into(),
        before: told(before),
        after: told(after),
    }
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Administrator => Self::Administrator,
            RoleName::PersistentChatAdministrator => Self::ChatAdministrator,
            RoleName::UserAdministrator => Self::UserAdministrator,
            RoleName::Reader => Self::Reader,
        }
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Administrator => Self::Administrator,
            Role::ChatAdministrator => Self::PersistentChatAdministrator,
            Role::UserAdministrator => Self::UserAdministrator,
            Role::Reader => Self::Reader,
        }
    }
}
