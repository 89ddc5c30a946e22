//! The resources of the API, one file for each noun, and the table of all routes.
//! What holds for every request is `guard.rs`, for every route `route.rs`.

mod operation;
mod session;

use crate::route::Route;

/// Every route, in the order in which the document shows them.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = session::routes();
    routes.extend(operation::routes());
    routes
}
