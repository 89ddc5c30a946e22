//! What a transaction that writes holds until it ends, because other servers write to the same database.
//! Writes nothing; a file needs none of it, because whoever writes there writes alone.

use crate::engine::{Conn, Value, params};
use crate::fault::StoreFault;

/// What is held: the numbers name advisory locks of PostgreSQL, which are taken in the order in which they were asked for, so
/// that nobody waits for ever behind others who share one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hold {
    /// The tables there are.
    Schema,
    /// What administration reads before it writes. One administers at a time.
    Administration,
    /// The rules of rooms and categories and the standings of people, as they are, while something is written under them. Many
    /// hold it at a time.
    Rules,
    /// The same, to change them: everything that was decided under them before is kept or refused when this is held.
    RulesAlone,
}

impl Hold {
    fn statement(self) -> &'static str {
        match self {
            Self::Schema => "SELECT pg_advisory_xact_lock(1128356180, 0)",
            Self::Administration => "SELECT pg_advisory_xact_lock(1128356180, 1)",
            Self::Rules => "SELECT pg_advisory_xact_lock_shared(1128356180, 2)",
            Self::RulesAlone => "SELECT pg_advisory_xact_lock(1128356180, 2)",
        }
    }
}

impl Conn {
    /// Whether other servers may write at the same time: what is held has to be said.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Holds something until the transaction ends; whatever is read by a later statement is as it stays. The order of asking is
    /// administration, rules, heads of rooms ascending, that of this server, that of the pool: so nobody waits in a circle.
    pub(crate) fn hold(&self, hold: Hold) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(session) => session.hold(hold.statement(), params![]),
        }
    }

    /// Holds what is numbered for one person: somebody else may wait, too, whose last digits are the same.
    pub(crate) fn hold_person(&self, person: i64) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(session) => session.hold(
                "SELECT pg_advisory_xact_lock(1128356181, CAST(?1 AS INTEGER))",
                params![person & 0xFFFF],
            ),
        }
    }

    /// Numbers for so many new rows of each of some tables.
    pub(crate) fn number_ahead(&self, tables: &[&str], count: usize) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(session) => session.number_ahead(tables, i64::try_from(count).unwrap_or(i64::MAX)),
        }
    }

    /// Holds the head of a journal, if it has one, waiting for whoever appends to it.
    pub(crate) fn hold_head(&self, kind: i64, subject: i64) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(session) => {
                session.hold(&format!("{HEADS} AND subject = ?2 FOR UPDATE"), params![kind, subject])
            }
        }
    }
}

/// Heads, to be held.
pub(crate) const HEADS: &str = "SELECT subject FROM head WHERE kind = ?1";

/// A statement and its values, as one of several that are asked together.
pub(crate) type Question<'q> = (&'q str, &'q [Value<'q>]);
