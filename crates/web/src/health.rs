//! Health and numbers, on a listener of their own for whoever watches this machine: `/healthz`, `/readyz`, `/metrics`.
//! Tells nothing of anybody.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rooms::POST_TIME_CLASSES_MICROS;
use tokio::sync::watch;

use crate::house::House;
use crate::places::Places;
use crate::tally::{Measure, Remark, Sample, Source};

/// What the three routes share.
#[derive(Clone)]
pub(crate) struct Health {
    /// What all requests share.
    pub(crate) house: Arc<House>,
    /// Connections of the API.
    pub(crate) places: Arc<Places>,
    /// Numbers of other parts.
    pub(crate) sources: Arc<Vec<Source>>,
    /// What other parts want done soon.
    pub(crate) remarks: Arc<Vec<Remark>>,
    /// Becomes `true` when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// The routes.
pub(crate) fn router(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health)
}

/// The process lives.
async fn alive() -> Response {
    plain(StatusCode::OK, "alive\n".to_owned())
}

/// People can be served: rooms run, the store answers, nothing stops, and the server is not emptied. Below it, what is to be done soon.
async fn ready(State(health): State<Health>) -> Response {
    if *health.stopping.borrow() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned());
    }
    if health.house.rooms.welcome().borrow().is_emptied() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "emptied\n".to_owned());
    }
    match health.house.rooms.answers().await {
        Ok(()) => {
            let remarks = health.remarks.iter().filter_map(|remark| remark());
            let lines =
                std::iter::once("ready".to_owned()).chain(remarks.map(|said| format!("warning: {said}")));
            plain(StatusCode::OK, lines.map(|line| line + "\n").collect())
        }
        Err(trouble) => {
            tracing::warn!(%trouble, "web.not_ready");
            plain(StatusCode::SERVICE_UNAVAILABLE, "not ready: the server's log says why\n".to_owned())
        }
    }
}

/// Every number there is.
async fn metrics(State(health): State<Health>) -> Response {
    let mut out = String::new();
    for measure in health.sources.iter().flat_map(|source| source()) {
        measure.print(&mut out);
    }
    for measure in health.own() {
        measure.print(&mut out);
    }
    health.house.tally.print(&mut out);
    let mut response = plain(StatusCode::OK, out);
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

impl Health {
    /// What is counted here and in the rooms.
    fn own(&self) -> Vec<Measure> {
        let rooms = self.house.rooms.counts();
        let gauge = |name, help, now: usize| Measure { name, help, sample: Sample::Gauge(now as u64) };
        let counter = |name, help, count| Measure { name, help, sample: Sample::Counter(count) };
        vec![
            gauge("causerie_sessions", "Endpoints of people in the rooms", rooms.sessions),
            gauge("causerie_seats", "Places of endpoints in rooms", rooms.seats),
            gauge("causerie_joined_rooms", "Rooms somebody is in", rooms.joined_rooms),
            gauge("causerie_live_rooms", "Rooms in memory", rooms.live_rooms),
            gauge("causerie_outbox_items", "Posts and notices that wait for endpoints", rooms.waiting),
            gauge("causerie_mailbox_posts", "Posts that wait to be decided and kept", rooms.mailboxes),
            counter("causerie_posts_total", "Posts kept", rooms.posts),
            counter("causerie_deliveries_total", "Posts put before endpoints", rooms.deliveries),
            counter("causerie_commits_total", "Transactions of the store that were followed", rooms.commits),
            Measure {
                name: "causerie_post_seconds",
                help: "Time to decide and keep a post",
                sample: Sample::Durations {
                    ends_micros: &POST_TIME_CLASSES_MICROS,
                    counts: rooms.post_times.counts.to_vec(),
                    sum_micros: rooms.post_times.sum_micros,
                },
            },
            gauge("causerie_http_connections", "Connections of the API", self.places.count()),
            gauge(
                "causerie_live_links",
                "Live links of browsers and programs",
                self.house.live_links.load(Ordering::Relaxed),
            ),
            gauge("causerie_http_sessions", "People's sessions over HTTP", self.house.sessions.count()),
            counter(
                "causerie_http_sign_on_refusals_total",
                "Sign-ons over HTTP that were refused",
                self.house.refused_sign_ons(),
            ),
        ]
    }
}

fn plain(status: StatusCode, text: String) -> Response {
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    (status, [(CONTENT_TYPE, kind)], text).into_response()
}
