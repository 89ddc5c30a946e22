//! Operations as the pool's journal tells them: an index kept beside it, and reading them, the newest first.
//! The journal alone says what happened; this only finds it, and nothing here changes an entry.

use chat::{Actor, Header, PersonId, Subject, Time};

use crate::engine::{Conn, Row, Value, damaged, int, params, uint};
use crate::facts::{OperationFilter, OperationPart, OperationRow};
use crate::fault::StoreFault;
use crate::journal::{Batch, read_header};
use crate::limits::{ENTRIES_BYTES_MAX, ENTRIES_MAX};

/// Takes down one transaction of an operation, whose first entry this is, with what its entries are about.
pub(crate) fn note(
    batch: &Batch<'_>,
    operation: u64,
    by: Actor,
    first: &Header,
    subjects: &[Subject],
) -> Result<(), StoreFault> {
    let conn = batch.conn;
    let number = first.position.number;
    if number == operation {
        let (kind, actor) = actor_code(by);
        conn.execute(
            "INSERT INTO operation (number, time, actor_kind, actor) VALUES (?1, ?2, ?3, ?4)",
            params![int(operation), first.time.unix_micros(), kind, actor],
        )?;
    }
    let entries = i64::try_from(subjects.len()).expect("a transaction is about far fewer than 2^63 things");
    conn.execute(
        "INSERT INTO operation_part (operation, number, entries) VALUES (?1, ?2, ?3)",
        params![int(operation), int(number), entries],
    )?;
    let mut about = conn.prepare(
        "INSERT INTO operation_subject (kind, subject, operation) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?;
    for subject in subjects {
        let (kind, id) = subject_code(*subject);
        about.execute(params![kind, id, int(operation)])?;
    }
    Ok(())
}

/// The newest operations before a number that are all of what is asked: at most `limit`, fewer when their bodies are long.
pub(crate) fn operations(
    conn: &Conn,
    filter: &OperationFilter,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<OperationRow>, StoreFault> {
    let mut sql = String::from(
        "SELECT o.number, o.time, o.actor_kind, o.actor, 
                (SELECT count(*) FROM operation_part p WHERE p.operation = o.number),
                (SELECT CAST(sum(p.entries) AS BIGINT) FROM operation_part p WHERE p.operation = o.number), b.text
         FROM operation o
         JOIN head h ON h.kind = 3 AND h.subject = 0
         JOIN entry e ON e.journal = h.journal AND e.number = o.number LEFT JOIN body b ON b.id = e.body
         WHERE o.number < ?1 AND o.time >= ?2 AND o.time <= ?3",
    );
    let mut values = vec![
        Value::Int(before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX))),
        Value::Int(filter.from.map_or(i64::MIN, Time::unix_micros)),
        Value::Int(filter.to.map_or(i64::MAX, Time::unix_micros)),
    ];
    if let Some(by) = &filter.by {
        let any =
            by.iter().map(|actor| pair("o.actor_kind = ? AND o.actor = ?", actor_code(*actor), &mut values));
        sql.push_str(&format!(" AND ({})", either(any)));
    }
    if let Some(about) = &filter.about {
        const ABOUT: &str =
            "o.number IN (SELECT operation FROM operation_subject WHERE kind = ? AND subject = ?)";
        let any = about.iter().map(|subject| pair(ABOUT, subject_code(*subject), &mut values));
        sql.push_str(&format!(" AND ({})", either(any)));
    }
    sql.push_str(" ORDER BY o.number DESC LIMIT ?");
    values.push(Value::Int(i64::try_from(limit.min(ENTRIES_MAX)).expect("a limit of the crate is small")));
    let mut statement = conn.prepare(&sql)?;
    let mut rows = statement.query(&values)?;
    let (mut operations, mut bytes) = (Vec::new(), 0);
    while bytes < ENTRIES_BYTES_MAX
        && let Some(row) = rows.next()?
    {
        let found = operation_of(row)?;
        bytes += found.body.as_ref().map_or(0, String::len);
        operations.push(found);
    }
    Ok(operations)
}

fn pair(condition: &'static str, (kind, id): (i64, i64), values: &mut Vec<Value<'_>>) -> &'static str {
    values.extend([Value::Int(kind), Value::Int(id)]);
    condition
}

/// Any of these conditions; with none of them nothing is meant.
fn either<'c>(conditions: impl Iterator<Item = &'c str>) -> String {
    let all: Vec<&str> = conditions.collect();
    if all.is_empty() { "1 = 0".to_owned() } else { all.join(" OR ") }
}

fn operation_of(row: Row<'_>) -> Result<OperationRow, StoreFault> {
    let count = |column| -> Result<usize, StoreFault> {
        let number: i64 = row.get(column)?;
        usize::try_from(number).map_err(|_| damaged("parts of an operation", number))
    };
    Ok(OperationRow {
        operation: uint(row.get(0)?, "the number of an operation")?,
        time: Time::from_unix_micros(row.get(1)?),
        by: actor_of(row.get(2)?, row.get(3)?)?,
        parts: count(4)?,
        entries: count(5)?,
        body: row.get(6)?,
    })
}

/// The transactions of an operation after the one whose first entry has this number, in order: at most `limit`, fewer when their
/// bodies are long.
pub(crate) fn parts(
    conn: &Conn,
    operation: u64,
    after: u64,
    limit: usize,
) -> Result<Vec<OperationPart>, StoreFault> {
    let mut statement = conn.prepare(
        "SELECT p.number, p.entries, e.header, b.text FROM operation_part p
         JOIN head h ON h.kind = 3 AND h.subject = 0
         JOIN entry e ON e.journal = h.journal AND e.number = p.number LEFT JOIN body b ON b.id = e.body
         WHERE p.operation = ?1 AND p.number > ?2 ORDER BY p.number LIMIT ?3",
    )?;
    let limit = i64::try_from(limit.min(ENTRIES_MAX)).expect("a limit of the crate is small");
    let mut rows = statement.query(params![
        i64::try_from(operation).unwrap_or(i64::MAX),
        i64::try_from(after).unwrap_or(i64::MAX),
        limit
    ])?;
    let (mut parts, mut bytes) = (Vec::new(), 0);
    while bytes < ENTRIES_BYTES_MAX
        && let Some(row) = rows.next()?
    {
        let header = read_header(row.blob(2)?)?;
        let body: Option<String> = row.get(3)?;
        bytes += body.as_ref().map_or(0, String::len);
        parts.push(OperationPart {
            number: uint(row.get(0)?, "the number of an entry")?,
            entries: usize::try_from(row.get::<i64>(1)?).unwrap_or(usize::MAX),
            time: header.time,
            body,
        });
    }
    Ok(parts)
}

fn actor_code(by: Actor) -> (i64, i64) {
    match by {
        Actor::Person(id) => (1, id.0),
        Actor::Shell(uid) => (2, uid.into()),
        Actor::Token(id) => (3, id),
        Actor::Server => (4, 0),
    }
}

/// Who did an operation.
pub(crate) fn actor_of(kind: i64, id: i64) -> Result<Actor, StoreFault> {
    match kind {
        1 => Ok(Actor::Person(PersonId(id))),
        2 => u32::try_from(id).map(Actor::Shell).map_err(|_| damaged("a user id", id)),
        3 => Ok(Actor::Token(id)),
        4 => Ok(Actor::Server),
        _ => Err(damaged("who did an operation", kind)),
    }
}

fn subject_code(subject: Subject) -> (i64, i64) {
    match subject {
        Subject::Person(id) => (1, id.0),
        Subject::Category(id) => (2, id.0),
        Subject::Room(id) => (3, id.0),
        Subject::Settings => (4, 0),
        Subject::Group(id) => (5, id.0.into()),
        Subject::Policy(id) => (6, id),
        Subject::Configuration(id) => (7, id),
        Subject::AddIn(id) => (8, id.0),
        Subject::Endpoint(id) => (9, id),
        Subject::Token(id) => (10, id),
        Subject::Server(id) => (11, id.0),
        Subject::Topology(number) => (12, number),
    }
}
