//! `/live`: the link over which a browser or a program hears what happens in its rooms, as a WebSocket (RFC 6455).
//! Opens it, and says who may; what goes over it is `live/event.rs`, when is `live/link.rs`.

mod event;
mod link;
mod mend;
mod nudge;
mod told;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::header::{CONNECTION, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use hyper::upgrade::OnUpgrade;
use schemars::{Schema, SchemaGenerator};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::caller::Need;
use crate::door::After;
use crate::problem::{Code, Problem};
use crate::route::{Call, Nothing, Reply, Route};
use event::{LiveCommand, LiveEvent};
use link::Link;
pub(crate) use nudge::Nudges;

/// The one version of the protocol.
const VERSION: &str = "13";
/// Octets of the key a client gives, in base64 (RFC 6455, 4.1).
const KEY_OCTETS: usize = 24;

/// A request whose connection is to become a link.
pub(crate) struct Upgrade {
    on: OnUpgrade,
    key: String,
    after: After,
    headers: HeaderMap,
}

/// The route of the live link.
pub(crate) fn routes() -> Vec<Route> {
    let about = "Opens the live link, a WebSocket: the server says a LiveEvent, the client a LiveCommand, each as one JSON text. \
                 A browser must come from a page of this server. Whoever was cut off joins its rooms again with the last \
                 `after` of each, and misses nothing.";
    let link = Route::new(Method::GET, "/live", "openLive", Need::Person, open)
        .about(about)
        .done_with(StatusCode::SWITCHING_PROTOCOLS)
        .refuses(&[Code::UpgradeRequired])
        .lasting(shape_of_commands, shape_of_events);
    vec![link]
}

fn shape_of_commands(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<LiveCommand>()
}

fn shape_of_events(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<LiveEvent>()
}

impl Upgrade {
    /// What a request brings along for it; `None` when it asks for none, or for one that is not spoken here.
    pub(crate) fn of(parts: &mut Parts) -> Option<Self> {
        let says = |name: HeaderName, word: &str| {
            let fields = parts.headers.get_all(name).iter().filter_map(|field| field.to_str().ok());
            fields.flat_map(|field| field.split(',')).any(|said| said.trim().eq_ignore_ascii_case(word))
        };
        let version = parts.headers.get("sec-websocket-version").is_some_and(|version| version == VERSION);
        if !says(CONNECTION, "upgrade") || !says(UPGRADE, "websocket") || !version {
            return None;
        }
        let key = parts.headers.get(SEC_WEBSOCKET_KEY)?.to_str().ok()?.to_owned();
        let after = parts.extensions.get::<After>()?.clone();
        let on = parts.extensions.remove::<OnUpgrade>()?;
        let headers = parts.headers.clone();
        (key.len() == KEY_OCTETS).then_some(Self { on, key, after, headers })
    }
}

/// A live link, as long as it is counted.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn one_more(live_links: &Arc<AtomicUsize>) -> Self {
        live_links.fetch_add(1, Ordering::Relaxed);
        Self(live_links.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn open(mut call: Call, _: Nothing, _: Nothing, _: Nothing) -> Result<Reply<Nothing>, Problem> {
    let upgrade = call.upgrade.take().ok_or_else(|| Problem::of(Code::UpgradeRequired))?;
    let Upgrade { on, key, after, headers } = upgrade;
    if call.house.rooms.welcome().borrow().is_emptied() {
        return Err(Problem::unavailable(
            "this server is emptied: come again in some seconds, perhaps to another one",
        ));
    }
    let session = call.house.rooms.open(call.person()?.id)?;
    let (house, caller, from) = (call.house.clone(), call.caller()?.clone(), call.ends.peer);
    after.put(Box::new(move |closing| {
        Box::pin(async move {
            // Whoever has gone meanwhile is parted from nothing yet.
            if let Ok(stream) = on.await {
                let _counted = Counted::one_more(&house.live_links);
                Link::new(house, caller, from, headers, session, stream).await.run(closing).await;
            }
        })
    }));
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes())).expect("base64 is a value");
    let reply = Reply::of(Nothing {}).with(CONNECTION, HeaderValue::from_static("Upgrade"));
    Ok(reply.with(UPGRADE, HeaderValue::from_static("websocket")).with(SEC_WEBSOCKET_ACCEPT, accept))
}
