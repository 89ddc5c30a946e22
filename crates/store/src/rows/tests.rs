//! How SQLite finds one row or list among many: by a key, never by reading them all.
//! What the rows hold is told by the stories in `tests/`.

use super::{CATEGORIES, CATEGORY_LISTS, PEOPLE, ROOM_LISTS, ROOMS};
use crate::engine::{Conn, params};

#[test]
fn one_row_is_found_without_reading_them_all() {
    let conn = Conn::Sqlite(rusqlite::Connection::open_in_memory().expect("memory"));
    crate::migrate::migrate(&conn).expect("an empty file becomes a store");
    let deletes = [
        "DELETE FROM room_principal WHERE room = ?1 AND ?2 = 0",
        "DELETE FROM category_principal WHERE category = ?1 AND ?2 = 0",
    ];
    for sql in [PEOPLE, CATEGORIES, CATEGORY_LISTS, ROOMS, ROOM_LISTS].into_iter().chain(deletes) {
        let plan = conn.all(&format!("EXPLAIN QUERY PLAN {sql}"), params![1_i64, 1_i64], |row| row.get(3));
        let steps: Vec<String> = plan.expect("a plan");
        assert!(!steps.is_empty());
        for step in steps {
            assert!(step.starts_with("SEARCH"), "{sql}: {step}");
        }
    }
}
