//! How a message is written anew when it is passed on between a client and a chat server: another Via, one forward less, and only
//! what either may say to the other. Whom it is for is decided in `routed.rs`; the body goes on as it is.

use sip::{Draft, Fields, Hop, Name, Request, Response};

use crate::answer::Answer;
use crate::codes::Refused;
use crate::limits::{PASSED_ON_HEAD_OCTETS_MAX, PASSED_ON_LINES_MAX};

/// The header fields that are passed on. All others are of one hop, or are ours to write.
const PASSED_ON: [Name; 18] = [
    Name::Accept,
    Name::Allow,
    Name::AllowEvents,
    Name::Contact,
    Name::ContentEncoding,
    Name::Date,
    Name::Expires,
    Name::MinExpires,
    Name::MinSe,
    Name::MsDiagnostics,
    Name::Require,
    Name::RetryAfter,
    Name::Server,
    Name::SessionExpires,
    Name::Supported,
    Name::Unsupported,
    Name::UserAgent,
    Name::Warning,
];

/// Max-Forwards of a request that has none (RFC 3261 16.6).
const MAX_FORWARDS: u32 = 70;

/// A request as it goes on, over `hop` under `branch`.
///
/// # Errors
/// [`Refused::TooManyHops`], or [`Refused::HeadTooLarge`] when what we add would make it unreadable for the next.
pub(crate) fn request(request: &Request, hop: &Hop, branch: &str) -> Result<Draft, Refused> {
    let head = request.octets() - request.body().len();
    if head > PASSED_ON_HEAD_OCTETS_MAX || request.iter().count() > PASSED_ON_LINES_MAX {
        return Err(Refused::HeadTooLarge);
    }
    let forwards = request.value(Name::MaxForwards).and_then(|value| value.parse().ok());
    let forwards: u32 = forwards.unwrap_or(MAX_FORWARDS);
    let mut draft = Draft::new(request.method().clone(), request.uri(), hop, branch)
        .parties(request.value(Name::From).unwrap_or_default(), request.value(Name::To).unwrap_or_default())
        .call(request.call_id(), request.cseq().number);
    draft.max_forwards = forwards.checked_sub(1).ok_or(Refused::TooManyHops)?;
    for (name, value) in passed_on(request) {
        draft = draft.header(name, value);
    }
    Ok(match request.value(Name::ContentType) {
        Some(content_type) => {
            let body = request.to_bytes();
            draft.body(content_type, body.slice(head..))
        }
        None => draft,
    })
}

/// An answer as it goes on.
pub(crate) fn answer(response: &Response) -> Answer {
    let answer = passed_on(response)
        .fold(Answer::new(response.status()), |answer, (name, value)| answer.line(name, value));
    match response.value(Name::ContentType) {
        Some(content_type) => {
            let octets = response.to_bytes();
            let head = octets.len() - response.body().len();
            answer.body(content_type.to_owned(), octets.slice(head..))
        }
        None => answer,
    }
}

fn passed_on(fields: &Fields) -> impl Iterator<Item = (Name, &str)> {
    fields.iter().filter_map(|(written, value)| {
        let name = Name::recognise(written)?;
        PASSED_ON.contains(&name).then_some((name, value))
    })
}
