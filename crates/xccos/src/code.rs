//! The one table of XCCOS response codes (docs/protocol.md, response codes).
//! Only 200 is known for certain; the others are ours and can be exchanged here.

use chat::{BadText, Refusal};

/// What a reply says about its command.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Code {
    /// Done.
    Success,
    /// A block is malformed, a value cannot be read, a text is empty.
    InvalidArgument,
    /// Not authorised.
    NotAllowed,
    /// Unknown, deleted or invisible.
    NoSuchNode,
    /// Unknown command.
    NotSupported,
    /// The room has not been joined.
    NotJoined,
    /// Unknown principal.
    NoSuchPrincipal,
    /// The principal is outside the category's scope.
    NotInScope,
    /// Somebody else changed it first.
    Collision,
    /// The room is disabled.
    Disabled,
    /// A room directly under the root.
    Hierarchy,
    /// The name is taken.
    DuplicateName,
    /// Too long, or too many.
    LimitExceeded,
    /// The list of participants cannot be had.
    NoParticipants,
    /// The room cannot be created.
    NotCreated,
    /// The principal has the role already.
    AlreadyDefined,
    /// A presenter must be a member.
    PresenterNotMember,
    /// The file token is not valid.
    InvalidToken,
    /// The add-in's name is taken.
    DuplicateAddIn,
    /// Anything else that failed.
    Failed,
    /// The server is at fault.
    Server,
    /// The store is down.
    Database,
}

const TABLE: [(Code, u16, &str); 22] = [
    (Code::Success, 200, "SUCCESS_OK"),
    (Code::InvalidArgument, 400, "ERROR_INVALID_ARGUMENT"),
    (Code::NotAllowed, 403, "ERROR_PERMISSION"),
    (Code::NoSuchNode, 404, "ERROR_NO_SUCH_NODE"),
    (Code::NotSupported, 405, "ERROR_MSG_NOT_SUPPORTED"),
    (Code::NotJoined, 406, "ERROR_USER_NOT_JOINED"),
    (Code::NoSuchPrincipal, 407, "ERROR_NO_SUCH_PRINCIPAL"),
    (Code::NotInScope, 408, "ERROR_PRINCIPAL_NOT_IN_SCOPE"),
    (Code::Collision, 409, "ERROR_DATA_COLLISION"),
    (Code::Disabled, 410, "ERROR_NODE_DISABLED"),
    (Code::Hierarchy, 411, "ERROR_NODE_HIERARCHY_VIOLATION"),
    (Code::DuplicateName, 412, "ERROR_DUPLICATE_NAME"),
    (Code::LimitExceeded, 413, "ERROR_LIMIT_EXCEEDED"),
    (Code::NoParticipants, 414, "ERROR_CANNOT_GET_PARTICIPANTS"),
    (Code::NotCreated, 415, "ERROR_UNABLE_TO_CREATE_NODE"),
    (Code::AlreadyDefined, 416, "ERROR_PRINCIPAL_ALREADY_DEFINED"),
    (Code::PresenterNotMember, 417, "ERROR_PRESENTER_NOT_MEMBER"),
    (Code::InvalidToken, 418, "ERROR_INVALID_TOKEN"),
    (Code::DuplicateAddIn, 419, "ERROR_DUPLICATE_ADDIN_NAME"),
    (Code::Failed, 420, "OPERATION_FAILED"),
    (Code::Server, 500, "ERROR_SERVER"),
    (Code::Database, 503, "ERROR_DATABASE"),
];

impl Code {
    /// The number on the wire.
    #[must_use]
    pub fn number(self) -> u16 {
        self.row().1
    }

    /// The symbolic name on the wire; some clients show it to people.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.row().2
    }

    /// The code of a number, if the table has it.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == number).map(|row| row.0)
    }

    fn row(self) -> &'static (Self, u16, &'static str) {
        let row = &TABLE[self as usize];
        assert!(row.0 == self, "the table stands in the order of the codes");
        row
    }
}

impl From<&Refusal> for Code {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::NoSuchNode,
            Refusal::NotAllowed => Self::NotAllowed,
            Refusal::Disabled => Self::Disabled,
            Refusal::NotJoined => Self::NotJoined,
            Refusal::Text(BadText::TooLong { .. }) | Refusal::TooMany { .. } => Self::LimitExceeded,
            Refusal::BadArgument(_) | Refusal::Text(_) => Self::InvalidArgument,
        }
    }
}
