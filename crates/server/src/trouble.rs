//! Why the program ends without having done what it was asked: an exit code and a sentence.
//! The codes are a contract: 1 a check failed, 2 usage, 3 not found, 4 denied, 5 conflict, 6 invalid, 7 unavailable.

use admin::AdminError;

/// A check failed.
pub const UNREADY: u8 = 1;
/// A command line that makes no sense.
pub const USAGE: u8 = 2;
/// Something named does not exist.
pub const NOT_FOUND: u8 = 3;
/// The asker may not.
pub const DENIED: u8 = 4;
/// It collides with what is there.
pub const CONFLICT: u8 = 5;
/// A value breaks a rule.
pub const INVALID: u8 = 6;
/// Something needed cannot be reached now.
pub const UNAVAILABLE: u8 = 7;

/// Why the program ends.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// An operation was not carried out.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// Some of several operations were not carried out; each was said before.
    #[error("{failed} of {all} lines were not carried out, for the reasons above")]
    Lines {
        /// How many.
        failed: u64,
        /// Of how many.
        all: u64,
        /// The exit code of the first.
        code: u8,
    },
    /// What was only to be said would be refused; what is wrong was said before.
    #[error("it would be refused because of {0} lines, for the reasons above")]
    Rehearsed(usize),
    /// A machine does not have what it needs; each check was said before.
    #[error("{failed} of {all} checks failed, for the reasons above")]
    Unready {
        /// How many.
        failed: usize,
        /// Of how many.
        all: usize,
    },
    /// A topology breaks rules; each was said before.
    #[error("{0} in the topology, said above: nothing is published until all is mended")]
    Broken(String),
    /// The command line is incomplete in a way its grammar cannot say.
    #[error("{0}")]
    Usage(String),
    /// Somebody else has what is needed.
    #[error("{0}")]
    Conflict(String),
    /// Rights of the operating system forbid it, or are too wide.
    #[error("{0}")]
    Denied(String),
    /// A setting or place cannot be used.
    #[error("{0}")]
    Invalid(String),
    /// Something needed cannot be reached now.
    #[error("{0}")]
    Unavailable(String),
}

impl Trouble {
    /// The exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Lines { code, .. } => *code,
            Self::Unready { .. } | Self::Broken(_) => UNREADY,
            Self::Usage(_) => USAGE,
            Self::Admin(error) => code_of(error),
            Self::Denied(_) => DENIED,
            Self::Conflict(_) => CONFLICT,
            Self::Invalid(_) | Self::Rehearsed(_) => INVALID,
            Self::Unavailable(_) => UNAVAILABLE,
        }
    }
}

fn code_of(error: &AdminError) -> u8 {
    match error {
        AdminError::NotFound(_) | AdminError::NoPrincipal { .. } => NOT_FOUND,
        AdminError::Denied(_) => DENIED,
        AdminError::Duplicate { .. }
        | AdminError::Conflict(_)
        | AdminError::Stale(_)
        | AdminError::Disabled(_) => CONFLICT,
        AdminError::Invalid { .. } | AdminError::Rule { .. } => INVALID,
        AdminError::Limit(_) | AdminError::Unavailable(_) => UNAVAILABLE,
    }
}

/// Names the file or place a system error is about.
pub fn at(place: &std::path::Path) -> impl Fn(std::io::Error) -> Trouble + '_ {
    move |error| Trouble::Unavailable(format!("{}: {error}", place.display()))
}
