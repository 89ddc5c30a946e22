//! Points in time as the caller counts them.
//! Reads no clock: every function that depends on time is told what time it is.

use std::ops::Add;
use std::time::Duration;

/// A point in time: how long after an origin of the caller's choice. One link, one origin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Moment(Duration);

impl Moment {
    /// The moment this long after the origin.
    #[must_use]
    pub const fn after_origin(since: Duration) -> Self {
        Self(since)
    }

    /// How long after the origin this is.
    #[must_use]
    pub const fn since_origin(self) -> Duration {
        self.0
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    /// The moment `later` after this one; the end of all time when there is none.
    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later))
    }
}
