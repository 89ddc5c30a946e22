//! The seam between the store and a database: connections, statements, rows and values, whichever database it is.
//! Knows no table; what one database does in its own way stands in its file.

pub(crate) mod sqlite;
mod value;

use std::time::Duration;

use rusqlite::CachedStatement;

use crate::fault::StoreFault;

pub(crate) use sqlite::{Make, open_reader, open_writer};
pub(crate) use value::{Param, Row, Value, params};

/// An open connection.
#[derive(Debug)]
pub(crate) enum Conn {
    /// To a file of SQLite.
    Sqlite(rusqlite::Connection),
}

impl Conn {
    /// Prepares a statement, once for each connection.
    pub(crate) fn prepare(&self, sql: &str) -> Result<Statement<'_>, StoreFault> {
        match self {
            Self::Sqlite(conn) => Ok(Statement::Sqlite(conn.prepare_cached(sql)?)),
        }
    }

    /// Executes a statement that gives no rows. Returns how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<usize, StoreFault> {
        self.prepare(sql)?.execute(values)
    }

    /// Changes rows and returns how many; none, and nothing was changed, if another row has such a key.
    pub(crate) fn update_unless_taken(&self, sql: &str, values: &[Value<'_>]) -> Result<usize, StoreFault> {
        match self {
            Self::Sqlite(conn) => sqlite::update_unless_taken(conn, sql, values),
        }
    }

    /// Inserts a row and returns its number, which the database gives it in the column `id`.
    pub(crate) fn insert(&self, sql: &str, values: &[Value<'_>]) -> Result<i64, StoreFault> {
        self.insert_unless_taken(sql, values)?.ok_or_else(|| damaged("a new row has no number", sql))
    }

    /// As [`Conn::insert`]; `None` if the statement passes over what is there already, and it is.
    pub(crate) fn insert_unless_taken(
        &self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Option<i64>, StoreFault> {
        match self {
            Self::Sqlite(conn) => {
                let made = conn.prepare_cached(sql)?.execute(rusqlite::params_from_iter(values))?;
                Ok((made > 0).then(|| conn.last_insert_rowid()))
            }
        }
    }

    /// The first row there is.
    pub(crate) fn row<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(Row<'_>) -> Result<T, StoreFault>,
    ) -> Result<Option<T>, StoreFault> {
        self.prepare(sql)?.row(values, read)
    }

    /// The one row there always is.
    pub(crate) fn one<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(Row<'_>) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        self.row(sql, values, read)?.ok_or_else(|| damaged("a row is missing", sql))
    }

    /// Every row there is.
    pub(crate) fn all<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(Row<'_>) -> Result<T, StoreFault>,
    ) -> Result<Vec<T>, StoreFault> {
        self.prepare(sql)?.all(values, read)
    }

    /// Executes statements that take no values and give no rows.
    pub(crate) fn run(&self, sql: &str) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(conn) => Ok(conn.execute_batch(sql)?),
        }
    }

    /// Begins a transaction that writes; nobody else writes until it ends.
    pub(crate) fn begin(&self) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => self.run("BEGIN IMMEDIATE"),
        }
    }

    /// Begins a transaction that only reads, all of one moment.
    pub(crate) fn begin_reading(&self) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => self.run("BEGIN"),
        }
    }

    /// Ends the transaction and keeps it: it is on the disk when this returns.
    pub(crate) fn commit(&self) -> Result<(), Uncommitted> {
        match self {
            Self::Sqlite(conn) => conn.execute_batch("COMMIT").map_err(|error| {
                let surely_not = !conn.is_autocommit();
                Uncommitted { fault: error.into(), surely_not }
            }),
        }
    }

    /// Takes what was written to where it stays, before the connection is closed.
    pub(crate) fn settle(&self) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(conn) => sqlite::settle(conn),
        }
    }

    /// Lets the log go, which still holds texts that were taken away. Waits for no reader: true if one hindered it.
    pub(crate) fn cut_log(&self, busy_wait: Duration) -> Result<bool, StoreFault> {
        match self {
            Self::Sqlite(conn) => sqlite::cut_log(conn, busy_wait),
        }
    }

    /// Ends an open transaction without keeping it. False when the connection is of no use any more.
    pub(crate) fn roll_back(&self) -> bool {
        match self {
            Self::Sqlite(conn) => sqlite::roll_back(conn),
        }
    }
}

/// A commit that did not answer as it should.
pub(crate) struct Uncommitted {
    /// What was said.
    pub(crate) fault: StoreFault,
    /// It was not kept; otherwise nobody knows.
    pub(crate) surely_not: bool,
}

impl From<Uncommitted> for StoreFault {
    fn from(uncommitted: Uncommitted) -> Self {
        uncommitted.fault
    }
}

/// A prepared statement.
pub(crate) enum Statement<'c> {
    /// Of SQLite.
    Sqlite(CachedStatement<'c>),
}

impl Statement<'_> {
    /// As [`Conn::execute`].
    pub(crate) fn execute(&mut self, values: &[Value<'_>]) -> Result<usize, StoreFault> {
        match self {
            Self::Sqlite(statement) => Ok(statement.execute(rusqlite::params_from_iter(values))?),
        }
    }

    /// The rows, to be read one after another as far as one likes.
    pub(crate) fn query(&mut self, values: &[Value<'_>]) -> Result<Rows<'_>, StoreFault> {
        match self {
            Self::Sqlite(statement) => Ok(Rows::Sqlite(statement.query(rusqlite::params_from_iter(values))?)),
        }
    }

    /// As [`Conn::row`].
    pub(crate) fn row<T>(
        &mut self,
        values: &[Value<'_>],
        read: impl FnOnce(Row<'_>) -> Result<T, StoreFault>,
    ) -> Result<Option<T>, StoreFault> {
        self.query(values)?.next()?.map(read).transpose()
    }

    /// As [`Conn::all`].
    pub(crate) fn all<T>(
        &mut self,
        values: &[Value<'_>],
        mut read: impl FnMut(Row<'_>) -> Result<T, StoreFault>,
    ) -> Result<Vec<T>, StoreFault> {
        let mut rows = self.query(values)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        Ok(all)
    }
}

/// What a statement gives.
pub(crate) enum Rows<'s> {
    /// Of SQLite: each is looked for when it is asked for.
    Sqlite(rusqlite::Rows<'s>),
}

impl Rows<'_> {
    /// The next row.
    pub(crate) fn next(&mut self) -> Result<Option<Row<'_>>, StoreFault> {
        match self {
            Self::Sqlite(rows) => Ok(rows.next()?.map(Row::Sqlite)),
        }
    }
}

/// A count or number as a database keeps it.
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
