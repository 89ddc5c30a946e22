//! `/overview`: how the server does at this moment, for the first page of administrators.
//! Names nobody and no room; what happened over time is told by the reports.

use axum::http::Method;
use chat::Role;
use schemars::JsonSchema;
use serde::Serialize;

use crate::caller::Need;
use crate::problem::Problem;
use crate::route::{Call, Nothing, Reply, Route};
use crate::value::Moment;

pub(super) fn routes() -> Vec<Route> {
    let need = Need::Operation(admin::Need::Role(Role::Reader));
    vec![
        Route::new(Method::GET, "/overview", "overview", need, overview)
            .about("How the server does now: people on line, rooms in use, posts kept since the start, whether the store answers."),
    ]
}

/// How the server does.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Overview {
    /// What time it is here.
    now: Moment,
    /// The version of the server.
    version: &'static str,
    /// The name of the pool.
    pool: String,
    /// Whether people can be served.
    healthy: bool,
    /// Why not, when they cannot.
    trouble: Option<String>,
    /// People in rooms or ready for them, each counted once.
    people_online: usize,
    /// Endpoints of people: links, and live links of browsers.
    endpoints: usize,
    /// Sessions of browsers.
    browser_sessions: usize,
    /// Rooms somebody is in.
    rooms_in_use: usize,
    /// Posts kept since the server was started.
    posts: u64,
    /// Posts and notices that wait for slow readers.
    waiting: usize,
    /// Half of the posts are kept within so many microseconds; null before the first.
    median_post_micros: Option<u64>,
}

async fn overview(call: Call, _: Nothing, _: Nothing, _: Nothing) -> Result<Reply<Overview>, Problem> {
    let house = &call.house;
    let counts = house.rooms.counts();
    let trouble = house.rooms.answers().await.err().map(|trouble| trouble.to_string());
    Ok(Reply::of(Overview {
        now: Moment(house.clock.now()),
        version: env!("CARGO_PKG_VERSION"),
        pool: house.rooms.facts().pool_name.clone(),
        healthy: trouble.is_none(),
        trouble,
        people_online: counts.people,
        endpoints: counts.sessions,
        browser_sessions: house.sessions.count(),
        rooms_in_use: counts.joined_rooms,
        posts: counts.posts,
        waiting: counts.waiting,
        median_post_micros: median(&counts.post_times.counts),
    }))
}

/// The end of the class in which the middle one lies.
fn median(classes: &[u64]) -> Option<u64> {
    let all: u64 = classes.iter().sum();
    let mut passed = 0;
    let ends = rooms::POST_TIME_CLASSES_MICROS.into_iter().chain([u64::MAX]);
    let found = classes.iter().zip(ends).find(|(count, _)| {
        passed += *count;
        passed * 2 >= all
    });
    found.filter(|_| all > 0).map(|(_, end)| end)
}
