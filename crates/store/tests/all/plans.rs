//! How a database means to do what a story began: every statement is explained, and none may read a table or an index whole.
//! Measures nothing; the example `at_size` does.

use std::collections::BTreeSet;

use store::Statements;

use crate::stage::{Cast, Stage};

#[path = "plans/asked.rs"]
mod asked;
#[path = "plans/filled.rs"]
mod filled;
#[path = "plans/whole.rs"]
mod whole;

use asked::Database;
pub use asked::Engine;
use whole::{SMALL, WHOLE};

/// What the database reads whole for these statements and may not.
///
/// # Panics
/// When a statement cannot be explained.
pub fn found(engine: Engine, begun: Vec<String>) -> Vec<String> {
    let database = Database::of(engine);
    let statements: BTreeSet<String> = begun.into_iter().filter(|sql| is_explained(sql)).collect();
    let statements: Vec<String> = statements.into_iter().collect();
    let plans = database.explain(&statements);
    let mut faults = Vec::new();
    for (sql, plan) in statements.iter().zip(plans) {
        for table in database.read_whole(sql, &plan) {
            if !is_allowed(sql, &table) {
                faults.push(format!("{table} is read whole by\n{sql}\n{}", plan.join("\n")));
            }
        }
    }
    faults
}

/// The last act of every story: whatever it was about, it asked for nothing that takes longer and longer as the store grows.
pub fn none_reads_whole(engine: Engine, begun: &Statements) {
    let faults = found(engine, begun.take());
    assert!(
        faults.is_empty(),
        "give it an index in a migration, or list it with a reason in plans/whole.rs:\n{}",
        faults.join("\n\n")
    );
}

/// Statements that read or change rows, but those of the migrations, which are carried out once.
fn is_explained(sql: &str) -> bool {
    let reads =
        ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "].iter().any(|word| sql.starts_with(word));
    reads && !asked::migrations().contains(sql)
}

fn is_allowed(sql: &str, table: &str) -> bool {
    SMALL.iter().any(|(small, _)| *small == table)
        || table.starts_with("pg_")
        || WHOLE.iter().any(|(start, of, _)| table == *of && squeezed(sql).contains(start))
}

/// A statement without its line breaks.
fn squeezed(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub async fn a_look_at_every_post_is_reported(stage: Stage) {
    let cast = Cast::on(&stage).await;
    cast.say(cast.alice, cast.engineering, "good morning").await;
    let engine = Engine::of(&stage);
    assert_eq!(
        found(engine, stage.statements().take()),
        Vec::<String>::new(),
        "the store itself looks at none"
    );
    let mut looks = vec![
        ("SELECT text FROM body WHERE text LIKE '%morning%'", "body"),
        ("SELECT count(*) FROM post p WHERE p.changed = 7", "post"),
        ("SELECT max(number) FROM entry GROUP BY journal", "entry"),
        ("DELETE FROM sent WHERE room = 1", "sent"),
        ("UPDATE read_mark SET posts = 0 WHERE posts > 9", "read_mark"),
        ("SELECT r.name FROM room r JOIN body b ON b.text = r.name WHERE r.id = 1", "body"),
    ];
    if engine == Engine::Postgres {
        // Words that are added to are in no index.
        let sieved = "SELECT f.id FROM search f WHERE f.words || '' @@ CAST(CAST($1 AS TEXT) AS TSQUERY) AND f.id > $2";
        looks.push((sieved, "search"));
    }
    for (sql, table) in looks {
        let found = found(engine, vec![sql.to_owned()]);
        assert!(
            found.iter().any(|fault| fault.starts_with(&format!("{table} is read whole by"))),
            "{found:?}"
        );
    }
}
