//! What can go wrong with people and their secrets.
//! Never says whether a person exists.

use store::StoreFault;

use crate::password::PasswordRefused;
use crate::turn::TooManyTries;

/// Why the directory could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryFault {
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The password breaks a rule.
    #[error(transparent)]
    Password(#[from] PasswordRefused),
    /// The key file is missing, unreadable, of the wrong size, or was made for another store.
    #[error("the key file {path}: {what}")]
    Key {
        /// The file.
        path: String,
        /// What is wrong and what to do.
        what: String,
    },
    /// Hashing failed inside the library; nothing was stored.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// Why somebody is not signed on.
#[derive(Debug, thiserror::Error)]
pub enum SignOnRefused {
    /// Unknown, disabled, or the wrong password: deliberately the same.
    #[error("the address or the password is wrong")]
    Wrong,
    /// Too many tries wait already.
    #[error(transparent)]
    Later(#[from] TooManyTries),
    /// The directory could not decide.
    #[error(transparent)]
    Fault(#[from] DirectoryFault),
}
