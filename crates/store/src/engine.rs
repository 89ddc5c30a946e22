//! The seam between the store and a database: connections, statements, rows and values, whichever database it is.
//! Knows no table; what one database does in its own way stands in its file.

mod bulk;
mod holds;
mod location;
pub(crate) mod postgres;
pub(crate) mod sqlite;
mod value;

use std::time::Duration;

use chat::{Clock, ServerId, Time};
use rusqlite::CachedStatement;
use tokio_postgres::Statement as Prepared;

use crate::fault::StoreFault;

pub(crate) use bulk::{list, quoted};
pub(crate) use holds::{HEADS, Hold, Question};
pub use location::Location;
pub(crate) use location::Place;
pub(crate) use sqlite::Make;
pub(crate) use value::{Held, Param, Row, UNKEEPABLE, Value, params};

/// An open connection.
pub(crate) enum Conn {
    /// To a file of SQLite.
    Sqlite(rusqlite::Connection),
    /// To a database of PostgreSQL.
    Postgres(Box<postgres::Session>),
}

impl Conn {
    /// Prepares a statement, once for each connection.
    pub(crate) fn prepare(&self, sql: &str) -> Result<Statement<'_>, StoreFault> {
        match self {
            Self::Sqlite(conn) => Ok(Statement::Sqlite(conn.prepare_cached(sql)?)),
            Self::Postgres(session) => Ok(Statement::Postgres(session, session.prepare(sql)?)),
        }
    }

    /// Executes a statement that gives no rows. Returns how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<usize, StoreFault> {
        self.prepare(sql)?.execute(values)
    }

    /// Changes exactly one row; may be sent together with what comes next, which then says what was wrong, and in no certain
    /// order among others of the same text.
    pub(crate) fn put(&self, sql: &str, values: &[Value<'_>]) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => {
                let changed = self.execute(sql, values)?;
                assert_eq!(changed, 1, "nobody else writes inside this transaction");
                Ok(())
            }
            Self::Postgres(session) => session.put(sql, values),
        }
    }

    /// As [`Conn::insert`], but may be sent together with what comes next.
    pub(crate) fn put_new(&self, sql: &str, values: &[Value<'_>]) -> Result<i64, StoreFault> {
        match self {
            Self::Sqlite(_) => self.insert(sql, values),
            Self::Postgres(session) => session.put_new(sql, values),
        }
    }

    /// Changes rows and returns how many; none, and nothing was changed, if another row has such a key.
    pub(crate) fn update_unless_taken(&self, sql: &str, values: &[Value<'_>]) -> Result<usize, StoreFault> {
        match self {
            Self::Sqlite(conn) => sqlite::update_unless_taken(conn, sql, values),
            Self::Postgres(session) => session.update_unless_taken(sql, values),
        }
    }

    /// Inserts a row and returns its number, which the database gives it in the column `id`.
    pub(crate) fn insert(&self, sql: &str, values: &[Value<'_>]) -> Result<i64, StoreFault> {
        self.insert_unless_taken(sql, values)?.ok_or_else(|| damaged("a new row has no number", sql))
    }

    /// Asks several questions at once.
    pub(crate) fn together(&self, questions: &[Question<'_>]) -> Result<Vec<Rows<'_>>, StoreFault> {
        match self {
            Self::Sqlite(_) => Err(damaged("a file is asked", "one question at a time")),
            Self::Postgres(session) => {
                Ok(session.together(questions)?.into_iter().map(Rows::Postgres).collect())
            }
        }
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
            Self::Postgres(session) => session.insert(sql, values),
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
            Self::Postgres(session) => session.run(sql),
        }
    }

    /// Begins a transaction that writes; nobody else writes until it ends.
    pub(crate) fn begin(&self) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => self.run("BEGIN IMMEDIATE"),
            Self::Postgres(session) => session.begin(),
        }
    }

    /// Begins a transaction that only reads, all of one moment.
    pub(crate) fn begin_reading(&self) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => self.run("BEGIN"),
            Self::Postgres(_) => self.run("BEGIN ISOLATION LEVEL REPEATABLE READ"),
        }
    }

    /// Begins a transaction while nobody writes, or will before the connection is closed; false when somebody does.
    pub(crate) fn keep_others_out(&self) -> Result<bool, StoreFault> {
        match self {
            // Whoever works in a folder has its lock.
            Self::Sqlite(_) => self.begin().map(|()| true),
            Self::Postgres(_) => postgres::keep_others_out(self),
        }
    }

    /// Ends the transaction and keeps it: it is on the disk when this returns.
    pub(crate) fn commit(&self) -> Result<(), Uncommitted> {
        match self {
            Self::Sqlite(conn) => conn.execute_batch("COMMIT").map_err(|error| {
                let surely_not = !conn.is_autocommit();
                Uncommitted { fault: error.into(), surely_not }
            }),
            Self::Postgres(session) => session.commit(),
        }
    }

    /// The present time by the clock of the database; a file has none but that of who opens it.
    pub(crate) fn now(&self, clock: &dyn Clock) -> Result<Time, StoreFault> {
        match self {
            Self::Sqlite(_) => Ok(clock.now()),
            Self::Postgres(_) => {
                let micros = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
                self.one(micros, params![], |row| Ok(Time::from_unix_micros(row.get(0)?)))
            }
        }
    }

    /// Ends whatever a server still writes with, its last commit included. Of a file there is nothing to end: who has it open
    /// holds it only inside a transaction.
    pub(crate) fn end_writer(&self, server: ServerId) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(_) => postgres::end_writer(self, server),
        }
    }

    /// From now on this is what the server writes with under an epoch.
    pub(crate) fn begin_writing(&self, server: ServerId, epoch: u64) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(_) => postgres::begin_writing(self, server, epoch),
        }
    }

    /// Takes what was written to where it stays, before the connection is closed.
    pub(crate) fn settle(&self) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(conn) => sqlite::settle(conn),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Lets the log go, which still holds texts that were taken away. Waits for no reader: true if one hindered it.
    pub(crate) fn cut_log(&self, busy_wait: Duration) -> Result<bool, StoreFault> {
        match self {
            Self::Sqlite(conn) => sqlite::cut_log(conn, busy_wait),
            // When a text leaves its disk is the business of whoever runs the database.
            Self::Postgres(_) => Ok(false),
        }
    }

    /// Ends an open transaction without keeping it. False when the connection is of no use any more.
    pub(crate) fn roll_back(&self) -> bool {
        match self {
            Self::Sqlite(conn) => sqlite::roll_back(conn),
            Self::Postgres(session) => session.roll_back(),
        }
    }

    /// Whether the other end has ended the connection: another may be better.
    pub(crate) fn is_over(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(session) => session.is_over(),
        }
    }

    /// The schema the database has, with what it asks of a program that writes; `None` if it holds nothing, `Some(None)` if it
    /// holds something else.
    pub(crate) fn schema(&self) -> Result<Option<Option<(u32, u32)>>, StoreFault> {
        let tables = match self {
            Self::Sqlite(_) => {
                "SELECT count(*), count(CASE WHEN name = 'schema' THEN 1 END) FROM sqlite_schema"
            }
            Self::Postgres(_) => {
                "SELECT count(*), count(CASE WHEN tablename = 'schema' THEN 1 END) FROM pg_tables
                 WHERE schemaname = current_schema()"
            }
        };
        let (all, ours): (i64, i64) = self.one(tables, params![], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if all == 0 {
            return Ok(None);
        }
        if ours == 0 {
            return Ok(Some(None));
        }
        let read = |row: Row<'_>| Ok((row.get(0)?, row.get(1)?));
        match self.row("SELECT version, min_writer FROM schema", params![], read) {
            Ok(Some(row)) => Ok(Some(Some(row))),
            Ok(None) => Err(StoreFault::Damaged { what: "the schema row is missing".into() }),
            Err(StoreFault::Rejected { .. }) => Ok(Some(None)),
            Err(fault) => Err(fault),
        }
    }

    /// Puts the text of a post into the index.
    pub(crate) fn index(&self, post: i64, room: i64, text: &str) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => sqlite::index(self, post, room, text),
            Self::Postgres(session) => session.index(post, room, text),
        }
    }

    /// Takes the text of a post out of the index; it must be the one that was put in.
    pub(crate) fn unindex(&self, post: i64, room: i64, text: &str) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => sqlite::unindex(self, post, room, text),
            Self::Postgres(session) => session.unindex(post),
        }
    }

    /// How the index is asked for posts of some rooms that hold all of some words, or either of them; `None` when it can hold none.
    pub(crate) fn asked(
        &self,
        rooms: &[i64],
        words: &[&str],
        either: bool,
    ) -> Result<Option<Asked>, StoreFault> {
        match self {
            Self::Sqlite(_) => Ok(Some(sqlite::asked(rooms, words, either))),
            Self::Postgres(session) => Ok(session.asked(rooms, words, either)?.map(postgres::asked)),
        }
    }

    /// The last number that was given to a group.
    pub(crate) fn last_group(&self) -> Result<Option<u32>, StoreFault> {
        let sql = match self {
            Self::Sqlite(_) => "SELECT seq FROM sqlite_sequence WHERE name = 'principal_group'",
            Self::Postgres(_) => "SELECT last FROM numbered WHERE name = 'principal_group'",
        };
        self.row(sql, params![], |row| row.get(0))
    }
}

/// A question to the index of texts.
pub(crate) struct Asked {
    /// The value of `?1`.
    pub(crate) query: String,
    /// Gives the numbers of posts between `?2` and `?3`, the newest first, at most `?4`.
    pub(crate) numbers: &'static str,
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
    /// Of PostgreSQL.
    Postgres(&'c postgres::Session, Prepared),
}

impl Statement<'_> {
    /// As [`Conn::execute`].
    pub(crate) fn execute(&mut self, values: &[Value<'_>]) -> Result<usize, StoreFault> {
        match self {
            Self::Sqlite(statement) => Ok(statement.execute(rusqlite::params_from_iter(values))?),
            Self::Postgres(session, statement) => session.execute(statement, values),
        }
    }

    /// The rows, to be read one after another as far as one likes.
    pub(crate) fn query(&mut self, values: &[Value<'_>]) -> Result<Rows<'_>, StoreFault> {
        match self {
            Self::Sqlite(statement) => Ok(Rows::Sqlite(statement.query(rusqlite::params_from_iter(values))?)),
            Self::Postgres(session, statement) => Ok(Rows::Postgres(session.query(statement, values)?)),
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
    /// Of PostgreSQL: all were sent together.
    Postgres(postgres::Sent),
}

impl Rows<'_> {
    /// The next row.
    pub(crate) fn next(&mut self) -> Result<Option<Row<'_>>, StoreFault> {
        match self {
            Self::Sqlite(rows) => Ok(rows.next()?.map(Row::Sqlite)),
            Self::Postgres(sent) => Ok(sent.next().map(Row::Postgres)),
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
