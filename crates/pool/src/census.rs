//! How many endpoints of people this server has, asked of whoever holds them each time the lease is renewed.
//! Counts nothing itself.

use std::sync::OnceLock;

/// Whom to ask, once somebody said.
#[derive(Default)]
pub(crate) struct Census(OnceLock<Box<dyn Fn() -> u64 + Send + Sync>>);

impl Census {
    /// From now on this is asked; whoever comes second is not.
    pub(crate) fn ask(&self, count: impl Fn() -> u64 + Send + Sync + 'static) {
        if self.0.set(Box::new(count)).is_err() {
            tracing::warn!("pool.counted_already");
        }
    }

    /// How many there are now; none as long as nobody counts.
    pub(crate) fn endpoints(&self) -> u64 {
        self.0.get().map_or(0, |count| count())
    }
}

impl std::fmt::Debug for Census {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Census").field(&self.endpoints()).finish()
    }
}
