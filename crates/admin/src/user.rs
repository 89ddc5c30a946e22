//! The verbs of people: new, list, get, set, disable, enable, remove.
//! Passwords pass through to the directory and are never kept here.

use std::collections::HashMap;

use chat::{Address, DisplayName, Person, PersonId, PersonState, Policy, SERVER_USERS, folded};
use directory::Password;
use store::{Account, Credentials, PersonDraft, Premise, RowChange, RowDone, Seek, Who};

use crate::changes::Work;
use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::explain::people_preview;
use crate::operation::{UserGet, UserList, UserNew, UserRemove, UserSet};
use crate::outcome::{Changed, Outcome, Rows};
use crate::page;
use crate::policy;
use crate::principal::nobody;
use crate::token;
use crate::value::Secret;
use crate::view::UserView;

pub(crate) async fn new(errand: &Errand<'_>, asked: &UserNew) -> Result<Outcome, AdminError> {
    let address = Address::typed(&asked.address).map_err(of_field("address"))?;
    let own = &errand.store.identity().domain;
    if address.domain() == own.as_str() && SERVER_USERS.contains(&address.user()) {
        let message = format!("{address} is an address of the chat server itself: choose another");
        return Err(AdminError::invalid("address", message));
    }
    not_of_the_pool(errand, &address).await?;
    let display_name = DisplayName::parse(&asked.display_name).map_err(of_field("displayName"))?;
    let draft = PersonDraft { bot: asked.bot, ..PersonDraft::local(address.clone(), display_name) };
    let mut credentials = Credentials::default();
    let mut work = Work::default();
    if let Some(secret) = &asked.password {
        credentials = sealed(errand, &address, secret, asked.legacy_sign_on).await?;
        if !asked.legacy_sign_on {
            work.warnings.push(format!(
                "clients of the Lync protocol cannot sign on as {address}: \
                 `causerie user set {address} --legacy-sign-on --password-stdin` lets them"
            ));
        }
    } else if asked.legacy_sign_on {
        let message = "legacy sign-on needs a password to keep something of: add --password-stdin";
        return Err(AdminError::rule("password", message));
    } else if asked.bot {
        work.warnings.push(format!(
            "{address} has no password; a program shows a token instead: \
             `causerie token new --name NAME --scope user --for {address}`"
        ));
    } else {
        work.warnings.push(format!(
            "{address} has no password and cannot sign on: `causerie user set {address} --password-stdin`"
        ));
    }
    if address.domain() != own.as_str() {
        work.warnings.push(format!(
            "{address} is not of this pool's domain {own}: clients look for the server by their own domain"
        ));
    }
    let policies = errand.store.policies().await?;
    let planned = UserView {
        address: address.to_string(),
        display_name: draft.display_name.to_string(),
        enabled: true,
        has_password: credentials.argon2.is_some(),
        legacy_sign_on: credentials.nt.is_some(),
        bot: draft.bot,
        policy: None,
        chat: policy::ruling(errand, &policies, None).is_some_and(|policy| policy.enabled),
        guid: String::new(),
        etag: String::new(),
    };
    work.compare(&object(&address), None, Some(&planned));
    work.rows.push(RowChange::NewPerson(draft));
    if asked.password.is_some() {
        work.rows.push(RowChange::PutCredentials { person: Who::JustMade, credentials });
    }
    let done = errand.write(&work).await?;
    let made = done.iter().find_map(|one| match one {
        RowDone::Person(person) => Some(person),
        _ => None,
    });
    // Before, there is nobody.
    let nobody = |person: &Person| Person { state: PersonState::Removed, ..person.clone() };
    let pairs: Vec<_> = made.iter().map(|made| (nobody(made), (*made).clone())).collect();
    let access = people_preview(errand, &pairs).await?;
    Ok(work.outcome(Rows::Users(vec![settled(planned, made)])).with_access(access))
}

pub(crate) async fn list(errand: &Errand<'_>, asked: &UserList) -> Result<Outcome, AdminError> {
    let (limit, after) = page::begin(asked.limit, asked.cursor.as_deref())?;
    let seek = Seek {
        after: Some(after).filter(|after| !after.is_empty()),
        named: asked.q.as_deref().map(|text| format!("*{}*", folded(text))),
        address: None,
        limit: limit + 1,
    };
    let mut found = errand.store.seek_people(seek).await?;
    let next = page::end(&mut found, limit, |last| last.address.to_string());
    Ok(Outcome { next, ..Outcome::of(Rows::Users(views(errand, &found).await?)) })
}

pub(crate) async fn get(errand: &Errand<'_>, asked: &UserGet) -> Result<Outcome, AdminError> {
    let person = find(errand, "user", &asked.user).await?;
    Ok(Outcome::of(Rows::Users(views(errand, &[person]).await?)))
}

pub(crate) async fn set(errand: &Errand<'_>, asked: &UserSet) -> Result<Outcome, AdminError> {
    let person = &find(errand, "user", &asked.user).await?;
    not_above(errand, person)?;
    let kept = errand.store.credentials(person.id).await?.unwrap_or_default();
    let before = view_now(errand, person).await?;
    errand.matches(&object(&person.address), &before.etag)?;
    if asked.display_name.is_none() && asked.password.is_none() && asked.legacy_sign_on.is_none() {
        let message = "nothing to change was given: --display-name, --password-stdin or --legacy-sign-on";
        return Err(AdminError::invalid("", message));
    }
    let mut draft = draft(person);
    if let Some(name) = &asked.display_name {
        draft.display_name = DisplayName::parse(name).map_err(of_field("displayName"))?;
    }
    let credentials = match (&asked.password, asked.legacy_sign_on) {
        (Some(secret), legacy) => {
            let legacy = legacy.unwrap_or(kept.nt.is_some());
            Some(sealed(errand, &person.address, secret, legacy).await?)
        }
        (None, Some(true)) if kept.nt.is_none() => return Err(needs_password(&person.address)),
        (None, Some(false)) => Some(Credentials { nt: None, ..kept.clone() }),
        (None, Some(true) | None) => None,
    };
    let mut work = Work::default();
    if asked.display_name.is_some()
        && let Some(source) = source_of(errand, person).await?
    {
        work.warnings.push(format!(
            "{} comes from the directory '{source}', which says its name: the next import writes that over this one",
            person.address
        ));
    }
    let put = credentials.as_ref().unwrap_or(&kept);
    let planned = UserView {
        display_name: draft.display_name.to_string(),
        has_password: put.argon2.is_some(),
        legacy_sign_on: put.nt.is_some(),
        ..before.clone()
    };
    work.compare(&object(&person.address), Some(&before), Some(&planned));
    if asked.password.is_some() && before.has_password {
        let told = |text: &str| serde_json::Value::from(text);
        let object = object(&person.address);
        let (before, after) = (told("(set)"), told("(set anew)"));
        work.changes.push(Changed { object, field: "password".into(), before, after });
        work.changes.extend(token::ending(errand, person, true).await?);
    }
    if !work.changes.is_empty() {
        // The person goes along always: credentials made from what was kept before somebody else's change are refused.
        work.rows.push(set_person(person, draft));
        let credentials = credentials.clone();
        work.rows.extend(
            credentials
                .map(|new| RowChange::PutCredentials { person: Who::Known(person.id), credentials: new }),
        );
    }
    let done = errand.write(&work).await?;
    let view = settled(planned, person_of(&done, person.id));
    Ok(work.outcome(Rows::Users(vec![view])))
}

pub(crate) async fn enable(errand: &Errand<'_>, user: &str, enabled: bool) -> Result<Outcome, AdminError> {
    let person = &find(errand, "user", user).await?;
    not_above(errand, person)?;
    let before = view_now(errand, person).await?;
    errand.matches(&object(&person.address), &before.etag)?;
    let mut work = Work::default();
    let facts = errand.store.person_facts(person.id).await?;
    let held = facts.as_ref().is_some_and(|facts| facts.held);
    let planned = UserView { enabled, ..before.clone() };
    work.compare(&object(&person.address), Some(&before), Some(&planned));
    if planned.enabled != before.enabled {
        work.rows.push(set_person(person, PersonDraft { enabled, ..draft(person) }));
        if !enabled {
            work.changes.extend(token::ending(errand, person, false).await?);
        }
    }
    if let Some(source) = facts.and_then(|facts| facts.source) {
        let address = &person.address;
        work.warnings.push(if enabled {
            format!("{address} comes from the directory '{source}': if it is disabled there, the next import disables it again")
        } else {
            format!(
                "{address} comes from the directory '{source}': it stays disabled here, whatever is said there, until \
                 `causerie user enable {address}`"
            )
        });
        if held == enabled {
            let told = |held: bool| serde_json::Value::from(held);
            let (object, field) = (object(address), "heldDisabled".to_owned());
            work.changes.push(Changed { object, field, before: told(held), after: told(!enabled) });
            if work.rows.is_empty() {
                work.rows.push(as_read(person));
            }
            work.rows.push(RowChange::HoldPerson(person.id, !enabled));
        }
    }
    let state = if enabled { PersonState::Enabled } else { PersonState::Disabled };
    let access = people_preview(errand, &[(person.clone(), Person { state, ..person.clone() })]).await?;
    let done = errand.write(&work).await?;
    let view = settled(planned, person_of(&done, person.id));
    Ok(work.outcome(Rows::Users(vec![view])).with_access(access))
}

pub(crate) async fn remove(errand: &Errand<'_>, asked: &UserRemove) -> Result<Outcome, AdminError> {
    let person = &find(errand, "user", &asked.user).await?;
    not_above(errand, person)?;
    let user = view_now(errand, person).await?;
    errand.matches(&object(&person.address), &user.etag)?;
    if let Some(source) = source_of(errand, person).await? {
        return Err(AdminError::Conflict(format!(
            "{address} comes from the directory '{source}' and would be there again with the next import: remove it there and \
             import again, or shut it out with `causerie user disable {address}`",
            address = person.address
        )));
    }
    let mut work = Work::default();
    work.compare(&object(&person.address), Some(&user), None);
    work.rows.push(as_read(person));
    work.rows.push(RowChange::RemovePerson(person.id));
    let gone = Person { state: PersonState::Removed, ..person.clone() };
    let access = people_preview(errand, &[(person.clone(), gone)]).await?;
    errand.write(&work).await?;
    Ok(work.outcome(Rows::Users(vec![user])).with_access(access))
}

/// Whoever changes a person could sign on as it: nobody changes somebody with a role beyond his own.
fn not_above(errand: &Errand<'_>, person: &Person) -> Result<(), AdminError> {
    match errand.beyond(person.roles) {
        None => Ok(()),
        Some(role) => Err(AdminError::Denied(format!(
            "{} has the role {role}, which you do not have: somebody who has it can change this person",
            person.address
        ))),
    }
}

/// The person who has this address now, which stands in this field.
pub(crate) async fn find(errand: &Errand<'_>, field: &str, address: &str) -> Result<Person, AdminError> {
    let address = Address::typed(address).map_err(of_field(field))?;
    let found = errand.store.person_at(&address).await?;
    found.ok_or_else(|| AdminError::NotFound(nobody(&address)))
}

/// The directory a person comes from; none for a local account.
async fn source_of(errand: &Errand<'_>, person: &Person) -> Result<Option<String>, AdminError> {
    Ok(errand.store.person_facts(person.id).await?.and_then(|facts| facts.source))
}

async fn sealed(
    errand: &Errand<'_>,
    address: &Address,
    secret: &Secret,
    legacy: bool,
) -> Result<Credentials, AdminError> {
    let password = Password::parse(&secret.0).map_err(of_field("password"))?;
    Ok(errand.directory.seal(address, &password, legacy).await?)
}

/// An address under which clients find the pool is nobody's.
async fn not_of_the_pool(errand: &Errand<'_>, address: &Address) -> Result<(), AdminError> {
    if errand.store.endpoints().await?.iter().all(|endpoint| endpoint.address != *address) {
        return Ok(());
    }
    let message = format!(
        "{address} is an address of the pool: choose another, or remove that one first \
         (`causerie endpoint remove {address}`)"
    );
    Err(AdminError::Duplicate { field: "address".into(), message })
}

pub(crate) fn object(address: &Address) -> String {
    format!("user {address}")
}

fn draft(person: &Person) -> PersonDraft {
    PersonDraft {
        address: person.address.clone(),
        display_name: person.display_name.clone(),
        enabled: person.state == PersonState::Enabled,
        bot: person.bot,
        entry: None,
    }
}

/// That the person is as it was read: what is written with it was decided from that.
pub(crate) fn as_read(person: &Person) -> RowChange {
    RowChange::Assert(Premise::Person(person.id, person.standing))
}

fn set_person(person: &Person, draft: PersonDraft) -> RowChange {
    RowChange::SetPerson { id: person.id, expected_standing: Some(person.standing), draft }
}

fn needs_password(address: &Address) -> AdminError {
    let message = format!(
        "legacy sign-on needs the password once more, because what is kept of it is not enough: \
         `causerie user set {address} --legacy-sign-on --password-stdin`"
    );
    AdminError::rule("password", message)
}

/// A person as it is after a change.
pub(crate) fn person_of(done: &[RowDone], id: PersonId) -> Option<&Person> {
    done.iter().find_map(|one| match one {
        RowDone::Person(person) if person.id == id => Some(person),
        _ => None,
    })
}

/// What was planned, as the state it is in now.
pub(crate) fn settled(planned: UserView, now: Option<&Person>) -> UserView {
    match now {
        Some(person) => UserView {
            guid: person.guid.to_string(),
            etag: person.standing.to_string(),
            chat: person.chat,
            ..planned
        },
        None => planned,
    }
}

async fn view_now(errand: &Errand<'_>, person: &Person) -> Result<UserView, AdminError> {
    let mut views = views(errand, std::slice::from_ref(person)).await?;
    Ok(views.pop().expect("one person is shown as one row"))
}

/// People as they are shown, in their order.
pub(crate) async fn views(errand: &Errand<'_>, people: &[Person]) -> Result<Vec<UserView>, AdminError> {
    let policies = errand.store.policies().await?;
    let ids = people.iter().map(|person| person.id).collect();
    let accounts = errand.store.accounts(ids).await?;
    let accounts: HashMap<PersonId, Account> =
        accounts.into_iter().map(|account| (account.person, account)).collect();
    Ok(people.iter().map(|person| view(person, accounts.get(&person.id), &policies)).collect())
}

fn view(person: &Person, account: Option<&Account>, policies: &[Policy]) -> UserView {
    let own = account.and_then(|account| account.policy);
    UserView {
        address: person.address.to_string(),
        display_name: person.display_name.to_string(),
        enabled: person.state == PersonState::Enabled,
        has_password: account.is_some_and(|account| account.has_password),
        legacy_sign_on: account.is_some_and(|account| account.legacy_sign_on),
        bot: person.bot,
        policy: policies.iter().find(|policy| Some(policy.id) == own).map(|policy| policy.scope.to_string()),
        chat: person.chat,
        guid: person.guid.to_string(),
        etag: person.standing.to_string(),
    }
}
