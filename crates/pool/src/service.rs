//! Whether this server serves, and if not, why.
//! Stops nobody; whoever serves people looks here.

use store::ServerState;

/// What this server may do for people now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Service {
    /// It has its lease and does what its state says.
    Given(ServerState),
    /// It is not sure of its lease: it answers that it cannot now, keeps its links, and may go on later.
    Withheld(Why),
    /// Its time is over: another server ended it or is about to, or the same one was started elsewhere. It must stop.
    Over,
}

/// Why a server does not serve for now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Why {
    /// The lease could not be renewed in time.
    #[error("the lease of this server could not be renewed in time: its database does not answer")]
    LeaseRanOut,
    /// The clock of this machine is wrong, or the database's.
    #[error("the clock of this machine is {seconds} s {} that of the database: set both by NTP", if *.is_ahead { "before" } else { "behind" })]
    Skew {
        /// By how much.
        seconds: u64,
        /// Whether this machine's is the later one.
        is_ahead: bool,
    },
}

impl Service {
    /// Whether people may sign on and come into rooms here.
    #[must_use]
    pub fn takes_people(&self) -> bool {
        *self == Self::Given(ServerState::Active)
    }

    /// Whether it holds its lease, in whatever state.
    #[must_use]
    pub fn is_given(&self) -> bool {
        matches!(self, Self::Given(_))
    }
}
