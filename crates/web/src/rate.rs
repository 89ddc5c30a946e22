//! How fast one address, one person or one token may ask: a token bucket for each.
//! Knows no request; who is asked for what is `guard.rs`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chat::PersonId;
use tokio::time::Instant;
use uuid::Uuid;

use crate::limits::{ADDRESS_PER_SECOND, CALLER_PER_SECOND, Limits, RATES_MAX};

/// Whose rate it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Whose {
    /// An address as `directory::origin` gives it.
    Address(IpAddr),
    /// A person's sessions, all together.
    Person(PersonId),
    /// One token.
    Token(Uuid),
}

/// The buckets of everybody who asked lately.
#[derive(Debug)]
pub(crate) struct Rates {
    address: Flow,
    caller: Flow,
    /// When each bucket will be full again. Whoever is not here has a full one.
    full_at: Mutex<HashMap<Whose, Instant>>,
}

/// How much a bucket holds, and how fast it fills, in time: one request costs `each`.
#[derive(Clone, Copy, Debug)]
struct Flow {
    burst: Duration,
    each: Duration,
}

impl Rates {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            address: Flow::new(limits.address_burst, ADDRESS_PER_SECOND),
            caller: Flow::new(limits.caller_burst, CALLER_PER_SECOND),
            full_at: Mutex::default(),
        }
    }

    /// Takes one request out of a bucket.
    ///
    /// # Errors
    /// How long to wait when it is empty.
    pub(crate) fn take(&self, whose: Whose) -> Result<(), Duration> {
        let flow = if matches!(whose, Whose::Address(_)) { self.address } else { self.caller };
        let now = Instant::now();
        let mut all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= RATES_MAX && !all.contains_key(&whose) {
            all.retain(|_, full_at| *full_at > now);
            if all.len() >= RATES_MAX {
                all.clear();
            }
        }
        let full_at = all.get(&whose).copied().filter(|full_at| *full_at > now).unwrap_or(now) + flow.each;
        let missing = full_at - now;
        if missing > flow.burst {
            return Err(missing - flow.burst);
        }
        all.insert(whose, full_at);
        Ok(())
    }
}

impl Flow {
    fn new(burst: u32, per_second: u32) -> Self {
        let each = Duration::from_secs(1) / per_second;
        Self { burst: each * burst, each }
    }
}
