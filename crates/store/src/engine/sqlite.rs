//! SQLite as the store uses it: how connections are opened and what its errors mean.
//! Knows no table.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use crate::engine::{Asked, Conn, Value, params};
use crate::fault::StoreFault;
use crate::record::Options;

#[cfg(test)]
mod tests;

/// Statements kept prepared per connection; more than the crate has.
const STATEMENTS_MAX: usize = 128;
/// The write-ahead log is cut back to this many octets after a checkpoint.
const WAL_BYTES_KEPT: i64 = 16 << 20;

/// Pages the writer may keep in memory, in KiB; taken as they are needed. A full batch touches about half of it.
const WRITER_CACHE_KIB: i64 = 8_192;

/// Pages each connection that reads may keep in memory, in KiB; taken as they are needed. The lists of ten thousand rooms fit.
const READER_CACHE_KIB: i64 = 8_192;

/// Whether a file may be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Make {
    /// When it is missing.
    IfMissing,
    /// Never.
    Never,
}

/// The one connection that writes. Every commit is on the disk when it returns; what is deleted is overwritten.
pub(crate) fn open_writer(file: &Path, options: &Options, make: Make) -> Result<Conn, StoreFault> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if make == Make::IfMissing {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let mut conn = Connection::open_with_flags(file, flags)?;
    keep_plans(&conn)?;
    if let Some(statements) = &options.statements {
        statements.watch(&mut conn)?;
    }
    conn.busy_timeout(options.busy_wait)?;
    let mode: String = conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        let reason = format!("its file system allows no write-ahead log, only '{mode}'");
        return Err(StoreFault::Unavailable { reason });
    }
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "secure_delete", "ON")?;
    conn.pragma_update(None, "foreign_keys", "ON")?;
    conn.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
    conn.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    if let Some(pages) = options.pages_max {
        conn.pragma_update(None, "max_page_count", pages)?;
    }
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(Conn::Sqlite(conn))
}

/// A connection that only reads.
pub(crate) fn open_reader(file: &Path, options: &Options) -> Result<Conn, StoreFault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(file, flags)?;
    keep_plans(&conn)?;
    conn.busy_timeout(options.busy_wait)?;
    conn.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // From here on: how many connections there are is no part of what is asked.
    if let Some(statements) = &options.statements {
        statements.watch(&mut conn)?;
    }
    Ok(Conn::Sqlite(conn))
}

/// A prepared statement stays as it is, whatever is bound to it. Otherwise each with a `LIMIT` or over an index of some rows only is
/// prepared anew when a value changes, which took a third of the time of a server that keeps no statistics to plan by.
fn keep_plans(conn: &Connection) -> Result<(), StoreFault> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Ends an open transaction without keeping it. False when the connection is of no use any more.
pub(crate) fn roll_back(conn: &Connection) -> bool {
    conn.is_autocommit() || conn.execute_batch("ROLLBACK").is_ok() || conn.is_autocommit()
}

/// Puts the text of a post into the index.
pub(super) fn index(conn: &Conn, post: i64, room: i64, text: &str) -> Result<(), StoreFault> {
    let sql = "INSERT INTO search (rowid, room, text) VALUES (?1, ?2, ?3)";
    conn.execute(sql, params![post, token(room), text])?;
    Ok(())
}

/// Takes the text of a post out of the index.
pub(super) fn unindex(conn: &Conn, post: i64, room: i64, text: &str) -> Result<(), StoreFault> {
    let sql = "INSERT INTO search (search, rowid, room, text) VALUES ('delete', ?1, ?2, ?3)";
    conn.execute(sql, params![post, token(room), text])?;
    Ok(())
}

/// An index query that means exactly these words: each is quoted, so that no character of it is syntax.
pub(super) fn asked(rooms: &[i64], words: &[&str], either: bool) -> Asked {
    let rooms: Vec<String> = rooms.iter().map(|room| token(*room)).collect();
    let words: Vec<String> =
        words.iter().map(|word| format!("\"{}\"", word.replace('\0', " ").replace('"', "\"\""))).collect();
    let words = words.join(if either { " OR " } else { " AND " });
    Asked {
        query: format!("room : ({}) AND text : ({words})", rooms.join(" OR ")),
        // The index gives its rows in the order of their numbers, so that no more are read than are wanted.
        numbers: "SELECT s.rowid FROM search s WHERE s.search MATCH ?1 AND s.rowid > ?2 AND s.rowid < ?3
                  ORDER BY s.rowid DESC LIMIT ?4",
    }
}

fn token(room: i64) -> String {
    format!("r{room}")
}

/// Takes the log into the file.
pub(super) fn settle(conn: &Connection) -> Result<(), StoreFault> {
    Ok(conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

/// Takes the log into the file and cuts it; true if a reader hindered that.
pub(super) fn cut_log(conn: &Connection, busy_wait: Duration) -> Result<bool, StoreFault> {
    conn.busy_timeout(Duration::ZERO)?;
    let hindered = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
    conn.busy_timeout(busy_wait)?;
    Ok(hindered?)
}

/// Changes rows; none, if another row has such a key.
pub(super) fn update_unless_taken(
    conn: &Connection,
    sql: &str,
    values: &[Value<'_>],
) -> Result<usize, StoreFault> {
    match conn.prepare_cached(sql)?.execute(rusqlite::params_from_iter(values)) {
        Ok(changed) => Ok(changed),
        Err(rusqlite::Error::SqliteFailure(error, _))
            if matches!(
                error.extended_code,
                ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            ) =>
        {
            Ok(0)
        }
        Err(error) => Err(error.into()),
    }
}

/// Classifies what SQLite said.
impl From<rusqlite::Error> for StoreFault {
    fn from(error: rusqlite::Error) -> Self {
        let reason = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { what: reason },
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationInterrupted,
            ) => Self::Unavailable { reason },
            _ => Self::Rejected { reason },
        }
    }
}
