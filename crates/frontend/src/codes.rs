//! The one table of SIP codes and diagnostics with which something is refused ([MS-OCER] 2.2.2 for the numbers of component
//! GroupChat), and of the XCCOS codes of troubles. Decides nothing; says how a decision is told.

use std::fmt::Write as _;
use std::time::Duration;

use chat::{BadText, Refusal};
use rooms::Trouble;
use sip::{Fault, Name, Request, Response, SessionTimer, Status};
use xccos::{Code, XccosFault};

use crate::answer::Answer;
use crate::document::stale::{self, Stale};
use crate::limits::{REGISTRATION_SECONDS_MIN, RETRY_AFTER};
use crate::subscribe::PACKAGES;

/// The methods we answer, as Allow lists them.
pub(crate) const ALLOW: &str =
    "INVITE, ACK, BYE, CANCEL, INFO, UPDATE, OPTIONS, REGISTER, SUBSCRIBE, SERVICE";

/// Why a request is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("nobody is signed on")]
    NotSignedOn,
    #[error("From is not who is signed on")]
    NotThePerson,
    #[error("clients assert no identity")]
    Asserted,
    #[error("{0}")]
    Malformed(Fault),
    #[error("{0}")]
    BadRequest(&'static str),
    #[error("the document is refused: {0}")]
    Document(XccosFault),
    #[error("nobody and nothing here has this address")]
    NoSuchAddress,
    #[error("people are reached in rooms only")]
    OnlyRooms,
    #[error("no such dialog")]
    NoDialog,
    #[error("a number of CSeq out of order")]
    OutOfOrder,
    #[error("no message media offered")]
    NoMessageMedia,
    #[error("a body of another type than {0}")]
    MediaType(&'static str),
    #[error("this event package is not served")]
    UnknownEvent,
    #[error("this operation is not served")]
    UnknownOperation,
    #[error("a version is out of date")]
    OutOfDate(Vec<Stale>),
    #[error("this method is not allowed here")]
    NotAllowedHere,
    #[error("this method is not known")]
    UnknownMethod,
    #[error("an extension is required that is not supported: {0}")]
    Extension(String),
    #[error("the registration asked for is too short")]
    RegistrationTooBrief,
    #[error("the session interval asked for is too short")]
    SessionTooBrief,
    #[error("too many people are signing on")]
    SignOnsFull,
    #[error("too many sign-ons were tried")]
    TooManyTries(Duration),
    #[error("too much of this link waits")]
    LinkFull,
    #[error("no chat server answers")]
    NoServer,
    #[error("this server stands by, or empties")]
    NotServing,
    #[error("the certificate is not that of a front end of the topology")]
    NotAFrontEnd,
    #[error("it was passed on too often")]
    TooManyHops,
    #[error("its head is too large to be passed on")]
    HeadTooLarge,
    #[error("no more dialogs on this link")]
    DialogsFull,
    #[error("a limit is reached: {0}")]
    Limit(&'static str),
    #[error("the directory cannot be read or written")]
    Directory,
    #[error("{0}")]
    Session(Refusal),
    #[error("{0}")]
    Post(Trouble),
}

/// The diagnostic of a chat server that takes no dialog now.
const NOT_SERVING: u16 = 20_000;

/// What every refusal of its kind looks like.
struct Row {
    status: Status,
    diagnostic: Option<(u16, &'static str)>,
}

impl Refused {
    /// How it is told; `host` is named as the source.
    pub(crate) fn answer(&self, host: &str) -> Answer {
        let row = self.row();
        let mut answer = Answer::new(row.status);
        if let Some((code, reason)) = row.diagnostic {
            let value = format!("{code};source=\"{host}\";reason=\"{reason}\";component=\"GroupChat\"");
            answer = answer.line(Name::MsDiagnostics, value);
        }
        match self {
            Self::Malformed(_)
            | Self::BadRequest(_)
            | Self::Document(_)
            | Self::Asserted
            | Self::NotThePerson
            | Self::NotSignedOn
            | Self::NotAFrontEnd
            | Self::UnknownOperation
            | Self::Limit(_) => answer.line(Name::Warning, warning(host, &self.to_string())),
            Self::MediaType(accepted) => answer.line(Name::Accept, *accepted),
            Self::UnknownEvent => answer.line(Name::AllowEvents, PACKAGES),
            Self::OutOfDate(changes) => answer.body(stale::MEDIA_TYPE, stale::print(changes)),
            Self::NotAllowedHere | Self::UnknownMethod => answer.line(Name::Allow, ALLOW),
            Self::Extension(names) => answer.line(Name::Unsupported, names.clone()),
            Self::RegistrationTooBrief => answer.line(Name::MinExpires, REGISTRATION_SECONDS_MIN.to_string()),
            Self::SessionTooBrief => answer.line(Name::MinSe, SessionTimer::MIN_SE),
            Self::TooManyTries(wait) => answer.line(Name::RetryAfter, wait.as_secs().max(1).to_string()),
            _ if row.status == Status::UNAVAILABLE => {
                answer.line(Name::RetryAfter, RETRY_AFTER.as_secs().to_string())
            }
            _ => answer,
        }
    }

    /// Why a dialog did not let a request in.
    pub(crate) fn by_dialog(status: Status) -> Self {
        match status {
            Status::INTERNAL_ERROR => Self::OutOfOrder,
            Status::BAD_REQUEST => Self::BadRequest("its Contact cannot be read"),
            _ => Self::NoDialog,
        }
    }

    /// Whether a body is of the type that is read here.
    ///
    /// # Errors
    /// [`Refused::MediaType`], also for a body without a type.
    pub(crate) fn unless_type(request: &Request, expected: &'static str) -> Result<(), Self> {
        let found = request.content_type().map_err(Self::Malformed)?;
        if found.is_some_and(|found| found.is(expected)) { Ok(()) } else { Err(Self::MediaType(expected)) }
    }

    fn row(&self) -> Row {
        let plain = |status| Row { status, diagnostic: None };
        let told = |status, code, reason| Row { status, diagnostic: Some((code, reason)) };
        match self {
            Self::NotSignedOn | Self::NotThePerson | Self::Asserted | Self::NotAFrontEnd => {
                plain(Status::FORBIDDEN)
            }
            Self::Malformed(fault) => plain(fault.status().unwrap_or(Status::BAD_REQUEST)),
            Self::BadRequest(_) => plain(Status::BAD_REQUEST),
            Self::Document(fault) if fault.is_too_large() => plain(Status::ENTITY_TOO_LARGE),
            Self::Document(_) => plain(Status::BAD_REQUEST),
            Self::NoSuchAddress => plain(Status::NOT_FOUND),
            Self::OnlyRooms => plain(Status::UNAVAILABLE_NOW),
            Self::NoDialog => told(Status::NO_DIALOG, 20_006, "Unknown session"),
            Self::OutOfOrder => plain(Status::INTERNAL_ERROR),
            Self::NoMessageMedia => {
                told(Status::NOT_ACCEPTABLE_HERE, 20_003, "Rejected session: no message media offered")
            }
            Self::MediaType(_) => plain(Status::UNSUPPORTED_MEDIA_TYPE),
            Self::UnknownEvent => plain(Status::BAD_EVENT),
            Self::UnknownOperation => plain(Status::NOT_IMPLEMENTED),
            Self::OutOfDate(_) => plain(Status::CONFLICT),
            Self::NotAllowedHere => plain(Status::METHOD_NOT_ALLOWED),
            Self::UnknownMethod => plain(Status::NOT_IMPLEMENTED),
            Self::Extension(_) => plain(Status::BAD_EXTENSION),
            Self::RegistrationTooBrief => plain(Status::INTERVAL_TOO_BRIEF),
            Self::SessionTooBrief => plain(Status::INTERVAL_TOO_SMALL),
            Self::SignOnsFull => told(Status::UNAVAILABLE, 20_000, "Too many people are signing on"),
            Self::TooManyTries(_) => told(Status::UNAVAILABLE, 20_000, "Too many sign-ons were tried"),
            Self::Directory => told(Status::UNAVAILABLE, 20_007, "The directory cannot be read"),
            Self::LinkFull => told(Status::UNAVAILABLE, 20_011, "Rejected message: inbound queue full"),
            Self::NoServer => told(Status::UNAVAILABLE, 20_000, "No chat server answers"),
            Self::NotServing => told(Status::UNAVAILABLE, NOT_SERVING, "Chat service stands by"),
            Self::TooManyHops => plain(Status::TOO_MANY_HOPS),
            Self::HeadTooLarge => plain(Status::MESSAGE_TOO_LARGE),
            Self::DialogsFull => {
                told(Status::UNAVAILABLE, 20_009, "Rejected session: no more endpoints allowed")
            }
            Self::Limit(_) => plain(Status::ENTITY_TOO_LARGE),
            Self::Session(Refusal::TooMany { .. }) => {
                told(Status::UNAVAILABLE, 20_009, "Rejected session: no more endpoints allowed")
            }
            Self::Session(_) => {
                told(Status::FORBIDDEN, 20_010, "Rejected session: principal not provisioned")
            }
            Self::Post(Trouble::Refused(refusal)) => {
                let (status, reason) = refused_post(refusal);
                told(status, 20_007, reason)
            }
            Self::Post(Trouble::ClientIdTaken) => {
                told(Status::BAD_REQUEST, 20_007, "The message was sent with another text before")
            }
            Self::Post(Trouble::Busy) => {
                told(Status::UNAVAILABLE, 20_011, "Rejected message: inbound queue full")
            }
            Self::Post(Trouble::Stopping) => told(Status::UNAVAILABLE, 20_000, "Chat service busy"),
            Self::Post(_) => told(Status::UNAVAILABLE, 20_007, "Chat service error"),
        }
    }
}

/// Whether a chat server answers so because it stands by, empties or stops.
pub(crate) fn is_not_serving(response: &Response) -> bool {
    let diagnostics = response.value(Name::MsDiagnostics).unwrap_or_default();
    let code = diagnostics.split(';').next().and_then(|code| code.parse().ok());
    response.status() == Status::UNAVAILABLE && code == Some(NOT_SERVING)
}

/// How a post that the rules refuse is told; clients show the reason to people.
fn refused_post(refusal: &Refusal) -> (Status, &'static str) {
    match refusal {
        Refusal::NotFound => (Status::NOT_FOUND, "There is no such room"),
        Refusal::NotAllowed => (Status::FORBIDDEN, "Not allowed in this room"),
        Refusal::Disabled => (Status::FORBIDDEN, "The room is disabled"),
        Refusal::NotJoined => (Status::FORBIDDEN, "The room has not been joined"),
        Refusal::Text(BadText::TooLong { .. }) | Refusal::TooMany { .. } => {
            (Status::ENTITY_TOO_LARGE, "The message is too long")
        }
        Refusal::Text(_) | Refusal::BadArgument(_) => (Status::BAD_REQUEST, "The message cannot be read"),
    }
}

/// The XCCOS code of a command that was not carried out.
pub(crate) fn code(trouble: &Trouble) -> Code {
    match trouble {
        Trouble::Refused(refusal) => Code::from(refusal),
        Trouble::Busy | Trouble::Behind | Trouble::Stopping => Code::Server,
        _ => Code::Database,
    }
}

/// The value of Warning (RFC 3261 20.43): what is wrong, in words, on one line and without quotes inside.
pub(crate) fn warning(host: &str, text: &str) -> String {
    let mut value = format!("399 {host} \"");
    for c in text.chars().take(200) {
        let c = if c.is_control() || matches!(c, '"' | '\\') { '\'' } else { c };
        value.write_char(c).expect("a string takes all that is written");
    }
    value.push('"');
    value
}

impl From<Trouble> for Refused {
    fn from(trouble: Trouble) -> Self {
        Self::Post(trouble)
    }
}
