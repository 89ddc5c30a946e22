//! What holds for every request, whatever it asks: its number, its host, the rate of its address, its panics,
//! and the header fields of every answer. Who asks and what for is `route.rs`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;

use crate::body;
use crate::caught::{Caught, Panicked};
use crate::door::Ends;
use crate::host::Host;
use crate::house::House;
use crate::limits::TLS_ONLY_SECONDS;
use crate::problem::{Code, Problem};
use crate::rate::Whose;

/// The number of a request, in the answer and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
/// Nothing may be loaded, framed or sent from what the API answers.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// The label of requests that no route answers.
const NO_ROUTE: &str = "none";

/// Passes a request on if it may pass, and completes what comes back.
pub(crate) async fn guard(
    State(house): State<Arc<House>>,
    Extension(ends): Extension<Ends>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = house.clock.guid().hyphenated().to_string();
    let begun = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| NO_ROUTE.to_owned());
    let mut strict = false;
    let answered = match admit(&house, ends, &request) {
        Ok(host) => {
            strict = ends.tls && !host.loopback;
            request.extensions_mut().insert(host);
            pass(&id, next.run(request)).await
        }
        Err(problem) => {
            body::pass_over(request.into_body()).await;
            refused(problem)
        }
    };
    let mut response = match answered.extensions().get::<Problem>() {
        None => answered,
        Some(problem) => {
            let mut told = problem.response(&id);
            // What the router adds to a refusal stays: Allow.
            told.headers_mut().extend(answered.headers().clone());
            told
        }
    };
    protect(response.headers_mut(), &id, strict);
    let (status, took) = (response.status(), begun.elapsed());
    house.tally.answered(&method, &route, status, took);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::debug!(request = id, %method, route, status = status.as_u16(), micros, "web.request");
    response
}

/// A refusal on its way out; its body is written here, where the number of the request is known.
pub(crate) fn refused(problem: Problem) -> Response {
    let mut response = Response::default();
    *response.status_mut() = problem.code().row().status;
    response.extensions_mut().insert(problem);
    response
}

/// Whether a request may pass at all, and for which host.
fn admit(house: &House, ends: Ends, request: &Request) -> Result<Host, Problem> {
    let host = house.hosts.named(request.uri(), request.headers(), ends)?;
    let rate = house.rates.take(Whose::Address(directory::origin(ends.peer)));
    rate.map_err(|wait| Problem::later("too many requests come from this address", wait))?;
    Ok(host)
}

/// The answer, or what is said when none came.
async fn pass(id: &str, answer: impl Future<Output = Response>) -> Response {
    match Caught::new(answer).await {
        Ok(response) => response,
        Err(Panicked) => {
            tracing::error!(request = id, "web.panic");
            refused(Problem::of(Code::InternalError))
        }
    }
}

/// Header fields that keep what is answered where it belongs.
fn protect(headers: &mut HeaderMap, id: &str, strict: bool) {
    let fixed = [
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
        (HeaderName::from_static("referrer-policy"), "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("x-frame-options"), "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Only a file of the client may be kept, and says so.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    // A page of ours has its own policy, which allows it its own style.
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    if strict {
        let value = HeaderValue::from_str(&format!("max-age={TLS_ONLY_SECONDS}"));
        headers.insert("strict-transport-security", value.expect("a number is a value of a header field"));
    }
    headers.insert(REQUEST_ID, HeaderValue::from_str(id).expect("a GUID is a value of a header field"));
}
