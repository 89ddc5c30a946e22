//! The verbs of endpoints: new, list, remove: further addresses under which older clients find the pool.
//! Answers nobody under them; that is done by whoever answers for the pool.

use chat::{Address, DisplayName, SERVER_USERS, folded};
use store::{Endpoint, RowChange, RowDone};

use crate::changes::Work;
use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::operation::{EndpointList, EndpointNew, EndpointRemove};
use crate::outcome::{Outcome, Rows};
use crate::page;
use crate::view::EndpointView;

/// Most further addresses of a pool (documented: one is enough; ours: one for each name it ever had).
const ENDPOINTS_MAX: usize = 100;

pub(crate) async fn new(errand: &Errand<'_>, asked: &EndpointNew) -> Result<Outcome, AdminError> {
    let address = Address::typed(&asked.address).map_err(of_field("address"))?;
    let all = errand.store.endpoints().await?;
    free(errand, &address, &all).await?;
    if all.len() >= ENDPOINTS_MAX {
        let message = format!("the pool has {ENDPOINTS_MAX} further addresses, and no more fit: remove one");
        return Err(AdminError::Limit(message));
    }
    let name = asked.display_name.as_deref().unwrap_or(address.user());
    let display_name = DisplayName::parse(name).map_err(of_field("displayName"))?;
    let planned = Endpoint { id: 0, address: address.clone(), display_name: display_name.clone() };
    let mut work = Work::default();
    work.compare(&object(&address), None, Some(&view(&planned)));
    work.rows.push(RowChange::NewEndpoint(address, display_name));
    let done = errand.write(&work).await?;
    let made = done.iter().find_map(|one| match one {
        RowDone::Endpoint(endpoint) => Some(endpoint),
        _ => None,
    });
    Ok(work.outcome(Rows::Endpoints(vec![view(made.unwrap_or(&planned))])))
}

pub(crate) async fn list(errand: &Errand<'_>, asked: &EndpointList) -> Result<Outcome, AdminError> {
    let wanted = asked.q.as_deref().map(folded);
    let mut all = errand.store.endpoints().await?;
    all.retain(|endpoint| {
        wanted.as_ref().is_none_or(|text| {
            endpoint.address.as_str().contains(text) || folded(endpoint.display_name.as_str()).contains(text)
        })
    });
    let key = |endpoint: &Endpoint| endpoint.address.to_string();
    let (all, next) = page::cut(all, asked.limit, asked.cursor.as_deref(), key)?;
    Ok(Outcome { next, ..Outcome::of(Rows::Endpoints(all.iter().map(view).collect())) })
}

pub(crate) async fn remove(errand: &Errand<'_>, asked: &EndpointRemove) -> Result<Outcome, AdminError> {
    let endpoint = find(&errand.store.endpoints().await?, &asked.endpoint)?;
    let view = view(&endpoint);
    let mut work = Work::default();
    work.compare(&object(&endpoint.address), Some(&view), None);
    work.rows.push(RowChange::RemoveEndpoint(endpoint.id));
    errand.write(&work).await?;
    Ok(work.outcome(Rows::Endpoints(vec![view])))
}

/// Refuses an address that cannot be one of the pool's.
async fn free(errand: &Errand<'_>, address: &Address, all: &[Endpoint]) -> Result<(), AdminError> {
    let own = &errand.store.identity().domain;
    let field = "address";
    if address.domain() != own.as_str() {
        let message = format!("{address} is not of the domain {own}, which is the one this pool serves");
        return Err(AdminError::rule(field, message));
    }
    if SERVER_USERS.contains(&address.user()) {
        let message = format!("clients find the pool under {address} already: choose another address");
        return Err(AdminError::invalid(field, message));
    }
    let duplicate = |message| Err(AdminError::Duplicate { field: field.into(), message });
    if all.iter().any(|endpoint| endpoint.address == *address) {
        return duplicate(format!("{address} is an address of the pool already"));
    }
    if errand.store.person_at(address).await?.is_some() {
        return duplicate(format!(
            "{address} is the address of a person: choose another, or remove that person first \
             (`causerie user remove {address}`)"
        ));
    }
    Ok(())
}

/// The one of this address, or the only one of this name.
fn find(all: &[Endpoint], text: &str) -> Result<Endpoint, AdminError> {
    let (address, key) = (Address::typed(text).ok(), folded(text.trim()));
    if let Some(one) = all.iter().find(|endpoint| Some(&endpoint.address) == address.as_ref()) {
        return Ok(one.clone());
    }
    let is = |endpoint: &&Endpoint| folded(endpoint.display_name.as_str()) == key;
    let found: Vec<&Endpoint> = all.iter().filter(is).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(AdminError::NotFound(format!(
            "the pool has no further address '{text}': `causerie endpoint list` shows them"
        ))),
        _ => Err(AdminError::rule(
            "endpoint",
            format!(
                "several addresses of the pool are called '{text}': name the one you mean by its address"
            ),
        )),
    }
}

fn object(address: &Address) -> String {
    format!("endpoint {address}")
}

fn view(endpoint: &Endpoint) -> EndpointView {
    EndpointView { address: endpoint.address.to_string(), display_name: endpoint.display_name.to_string() }
}
