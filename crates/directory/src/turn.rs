//! Delays after failed sign-ons, per name and address: guessing becomes slow, nobody is ever locked out.
//! Knows no password and no person, only the name that was tried.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Delay after the first failure; doubled by each further one (ours).
const FIRST: Duration = Duration::from_millis(250);
/// Longest delay between two tries (ours).
const LONGEST: Duration = Duration::from_secs(30);
/// A try that would have to wait longer than this is refused at once (ours: below a client's patience of 60 s).
const PATIENCE: Duration = Duration::from_secs(45);
/// After this time without a try a name is forgotten (ours).
const FORGET: Duration = Duration::from_secs(15 * 60);
/// Most names remembered; beyond it the oldest are forgotten first (ours: about 2 MB).
const NAMES_MAX: usize = 16_384;

/// More tries wait for this name from this address than will be served soon.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("too many sign-ons were tried: wait {} s", wait.as_secs())]
pub struct TooManyTries {
    /// When to come again.
    pub wait: Duration,
}

/// Who tried: the name in lower case and where from.
type Key = (String, IpAddr);

#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<Key, Tries>>);

#[derive(Debug, Clone, Copy)]
struct Tries {
    failed: u32,
    next: Instant,
}

impl Turns {
    /// How long this try must wait. It counts as failed until [`Turns::succeeded`] says otherwise, so that tries
    /// made at the same time wait for one another.
    pub(crate) fn take(&self, name: &str, from: IpAddr, now: Instant) -> Result<Duration, TooManyTries> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (name.to_lowercase(), origin(from));
        if all.len() >= NAMES_MAX && !all.contains_key(&key) {
            forget(&mut all, now);
        }
        let tries = all.entry(key).or_insert(Tries { failed: 0, next: now });
        let wait = tries.next.saturating_duration_since(now);
        if wait > PATIENCE {
            return Err(TooManyTries { wait });
        }
        let step = FIRST.saturating_mul(1 << tries.failed.min(16)).min(LONGEST);
        tries.failed = tries.failed.saturating_add(1);
        tries.next = tries.next.max(now) + step;
        Ok(wait)
    }

    /// The right password was given: the next try waits for nothing.
    pub(crate) fn succeeded(&self, name: &str, from: IpAddr) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(name.to_lowercase(), origin(from)));
    }
}

/// Where a try came from. Of IPv6 the network: whoever has one address of a /64 has them all (RFC 6177, RFC 8981).
fn origin(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

fn forget(all: &mut HashMap<Key, Tries>, now: Instant) {
    all.retain(|_, tries| tries.next + FORGET > now);
    if all.len() >= NAMES_MAX {
        let mut ends: Vec<Instant> = all.values().map(|tries| tries.next).collect();
        let middle = ends.len() / 2;
        let (_, median, _) = ends.select_nth_unstable(middle);
        let median = *median;
        all.retain(|_, tries| tries.next > median);
    }
}
