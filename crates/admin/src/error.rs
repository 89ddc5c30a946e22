//! Why an operation was not carried out. Nothing of it was written.
//! Each message names what is wrong and what to do about it; wire statuses and exit codes belong to the faces.

use directory::DirectoryFault;
use serde::{Deserialize, Serialize};
use store::{AdminFault, StoreFault};

/// Why not. Each variant is a code of the product, or ours where it has none.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", content = "what", rename_all = "kebab-case")]
pub enum AdminError {
    /// What the operation is about does not exist.
    #[error("{0}")]
    NotFound(String),
    /// A principal that a field names does not exist.
    #[error("{message}")]
    NoPrincipal {
        /// The field.
        field: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// The asker may not.
    #[error("{0}")]
    Denied(String),
    /// A name or address is taken.
    #[error("{message}")]
    Duplicate {
        /// The field.
        field: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// Something else depends on it, or it is in a state in which this cannot be done.
    #[error("{0}")]
    Conflict(String),
    /// What it changes was changed by somebody else.
    #[error("{0}")]
    Stale(String),
    /// A value cannot be what its field holds.
    #[error("{message}")]
    Invalid {
        /// The field; empty when it is the operation as a whole.
        field: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// Values that are good each for itself break a rule.
    #[error("{message}")]
    Rule {
        /// The field; empty when it is the operation as a whole.
        field: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// It is disabled.
    #[error("{0}")]
    Disabled(String),
    /// Too much was asked; later it may be done.
    #[error("{0}")]
    Limit(String),
    /// The store cannot be reached or written now.
    #[error("{0}")]
    Unavailable(String),
}

impl AdminError {
    /// A value that cannot be what its field holds.
    pub fn invalid(field: impl Into<String>, message: impl std::fmt::Display) -> Self {
        Self::Invalid { field: field.into(), message: message.to_string() }
    }

    /// Values that break a rule together.
    pub fn rule(field: impl Into<String>, message: impl std::fmt::Display) -> Self {
        Self::Rule { field: field.into(), message: message.to_string() }
    }

    /// The code, by which programs tell errors apart: the product's names where it has one.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "NoSuchNode",
            Self::NoPrincipal { .. } => "NoSuchPrincipal",
            Self::Denied(_) => "ErrorPermission",
            Self::Duplicate { .. } => "DuplicateRoomName",
            Self::Conflict(_) => "NodeHierarchyViolation",
            Self::Stale(_) => "DataCollision",
            Self::Invalid { .. } => "InvalidArgument",
            Self::Rule { .. } => "RuleBroken",
            Self::Disabled(_) => "NodeDisabled",
            Self::Limit(_) => "LimitExceeded",
            Self::Unavailable(_) => "DatabaseConnection",
        }
    }

    /// The error of this code, as another program told it; one of an unknown code counts as unavailable.
    #[must_use]
    pub fn coded(code: &str, field: Option<String>, message: String) -> Self {
        let field = field.unwrap_or_default();
        match code {
            "NoSuchNode" => Self::NotFound(message),
            "NoSuchPrincipal" => Self::NoPrincipal { field, message },
            "ErrorPermission" => Self::Denied(message),
            "DuplicateRoomName" => Self::Duplicate { field, message },
            "NodeHierarchyViolation" => Self::Conflict(message),
            "DataCollision" => Self::Stale(message),
            "InvalidArgument" => Self::Invalid { field, message },
            "RuleBroken" => Self::Rule { field, message },
            "NodeDisabled" => Self::Disabled(message),
            "LimitExceeded" => Self::Limit(message),
            _ => Self::Unavailable(message),
        }
    }

    /// The same error with another message, made from its own.
    #[must_use]
    pub(crate) fn told(self, message: impl FnOnce(String) -> String) -> Self {
        let field = self.field().map(str::to_owned);
        Self::coded(self.code(), field, message(self.to_string()))
    }

    /// The field that is wrong, if it is one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::NoPrincipal { field, .. }
            | Self::Duplicate { field, .. }
            | Self::Invalid { field, .. }
            | Self::Rule { field, .. } => Some(field.as_str()).filter(|field| !field.is_empty()),
            _ => None,
        }
    }
}

/// Makes the refusal of a value an error that names its field.
pub(crate) fn of_field<E: std::fmt::Display>(field: &str) -> impl Fn(E) -> AdminError {
    move |bad| AdminError::invalid(field, bad)
}

impl From<StoreFault> for AdminError {
    fn from(fault: StoreFault) -> Self {
        Self::Unavailable(fault.to_string())
    }
}

impl From<DirectoryFault> for AdminError {
    fn from(fault: DirectoryFault) -> Self {
        match fault {
            DirectoryFault::Password(refused) => Self::invalid("password", refused),
            DirectoryFault::Store(fault) => fault.into(),
            DirectoryFault::Key { .. } | DirectoryFault::Hash(_) => Self::Unavailable(fault.to_string()),
        }
    }
}

impl From<AdminFault> for AdminError {
    fn from(fault: AdminFault) -> Self {
        match fault {
            AdminFault::Store(fault) => fault.into(),
            AdminFault::NoSuch(_) => Self::NotFound(format!("{fault}: it was removed meanwhile")),
            AdminFault::DuplicateName => Self::Duplicate {
                field: "name".into(),
                message: "a room or category of this name exists already: choose another name".into(),
            },
            AdminFault::DuplicateAddress => Self::Duplicate {
                field: "address".into(),
                message: "a person with this address exists already, or it is an address of the pool: use `causerie user set`, \
                          or remove that person or `causerie endpoint` first"
                    .into(),
            },
            AdminFault::DuplicateGroup => Self::Duplicate {
                field: "name".into(),
                message: "a group of this name or identity exists already: choose another name".into(),
            },
            AdminFault::DuplicateEntry => Self::Duplicate {
                field: "name".into(),
                message: "there is one of this name already: change that one, or choose another name".into(),
            },
            AdminFault::NotEmpty => {
                Self::Conflict("the category still has rooms: remove or move them first (`causerie room list`)".into())
            }
            AdminFault::Stale | AdminFault::Moved => Self::Stale(fault.to_string()),
        }
    }
}
