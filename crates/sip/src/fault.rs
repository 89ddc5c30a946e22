//! Everything that can be wrong with what a peer sent, and which status says so.
//! What to do about it is the caller's choice.

use crate::header::Name;
use crate::salvage::Salvage;
use crate::status::Status;

/// What is wrong with octets, a message or one of its values.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// The first octet is that of a TLS hello: the peer expects TLS where there is none.
    #[error("a TLS hello where SIP was expected")]
    TlsHello,
    /// What comes is not SIP: no start line of that form.
    #[error("not SIP")]
    NotSip,
    /// A line feed without carriage return, or a control character.
    #[error("a control character, or a line that does not end in CR LF")]
    ControlCharacter,
    /// Start line and header section exceed [`crate::limits::HEAD_OCTETS_MAX`].
    #[error("header section too large")]
    HeadTooLarge,
    /// More lines than [`crate::limits::HEAD_LINES_MAX`].
    #[error("too many header lines")]
    TooManyLines,
    /// There is a Content-Type, so perhaps a body, but no Content-Length.
    #[error("no Content-Length")]
    LengthMissing,
    /// Content-Length is not a number in digits.
    #[error("malformed Content-Length")]
    BadLength,
    /// Two values of Content-Length, or a body of another length.
    #[error("contradictory Content-Length")]
    LengthsDiffer,
    /// Content-Length exceeds [`crate::limits::BODY_OCTETS_MAX`].
    #[error("body too large")]
    BodyTooLarge,
    /// The header section is not UTF-8.
    #[error("header section is not UTF-8")]
    NotText,
    /// The start line has neither the form of a request line nor that of a status line.
    #[error("malformed start line")]
    BadStartLine,
    /// Another version than SIP/2.0.
    #[error("not SIP/2.0")]
    WrongVersion,
    /// A header line without a name and a colon.
    #[error("malformed header line")]
    BadLine,
    /// A header field that must be there is not.
    #[error("no {0}")]
    Missing(Name),
    /// A header field that may be there once is there twice.
    #[error("{0} more than once")]
    Repeated(Name),
    /// The value of a header field is malformed.
    #[error("malformed {0}")]
    Bad(Name),
    /// The method of CSeq is not that of the request.
    #[error("CSeq names another method")]
    MethodsDiffer,
    /// A URI is malformed.
    #[error("malformed URI")]
    BadUri,
    /// The URI is neither sip nor sips.
    #[error("neither a sip nor a sips URI")]
    OtherScheme,
}

impl Fault {
    /// The status a request with this fault is refused with; `None` where no answer is possible.
    #[must_use]
    pub const fn status(self) -> Option<Status> {
        Some(match self {
            Self::TlsHello | Self::NotSip => return None,
            Self::HeadTooLarge | Self::TooManyLines => Status::MESSAGE_TOO_LARGE,
            Self::BodyTooLarge => Status::ENTITY_TOO_LARGE,
            Self::WrongVersion => Status::WRONG_VERSION,
            Self::OtherScheme => Status::UNSUPPORTED_URI_SCHEME,
            _ => Status::BAD_REQUEST,
        })
    }
}

/// What could not be read: why, and what is left of it for an answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{fault}")]
pub struct ParseFault {
    /// What is wrong.
    pub fault: Fault,
    /// What a refusal can be built from ([`crate::Reply::refusing`]); `None` when it must not be answered: a response, an
    /// ACK or BENOTIFY, or nothing that says whom to answer.
    pub salvage: Option<Salvage>,
}

impl ParseFault {
    pub(crate) fn of(fault: Fault, head: &[u8]) -> Box<Self> {
        let salvage = if fault.status().is_some() { Salvage::read(head) } else { None };
        Box::new(Self { fault, salvage })
    }

    /// The status to refuse with; `None` when no answer is possible.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.salvage.as_ref().and(self.fault.status())
    }
}
