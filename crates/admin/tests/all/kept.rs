//! Everything a house keeps, read from the file past the store: what must not have changed is compared row by row.
//! No story is here.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Row};

use crate::house::House;

/// The rows of every table, as texts. Nothing is left out: what is drawn by chance stays as it was drawn when nothing is written.
pub struct Kept(BTreeMap<String, Vec<String>>);

impl House {
    /// Every row of every table, all as of the same moment.
    pub fn kept(&self) -> Kept {
        let mut conn = Connection::open_with_flags(self.file(), OpenFlags::SQLITE_OPEN_READ_ONLY)
            .expect("the file exists");
        let now = conn.transaction().expect("it can be read");
        // The search index is kept in tables of its own, which are ordinary ones.
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'";
        let names = all(&now, tables, |row| row.get::<_, String>(0));
        let rows = |name: String| (name.clone(), all(&now, &format!("SELECT * FROM \"{name}\""), shown));
        Kept(names.into_iter().map(rows).collect())
    }

    /// The rows that have come (`+`) and gone (`-`) since.
    pub fn changed_since(&self, before: &Kept) -> Vec<String> {
        let now = self.kept();
        let tables: BTreeSet<&String> = now.0.keys().chain(before.0.keys()).collect();
        let rows = |kept: &'_ Kept, table: &str| kept.0.get(table).cloned().unwrap_or_default();
        let mut changed = Vec::new();
        for table in tables {
            let (old, new) = (rows(before, table), rows(&now, table));
            changed.extend(old.iter().filter(|row| !new.contains(row)).map(|row| format!("-{table}: {row}")));
            changed.extend(new.iter().filter(|row| !old.contains(row)).map(|row| format!("+{table}: {row}")));
        }
        changed
    }
}

fn all<T>(conn: &Connection, statement: &str, of: impl Fn(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    let mut statement = conn.prepare(statement).expect("a statement");
    let rows = statement.query_map([], |row| of(row)).expect("it can be read");
    rows.map(|row| row.expect("a row")).collect()
}

fn shown(row: &Row<'_>) -> rusqlite::Result<String> {
    let values = (0..row.as_ref().column_count()).map(|column| row.get::<_, Value>(column));
    Ok(format!("{:?}", values.collect::<rusqlite::Result<Vec<Value>>>()?))
}
