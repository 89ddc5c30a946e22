//! SQLite as the store uses it: how connections are opened and what its errors mean.
//! Knows no table. A second engine will stand beside this file.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

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
pub(crate) fn open_writer(file: &Path, options: &Options, make: Make) -> Result<Connection, StoreFault> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if make == Make::IfMissing {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let mut conn = Connection::open_with_flags(file, flags)?;
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
    Ok(conn)
}

/// A connection that only reads.
pub(crate) fn open_reader(file: &Path, options: &Options) -> Result<Connection, StoreFault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(file, flags)?;
    if let Some(statements) = &options.statements {
        statements.watch(&mut conn)?;
    }
    conn.busy_timeout(options.busy_wait)?;
    conn.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(conn)
}

/// Ends an open transaction without keeping it. False when the connection is of no use any more.
pub(crate) fn roll_back(conn: &Connection) -> bool {
    conn.is_autocommit() || conn.execute_batch("ROLLBACK").is_ok() || conn.is_autocommit()
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

/// A count or number as SQLite keeps it.
pub(crate) fn int(number: u64) -> i64 {
    i64::try_from(number).expect("numbers are counted up from 1 and never reach 2^63")
}

/// A count or number as read.
pub(crate) fn uint(number: i64, what: &'static str) -> Result<u64, StoreFault> {
    u64::try_from(number).map_err(|_| damaged(what, number))
}

/// A 32-bit count or number as read.
pub(crate) fn uint32(number: i64, what: &'static str) -> Result<u32, StoreFault> {
    u32::try_from(number).map_err(|_| damaged(what, number))
}

/// 16 or 32 octets as read.
pub(crate) fn octets<const N: usize>(bytes: &[u8], what: &'static str) -> Result<[u8; N], StoreFault> {
    bytes.try_into().map_err(|_| damaged(what, bytes.len()))
}

/// A fault naming what was read and does not belong there.
pub(crate) fn damaged(what: &str, found: impl std::fmt::Display) -> StoreFault {
    StoreFault::Damaged { what: format!("{what}: {found}") }
}

impl From<rusqlite::Error> for crate::fault::AdminFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}
