//! Why a live room did not do what it was asked: refused, not kept, too busy, stopping.
//! Wire codes are the faces' business.

use chat::Refusal;
use store::StoreFault;

/// Why something was not done. Unless a variant says otherwise, nothing of it was.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Trouble {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Another post of the same author in the same room has the same client id.
    #[error(
        "another post of yours in this room has this client id: give each post its own, and the same only to the same post"
    )]
    ClientIdTaken,
    /// The store could not keep or read it.
    #[error(transparent)]
    Store(StoreFault),
    /// A queue is full; nothing was executed, the same may be tried later.
    #[error("too much is waiting: try again later")]
    Busy,
    /// This server does not know what the others of its pool have decided of late, and so shows nothing that is kept.
    #[error("this server has not heard from its pool for some seconds: try again in a moment")]
    Behind,
    /// Nobody knows whether it was done: the server was lost or stopped in the middle. Never to be told as a refusal.
    #[error("nobody knows whether this was kept: look, or send it again under the same client id")]
    Unknown,
    /// This server stops or was replaced; nothing was executed.
    #[error("the server is stopping")]
    Stopping,
}

impl From<StoreFault> for Trouble {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Busy => Self::Busy,
            StoreFault::Closed | StoreFault::Superseded => Self::Stopping,
            StoreFault::Unknown => Self::Unknown,
            StoreFault::Full
            | StoreFault::Unavailable { .. }
            | StoreFault::Damaged { .. }
            | StoreFault::Newer { .. }
            | StoreFault::NotServed { .. }
            | StoreFault::Rejected { .. }
            | StoreFault::TooLarge { .. }
            | StoreFault::Held { .. }
            | StoreFault::PoolFull { .. } => Self::Store(fault),
        }
    }
}
