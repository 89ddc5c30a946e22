//! Every limit of the pool, with its source, and the set of those that a test makes other.
//! The length of a lease is the store's.

use std::time::Duration;

/// How far the clock of a server may be from the database's, in microseconds (design of the journals: 2 s).
pub const SKEW_MAX: i64 = 2_000_000;
/// Hints that wait to be heard; beyond it they are dropped, which costs at most a poll (ours).
pub const HINTS_MAX: usize = 1_024;
/// Octets of a hint (ours: two numbers of twenty digits).
pub const HINT_BYTES_MAX: usize = 64;
/// How long one hint may take to be told before it is dropped (ours: the others look by themselves after a second).
pub const TELL_TIME: Duration = Duration::from_secs(1);
/// How long until a link that went away is tried again (ours).
pub const LINK_AGAIN: Duration = Duration::from_millis(500);
/// Least time between two looks for servers that are heard of and not known (ours).
pub const LOOK_APART: Duration = Duration::from_millis(200);

/// When what is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// How often the lease is renewed. Default: 2 s (design of the journals).
    pub renew: Duration,
    /// How often all heads and leases are read, whatever was heard. Default: 1 s (design of the journals).
    pub poll: Duration,
    /// For how long the database must have answered without a break before a lease that ran out is taken for a loss: after an
    /// outage everybody's has, and its holders are about to renew it. Default: 3 s (ours: more than the time between renewals).
    pub grace: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { renew: Duration::from_secs(2), poll: Duration::from_secs(1), grace: Duration::from_secs(3) }
    }
}
