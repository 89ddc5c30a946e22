//! The beginning of a store: founding it, taking its place as a server, raising its era.
//! Serves no request.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use chat::{Clock, Domain, Entry, JournalKey, ServerEntry, ServerId};
use uuid::Uuid;

use crate::carry::refuse_unless_served;
use crate::engine::{Conn, Location, Make, damaged, octets, params, uint, uint32};
use crate::fault::StoreFault;
use crate::journal::Batch;
use crate::lease;
use crate::migrate::{migrate, present};
use crate::record::Options;
use crate::record::{Founding, Identity};
use crate::servers::{Place, read_servers};
use crate::words;

/// The era that a pool begins with; it need not be noted.
const FIRST_ERA: u32 = 1;

/// Opens the store, brings it to the present schema and takes a server's place in it. Only with `founding` is anything made
/// where there is nothing.
pub(crate) fn open(
    location: &Location,
    founding: Option<&Founding>,
    place: Option<&Place>,
    clock: &dyn Clock,
    options: &Options,
) -> Result<(Conn, Identity), StoreFault> {
    let conn = match founding {
        Some(_) => location.enter(options, Make::IfMissing)?,
        None => open_there(location, options)?,
    };
    migrate(&conn)?;
    let place = match place {
        Some(place) => place.clone(),
        None => of_the_pool(&conn, founding)?,
    };
    let server = whole(&conn, || {
        refuse_unless_served(&conn)?;
        if let Some(founding) = founding {
            found(&conn, founding)?;
        }
        lease::find_or_make(&conn, &place)
    })?;
    lease::may_take(&conn, clock, server, &place)?;
    conn.end_writer(server)?;
    let identity = whole(&conn, || take_place(&conn, location, &place, clock))?;
    conn.begin_writing(server, identity.epoch)?;
    if is_alone(&conn, server, clock)? {
        forget_passing(&conn);
    }
    Ok((conn, identity))
}

/// Does something in one transaction, or nothing.
fn whole<T>(conn: &Conn, work: impl FnOnce() -> Result<T, StoreFault>) -> Result<T, StoreFault> {
    conn.begin()?;
    let done = work().and_then(|done| {
        conn.commit()?;
        Ok(done)
    });
    if done.is_err() {
        conn.roll_back();
    }
    done
}

/// The place of a pool that has but one server: it bears the pool's name, and whoever opens it is the same installation.
fn of_the_pool(conn: &Conn, founding: Option<&Founding>) -> Result<Place, StoreFault> {
    let kept: Option<String> = conn.row("SELECT name FROM pool", params![], |row| row.get(0))?;
    let name = kept.or_else(|| founding.map(|founding| founding.pool_name.to_ascii_lowercase()));
    Ok(Place::of(&name.ok_or_else(|| damaged("the store was never founded", 0))?, EMBEDDED))
}

/// The holder of a place that is nobody's in particular.
const EMBEDDED: &str = "the embedded store's own server";

/// Whether no other server follows what is here.
fn is_alone(conn: &Conn, server: ServerId, clock: &dyn Clock) -> Result<bool, StoreFault> {
    let servers = read_servers(conn, clock)?;
    // Whoever let its lease run out goes on with it, unless its time is ended.
    Ok(!servers.all.iter().any(|other| other.id != server && other.lease.is_some()))
}

/// Refuses a file that was cut to nothing: SQLite would throw its log away, which may hold everything.
pub(crate) fn refuse_emptied(location: &Location) -> Result<(), StoreFault> {
    match location.file() {
        Some(file) if std::fs::metadata(file).is_ok_and(|facts| facts.len() == 0) => {
            Err(damaged("the file is empty", file.display()))
        }
        _ => Ok(()),
    }
}

/// Opens a store that must be there.
fn open_there(location: &Location, options: &Options) -> Result<Conn, StoreFault> {
    refuse_emptied(location)?;
    let conn = location.enter(options, Make::Never)?;
    if present(&conn)? == 0 {
        return Err(damaged("there is no store", format_args!("{location:?}")));
    }
    Ok(conn)
}

/// Lets go of what was said while history was off: whoever followed it then is gone. A full disk does not stop a start.
fn forget_passing(conn: &Conn) {
    let chunk = || {
        conn.begin()?;
        let gone = words::forget_passing(conn, None, u32::MAX)?;
        conn.commit()?;
        Ok::<_, StoreFault>(gone)
    };
    loop {
        match chunk() {
            Ok(0) => return,
            Ok(_) => {}
            Err(fault) => {
                tracing::warn!(%fault, "store.passing_texts_stay");
                conn.roll_back();
                return;
            }
        }
    }
}

/// Raises the era of a store, so that no number of what was lost ever names anything else. Whoever still has it open is
/// superseded.
pub(crate) fn raise_era(location: &Location) -> Result<u32, StoreFault> {
    let conn = open_there(location, &Options::default())?;
    migrate(&conn)?;
    refuse_unless_served(&conn)?;
    conn.begin()?;
    let era = conn.row("SELECT era FROM pool", params![], |row| row.get(0))?;
    let era = uint32(era.ok_or_else(|| damaged("the store was never founded", 0))?, "era")?;
    let era = begin_era(&conn, location, era.max(noted_era(location)?) + 1)?;
    conn.execute("UPDATE server SET epoch = epoch + 1", params![])?;
    // Nobody is there any more, and nobody's lease is to be renewed.
    conn.execute("DELETE FROM lease", params![])?;
    conn.execute("DELETE FROM present", params![])?;
    // Whoever has signed off since the copy was made stays so.
    conn.execute("DELETE FROM session", params![])?;
    conn.commit()?;
    tracing::info!(era, "store.era_raised");
    Ok(era)
}

/// Takes back a founding: a store in which nobody but its founder, who still holds this identity, ever took a place. False when
/// somebody did; nothing is changed then.
pub(crate) fn unfound(location: &Location, identity: &Identity) -> Result<bool, StoreFault> {
    let conn = location.open_to_carry(Make::Never)?;
    conn.begin()?;
    if let Conn::Postgres(_) = conn {
        conn.run("LOCK TABLE server IN ACCESS EXCLUSIVE MODE")?;
    }
    let served = conn.all("SELECT id, epoch FROM server", params![], |row| {
        Ok((row.get::<i64>(0)?, uint(row.get(1)?, "epoch")?))
    })?;
    let ours = served == [(identity.server.0, identity.epoch)]
        && read_identity(&conn, identity.server, identity.epoch)?.pool_guid == identity.pool_guid;
    if !ours {
        conn.roll_back();
        return Ok(false);
    }
    conn.erase(&conn.tables()?)?;
    conn.commit()?;
    Ok(true)
}

/// Begins an era. It is noted beside the file first: the same copy may be put back twice, and would count alike.
fn begin_era(conn: &Conn, location: &Location, era: u32) -> Result<u32, StoreFault> {
    note_era(location, era)?;
    conn.execute("UPDATE pool SET era = ?1", params![era])?;
    Ok(era)
}

/// The highest era that is known to have begun, 0 if none was noted.
fn noted_era(location: &Location) -> Result<u32, StoreFault> {
    let Some(note) = location.era_note() else { return Ok(0) };
    match std::fs::read_to_string(note) {
        Ok(text) => text.trim().parse().map_err(|_| damaged("the note of the era", note.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(unavailable(note, &error)),
    }
}

/// Notes the highest era that is known to have begun, where that is done.
pub(crate) fn note_era(location: &Location, era: u32) -> Result<(), StoreFault> {
    let Some(note) = location.era_note() else { return Ok(()) };
    write_era(note, era).map_err(|error| unavailable(note, &error))
}

fn write_era(note: &Path, era: u32) -> std::io::Result<()> {
    let mut new = OsString::from(note);
    new.push("-new");
    let new = PathBuf::from(new);
    let mut out = File::create(&new)?;
    writeln!(out, "{era}")?;
    out.sync_all()?;
    std::fs::rename(&new, note)?;
    let folder = note.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn unavailable(file: &Path, error: &std::io::Error) -> StoreFault {
    StoreFault::Unavailable { reason: format!("{}: {error}", file.display()) }
}

/// Makes what is always there: the pool, the policy and the settings for everybody.
fn found(conn: &Conn, founding: &Founding) -> Result<(), StoreFault> {
    conn.execute(
        "INSERT INTO pool (one, domain, name, guid, site, era) VALUES (1, ?1, ?2, ?3, ?4, 1) ON CONFLICT DO NOTHING",
        params![
            founding.domain.as_str(),
            founding.pool_name.to_ascii_lowercase(),
            founding.pool_guid.as_bytes(),
            founding.site
        ],
    )?;
    conn.execute(
        "INSERT INTO policy (scope, folded, enabled, description, version) VALUES ('global', 'global', ?1, '', 1)
         ON CONFLICT DO NOTHING",
        params![founding.chat],
    )?;
    let settings = chat::Configuration::default();
    conn.execute(
        "INSERT INTO configuration (scope, folded, default_chat_history, max_file_size_kb,
                                    participant_update_limit, version)
         VALUES ('global', 'global', ?1, ?2, ?3, 1) ON CONFLICT DO NOTHING",
        params![settings.default_chat_history, settings.max_file_size_kb, settings.participant_update_limit],
    )?;
    Ok(())
}

fn take_place(
    conn: &Conn,
    location: &Location,
    place: &Place,
    clock: &dyn Clock,
) -> Result<Identity, StoreFault> {
    // Once more: it may have been removed since it was found, and is a server of the pool again.
    let server = lease::find_or_make(conn, place)?;
    let epoch = lease::take(conn, clock, server, place)?;
    let mut identity = read_identity(conn, server, epoch)?;
    let noted = noted_era(location)?;
    if noted > identity.era {
        // A copy from before that era was put back once more, and nobody said so.
        identity.era = begin_era(conn, location, noted + 1)?;
        tracing::warn!(era = identity.era, "store.era_raised");
    } else if identity.era > noted.max(FIRST_ERA) {
        // It was begun elsewhere; were the copy put back, that would be known here, too.
        note_era(location, identity.era)?;
    }
    // Whoever was there through an earlier epoch is not there any more; the entry says so.
    conn.execute("DELETE FROM present WHERE server = ?1", params![server.0])?;
    let mut batch = Batch::new(conn, clock, server, identity.epoch, identity.era);
    let started = Entry::Server(ServerEntry::Started { epoch: identity.epoch });
    batch.append(JournalKey::Server(server), started, None)?;
    batch.finish()?;
    tracing::info!(server = identity.server_name, epoch = identity.epoch, era = identity.era, "store.opened");
    Ok(identity)
}

fn read_identity(conn: &Conn, server: ServerId, epoch: u64) -> Result<Identity, StoreFault> {
    let row = conn.row(
        "SELECT p.domain, p.name, p.guid, p.era, p.site, s.name FROM pool p JOIN server s ON s.id = ?1",
        params![server.0],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)),
    );
    let row: Option<(String, String, Vec<u8>, i64, String, String)> = row?;
    let (domain, pool_name, guid, era, site, server_name) =
        row.ok_or_else(|| damaged("the store was never founded", 0))?;
    Ok(Identity {
        domain: Domain::parse(&domain).map_err(|error| damaged("domain", error))?,
        pool_name,
        pool_guid: Uuid::from_bytes(octets(&guid, "guid")?),
        site,
        era: uint32(era, "era")?,
        server,
        server_name,
        epoch,
    })
}
