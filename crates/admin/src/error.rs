//! Why an operation was not carried out. Nothing of it was written.
//! Each message names what is wrong and what to do about it.

use chat::{BadAddress, BadText};
use directory::DirectoryFault;
use serde::{Deserialize, Serialize};
use store::{AdminFault, StoreFault};

/// Why not. The variants are what the command line tells apart by its exit code.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", content = "message", rename_all = "kebab-case")]
pub enum AdminError {
    /// Something named does not exist.
    #[error("{0}")]
    NotFound(String),
    /// The asker may not.
    #[error("{0}")]
    Denied(String),
    /// It collides with what is there.
    #[error("{0}")]
    Conflict(String),
    /// What it changes was changed by somebody else, again and again.
    #[error("{0}")]
    Stale(String),
    /// A value or combination breaks a rule.
    #[error("{0}")]
    Invalid(String),
    /// The store cannot be reached or written now.
    #[error("{0}")]
    Unavailable(String),
}

impl From<BadAddress> for AdminError {
    fn from(bad: BadAddress) -> Self {
        Self::Invalid(bad.to_string())
    }
}

impl From<BadText> for AdminError {
    fn from(bad: BadText) -> Self {
        Self::Invalid(bad.to_string())
    }
}

impl From<StoreFault> for AdminError {
    fn from(fault: StoreFault) -> Self {
        Self::Unavailable(fault.to_string())
    }
}

impl From<DirectoryFault> for AdminError {
    fn from(fault: DirectoryFault) -> Self {
        match fault {
            DirectoryFault::Password(refused) => Self::Invalid(refused.to_string()),
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
            AdminFault::DuplicateName => {
                Self::Conflict("a room or category of this name exists already: choose another name".into())
            }
            AdminFault::DuplicateAddress => Self::Conflict(
                "a person with this address exists already: use `causerie user set`, or remove that person first".into(),
            ),
            AdminFault::DuplicateGroup => {
                Self::Conflict("a group of this name or identity exists already: choose another name".into())
            }
            AdminFault::DuplicateEntry => {
                Self::Conflict("there is one of this name already: change that one, or choose another name".into())
            }
            AdminFault::NotEmpty => {
                Self::Conflict("the category still has rooms: remove or move them first (`causerie room list`)".into())
            }
            AdminFault::Stale => Self::Stale(fault.to_string()),
        }
    }
}
