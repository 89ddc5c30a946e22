//! Bodies of requests: read whole within a limit, or passed over so that whoever sends one hears why it is refused.
//! Knows no kind but JSON; what a body means is `fields.rs`.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::limits::{PASSED_OVER_OCTETS_MAX, PASSED_OVER_TIME};
use crate::problem::{Code, Problem};

/// The body, whole and of the right kind.
///
/// # Errors
/// 415 for another kind than JSON, 413 beyond the limit, 408 when it does not end in time.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: &mut Body,
    max: usize,
    time: Duration,
) -> Result<Vec<u8>, Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Problem::of(Code::UnsupportedMediaType));
    }
    let told = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if told.is_some_and(|told: usize| told > max) {
        return Err(too_large(max));
    }
    let collected = timeout(time, collect(body, max)).await;
    collected.map_err(|_| Problem::of(Code::RequestTimeout))?
}

/// Takes in a body that nobody reads, up to a limit: an answer that comes while a client still sends may be lost.
pub(crate) async fn pass_over(mut body: Body) {
    let taken = async {
        let mut octets = 0;
        while let Some(Ok(frame)) = body.frame().await {
            octets += frame.data_ref().map_or(0, |data| data.len());
            if octets > PASSED_OVER_OCTETS_MAX {
                return;
            }
        }
    };
    // What does not come in time is not waited for.
    let _ = timeout(PASSED_OVER_TIME, taken).await;
}

async fn collect(body: &mut Body, max: usize) -> Result<Vec<u8>, Problem> {
    let mut octets = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::of(Code::RequestTimeout))?;
        let Some(data) = frame.data_ref() else { continue };
        if octets.len() + data.len() > max {
            return Err(too_large(max));
        }
        octets.extend_from_slice(data);
    }
    Ok(octets)
}

fn too_large(max: usize) -> Problem {
    Problem::new(Code::TooLarge, format!("the body may have {max} octets: send it in parts"))
}
