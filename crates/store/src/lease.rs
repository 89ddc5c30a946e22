//! Leases: taking a place, keeping it, giving it up, and ending the time of a server that let its lease run out.
//! Knows no clock but the database's; when to do what is the crate `pool`'s.

use std::time::Duration;

use chat::{Clock, Entry, JournalKey, ServerEntry, ServerId, Time};

use crate::engine::{Conn, damaged, int, params, uint, uint32};
use crate::fault::StoreFault;
use crate::journal::Batch;
use crate::limits::{ACTIVE_SERVERS_MAX, SERVERS_MAX};
use crate::servers::{Place, Server, ServerState, read_servers};

/// A lease that was just taken or renewed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Renewed {
    /// When it ends, by the clock of the database.
    pub expires: Time,
    /// By how many microseconds the clock of the database is before this server's; negative when it is behind.
    pub skew: i64,
}

/// What became of a try to end a server's time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TakeOver {
    /// Its time is over, and its journal tells so.
    Done,
    /// It renewed its lease, was started anew, or somebody else was first: nothing was written.
    NotLost,
}

/// Whoever decides which servers there are and what they do holds this until its transaction ends; others wait here.
pub(crate) fn hold_places(conn: &Conn) -> Result<(), StoreFault> {
    conn.execute("UPDATE pool SET era = era", params![])?;
    Ok(())
}

/// The number of the server of this name; made if there is none, with the state it begins in. Inside a transaction.
pub(crate) fn find_or_make(conn: &Conn, place: &Place) -> Result<ServerId, StoreFault> {
    let name = place.folded()?;
    hold_places(conn)?;
    let found: Option<(i64, i64)> =
        conn.row("SELECT id, state FROM server WHERE name = ?1", params![name], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if let Some((id, state)) = found
        && (ServerState::of_code(state)? != ServerState::Command || place.state == Some(ServerState::Command))
    {
        return Ok(ServerId(id));
    }
    let all: Vec<(i64, ServerState)> =
        conn.all("SELECT id, state FROM server ORDER BY id", params![], |row| {
            Ok((row.get(0)?, ServerState::of_code(row.get(1)?)?))
        })?;
    let active = all.iter().filter(|(_, state)| state.is_active()).count();
    let state = match place.state {
        Some(ServerState::Active) if active >= ACTIVE_SERVERS_MAX => ServerState::Standby,
        Some(state) => state,
        None if active >= ACTIVE_SERVERS_MAX => ServerState::Standby,
        None => ServerState::Active,
    };
    let servers = all.iter().filter(|(_, state)| *state != ServerState::Command).count();
    if state != ServerState::Command && servers >= SERVERS_MAX {
        return Err(StoreFault::PoolFull { limit: SERVERS_MAX });
    }
    if let Some((id, _)) = found {
        // It was a command line, or was removed, and becomes a server.
        conn.execute("UPDATE server SET state = ?1 WHERE id = ?2", params![state.code(), id])?;
        return Ok(ServerId(id));
    }
    let id = all.last().map_or(1, |(id, _)| id + 1);
    conn.execute(
        "INSERT INTO server (id, epoch, batch, name, state) VALUES (?1, 0, 0, ?2, ?3)",
        params![id, name, state.code()],
    )?;
    Ok(ServerId(id))
}

/// Whether this installation may take the place now.
///
/// # Errors
/// [`StoreFault::Held`] when another one holds it.
pub(crate) fn may_take(
    conn: &Conn,
    clock: &dyn Clock,
    server: ServerId,
    place: &Place,
) -> Result<(), StoreFault> {
    let servers = read_servers(conn, clock)?;
    let held = servers.one(server).and_then(|server| server.lease.as_ref());
    match held.filter(|lease| lease.expires > servers.now && lease.holder != place.holder) {
        None => Ok(()),
        Some(lease) => Err(StoreFault::Held {
            name: place.name.clone(),
            holder: lease.holder.clone(),
            seconds: since(lease.expires, servers.now).unsigned_abs().div_ceil(1_000_000),
        }),
    }
}

/// Raises the epoch and takes the lease, inside a transaction. Returns the epoch.
pub(crate) fn take(
    conn: &Conn,
    clock: &dyn Clock,
    server: ServerId,
    place: &Place,
) -> Result<u64, StoreFault> {
    // The row of the server first: who takes the same place at the same time waits here, and finds the lease taken.
    let epoch = conn.one(
        "UPDATE server SET epoch = epoch + 1, state = CASE WHEN state = 3 THEN 1 ELSE state END
         WHERE id = ?1 RETURNING epoch",
        params![server.0],
        |row| row.get(0),
    )?;
    may_take(conn, clock, server, place)?;
    let expires = conn.now(clock)?.plus_micros(micros(place.lease));
    conn.execute(
        "INSERT INTO lease (server, holder, expires, epoch) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (server) DO UPDATE SET holder = ?2, expires = ?3, epoch = ?4, endpoints = 0,
             confirmed = NULL",
        params![server.0, place.holder, expires.unix_micros(), epoch],
    )?;
    uint(epoch, "epoch")
}

/// Renews a lease, its own statement, and tells how many endpoints of people there are. One that has run out is renewed as well, if
/// nobody has ended it.
///
/// # Errors
/// [`StoreFault::Superseded`] when it was ended.
pub(crate) fn renew(
    conn: &Conn,
    clock: &dyn Clock,
    server: ServerId,
    epoch: u64,
    (lease, endpoints): (Duration, u64),
) -> Result<Renewed, StoreFault> {
    let before = clock.now();
    let now = conn.now(clock)?;
    let expires = now.plus_micros(micros(lease));
    let renewed = conn.execute(
        "UPDATE lease SET expires = ?1, endpoints = ?4 WHERE server = ?2 AND epoch = ?3",
        params![expires.unix_micros(), server.0, int(epoch), int(endpoints)],
    )?;
    if renewed == 0 {
        return Err(StoreFault::Superseded);
    }
    // The database's clock was read between these two: only what lies outside of them is skew.
    let after = clock.now();
    let skew = match (since(now, before), since(now, after)) {
        (ahead, _) if ahead < 0 => ahead,
        (_, behind) if behind > 0 => behind,
        _ => 0,
    };
    Ok(Renewed { expires, skew })
}

/// Tells the others, beside a lease, how far this server has followed the journal of the pool; never less than it told before.
///
/// # Errors
/// [`StoreFault::Superseded`] when the lease was ended.
pub(crate) fn confirm(conn: &Conn, server: ServerId, epoch: u64, number: u64) -> Result<(), StoreFault> {
    let told = conn.execute(
        "UPDATE lease SET confirmed = CASE WHEN confirmed > ?1 THEN confirmed ELSE ?1 END WHERE server = ?2 AND epoch = ?3",
        params![int(number), server.0, int(epoch)],
    )?;
    if told == 0 { Err(StoreFault::Superseded) } else { Ok(()) }
}

/// Gives a lease up, if it is still this epoch's. Whoever is still present there is no more, and the journal tells so.
pub(crate) fn release(
    conn: &Conn,
    clock: &dyn Clock,
    server: ServerId,
    epoch: u64,
) -> Result<(), StoreFault> {
    conn.begin()?;
    let left = give_up(conn, clock, server, epoch).and_then(|()| Ok(conn.commit()?));
    if left.is_err() {
        conn.roll_back();
    }
    left
}

fn give_up(conn: &Conn, clock: &dyn Clock, server: ServerId, epoch: u64) -> Result<(), StoreFault> {
    let mine: Option<i64> = conn.row(
        "UPDATE server SET epoch = epoch WHERE id = ?1 AND epoch = ?2 RETURNING id",
        params![server.0, int(epoch)],
        |row| row.get(0),
    )?;
    if mine.is_none() {
        return Err(StoreFault::Superseded);
    }
    conn.execute("DELETE FROM lease WHERE server = ?1", params![server.0])?;
    if forget_present(conn, server)? {
        tell_lost(conn, clock, server, epoch, epoch)?;
    }
    Ok(())
}

/// Ends the time of a server whose lease has run out: its sessions first, then, in one transaction, lease, epoch, whoever was
/// present there, and the entry that tells so. `by` is who does it, and its own epoch.
///
/// # Errors
/// [`StoreFault::Superseded`] when the time of `by` is over itself.
pub(crate) fn take_over(
    conn: &Conn,
    clock: &dyn Clock,
    by: (ServerId, u64),
    lost: ServerId,
    epoch: u64,
) -> Result<TakeOver, StoreFault> {
    let servers = read_servers(conn, clock)?;
    let is_lost = |server: &Server| server.id == lost && server.epoch == epoch;
    if lost == by.0 || !servers.lost().any(is_lost) {
        return Ok(TakeOver::NotLost);
    }
    conn.end_writer(lost)?;
    conn.begin()?;
    let done = end_time(conn, clock, by, lost, epoch);
    match done {
        Ok(TakeOver::Done) => conn.commit()?,
        Ok(TakeOver::NotLost) | Err(_) => {
            conn.roll_back();
        }
    }
    done
}

fn end_time(
    conn: &Conn,
    clock: &dyn Clock,
    by: (ServerId, u64),
    lost: ServerId,
    epoch: u64,
) -> Result<TakeOver, StoreFault> {
    let raised = conn.execute(
        "UPDATE server SET epoch = epoch + 1 WHERE id = ?1 AND epoch = ?2",
        params![lost.0, int(epoch)],
    )?;
    let now = conn.now(clock)?;
    let ended = conn.execute(
        "DELETE FROM lease WHERE server = ?1 AND expires <= ?2",
        params![lost.0, now.unix_micros()],
    )?;
    if raised == 0 || ended == 0 {
        return Ok(TakeOver::NotLost);
    }
    let own: Option<i64> = conn.row(
        "SELECT 1 FROM lease WHERE server = ?1 AND epoch = ?2",
        params![by.0.0, int(by.1)],
        |row| row.get(0),
    )?;
    if own.is_none() {
        return Err(StoreFault::Superseded);
    }
    forget_present(conn, lost)?;
    tell_lost(conn, clock, lost, epoch, epoch + 1)?;
    tracing::warn!(server = lost.0, epoch, "store.server_lost");
    Ok(TakeOver::Done)
}

fn forget_present(conn: &Conn, server: ServerId) -> Result<bool, StoreFault> {
    Ok(conn.execute("DELETE FROM present WHERE server = ?1", params![server.0])? > 0)
}

/// Writes behind all a server wrote under an epoch that nobody is there any more.
fn tell_lost(
    conn: &Conn,
    clock: &dyn Clock,
    server: ServerId,
    epoch: u64,
    now: u64,
) -> Result<(), StoreFault> {
    let era = conn.row("SELECT era FROM pool", params![], |row| row.get(0))?;
    let era = uint32(era.ok_or_else(|| damaged("the store was never founded", 0))?, "era")?;
    let mut batch = Batch::new(conn, clock, server, now, era);
    let entry = ServerEntry::ServerLost { server, epoch };
    batch.append(JournalKey::Server(server), Entry::Server(entry), None)?;
    batch.finish()?;
    Ok(())
}

/// Microseconds from one time to a later one.
fn since(later: Time, earlier: Time) -> i64 {
    later.unix_micros() - earlier.unix_micros()
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
