//! The routes in outline, for the reference page: who may, with which scopes, and with which statuses they are answered.
//! The whole of each is in the document, which `openapi.rs` makes.

use crate::caller::{Need, Scope};
use crate::openapi::{self, ROOT};
use crate::resource;
use crate::route::Route;

/// Scopes of tokens, the narrowest first.
const SCOPES: [Scope; 5] = [Scope::User, Scope::Reader, Scope::UserAdmin, Scope::ChatAdmin, Scope::Admin];

/// One route in outline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outline {
    /// The method.
    pub method: String,
    /// The whole path.
    pub path: String,
    /// The name of the operation in the document.
    pub name: String,
    /// What it does, in a sentence.
    pub summary: String,
    /// Who may.
    pub need: Need,
    /// The scopes of tokens with which it can be asked; empty where no token is needed.
    pub scopes: Vec<Scope>,
    /// The status when it was done.
    pub done: u16,
    /// The statuses of refusals, beside those that every route has.
    pub refuses: Vec<u16>,
}

/// All routes in outline, in the order of the document.
#[must_use]
pub fn outline() -> Vec<Outline> {
    let routes = resource::routes();
    let common = common(&routes);
    routes.iter().map(|route| of(route, &common)).collect()
}

/// The statuses of refusals that every route has.
#[must_use]
pub fn refused_everywhere() -> Vec<u16> {
    common(&resource::routes())
}

fn common(routes: &[Route]) -> Vec<u16> {
    let mut all = routes.iter().map(|route| openapi::refusals(route).into_keys().collect::<Vec<_>>());
    let first = all.next().unwrap_or_default();
    all.fold(first, |common, these| common.into_iter().filter(|status| these.contains(status)).collect())
}

fn of(route: &Route, common: &[u16]) -> Outline {
    let enough = |scope: &Scope| match route.need {
        Need::Nobody => false,
        Need::Somebody => true,
        Need::Person => scope.is_personal(),
        Need::Operation(need) => scope.roles().is_none_or(|roles| need.is_met(roles)),
    };
    Outline {
        method: route.method.to_string(),
        path: format!("{ROOT}{}", route.path),
        name: route.name.clone(),
        summary: route.summary.to_string(),
        need: route.need,
        scopes: SCOPES.into_iter().filter(enough).collect(),
        done: route.done.as_u16(),
        refuses: openapi::refusals(route).into_keys().filter(|status| !common.contains(status)).collect(),
    }
}
