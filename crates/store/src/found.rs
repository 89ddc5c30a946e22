//! The beginning of a store: founding it, taking its place as a server, raising its era.
//! Serves no request.

use std::path::Path;

use chat::{Clock, Domain, Entry, JournalKey, ServerEntry, ServerId};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::engine::{Make, damaged, octets, open_writer, roll_back, uint, uint32};
use crate::fault::StoreFault;
use crate::journal::Batch;
use crate::migrate::migrate;
use crate::record::Options;
use crate::record::{Founding, Identity};

/// The number of the only server of an embedded store.
const SERVER: ServerId = ServerId(1);

/// Opens or makes the file, brings it to the present schema and takes this server's place in it.
pub(crate) fn open(
    file: &Path,
    founding: &Founding,
    clock: &dyn Clock,
    options: &Options,
) -> Result<(Connection, Identity), StoreFault> {
    let conn = open_writer(file, options, Make::IfMissing)?;
    migrate(&conn)?;
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let taken = take_place(&conn, founding, clock).and_then(|identity| {
        conn.execute_batch("COMMIT")?;
        Ok(identity)
    });
    match taken {
        Ok(identity) => Ok((conn, identity)),
        Err(fault) => {
            roll_back(&conn);
            Err(fault)
        }
    }
}

/// Raises the era of a file, so that no number of what was lost ever names anything else. Whoever still has it open is
/// superseded.
pub(crate) fn raise_era(file: &Path) -> Result<u32, StoreFault> {
    let conn = open_writer(file, &Options::default(), Make::Never)?;
    migrate(&conn)?;
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let era: Option<i64> =
        conn.query_row("UPDATE pool SET era = era + 1 RETURNING era", [], |row| row.get(0)).optional()?;
    let era = uint32(era.ok_or_else(|| damaged("the store was never founded", 0))?, "era")?;
    conn.execute("UPDATE server SET epoch = epoch + 1", [])?;
    conn.execute_batch("COMMIT")?;
    tracing::info!(era, "store_era_raised");
    Ok(era)
}

fn take_place(conn: &Connection, founding: &Founding, clock: &dyn Clock) -> Result<Identity, StoreFault> {
    conn.execute(
        "INSERT INTO pool (one, domain, name, guid, era) VALUES (1, ?1, ?2, ?3, 1) ON CONFLICT DO NOTHING",
        params![founding.domain.as_str(), founding.pool_name, founding.pool_guid.as_bytes()],
    )?;
    let epoch: i64 = conn.query_row(
        "INSERT INTO server (id, epoch, batch) VALUES (?1, 1, 0)
         ON CONFLICT (id) DO UPDATE SET epoch = epoch + 1 RETURNING epoch",
        [SERVER.0],
        |row| row.get(0),
    )?;
    let identity = read_identity(conn, uint(epoch, "epoch")?)?;
    // Whoever was there through an earlier epoch is not there any more; the entry says so.
    conn.execute("DELETE FROM present WHERE server = ?1", [SERVER.0])?;
    let mut batch = Batch::new(conn, clock, SERVER, identity.epoch, identity.era);
    let started = Entry::Server(ServerEntry::Started { epoch: identity.epoch });
    batch.append(JournalKey::Server(SERVER), started, None)?;
    batch.finish()?;
    tracing::info!(epoch = identity.epoch, era = identity.era, "store_opened");
    Ok(identity)
}

fn read_identity(conn: &Connection, epoch: u64) -> Result<Identity, StoreFault> {
    let (domain, pool_name, guid, era): (String, String, Vec<u8>, i64) =
        conn.query_row("SELECT domain, name, guid, era FROM pool", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    Ok(Identity {
        domain: Domain::parse(&domain).map_err(|error| damaged("domain", error))?,
        pool_name,
        pool_guid: Uuid::from_bytes(octets(&guid, "guid")?),
        era: uint32(era, "era")?,
        server: SERVER,
        epoch,
    })
}
