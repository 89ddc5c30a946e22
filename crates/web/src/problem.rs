//! Every refusal over HTTP: one table of codes with their statuses, and what each refusal and fault from below becomes.
//! Decides nothing; who may do what was decided before. Problem details: RFC 9457; the product's code names where it has one.

use std::time::Duration;

use admin::AdminError;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use chat::Refusal;
use directory::{DirectoryFault, SignOnRefused, TooManyTries};
use rooms::Trouble;
use schemars::JsonSchema;
use serde::Serialize;

use crate::limits;

/// What is wrong, as a client tells it apart. The names are what stands in `code`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub enum Code {
    /// A value or a name in the request cannot be read.
    InvalidArgument,
    /// Nobody is signed on, or no longer.
    NotSignedOn,
    /// Known, but not allowed.
    ErrorPermission,
    /// A request of a browser that comes from another site.
    ForeignOrigin,
    /// Not there, secret, or out of scope: deliberately the same.
    NoSuchNode,
    /// The resource has no such method.
    MethodNotAllowed,
    /// The request did not come to its end.
    RequestTimeout,
    /// A name or address is taken.
    DuplicateRoomName,
    /// Another post has this clientId.
    ClientIdTaken,
    /// Something else depends on it, or it is in a state in which this cannot be done.
    NodeHierarchyViolation,
    /// The object has been changed since it was read.
    DataCollision,
    /// The body is too large.
    TooLarge,
    /// The body is of another kind than JSON.
    UnsupportedMediaType,
    /// The request names a host that is not this one.
    MisdirectedRequest,
    /// A person, group, container or domain that a field names does not exist.
    NoSuchPrincipal,
    /// Values that are good each for itself break a rule.
    RuleBroken,
    /// The room is disabled.
    NodeDisabled,
    /// The resource is a live link, and the request does not ask for one.
    UpgradeRequired,
    /// More than is allowed, or faster.
    LimitExceeded,
    /// A defect of this server.
    InternalError,
    /// The store does not answer.
    DatabaseConnection,
    /// The server has too much to do, or stops.
    Unavailable,
    /// Nobody knows whether it was done.
    OutcomeUnknown,
}

/// One row of the table of codes.
#[derive(Clone, Copy, Debug)]
pub struct CodeRow {
    /// The code.
    pub code: Code,
    /// The status it comes with.
    pub status: StatusCode,
    /// In a few words; the same for every occurrence.
    pub title: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

/// Every code, by status.
pub const CODES: &[CodeRow] = &[
    row(
        Code::InvalidArgument,
        StatusCode::BAD_REQUEST,
        "the request cannot be read",
        "mend the field that is named; openapi.json says what it may be",
    ),
    row(
        Code::NotSignedOn,
        StatusCode::UNAUTHORIZED,
        "nobody is signed on",
        "POST /api/v1/session with address and password, or send a token as Authorization: Bearer",
    ),
    row(
        Code::ErrorPermission,
        StatusCode::FORBIDDEN,
        "not allowed",
        "ask an administrator for the role, or a manager for the right; a token gives no more than its scope",
    ),
    row(
        Code::ForeignOrigin,
        StatusCode::FORBIDDEN,
        "the request comes from another site",
        "send Origin with this server's address, or use a token instead of a session",
    ),
    row(
        Code::NoSuchNode,
        StatusCode::NOT_FOUND,
        "there is no such thing, or it is not for you to know of",
        "check the address; lists show what there is",
    ),
    row(
        Code::MethodNotAllowed,
        StatusCode::METHOD_NOT_ALLOWED,
        "the resource has no such method",
        "use one of those in Allow",
    ),
    row(
        Code::RequestTimeout,
        StatusCode::REQUEST_TIMEOUT,
        "the request did not come to its end",
        "send it again, faster or in parts",
    ),
    row(
        Code::DuplicateRoomName,
        StatusCode::CONFLICT,
        "the name or address is taken",
        "choose another one, or change what has it",
    ),
    row(
        Code::ClientIdTaken,
        StatusCode::CONFLICT,
        "another post has this clientId",
        "give each post a clientId of its own, and send the same one only with the same post",
    ),
    row(
        Code::NodeHierarchyViolation,
        StatusCode::CONFLICT,
        "something else depends on it",
        "take away first what the text names",
    ),
    row(
        Code::DataCollision,
        StatusCode::PRECONDITION_FAILED,
        "the object has been changed",
        "read it again, and send its new ETag as If-Match",
    ),
    row(Code::TooLarge, StatusCode::PAYLOAD_TOO_LARGE, "the body is too large", "send it in parts"),
    row(
        Code::UnsupportedMediaType,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "the body is of another kind than JSON",
        "send JSON with Content-Type: application/json",
    ),
    row(
        Code::MisdirectedRequest,
        StatusCode::MISDIRECTED_REQUEST,
        "the request names another host",
        "use a name of this server; more of them can be given in the settings file",
    ),
    row(
        Code::NoSuchPrincipal,
        StatusCode::UNPROCESSABLE_ENTITY,
        "there is no such person, group, container or domain",
        "check how the field is written: sip:a@example.com, domain:example.com, group:Name, or a distinguished name",
    ),
    row(
        Code::RuleBroken,
        StatusCode::UNPROCESSABLE_ENTITY,
        "what was asked breaks a rule",
        "the text names the rule and what would keep it",
    ),
    row(Code::NodeDisabled, StatusCode::LOCKED, "the room is disabled", "ask an administrator to enable it"),
    row(
        Code::UpgradeRequired,
        StatusCode::UPGRADE_REQUIRED,
        "this is a live link",
        "ask for a WebSocket: Connection: Upgrade, Upgrade: websocket, Sec-WebSocket-Version: 13 and a Sec-WebSocket-Key",
    ),
    row(
        Code::LimitExceeded,
        StatusCode::TOO_MANY_REQUESTS,
        "more than is allowed, or faster",
        "wait for Retry-After, or ask for less at once",
    ),
    row(
        Code::InternalError,
        StatusCode::INTERNAL_SERVER_ERROR,
        "a defect of this server",
        "report it with its instance, which stands in the server's log",
    ),
    row(
        Code::DatabaseConnection,
        StatusCode::SERVICE_UNAVAILABLE,
        "the store does not answer",
        "try again later; the server's log says why",
    ),
    row(
        Code::Unavailable,
        StatusCode::SERVICE_UNAVAILABLE,
        "the server has too much to do, or stops",
        "try again after Retry-After",
    ),
    row(
        Code::OutcomeUnknown,
        StatusCode::GATEWAY_TIMEOUT,
        "nobody knows whether this was done",
        "look whether it is there; a post may be sent again under the same clientId and is kept once",
    ),
];

/// A refusal on its way to a client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    code: Code,
    detail: String,
    field: Option<String>,
    wait: Option<Duration>,
}

/// A refusal as it is sent: problem details.
#[derive(Serialize, JsonSchema)]
#[serde(rename = "Problem", rename_all = "camelCase")]
pub struct ProblemDetails {
    /// Where the code is explained.
    #[serde(rename = "type")]
    kind: String,
    /// The code in a few words.
    title: String,
    /// The status of the response.
    status: u16,
    /// What is wrong with this request, and what to do about it.
    detail: String,
    /// What is wrong, as a program tells it apart.
    code: Code,
    /// The number of this request, as in the server's log. Left out where nothing may tell two answers apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// The field that is wrong: a name in the body or the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

impl Code {
    /// Its row in the table.
    #[must_use]
    pub fn row(self) -> &'static CodeRow {
        CODES.iter().find(|row| row.code == self).expect("every code has a row")
    }

    /// The code of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        CODES.iter().map(|row| row.code).find(|code| code.name() == name)
    }

    /// Its name, as in `code`.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}")
    }
}

impl Problem {
    /// A refusal with a text that names what is wrong and what to do.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), field: None, wait: None }
    }

    /// A refusal in the words of the table.
    pub(crate) fn of(code: Code) -> Self {
        Self::new(code, format!("{}: {}", code.row().title, code.row().remedy))
    }

    /// The one answer for what is not there, secret or out of scope: nothing in it depends on which.
    pub(crate) fn absent() -> Self {
        Self::of(Code::NoSuchNode)
    }

    /// A field that cannot be read.
    pub(crate) fn field(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(Code::InvalidArgument, what) }
    }

    /// A field whose value breaks a rule.
    pub(crate) fn broken(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(Code::RuleBroken, what) }
    }

    /// Nobody is signed on.
    pub(crate) fn nobody() -> Self {
        Self::of(Code::NotSignedOn)
    }

    /// Too fast; when to come again.
    pub(crate) fn later(detail: impl Into<String>, wait: Duration) -> Self {
        Self { wait: Some(wait), ..Self::new(Code::LimitExceeded, detail) }
    }

    /// No room now, or stopping.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self { wait: Some(limits::RETRY_AFTER), ..Self::new(Code::Unavailable, detail) }
    }

    /// The store does not answer; why is for the log alone.
    fn store(fault: &dyn std::fmt::Display) -> Self {
        tracing::warn!(%fault, "web.store_fault");
        Self { wait: Some(limits::RETRY_AFTER), ..Self::of(Code::DatabaseConnection) }
    }

    /// What is wrong with this request, and what to do about it.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// What is wrong.
    pub(crate) fn code(&self) -> Code {
        self.code
    }

    /// As it is sent; `instance` is the number of the request.
    pub(crate) fn details(&self, instance: &str) -> ProblemDetails {
        let row = self.code.row();
        ProblemDetails {
            kind: format!("/api/v1/#{}", self.code.name()),
            title: row.title.to_owned(),
            status: row.status.as_u16(),
            detail: self.detail.clone(),
            code: self.code,
            instance: (self.code != Code::NoSuchNode).then(|| format!("urn:uuid:{instance}")),
            field: self.field.clone(),
        }
    }

    /// The response with its body.
    pub(crate) fn response(&self, instance: &str) -> Response {
        let body = serde_json::to_vec(&self.details(instance)).expect("problem details are plain values");
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.code.row().status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.code == Code::NotSignedOn {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"causerie\""));
        }
        if let Some(wait) = self.wait {
            // Whole seconds, never fewer than one has to wait.
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_millis().div_ceil(1_000).max(1) as u64));
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let said = refusal.to_string();
        match refusal {
            Refusal::NotFound => Self::absent(),
            Refusal::NotAllowed | Refusal::NotJoined => Self::of(Code::ErrorPermission),
            Refusal::Disabled => Self::of(Code::NodeDisabled),
            Refusal::BadArgument(_) => Self::new(Code::InvalidArgument, said),
            Refusal::Text(_) => Self::new(Code::RuleBroken, said),
            Refusal::TooMany { .. } => Self::new(Code::LimitExceeded, said),
        }
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused(refusal) => refusal.into(),
            Trouble::ClientIdTaken => {
                Self { field: Some("clientId".to_owned()), ..Self::of(Code::ClientIdTaken) }
            }
            Trouble::Store(fault) => Self::store(&fault),
            Trouble::Busy | Trouble::Behind | Trouble::Stopping => Self::unavailable(trouble.to_string()),
            Trouble::Unknown => Self::of(Code::OutcomeUnknown),
        }
    }
}

impl From<AdminError> for Problem {
    fn from(error: AdminError) -> Self {
        match Code::named(error.code()) {
            Some(Code::NoSuchNode) => Self::absent(),
            Some(Code::DatabaseConnection) | None => Self::store(&error),
            Some(code) => {
                Self { field: error.field().map(str::to_owned), ..Self::new(code, error.to_string()) }
            }
        }
    }
}

impl From<SignOnRefused> for Problem {
    fn from(refused: SignOnRefused) -> Self {
        match refused {
            SignOnRefused::Wrong => Self::new(Code::NotSignedOn, refused.to_string()),
            SignOnRefused::Later(tries) => tries.into(),
            SignOnRefused::Fault(fault) => fault.into(),
        }
    }
}

impl From<TooManyTries> for Problem {
    fn from(tries: TooManyTries) -> Self {
        Self::later(tries.to_string(), tries.wait)
    }
}

impl From<DirectoryFault> for Problem {
    fn from(fault: DirectoryFault) -> Self {
        match fault {
            DirectoryFault::Password(refused) => Self::new(Code::RuleBroken, refused.to_string()),
            DirectoryFault::Store(_) | DirectoryFault::Key { .. } | DirectoryFault::Hash(_) => {
                Self::store(&fault)
            }
        }
    }
}

const fn row(code: Code, status: StatusCode, title: &'static str, remedy: &'static str) -> CodeRow {
    CodeRow { code, status, title, remedy }
}
