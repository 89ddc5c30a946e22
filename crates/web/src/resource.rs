//! The resources of the API, one file for each noun, and the table of all routes.
//! What holds for every request is `guard.rs`, for every route `route.rs`.

mod join;
mod message;
mod operation;
mod overview;
mod own;
mod room;
mod session;

pub use join::{Admission, Joining};
use rooms::Visitor;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use crate::live;
use crate::problem::Problem;
use crate::route::{Call, Route};

/// The path of what belongs to one room.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InRoom {
    /// The GUID of the room.
    room: Uuid,
}

/// Every route, in the order in which the document shows them.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = session::routes();
    routes.extend(join::routes());
    routes.extend(room::routes());
    routes.extend(message::routes());
    routes.extend(own::routes());
    routes.extend(overview::routes());
    routes.extend(live::routes());
    routes.extend(operation::routes());
    routes
}

/// The person who calls, as the rooms know it.
fn visitor(call: &Call) -> Result<Visitor, Problem> {
    Ok(call.house.rooms.of(call.person()?.id)?)
}
