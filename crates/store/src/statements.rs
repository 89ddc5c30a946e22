//! The statements that a store has begun, for tests: of two questions that are answered by the same work, and of how each is answered.
//! Nothing is kept, and nothing costs, unless a store is opened with one of these in its options.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use crate::fault::StoreFault;

/// The statements begun on all connections of a store, without their values, in the order in which they were begun; in a file those
/// of one transaction stand together, where it ended, whatever others did meanwhile. Cheap to clone; all clones are the same.
#[derive(Clone, Default, Debug)]
pub struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// Those begun since this was asked last.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes down one that is begun.
    pub(crate) fn note(&self, sql: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sql.to_owned());
    }

    /// Listens to a connection of SQLite.
    pub(crate) fn watch(&self, conn: &mut Connection) -> Result<(), StoreFault> {
        let begun = Arc::clone(&self.0);
        let mut open: Vec<String> = Vec::new();
        let note = move |event: TraceEvent<'_>| {
            let TraceEvent::Stmt(statement, _) = event else { return };
            let sql = statement.sql().into_owned();
            let (begins, ends) = (sql.starts_with("BEGIN"), sql == "COMMIT" || sql == "ROLLBACK");
            let goes_on = begins || (!open.is_empty() && !ends);
            open.push(sql);
            if !goes_on {
                begun.lock().unwrap_or_else(PoisonError::into_inner).append(&mut open);
            }
        };
        conn.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note))?;
        Ok(())
    }
}

impl PartialEq for Statements {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Statements {}
