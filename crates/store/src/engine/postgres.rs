//! PostgreSQL as the store uses it: sessions, the dialect, and what its errors mean.
//! Knows no table but that of servers, whose sessions it ends, and the index of texts, which is made in its own way.

mod address;
mod copy;
mod password;
mod pipeline;
mod session;
mod tls;
mod words;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::engine::{Asked, UNKEEPABLE, Uncommitted, Value};
use crate::fault::StoreFault;
use crate::statements::Statements;

pub(crate) use address::Address;
pub(crate) use copy::CopyIn;
pub(crate) use password::{NO_ADDRESS, without_password};
use pipeline::{Numbers, Waiting};
pub(crate) use session::{
    Line, begin_writing, connect, end_writer, keep_others_out, open_administrator, open_entering,
    open_reader, open_to_carry, open_writer,
};
use words::Words;

/// Statements kept prepared per session; more than the crate has, but for those that are put together.
const STATEMENTS_MAX: usize = 256;

/// A session of PostgreSQL. Its runtime runs only while somebody waits for an answer.
pub(crate) struct Session {
    /// `None` only while it is dropped.
    runtime: Option<tokio::runtime::Runtime>,
    client: tokio_postgres::Client,
    prepared: RefCell<HashMap<String, tokio_postgres::Statement>>,
    words: RefCell<Option<Words>>,
    /// The other end said that it is over, or the way to it was cut.
    over: Cell<bool>,
    begun: Option<Statements>,
    waiting: RefCell<Vec<Waiting>>,
    numbers: RefCell<HashMap<String, Numbers>>,
}

/// Rows that were sent.
pub(crate) struct Sent {
    rows: std::vec::IntoIter<tokio_postgres::Row>,
    present: Option<tokio_postgres::Row>,
}

impl Session {
    /// Prepares a statement, once.
    pub(super) fn prepare(&self, sql: &str) -> Result<tokio_postgres::Statement, StoreFault> {
        if !self.prepared.borrow().contains_key(sql) {
            self.flush()?;
        }
        self.prepare_alone(sql)
    }

    /// Prepares a statement, once, while others wait to be sent. Every statement with values comes through here.
    fn prepare_alone(&self, sql: &str) -> Result<tokio_postgres::Statement, StoreFault> {
        if let Some(begun) = &self.begun {
            begun.note(&translated(sql));
        }
        if let Some(known) = self.prepared.borrow().get(sql) {
            return Ok(known.clone());
        }
        let made = self.runtime().block_on(self.client.prepare(&translated(sql)));
        let made = made.map_err(|error| self.said(error))?;
        let mut prepared = self.prepared.borrow_mut();
        if prepared.len() >= STATEMENTS_MAX {
            prepared.clear();
        }
        prepared.insert(sql.to_owned(), made.clone());
        Ok(made)
    }

    /// Executes a prepared statement.
    pub(super) fn execute(
        &self,
        statement: &tokio_postgres::Statement,
        values: &[Value<'_>],
    ) -> Result<usize, StoreFault> {
        let changed = self.hear(self.client.execute_raw(statement, values))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Asks for all rows of a prepared statement.
    pub(super) fn query(
        &self,
        statement: &tokio_postgres::Statement,
        values: &[Value<'_>],
    ) -> Result<Sent, StoreFault> {
        let asked: Vec<&(dyn ToSql + Sync)> =
            values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let rows = self.hear(self.client.query(statement, &asked))?;
        Ok(Sent::of(rows))
    }

    /// Inserts a row and returns its number, if it was not passed over.
    pub(super) fn insert(&self, sql: &str, values: &[Value<'_>]) -> Result<Option<i64>, StoreFault> {
        let statement = self.prepare(&format!("{sql} RETURNING id"))?;
        self.query(&statement, values)?.next().map(|row| crate::engine::Row::Postgres(row).get(0)).transpose()
    }

    /// Changes rows; none, if another row has such a key.
    pub(super) fn update_unless_taken(&self, sql: &str, values: &[Value<'_>]) -> Result<usize, StoreFault> {
        let statement = self.prepare(sql)?;
        self.run("SAVEPOINT taken")?;
        let changed = self.runtime().block_on(self.client.execute_raw(&statement, values));
        if changed.as_ref().is_err_and(is_end) {
            self.over.set(true);
        }
        match changed {
            Ok(changed) => {
                self.run("RELEASE taken")?;
                Ok(usize::try_from(changed).unwrap_or(usize::MAX))
            }
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                self.run("ROLLBACK TO taken; RELEASE taken")?;
                Ok(0)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Executes statements without values.
    pub(super) fn run(&self, sql: &str) -> Result<(), StoreFault> {
        self.hear(self.client.batch_execute(sql))
    }

    /// Ends the transaction and keeps it.
    pub(super) fn commit(&self) -> Result<(), Uncommitted> {
        // What waits is heard of before, so that nothing wrong is kept.
        self.flush().map_err(|fault| Uncommitted { fault, surely_not: true })?;
        // An error that leaves the session alive is the answer to the commit; after any other nobody knows.
        self.hear(self.client.batch_execute("COMMIT"))
            .map_err(|fault| Uncommitted { surely_not: !self.is_over(), fault })
    }

    /// Ends an open transaction without keeping it. False when the session is over.
    pub(super) fn roll_back(&self) -> bool {
        self.forget();
        !self.is_over() && self.run("ROLLBACK").is_ok()
    }

    /// Whether the session has ended, as far as is known.
    pub(super) fn is_over(&self) -> bool {
        self.over.get() || self.client.is_closed()
    }

    /// Puts a text into the index.
    pub(super) fn index(&self, post: i64, room: i64, text: &str) -> Result<(), StoreFault> {
        let vector = self.with_words(|words| words.vector(room, text))?;
        let sql = "INSERT INTO search (id, words) VALUES (?1, CAST(CAST(?2 AS TEXT) AS TSVECTOR))";
        self.put(sql, &[Value::Int(post), Value::Text(&vector)])
    }

    /// Takes a text out of the index.
    pub(super) fn unindex(&self, post: i64) -> Result<(), StoreFault> {
        let statement = self.prepare("DELETE FROM search WHERE id = ?1")?;
        self.execute(&statement, &[Value::Int(post)])?;
        Ok(())
    }

    /// What the index is asked; `None` when nothing can be found.
    pub(super) fn asked(
        &self,
        rooms: &[i64],
        words: &[&str],
        either: bool,
    ) -> Result<Option<String>, StoreFault> {
        self.with_words(|known| known.query(rooms, words, either))
    }

    fn with_words<T>(&self, look: impl FnOnce(&Words) -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        let mut words = self.words.borrow_mut();
        let known = match words.take() {
            Some(known) => known,
            None => Words::new()?,
        };
        look(words.insert(known))
    }

    fn runtime(&self) -> &tokio::runtime::Runtime {
        self.runtime.as_ref().expect("it goes with the session")
    }
}

impl Drop for Session {
    /// Also among other tasks, where a runtime may not wait for its own end.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Sent {
    fn of(rows: Vec<tokio_postgres::Row>) -> Self {
        Self { rows: rows.into_iter(), present: None }
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Option<&tokio_postgres::Row> {
        self.present = self.rows.next();
        self.present.as_ref()
    }
}

/// Which index SQLite is to take; PostgreSQL decides that by itself.
const INDEXED: &str = " INDEXED BY ";

/// How the index is asked.
pub(super) fn asked(query: String) -> Asked {
    Asked {
        query,
        // The number hides behind a sum: the index of numbers would be walked through for as long as texts hold other words, and
        // that can be all there are.
        numbers: "SELECT f.id + 0 AS id FROM search f WHERE f.words @@ CAST(CAST(?1 AS TEXT) AS TSQUERY)
                  AND f.id + 0 > ?2 AND f.id + 0 < ?3 ORDER BY 1 DESC LIMIT ?4",
    }
}

/// A statement of the crate as PostgreSQL reads it: `?1` is `$1`, lists as parameters have another name, and hints which way to
/// walk are left out.
fn translated(sql: &str) -> String {
    let mut sql = sql.replace("json_each(", "json_array_elements_text(").replace("CROSS JOIN", "JOIN");
    while let Some(at) = sql.find(INDEXED) {
        let name = sql[at + INDEXED.len()..].find(' ').unwrap_or(0);
        sql.replace_range(at..at + INDEXED.len() + name, "");
    }
    let mut out = String::with_capacity(sql.len());
    let mut last = 0;
    let mut rest = sql.as_str();
    while let Some(at) = rest.find('?') {
        let (before, after) = rest.split_at(at);
        let digits = after[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len() - 1);
        last = after[1..=digits].parse().unwrap_or(last + 1);
        out.push_str(before);
        out.push('$');
        out.push_str(&last.to_string());
        rest = &after[1 + digits..];
    }
    out.push_str(rest);
    out
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        wanted: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match *self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Int(number) => match *wanted {
                Type::INT2 => out.extend_from_slice(&i16::try_from(number)?.to_be_bytes()),
                Type::INT4 => out.extend_from_slice(&i32::try_from(number)?.to_be_bytes()),
                Type::INT8 => out.extend_from_slice(&number.to_be_bytes()),
                _ => return Err(format!("a number stands where {wanted} is wanted").into()),
            },
            Self::Text(text) if !chat::is_keepable(text) => return Err(UNKEEPABLE.into()),
            Self::Text(text) => match *wanted {
                Type::TEXT | Type::VARCHAR | Type::JSON | Type::NAME | Type::UNKNOWN => {
                    out.extend_from_slice(text.as_bytes());
                }
                _ => return Err(format!("a text stands where {wanted} is wanted").into()),
            },
            Self::Blob(octets) => match *wanted {
                Type::BYTEA => out.extend_from_slice(octets),
                _ => return Err(format!("octets stand where {wanted} is wanted").into()),
            },
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'r> FromSql<'r> for Value<'r> {
    fn from_sql(found: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        match *found {
            Type::INT8 => Ok(Self::Int(i64::from_be_bytes(raw.try_into()?))),
            Type::INT4 => Ok(Self::Int(i32::from_be_bytes(raw.try_into()?).into())),
            Type::INT2 => Ok(Self::Int(i16::from_be_bytes(raw.try_into()?).into())),
            Type::BOOL => Ok(Self::Int((raw != [0]).into())),
            Type::TEXT | Type::VARCHAR | Type::NAME => Ok(Self::Text(std::str::from_utf8(raw)?)),
            Type::BYTEA => Ok(Self::Blob(raw)),
            _ => Err(format!("a column of {found} is not read").into()),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Classifies what PostgreSQL said, or what became of its session.
impl From<tokio_postgres::Error> for StoreFault {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(said) = error.as_db_error() else {
            let lost = error.is_closed() || is_of_the_network(&error);
            let reason = match std::error::Error::source(&error) {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            };
            return if lost { Self::Unavailable { reason } } else { Self::Rejected { reason } };
        };
        let class = said.code().code().get(..2);
        // Of data that it cannot read PostgreSQL shows a part, which may be somebody's words.
        let reason = match class {
            Some("22") => format!("the database cannot read a value (SQLSTATE {})", said.code().code()),
            _ => said.message().to_owned(),
        };
        match class {
            _ if *said.code() == SqlState::DISK_FULL => Self::Full,
            _ if *said.code() == SqlState::INSUFFICIENT_PRIVILEGE => {
                Self::Unavailable { reason: format!("{reason}: {GRANT}") }
            }
            Some("XX") if *said.code() != SqlState::INTERNAL_ERROR => Self::Damaged { what: reason },
            // Two have waited for each other, or one has seen what another has changed meanwhile.
            Some("40") => Self::Busy,
            // Connections, authorisation, resources, who steps in, the system.
            Some("08" | "25" | "28" | "3D" | "53" | "55" | "57" | "58") => Self::Unavailable { reason },
            _ => Self::Rejected { reason },
        }
    }
}

/// What a user of the database needs.
const GRANT: &str =
    "the user in the address of the store must own that database, or be granted CREATE on its schema";

/// Whether a session ends with this.
fn is_end(error: &tokio_postgres::Error) -> bool {
    match error.as_db_error() {
        Some(said) => said.parsed_severity() != Some(Severity::Error),
        None => error.is_closed() || is_of_the_network(error),
    }
}

fn is_of_the_network(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>())
}
