//! Sessions of people who signed on by password: kept in the store, so that they outlive this server and hold on the others of its
//! pool, and those used here in memory as well. Of each secret only the hash is kept. Checks no password and knows no request.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chat::{Clock, Person, PersonId, Time};
use directory::{Clearance, Directory, DirectoryFault, SessionRow};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::limits::{
    SESSION_END_WAIT, SESSION_IDLE, SESSION_LONGEST, SESSION_WRITTEN_EVERY, SESSIONS_HELD_MAX,
};

/// Octets of a session's secret: nobody guesses 256 bits.
const SECRET_OCTETS: usize = 32;

/// What a session is known by here: the hash of its secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct SessionKey([u8; 32]);

/// The sessions that are used through this server. What is not here is looked up in the store.
#[derive(Debug)]
pub(crate) struct Sessions {
    per_person_max: usize,
    held: Mutex<HashMap<SessionKey, Session>>,
    /// Those that were ended here, until that is kept: they open nothing, whatever the store says.
    ending: Mutex<HashSet<SessionKey>>,
}

#[derive(Clone, Copy, Debug)]
struct Session {
    person: PersonId,
    /// The one under which the person signed on.
    admission: u64,
    made: Time,
    used: Time,
    /// The last use that is written down.
    written: Time,
}

impl Sessions {
    pub(crate) fn new(per_person_max: usize) -> Self {
        Self { per_person_max, held: Mutex::default(), ending: Mutex::default() }
    }

    /// Opens a session; returns its secret, which is kept nowhere.
    ///
    /// # Errors
    /// When it cannot be kept; then there is none.
    pub(crate) async fn open(
        &self,
        directory: &Directory,
        person: &Person,
        clock: &dyn Clock,
    ) -> Result<String, DirectoryFault> {
        let mut secret = [0; SECRET_OCTETS];
        clock.fill_random(&mut secret);
        let secret = URL_SAFE_NO_PAD.encode(secret);
        let (now, key) = (clock.now(), SessionKey::of(&secret));
        // Which one was used least lately is told by what is written down.
        self.write_down(directory, |session| session.person == person.id).await?;
        let clearance =
            Clearance { per_person_max: self.per_person_max.max(1), used_before: before(now, SESSION_IDLE) };
        let (id, admission) = (person.id, person.admission);
        let row = SessionRow { hash: key.0, person: id, admission, made: now, used: now };
        directory.open_session(row, clearance).await?;
        self.hold(key, row.into());
        // Otherwise the next review hears which gave way.
        drop(self.forget_ended(directory).await);
        Ok(secret)
    }

    /// Whose session this secret opens now, and under which admission it began; counts as a use.
    ///
    /// # Errors
    /// When the store has to be asked and does not answer.
    pub(crate) async fn find(
        &self,
        directory: &Directory,
        secret: &str,
        now: Time,
    ) -> Result<Option<(SessionKey, PersonId, u64)>, DirectoryFault> {
        let key = SessionKey::of(secret);
        if let Some(session) = self.used_now(key, now) {
            return Ok(Some((key, session.person, session.admission)));
        }
        // It was opened before this server started, or through another one, or used through another one lately.
        let row = directory.session(key.0).await?;
        let Some(session) = row.map(Session::from).filter(|session| !session.is_over(now)) else {
            return Ok(None);
        };
        if self.ending().contains(&key) {
            return Ok(None);
        }
        self.hold(key, Session { used: now, ..session });
        Ok(Some((key, session.person, session.admission)))
    }

    /// Counts as a use: somebody is there, although it asks for nothing.
    pub(crate) fn touch(&self, key: SessionKey, now: Time) {
        self.used_now(key, now);
    }

    /// Whether it is still open; no use of it.
    pub(crate) fn holds(&self, key: SessionKey) -> bool {
        self.held().contains_key(&key)
    }

    /// Ends one session: here at once, and on every server when it is kept. A store that takes nothing is waited for a while; the
    /// reviews go on trying.
    pub(crate) async fn end(&self, directory: &Directory, key: SessionKey) {
        self.ending().insert(key);
        self.held().remove(&key);
        match timeout(SESSION_END_WAIT, directory.end_session(key.0)).await {
            Ok(Ok(())) => _ = self.ending().remove(&key),
            Ok(Err(fault)) => tracing::warn!(%fault, "session.end_waits"),
            Err(_) => tracing::warn!("session.end_waits"),
        }
    }

    /// Lets go of those that are over here, and of people who may not stay: their admission opens nothing any more.
    pub(crate) fn review(&self, now: Time, may_stay: impl Fn(PersonId, u64) -> bool) {
        self.held().retain(|_, session| !session.is_over(now) && may_stay(session.person, session.admission));
    }

    /// Writes down which were ended or used, and hears which were ended through other servers.
    ///
    /// # Errors
    /// When the store does not answer; it is tried again with the next review.
    pub(crate) async fn agree(&self, directory: &Directory) -> Result<(), DirectoryFault> {
        self.forget_ended(directory).await?;
        let ending: Vec<SessionKey> = self.ending().iter().copied().collect();
        for key in ending {
            directory.end_session(key.0).await?;
            self.ending().remove(&key);
        }
        let due = |session: &Session| session.used > after(session.written, SESSION_WRITTEN_EVERY);
        self.write_down(directory, due).await
    }

    /// Writes down every use before this server ends, unless the store takes nothing for a while.
    pub(crate) async fn leave(&self, directory: &Directory) {
        let written = timeout(SESSION_END_WAIT, self.write_down(directory, |_| true)).await;
        if !matches!(written, Ok(Ok(()))) {
            tracing::warn!("session.uses_lost");
        }
    }

    /// How many are used here.
    pub(crate) fn count(&self) -> usize {
        self.held().len()
    }

    /// Writes down the uses of some sessions that are not written yet; one whose writing was not waited for is written again.
    async fn write_down(
        &self,
        directory: &Directory,
        which: impl Fn(&Session) -> bool,
    ) -> Result<(), DirectoryFault> {
        let unwritten = |session: &Session| session.used > session.written && which(session);
        let used: Vec<([u8; 32], Time)> = {
            let held = self.held();
            let some = held.iter().filter(|(_, session)| unwritten(session));
            some.map(|(key, session)| (key.0, session.used)).collect()
        };
        directory.use_sessions(used.clone()).await?;
        let mut held = self.held();
        for (hash, time) in used {
            if let Some(session) = held.get_mut(&SessionKey(hash)) {
                session.written = session.written.max(time);
            }
        }
        Ok(())
    }

    async fn forget_ended(&self, directory: &Directory) -> Result<(), DirectoryFault> {
        let ended = directory.ended_sessions().await?;
        let mut held = self.held();
        for hash in ended {
            held.remove(&SessionKey(hash));
        }
        Ok(())
    }

    /// The session, used now; `None` when it is not held or over as far as is known here.
    fn used_now(&self, key: SessionKey, now: Time) -> Option<Session> {
        let mut held = self.held();
        let session = held.get_mut(&key).filter(|session| !session.is_over(now))?;
        session.used = session.used.max(now);
        Some(*session)
    }

    /// Holds a session in memory; when there are too many, the one that was used least lately is looked up again.
    fn hold(&self, key: SessionKey, session: Session) {
        let mut held = self.held();
        if held.len() >= SESSIONS_HELD_MAX
            && !held.contains_key(&key)
            && let Some(least) = held.iter().min_by_key(|(_, session)| session.used).map(|(key, _)| *key)
        {
            held.remove(&least);
        }
        held.insert(key, session);
    }

    fn ending(&self) -> MutexGuard<'_, HashSet<SessionKey>> {
        self.ending.lock().unwrap_or_else(PoisonError::into_inner)
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

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        let SessionRow { person, admission, made, used, .. } = row;
        Self { person, admission, made, used, written: used }
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

fn before(time: Time, duration: Duration) -> Time {
    time.plus_micros(-i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}
