//! Who is signed on with a browser: rows that outlive the server, found by the hash of a secret that is kept nowhere.
//! Decides neither who may sign on nor when a session is over; whoever asks says so.

use chat::{PersonId, Time};

use crate::engine::{Conn, int, octets, params, uint};
use crate::fault::StoreFault;
use crate::journal::Batch;
use crate::limits::{SESSION_ENDED_FOR, SESSIONS_CHUNK};
use crate::queue::Lane;
use crate::store::Store;

/// The hash of a session's secret.
pub type SessionHash = [u8; 32];

/// Somebody who is signed on with a browser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionRow {
    /// The hash of its secret.
    pub hash: SessionHash,
    /// Who.
    pub person: PersonId,
    /// The admission under which the person signed on.
    pub admission: u64,
    /// When it began.
    pub made: Time,
    /// When it was used last, as far as that was written down.
    pub used: Time,
}

/// What a new session takes the place of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clearance {
    /// Sessions of the same person beyond so many, the new one among them, end: those that were used least lately.
    pub per_person_max: usize,
    /// Sessions that were not used since are over.
    pub used_before: Time,
}

impl Store {
    /// Keeps a new session, ends surplus ones of the same person and lets some go that are over.
    ///
    /// # Errors
    /// As [`Store::join`].
    pub async fn open_session(&self, row: SessionRow, clearance: Clearance) -> Result<(), StoreFault> {
        self.write(Lane::Marks, None, 0, move |batch| open(batch, &row, clearance)).await
    }

    /// The session of this hash, unless somebody signed off.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn session(&self, hash: SessionHash) -> Result<Option<SessionRow>, StoreFault> {
        self.readers().read(move |conn| read(conn, hash)).await
    }

    /// Notes that sessions were used, never earlier than noted before.
    ///
    /// # Errors
    /// As [`Store::join`].
    pub async fn use_sessions(&self, used: Vec<(SessionHash, Time)>) -> Result<(), StoreFault> {
        for chunk in used.chunks(SESSIONS_CHUNK) {
            let chunk = chunk.to_vec();
            self.write(Lane::Marks, None, 0, move |batch| note_use(batch, &chunk)).await?;
        }
        Ok(())
    }

    /// Ends a session: nobody is signed on by it any more.
    ///
    /// # Errors
    /// As [`Store::join`].
    pub async fn end_session(&self, hash: SessionHash) -> Result<(), StoreFault> {
        self.write(Lane::Marks, None, 0, move |batch| end(batch, hash)).await
    }

    /// The sessions that were ended since, through any server; each is told for a minute at least.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn ended_sessions(&self, since: Time) -> Result<Vec<SessionHash>, StoreFault> {
        self.readers()
            .read(move |conn| {
                let sql = "SELECT hash FROM session WHERE ended >= ?1";
                let hashes: Vec<Vec<u8>> = conn.all(sql, params![since.unix_micros()], |row| row.get(0))?;
                hashes.iter().map(|hash| octets(hash, "hash of a session")).collect()
            })
            .await
    }
}

fn open(batch: &mut Batch<'_>, row: &SessionRow, clearance: Clearance) -> Result<(), StoreFault> {
    let conn = batch.conn;
    // Two sign-ons of one person are counted one after the other.
    conn.hold_person(row.person.0)?;
    clear(batch, clearance.used_before)?;
    let kept = i64::try_from(clearance.per_person_max.saturating_sub(1)).unwrap_or(i64::MAX);
    conn.execute(
        "UPDATE session SET ended = ?1 WHERE hash IN (SELECT hash FROM session
         WHERE person = ?2 AND ended IS NULL ORDER BY used DESC, made DESC, hash LIMIT 1000 OFFSET ?3)",
        params![batch.now.unix_micros(), row.person.0, kept],
    )?;
    conn.put(
        "INSERT INTO session (hash, person, admission, made, used) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![row.hash, row.person.0, int(row.admission), row.made.unix_micros(), row.used.unix_micros()],
    )?;
    batch.wrote = true;
    Ok(())
}

/// Lets sessions go that are over, and those whose end everybody knows; so many that a sign-on does not wait. Each of the two is
/// looked for by its own index.
fn clear(batch: &Batch<'_>, used_before: Time) -> Result<(), StoreFault> {
    let unused = "DELETE FROM session WHERE used < ?1
         AND hash IN (SELECT hash FROM session WHERE used < ?1 ORDER BY used LIMIT ?2)";
    let told = "DELETE FROM session WHERE ended < ?1
         AND hash IN (SELECT hash FROM session WHERE ended < ?1 ORDER BY ended LIMIT ?2)";
    for (sql, before) in [(unused, used_before), (told, told_until(batch.now))] {
        batch.conn.execute(sql, params![before.unix_micros(), SESSIONS_CHUNK])?;
    }
    Ok(())
}

/// Whose end lies before this time is told no more.
fn told_until(now: Time) -> Time {
    now.plus_micros(-i64::try_from(SESSION_ENDED_FOR.as_micros()).unwrap_or(i64::MAX))
}

fn read(conn: &Conn, hash: SessionHash) -> Result<Option<SessionRow>, StoreFault> {
    let found: Option<[i64; 4]> = conn.row(
        "SELECT person, admission, made, used FROM session WHERE hash = ?1 AND ended IS NULL",
        params![hash],
        |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]),
    )?;
    let Some([person, admission, made, used]) = found else { return Ok(None) };
    Ok(Some(SessionRow {
        hash,
        person: PersonId(person),
        admission: uint(admission, "admission of a session")?,
        made: Time::from_unix_micros(made),
        used: Time::from_unix_micros(used),
    }))
}

fn note_use(batch: &mut Batch<'_>, used: &[(SessionHash, Time)]) -> Result<(), StoreFault> {
    let sql = "UPDATE session SET used = ?1 WHERE hash = ?2 AND used < ?1 AND ended IS NULL";
    for (hash, time) in used {
        if batch.conn.execute(sql, params![time.unix_micros(), *hash])? > 0 {
            batch.wrote = true;
        }
    }
    Ok(())
}

fn end(batch: &mut Batch<'_>, hash: SessionHash) -> Result<(), StoreFault> {
    let sql = "UPDATE session SET ended = ?1 WHERE hash = ?2 AND ended IS NULL";
    if batch.conn.execute(sql, params![batch.now.unix_micros(), hash])? > 0 {
        batch.wrote = true;
    }
    Ok(())
}
