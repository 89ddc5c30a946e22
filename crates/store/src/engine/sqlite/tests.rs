//! What every connection is set to: without it commits may be lost and deleted texts stay.
//! That the settings do what they say is SQLite's word.

use rusqlite::Connection;

use super::{Make, open_reader, open_writer};
use crate::engine::Conn;
use crate::record::Options;

fn setting(conn: &Connection, name: &str) -> String {
    conn.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
        .map(|value| format!("{value:?}"))
        .expect("a setting of SQLite")
}

#[test]
fn commits_are_synced_and_deleted_octets_overwritten() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("store.db");
    for make in [Make::IfMissing, Make::Never] {
        let opened = open_writer(&file, &Options::default(), make).expect("a file");
        let Conn::Sqlite(conn) = &opened else { panic!("a file was opened") };
        for (name, value) in [
            ("journal_mode", "Text(\"wal\")"),
            ("synchronous", "Integer(2)"),
            ("secure_delete", "Integer(1)"),
            ("foreign_keys", "Integer(1)"),
        ] {
            assert_eq!(setting(conn, name), value, "{name}");
        }
        conn.execute_batch("CREATE TABLE IF NOT EXISTS t (x)").expect("it writes");
        let reader = open_reader(&file, &Options::default()).expect("a file");
        assert!(reader.run("INSERT INTO t VALUES (1)").is_err(), "a reader never writes");
    }
}
