//! Sessions of people who signed on by password: kept in memory alone, and of each secret only its hash.
//! Checks no password and knows no request.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chat::{Clock, Person, PersonId, Time};
use sha2::{Digest, Sha256};

use crate::limits::{SESSION_IDLE, SESSION_LONGEST};

/// Octets of a session's secret: nobody guesses 256 bits.
const SECRET_OCTETS: usize = 32;

/// What a session is known by here: the hash of its secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct SessionKey([u8; 32]);

/// All sessions of this server.
#[derive(Debug)]
pub(crate) struct Sessions {
    per_person_max: usize,
    held: Mutex<HashMap<SessionKey, Session>>,
}

#[derive(Clone, Copy, Debug)]
struct Session {
    person: PersonId,
    /// The one under which the person signed on.
    admission: u64,
    made: Time,
    used: Time,
}

impl Sessions {
    pub(crate) fn new(per_person_max: usize) -> Self {
        Self { per_person_max, held: Mutex::default() }
    }

    /// Opens a session; returns its secret, which is kept nowhere.
    pub(crate) fn open(&self, person: &Person, clock: &dyn Clock) -> String {
        let mut secret = [0; SECRET_OCTETS];
        clock.fill_random(&mut secret);
        let secret = URL_SAFE_NO_PAD.encode(secret);
        let now = clock.now();
        let mut held = self.held();
        let mut own: Vec<_> = held.iter().filter(|(_, session)| session.person == person.id).collect();
        own.sort_by_key(|(_, session)| session.used);
        let excess = (own.len() + 1).saturating_sub(self.per_person_max);
        let surplus: Vec<SessionKey> = own.into_iter().take(excess).map(|(key, _)| *key).collect();
        for key in surplus {
            held.remove(&key);
        }
        let session = Session { person: person.id, admission: person.admission, made: now, used: now };
        held.insert(SessionKey::of(&secret), session);
        secret
    }

    /// Whose session this secret opens now, and under which admission it began; counts as a use.
    pub(crate) fn find(&self, secret: &str, now: Time) -> Option<(SessionKey, PersonId, u64)> {
        let key = SessionKey::of(secret);
        let mut held = self.held();
        let session = held.get_mut(&key)?;
        if session.is_over(now) {
            held.remove(&key);
            return None;
        }
        session.used = now;
        Some((key, session.person, session.admission))
    }

    /// Counts as a use: somebody is there, although it asks for nothing.
    pub(crate) fn touch(&self, key: SessionKey, now: Time) {
        if let Some(session) = self.held().get_mut(&key).filter(|session| !session.is_over(now)) {
            session.used = now;
        }
    }

    /// Whether it is still open; no use of it.
    pub(crate) fn holds(&self, key: SessionKey) -> bool {
        self.held().contains_key(&key)
    }

    /// Ends one session.
    pub(crate) fn end(&self, key: SessionKey) {
        self.held().remove(&key);
    }

    /// Ends those that are over, and those of people who may not stay.
    pub(crate) fn review(&self, now: Time, may_stay: impl Fn(PersonId, u64) -> bool) {
        self.held().retain(|_, session| !session.is_over(now) && may_stay(session.person, session.admission));
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.held().len()
    }

    fn held(&self) -> MutexGuard<'_, HashMap<SessionKey, Session>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionKey {
    /// That of a secret.
    pub(crate) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }
}

impl Session {
    fn is_over(&self, now: Time) -> bool {
        now > after(self.used, SESSION_IDLE) || now > after(self.made, SESSION_LONGEST)
    }
}

fn after(time: Time, duration: Duration) -> Time {
    time.plus_micros(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}
