//! Every "no" of the rules, with the values needed to say it well.
//! Wire codes are none of its business: each face has its own table.

use crate::text::BadText;

/// Why the rules say no. Absence and invisibility are the same refusal, on purpose.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no such room or category, or this person may not know of it.
    #[error("there is no such room or category")]
    NotFound,
    /// The person may see the room but not do this.
    #[error("not allowed")]
    NotAllowed,
    /// The room is disabled.
    #[error("the room is disabled")]
    Disabled,
    /// The endpoint has not joined the room.
    #[error("the room has not been joined")]
    NotJoined,
    /// An argument cannot be read or is outside its range.
    #[error("{0} is not valid")]
    BadArgument(&'static str),
    /// A text or name breaks its rule.
    #[error(transparent)]
    Text(#[from] BadText),
    /// More asked at once than allowed.
    #[error("{what}: at most {limit} are allowed")]
    TooMany {
        /// What was asked for.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}
