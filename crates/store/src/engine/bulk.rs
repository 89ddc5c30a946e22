//! Whole tables: what there is, every row of one in turn, and rows put into another by the hundred thousand.
//! Knows no table by its name, but those that a database keeps for itself.

use std::collections::BTreeSet;

use rusqlite::CachedStatement;

use crate::engine::postgres::CopyIn;
use crate::engine::{Conn, Row, Value, damaged, params};
use crate::fault::StoreFault;

/// Rows that PostgreSQL sends at once.
const ROWS_AT_ONCE: usize = 500;

/// Where rows of one table go.
pub(crate) enum Intake<'c> {
    /// To SQLite.
    Sqlite(CachedStatement<'c>),
    /// To PostgreSQL.
    Postgres(Box<CopyIn<'c>>),
}

impl Intake<'_> {
    /// Takes a row.
    pub(crate) fn row(&mut self, values: &[Value<'_>]) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(statement) => {
                statement.execute(rusqlite::params_from_iter(values))?;
                Ok(())
            }
            Self::Postgres(copy) => copy.row(values),
        }
    }

    /// Returns once all rows are in the table.
    pub(crate) fn finish(self) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(copy) => copy.finish(),
        }
    }
}

impl Conn {
    /// Every table with rows of the store, in an order in which each comes after those it names. Left out are the schema, the
    /// index of texts, and how a database counts.
    pub(crate) fn tables(&self) -> Result<Vec<String>, StoreFault> {
        let all = match self {
            Self::Sqlite(_) => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'
                 AND name NOT LIKE 'search%' AND name <> 'schema' ORDER BY name"
            }
            Self::Postgres(_) => {
                "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()
                 AND tablename NOT IN ('search', 'schema', 'numbered') ORDER BY tablename"
            }
        };
        let named = match self {
            Self::Sqlite(_) => {
                "SELECT t.name, f.\"table\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'"
            }
            Self::Postgres(_) => {
                "SELECT CAST(b.relname AS TEXT), CAST(o.relname AS TEXT) FROM pg_constraint k
                 JOIN pg_class b ON b.oid = k.conrelid JOIN pg_class o ON o.oid = k.confrelid
                 JOIN pg_namespace n ON n.oid = b.relnamespace AND n.nspname = current_schema() WHERE k.contype = 'f'"
            }
        };
        let all: Vec<String> = self.all(all, params![], |row| row.get(0))?;
        let named: Vec<(String, String)> =
            self.all(named, params![], |row| Ok((row.get(0)?, row.get(1)?)))?;
        in_order(all, &named)
    }

    /// The columns of a table, in its order.
    pub(crate) fn columns(&self, table: &str) -> Result<Vec<String>, StoreFault> {
        let sql = match self {
            Self::Sqlite(_) => "SELECT name FROM pragma_table_info(?1) ORDER BY cid",
            Self::Postgres(_) => {
                "SELECT CAST(a.attname AS TEXT) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                 JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
                 WHERE c.relname = ?1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
            }
        };
        self.all(sql, params![table], |row| row.get(0))
    }

    /// How many rows a table has.
    pub(crate) fn count(&self, table: &str) -> Result<u64, StoreFault> {
        let count: i64 =
            self.one(&format!("SELECT count(*) FROM {}", quoted(table)), params![], |row| row.get(0))?;
        crate::engine::uint(count, "a count")
    }

    /// Reads every row of a query, however many there are; at most some hundred are held at once. Inside a transaction. The name
    /// tells it from others of the same transaction.
    pub(crate) fn each_row(
        &self,
        name: &str,
        sql: &str,
        mut read: impl FnMut(Row<'_>) -> Result<(), StoreFault>,
    ) -> Result<(), StoreFault> {
        if let Self::Sqlite(_) = self {
            let mut statement = self.prepare(sql)?;
            let mut rows = statement.query(params![])?;
            while let Some(row) = rows.next()? {
                read(row)?;
            }
            return Ok(());
        }
        let cursor = quoted(&format!("each {name}"));
        self.run(&format!("DECLARE {cursor} NO SCROLL CURSOR FOR {sql}"))?;
        let fetch = format!("FETCH {ROWS_AT_ONCE} FROM {cursor}");
        loop {
            let mut found = 0;
            let mut statement = self.prepare(&fetch)?;
            let mut rows = statement.query(params![])?;
            while let Some(row) = rows.next()? {
                read(row)?;
                found += 1;
            }
            if found < ROWS_AT_ONCE {
                return self.run(&format!("CLOSE {cursor}"));
            }
        }
    }

    /// Begins to put rows into a table; the database hears nothing else until that is finished.
    pub(crate) fn take_in(&self, table: &str, columns: &[String]) -> Result<Intake<'_>, StoreFault> {
        let names = list(columns);
        match self {
            Self::Sqlite(conn) => {
                let places: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
                let sql = format!("INSERT INTO {} ({names}) VALUES ({})", quoted(table), places.join(", "));
                Ok(Intake::Sqlite(conn.prepare_cached(&sql)?))
            }
            Self::Postgres(session) => {
                Ok(Intake::Postgres(Box::new(CopyIn::begin(session, &quoted(table), &names)?)))
            }
        }
    }

    /// Takes every row out of these tables, and out of the index. Inside a transaction that writes.
    pub(crate) fn erase(&self, tables: &[String]) -> Result<(), StoreFault> {
        if let Self::Postgres(_) = self {
            let all: Vec<String> = tables.iter().map(|table| quoted(table)).collect();
            self.run(&format!("TRUNCATE search, {}", all.join(", ")))?;
            return self.run("UPDATE numbered SET last = 0");
        }
        self.run("PRAGMA defer_foreign_keys = ON")?;
        for table in tables.iter().rev() {
            self.run(&format!("DELETE FROM {}", quoted(table)))?;
        }
        self.run("INSERT INTO search (search) VALUES ('delete-all')")?;
        self.run("DELETE FROM sqlite_sequence")
    }

    /// The last number that was ever given in each table whose numbers are never given again.
    pub(crate) fn last_numbers(&self) -> Result<Vec<(String, i64)>, StoreFault> {
        if let Self::Sqlite(_) = self {
            let sql = "SELECT name, seq FROM sqlite_sequence";
            return self.all(sql, params![], |row| Ok((row.get(0)?, row.get(1)?)));
        }
        let mut all: Vec<(String, i64)> =
            self.all("SELECT name, last FROM numbered", params![], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (table, _, sequence) in self.sequences()? {
            let sql = format!("SELECT last_value FROM {sequence} WHERE is_called");
            if let Some(last) = self.row(&sql, params![], |row| row.get(0))? {
                all.push((table, last));
            }
        }
        Ok(all)
    }

    /// Goes on counting where rows and these numbers end.
    pub(crate) fn count_on(&self, last: &[(String, i64)]) -> Result<(), StoreFault> {
        match self {
            Self::Sqlite(_) => self.count_on_in_file(last),
            Self::Postgres(_) => self.count_on_in_database(last),
        }
    }

    fn count_on_in_file(&self, last: &[(String, i64)]) -> Result<(), StoreFault> {
        let counted = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'";
        let counted: BTreeSet<String> = self.all(counted, params![], |row| row.get(0))?.into_iter().collect();
        for (table, number) in last.iter().filter(|(table, _)| counted.contains(table)) {
            self.execute("DELETE FROM sqlite_sequence WHERE name = ?1", params![table])?;
            self.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", params![table, number])?;
        }
        Ok(())
    }

    fn count_on_in_database(&self, last: &[(String, i64)]) -> Result<(), StoreFault> {
        for (table, number) in last {
            self.execute("UPDATE numbered SET last = ?2 WHERE name = ?1", params![table, number])?;
        }
        for (table, key, sequence) in self.sequences()? {
            let kept = last.iter().find(|(name, _)| *name == table).map_or(0, |(_, last)| *last);
            let highest = format!("SELECT COALESCE(MAX({}), 0) FROM {}", quoted(&key), quoted(&table));
            let highest: i64 = self.one(&highest, params![], |row| row.get(0))?;
            if kept.max(highest) > 0 {
                let sql = format!("SELECT setval('{sequence}', {})", kept.max(highest));
                self.one(&sql, params![], |row| row.get::<i64>(0))?;
            }
        }
        Ok(())
    }

    /// Tables whose rows PostgreSQL numbers, with the column and the sequence of each.
    fn sequences(&self) -> Result<Vec<(String, String, String)>, StoreFault> {
        self.all(
            "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT),
                    pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(c.relname), CAST(a.attname AS TEXT))
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
             JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema() WHERE a.attidentity <> ''",
            params![],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }
}

/// A list of names, each quoted.
pub(crate) fn list(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

/// A name as both databases read it, whatever else the word means to them.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Puts tables behind those they name; one may name itself.
fn in_order(all: Vec<String>, named: &[(String, String)]) -> Result<Vec<String>, StoreFault> {
    let (mut left, mut ordered) = (all, Vec::new());
    while !left.is_empty() {
        let waits =
            |table: &String| named.iter().any(|(by, of)| by == table && of != table && left.contains(of));
        let (later, now): (Vec<String>, Vec<String>) = left.iter().cloned().partition(waits);
        if now.is_empty() {
            return Err(damaged("tables name each other in a circle", later.join(", ")));
        }
        ordered.extend(now);
        left = later;
    }
    Ok(ordered)
}
