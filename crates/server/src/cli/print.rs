//! Printing what came of a command: tables for people, one JSON object per line for programs; warnings aside.
//! Asks the one question that is ever asked.

use std::io::{BufRead, ErrorKind, IsTerminal, Write};

use admin::{AccessView, Changed, Method, Spec};
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::table;
use crate::replica;
use crate::trouble::Trouble;

/// Rows that say what becomes of each part of something large: a dry run shows them beside the changes.
const REPORTS: [&str; 3] = ["import", "imported-rooms", "messages"];

/// The values by which things are known: with them they come and go.
const IDENTITIES: [&str; 4] = ["name", "address", "identity", "room"];

/// The operation whose row is a document.
const DOWNLOAD: &str = "topology download";
/// The rows that are servers of the pool.
const SERVERS: &str = "servers";

/// How rows are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// One JSON object per line.
    Json,
    /// A table, a row for each.
    Table,
    /// Everything of one, a line for each value.
    Whole,
    /// That it is there no more.
    Removed,
}

impl Form {
    /// The form for the rows of an operation.
    pub fn of(spec: &Spec, json: bool) -> Self {
        match spec.method {
            _ if json => Self::Json,
            Method::Get if !spec.path_fields().is_empty() => Self::Whole,
            Method::Delete => Self::Removed,
            _ => Self::Table,
        }
    }
}

/// Prints rows, or in a dry run what would change, to standard output and warnings to standard error.
///
/// # Errors
/// [`Trouble::Unavailable`] when standard output takes no more; what was asked for is done all the same.
pub fn outcome(outcome: &Answer, spec: &Spec, form: Form) -> Result<(), Trouble> {
    warnings(outcome);
    if let Some(next) = &outcome.next {
        aside(&format!("note: there is more: --cursor {next}"));
    }
    if !outcome.dry_run {
        return rows(&outcome.kind, &outcome.rows, spec, form);
    }
    let told = if REPORTS.contains(&outcome.kind.as_str()) { &outcome.rows[..] } else { &[] };
    if form == Form::Json {
        let more = (outcome.more_access > 0).then(|| json!({ "moreAccess": outcome.more_access }));
        let access = lines(&outcome.access) + &lines(more.as_slice());
        return say(&(lines(&outcome.changes) + &access + &lines(told)));
    }
    let told: Vec<Value> = told.iter().cloned().map(rehearsed).collect();
    let report = if told.is_empty() { String::new() } else { table::table(&outcome.kind, &told) };
    say(&(would(&outcome.changes) + &access(&outcome.access, outcome.more_access) + &report))
}

/// Prints rows of a kind.
///
/// # Errors
/// As [`outcome`].
pub fn rows(kind: &str, rows: &[Value], spec: &Spec, form: Form) -> Result<(), Trouble> {
    // A document is for a file, not for a table.
    if let (Some(row), true) = (rows.first(), form != Form::Json && spec.said() == DOWNLOAD) {
        return say(&replica::of_answer(row.clone())?.stamped());
    }
    say(&match form {
        Form::Json => lines(rows),
        Form::Whole => rows.iter().map(table::whole).collect(),
        // Of servers those are answered that stay.
        Form::Removed if kind != SERVERS => rows.iter().map(|row| removed(row, spec)).collect(),
        Form::Table | Form::Removed => table::table(kind, rows),
    })
}

/// Prints what the asker may not expect to standard error.
pub fn warnings(outcome: &Answer) {
    for warning in &outcome.warnings {
        aside(&format!("note: {warning}"));
    }
}

/// Prints a line to standard error. Whoever closed that does not want to know.
pub fn aside(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Prints one fact: a sentence, or an object.
///
/// # Errors
/// As [`outcome`].
pub fn fact(fact: &impl Serialize, said: &str, json: bool) -> Result<(), Trouble> {
    if json { say(&lines(&[fact])) } else { say(&format!("{said}\n")) }
}

/// Prints a text to standard output.
///
/// # Errors
/// As [`outcome`].
pub fn say(text: &str) -> Result<(), Trouble> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Trouble::Unavailable(format!("it is done, but standard output takes nothing: {error}")))
        }
        // A reader that has gone away, such as `head`, is no trouble.
        _ => Ok(()),
    }
}

/// Asks before something is lost; a program that is no terminal must have said `--yes`.
///
/// # Errors
/// [`Trouble::Usage`] when the answer is no or nobody can be asked.
pub fn confirmed(question: &str) -> Result<(), Trouble> {
    if !std::io::stdin().is_terminal() {
        return Err(Trouble::Usage(format!("{question} Say --yes to do it.")));
    }
    let mut err = std::io::stderr();
    let _ = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    Err(Trouble::Usage("nothing was done".into()))
}

fn lines<T: Serialize>(rows: &[T]) -> String {
    let line = |row| serde_json::to_string(row).expect("a row is plain values") + "\n";
    rows.iter().map(line).collect()
}

/// A row of a report, of which nothing is done yet.
fn rehearsed(mut row: Value) -> Value {
    if row["result"] == "created" {
        row["result"] = "would create".into();
    }
    row
}

fn removed(row: &Value, spec: &Spec) -> String {
    match (&row["name"], &row["address"]) {
        (Value::String(name), _) => format!("removed the {} {name}\n", spec.noun),
        (_, Value::String(address)) => format!("removed {address}\n"),
        _ => format!("removed the {}\n", spec.noun),
    }
}

/// What a dry run says.
fn would(changes: &[Changed]) -> String {
    if changes.is_empty() {
        return "nothing would change\n".to_owned();
    }
    let mut told = String::new();
    let mut rest = changes;
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|change| change.object == first.object).count();
        let (object, others) = rest.split_at(same);
        told.push_str(&would_of(object));
        rest = others;
    }
    told
}

/// What becomes of one object, told by everything of it that changes: it is made, goes, or changes value by value.
fn would_of(changes: &[Changed]) -> String {
    let named = changes.iter().find(|change| IDENTITIES.contains(&change.field.as_str()));
    let verb = named.and_then(|change| match (change.before.is_null(), change.after.is_null()) {
        (true, false) => Some("make"),
        (false, true) => Some("remove"),
        _ => None,
    });
    let whole = verb.zip(changes.first()).map(|(verb, change)| format!("would {verb} {}\n", change.object));
    // What was there is seen before; what comes is said.
    let rest = changes.iter().filter(|change| {
        verb.is_none() || (verb == Some("make") && !IDENTITIES.contains(&change.field.as_str()))
    });
    let line = |change: &Changed| {
        let parts = serde_json::to_value(change).expect("a change is plain values");
        match verb {
            Some(_) => {
                format!("    {} {}\n", table::words(&change.field), table::shown(&change.after, "none"))
            }
            None => format!("would change {}\n", table::shown(&parts, "")),
        }
    };
    whole.into_iter().chain(rest.map(line)).collect()
}

/// Whose rights would change.
fn access(access: &[AccessView], more: usize) -> String {
    let line = |view: &AccessView| {
        let parts = [("gain", &view.gains), ("lose", &view.loses)];
        let parts = parts.iter().filter(|(_, rights)| !rights.is_empty());
        let parts: Vec<String> =
            parts.map(|(word, rights)| format!("{word} {}", rights.join(", "))).collect();
        format!("{} would {} in {}\n", view.address, parts.join(" and "), view.about)
    };
    let more = (more > 0).then(|| format!("... and {more} more such lines\n"));
    access.iter().map(line).chain(more).collect()
}
