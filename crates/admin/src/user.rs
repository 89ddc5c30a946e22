//! The verbs of people: new, list, get, set, disable, enable, remove.
//! Passwords pass through to the directory and are never kept here.

use chat::{Address, DisplayName, Person, PersonState, SERVER_USERS};
use directory::Password;
use store::{Credentials, PersonDraft, RowChange, Who};

use crate::desk::Request;
use crate::error::AdminError;
use crate::operation::Secret;
use crate::outcome::{Outcome, Rows, UserView};
use crate::principal::People;

pub(crate) async fn new(
    request: &Request<'_>,
    address: &str,
    display_name: &str,
    password: Option<Secret>,
    legacy: bool,
) -> Result<Outcome, AdminError> {
    let address = Address::parse(address)?;
    let own = &request.store.identity().domain;
    if address.domain() == own.as_str() && SERVER_USERS.contains(&address.user()) {
        return Err(AdminError::Invalid(format!(
            "{address} is an address of the chat server itself: choose another"
        )));
    }
    let display_name = DisplayName::parse(display_name)?;
    let draft = PersonDraft::local(address.clone(), display_name);
    let mut changes = vec![RowChange::NewPerson(draft)];
    let mut warnings = Vec::new();
    if let Some(secret) = password {
        let credentials = sealed(request, &address, &secret, legacy).await?;
        changes.push(RowChange::PutCredentials { person: Who::JustMade, credentials });
        if !legacy {
            warnings.push(format!(
                "clients of the Lync protocol cannot sign on as {address}: \
                 `causerie user set {address} --legacy-sign-on --password-stdin` lets them"
            ));
        }
    } else if legacy {
        return Err(AdminError::Invalid(
            "legacy sign-on needs a password to keep something of: add --password-stdin".into(),
        ));
    } else {
        warnings.push(format!(
            "{address} has no password and cannot sign on: `causerie user set {address} --password-stdin`"
        ));
    }
    if address.domain() != request.store.identity().domain.as_str() {
        warnings.push(format!(
            "{address} is not of this pool's domain {}: clients look for the server by their own domain",
            request.store.identity().domain
        ));
    }
    request.write(changes).await?;
    let mut outcome = get(request, address.as_str()).await?;
    outcome.warnings = warnings;
    Ok(outcome)
}

pub(crate) async fn list(request: &Request<'_>) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let mut users = Vec::new();
    for person in people.present() {
        users.push(view(request, person).await?);
    }
    Ok(Outcome::of(Rows::Users(users)))
}

pub(crate) async fn get(request: &Request<'_>, address: &str) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let user = view(request, people.at(address)?).await?;
    Ok(Outcome::of(Rows::Users(vec![user])))
}

pub(crate) async fn set(
    request: &Request<'_>,
    address: &str,
    display_name: Option<&str>,
    password: Option<Secret>,
    legacy: Option<bool>,
) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let person = people.at(address)?;
    let kept = request.store.credentials(person.id).await?.unwrap_or_default();
    let mut draft = draft(person);
    if let Some(name) = display_name {
        draft.display_name = DisplayName::parse(name)?;
    }
    let credentials = match (password, legacy) {
        (Some(secret), legacy) => {
            let legacy = legacy.unwrap_or(kept.nt.is_some());
            Some(sealed(request, &person.address, &secret, legacy).await?)
        }
        (None, Some(true)) if kept.nt.is_none() => return Err(needs_password(&person.address)),
        (None, Some(false)) => Some(Credentials { nt: None, ..kept }),
        (None, Some(true) | None) => None,
    };
    if display_name.is_none() && credentials.is_none() && legacy.is_none() {
        return Err(AdminError::Invalid(
            "nothing to change was given: --display-name, --password-stdin or --legacy-sign-on".into(),
        ));
    }
    if display_name.is_some() || credentials.is_some() {
        // The person goes along always: credentials made from what was kept before somebody else's change are refused.
        let mut changes = vec![set_person(person, draft)];
        changes.extend(
            credentials
                .map(|new| RowChange::PutCredentials { person: Who::Known(person.id), credentials: new }),
        );
        request.write(changes).await?;
    }
    get(request, address).await
}

pub(crate) async fn enable(
    request: &Request<'_>,
    address: &str,
    enabled: bool,
) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let person = people.at(address)?;
    let draft = PersonDraft { enabled, ..draft(person) };
    if draft.enabled != (person.state == PersonState::Enabled) {
        request.write(vec![set_person(person, draft)]).await?;
    }
    get(request, address).await
}

pub(crate) async fn remove(request: &Request<'_>, address: &str) -> Result<Outcome, AdminError> {
    let people = People::read(request.store).await?;
    let person = people.at(address)?;
    let user = view(request, person).await?;
    request.write(vec![RowChange::RemovePerson(person.id)]).await?;
    Ok(Outcome::of(Rows::Users(vec![user])))
}

async fn sealed(
    request: &Request<'_>,
    address: &Address,
    secret: &Secret,
    legacy: bool,
) -> Result<Credentials, AdminError> {
    let password = Password::parse(&secret.0).map_err(|refused| AdminError::Invalid(refused.to_string()))?;
    Ok(request.directory.seal(address, &password, legacy).await?)
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

fn set_person(person: &Person, draft: PersonDraft) -> RowChange {
    RowChange::SetPerson { id: person.id, expected_standing: Some(person.standing), draft }
}

fn needs_password(address: &Address) -> AdminError {
    AdminError::Invalid(format!(
        "legacy sign-on needs the password once more, because what is kept of it is not enough: \
         `causerie user set {address} --legacy-sign-on --password-stdin`"
    ))
}

async fn view(request: &Request<'_>, person: &Person) -> Result<UserView, AdminError> {
    let kept = request.store.credentials(person.id).await?.unwrap_or_default();
    Ok(UserView {
        address: person.address.to_string(),
        display_name: person.display_name.to_string(),
        enabled: person.state == PersonState::Enabled,
        has_password: kept.argon2.is_some(),
        legacy_sign_on: kept.nt.is_some(),
        guid: person.guid.to_string(),
    })
}
