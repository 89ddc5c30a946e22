//! Turns of sign-ons that name one person from one address: guessing is slow, and nobody is locked out by guessers.
//! Knows no password and no person, only the name that was tried; an unknown name has turns like any other.
//!
//! A try is examined when its turn comes, and not before: whoever could have it examined and waste the answer would guess as
//! fast as the network goes. Tries of one name and address stand in a line, first come first served. Whoever hangs up leaves
//! the line and leaves nothing behind, so that a place costs a link that is held open. The first in line waits until
//! a delay that grows with the failures has passed since the last try was examined. That is slow for a guesser alone; a crowd
//! would make it longer than anybody waits, so who has waited [`LONGEST`] is in a hurry, and the line then moves every [`FIRST`].
//!
//! For N links held open with tries for one name from one address this means:
//!
//! - guesses: N in 16 s and 4 in a second at most, after six quick ones;
//! - somebody else's try is examined within 16.25 s and another 0.25 s for each of the N;
//! - who would wait longer than 45 s, which takes more than a hundred such links, is told to come again, and has the same
//!   share of four turns in a second as each of them.
//!
//! Each link has one try at a time, so lines are as long as there are links.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, sleep_until, timeout_at};

/// Delay after the first failure, doubled by each further one; shortest time between two turns (ours).
const FIRST: Duration = Duration::from_millis(250);
/// Longest delay after a failure; who has waited so long waits only for those before him (ours: half of the 32 s that SIP
/// gives a request, RFC 3261 17.1.2.2).
const LONGEST: Duration = Duration::from_secs(16);
/// Longest time in a line (ours: below a client's patience of 60 s).
const PATIENCE: Duration = Duration::from_secs(45);
/// When somebody who has waited so long may come again (ours: at once, for he will wait again).
const COME_AGAIN: Duration = Duration::from_secs(1);
/// After this time without a try the failures of a name are forgotten (ours).
const FORGET: Duration = Duration::from_secs(15 * 60);
/// Most names remembered for which nobody waits; beyond it the oldest are forgotten first (ours: about 4 MB).
const NAMES_MAX: usize = 16_384;

/// More tries wait for this name from this address than will be served soon.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("too many sign-ons were tried: wait {} s", wait.as_secs())]
pub struct TooManyTries {
    /// When to come again.
    pub wait: Duration,
}

/// The lines of all names and addresses.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    lines: Mutex<HashMap<u64, Arc<Line>>>,
    /// Makes a number of a name and an address: names may be long. It is keyed, so nobody can choose two with the same.
    hasher: RandomState,
}

/// The tries of one name from one address.
#[derive(Debug)]
struct Line {
    /// The first place, which only one has; the others wait for it in their order.
    first: Semaphore,
    /// Tells whoever is first that the failures are forgotten.
    cleared: Notify,
    tries: Mutex<Tries>,
}

/// The tries that were examined since the right password was given.
#[derive(Debug, Default, Clone, Copy)]
struct Tries {
    failed: u32,
    last: Option<Instant>,
}

impl Turns {
    /// Waits for the turn of this try; dropping the future leaves the line. A try whose turn came counts as failed until
    /// [`Turns::succeeded`] says otherwise.
    pub(crate) async fn take(&self, name: &str, from: IpAddr) -> Result<(), TooManyTries> {
        let entered = Instant::now();
        let line = self.line(name, from, entered);
        let Ok(first) = timeout_at(entered + PATIENCE, line.first.acquire()).await else {
            return Err(TooManyTries { wait: COME_AGAIN });
        };
        let _first = first.expect("the semaphore is never closed");
        loop {
            let turn = line.tries().turn(entered);
            if turn <= Instant::now() {
                break;
            }
            tokio::select! {
                () = sleep_until(turn) => (),
                () = line.cleared.notified() => (),
            }
        }
        line.tries().count(Instant::now());
        Ok(())
    }

    /// The right password was given: the next try waits for nothing.
    pub(crate) fn succeeded(&self, name: &str, from: IpAddr) {
        let mut lines = self.lines();
        let key = self.key(name, from);
        let Some(line) = lines.get(&key) else { return };
        if line.is_in_use() {
            *line.tries() = Tries::default();
            line.cleared.notify_one();
        } else {
            lines.remove(&key);
        }
    }

    fn line(&self, name: &str, from: IpAddr, now: Instant) -> Arc<Line> {
        let mut lines = self.lines();
        let key = self.key(name, from);
        if lines.len() >= NAMES_MAX && !lines.contains_key(&key) {
            forget(&mut lines, now);
        }
        lines.entry(key).or_default().clone()
    }

    fn key(&self, name: &str, from: IpAddr) -> u64 {
        self.hasher.hash_one((name.to_lowercase(), origin(from)))
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<u64, Arc<Line>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// Whether somebody waits. Exact while the lock of all lines is held, as places are only given out under it.
    fn is_in_use(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) > 1
    }

    fn tries(&self) -> MutexGuard<'_, Tries> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Line {
    fn default() -> Self {
        Self { first: Semaphore::new(1), cleared: Notify::new(), tries: Mutex::default() }
    }
}

impl Tries {
    /// When it is the turn of the first in line, who came at `entered`.
    fn turn(self, entered: Instant) -> Instant {
        let Some(last) = self.last else { return entered };
        let doubled = self.failed.saturating_sub(1).min(16);
        let delay = FIRST.saturating_mul(1 << doubled).min(LONGEST);
        (last + delay).min(entered + LONGEST).max(last + FIRST)
    }

    /// One more is examined.
    fn count(&mut self, now: Instant) {
        if self.last.is_some_and(|last| last + FORGET <= now) {
            self.failed = 0;
        }
        *self = Self { failed: self.failed.saturating_add(1), last: Some(now) };
    }
}

/// Whom an address belongs to. Of IPv6 the network: whoever has one address of a /64 has them all (RFC 6177, RFC 8981).
#[must_use]
pub fn origin(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

/// Makes room for another name; those somebody waits for stay.
fn forget(lines: &mut HashMap<u64, Arc<Line>>, now: Instant) {
    lines.retain(|_, line| line.is_in_use() || line.tries().last.is_some_and(|last| last + FORGET > now));
    if lines.len() < NAMES_MAX {
        return;
    }
    let idle = lines.values().filter(|line| !line.is_in_use());
    let mut lasts: Vec<Option<Instant>> = idle.map(|line| line.tries().last).collect();
    if lasts.is_empty() {
        return;
    }
    let middle = lasts.len() / 2;
    let (_, &mut median, _) = lasts.select_nth_unstable(middle);
    lines.retain(|_, line| line.is_in_use() || line.tries().last > median);
}
