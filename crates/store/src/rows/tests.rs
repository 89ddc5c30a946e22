//! How SQLite finds one row or list among many: by a key, never by reading them all.
//! What the rows hold is told by the stories in `tests/`.

use rusqlite::Connection;

use super::{CATEGORIES, CATEGORY_LISTS, PEOPLE, ROOM_LISTS, ROOMS};

#[test]
fn one_row_is_found_without_reading_them_all() {
    let conn = Connection::open_in_memory().expect("memory");
    crate::migrate::migrate(&conn).expect("an empty file becomes a store");
    let deletes = [
        "DELETE FROM room_principal WHERE room = ?1 AND ?2 = 0",
        "DELETE FROM category_principal WHERE category = ?1 AND ?2 = 0",
    ];
    for sql in [PEOPLE, CATEGORIES, CATEGORY_LISTS, ROOMS, ROOM_LISTS].into_iter().chain(deletes) {
        let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a statement of this crate");
        let steps: Vec<String> = plan
            .query_map([1, 1], |row| row.get("detail"))
            .expect("a plan")
            .collect::<Result<_, _>>()
            .expect("texts");
        assert!(!steps.is_empty());
        for step in steps {
            assert!(step.starts_with("SEARCH"), "{sql}: {step}");
        }
    }
}
