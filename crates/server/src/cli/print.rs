//! Printing what came of a command: tables for people, one JSON object per line for programs; warnings aside.
//! Asks the one question that is ever asked.

use std::io::{BufRead, ErrorKind, IsTerminal, Write};

use admin::{Operation, Outcome, Rows};
use comfy_table::Table;
use comfy_table::presets::{NOTHING, UTF8_NO_BORDERS};
use serde::Serialize;

use crate::trouble::Trouble;

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
    pub fn of(operation: &Operation, json: bool) -> Self {
        match operation {
            _ if json => Self::Json,
            Operation::UserGet { .. } | Operation::CategoryGet { .. } | Operation::RoomGet { .. } => {
                Self::Whole
            }
            Operation::UserRemove { .. }
            | Operation::CategoryRemove { .. }
            | Operation::RoomRemove { .. } => Self::Removed,
            _ => Self::Table,
        }
    }
}

/// Prints the rows to standard output and warnings to standard error.
///
/// # Errors
/// [`Trouble::Unavailable`] when standard output takes no more; what was asked for is done all the same.
pub fn outcome(outcome: &Outcome, form: Form) -> Result<(), Trouble> {
    let text = match (&outcome.rows, form) {
        (Rows::Users(users), Form::Json) => lines(users),
        (Rows::Categories(categories), Form::Json) => lines(categories),
        (Rows::Rooms(rooms), Form::Json) => lines(rooms),
        (Rows::Users(users), Form::Whole) => users.iter().map(whole).collect(),
        (Rows::Categories(categories), Form::Whole) => categories.iter().map(whole).collect(),
        (Rows::Rooms(rooms), Form::Whole) => rooms.iter().map(whole).collect(),
        (rows, Form::Removed) => removed(rows),
        (rows, Form::Table) => table(rows),
    };
    for warning in &outcome.warnings {
        // Whoever closed standard error does not want to know.
        let _ = writeln!(std::io::stderr(), "note: {warning}");
    }
    say(&text)
}

/// Prints one fact: a sentence, or an object.
///
/// # Errors
/// As [`outcome`].
pub fn fact(fact: &impl Serialize, said: &str, json: bool) -> Result<(), Trouble> {
    if json { say(&lines(&[fact])) } else { say(&format!("{said}\n")) }
}

fn say(text: &str) -> Result<(), Trouble> {
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

/// Everything of one row: the names JSON has for it, and its values.
fn whole<T: Serialize>(row: &T) -> String {
    let values = serde_json::to_value(row).expect("a row is plain values");
    let mut table = Table::new();
    table.load_style(NOTHING);
    let mut all: Vec<_> = values.as_object().into_iter().flatten().collect();
    all.sort_by_key(|(name, _)| !matches!(name.as_str(), "name" | "address"));
    for (name, value) in all {
        let shown = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Array(list) => {
                list.iter().filter_map(|one| one.as_str()).collect::<Vec<_>>().join("\n")
            }
            serde_json::Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            other => other.to_string(),
        };
        table.add_row([name.replace('_', " "), shown]);
    }
    format!("{table}\n")
}

fn removed(rows: &Rows) -> String {
    match rows {
        Rows::Users(users) => users.iter().map(|user| format!("removed {}\n", user.address)).collect(),
        Rows::Categories(all) => {
            all.iter().map(|one| format!("removed the category {}\n", one.name)).collect()
        }
        Rows::Rooms(rooms) => rooms.iter().map(|room| format!("removed the room {}\n", room.name)).collect(),
    }
}

fn table(rows: &Rows) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_NO_BORDERS);
    let word = |yes: bool, words: [&str; 2]| words[usize::from(!yes)].to_owned();
    match rows {
        Rows::Users(users) => {
            table.set_header(["ADDRESS", "NAME", "STATE", "PASSWORD", "LEGACY SIGN-ON"]);
            table.add_rows(users.iter().map(|user| {
                [
                    user.address.clone(),
                    user.display_name.clone(),
                    word(user.enabled, ["enabled", "disabled"]),
                    word(user.has_password, ["set", "none"]),
                    word(user.legacy_sign_on, ["on", "off"]),
                ]
            }));
        }
        Rows::Categories(categories) => {
            table.set_header(["CATEGORY", "DESCRIPTION", "ALLOWED", "DENIED", "CREATORS", "ROOMS"]);
            table.add_rows(categories.iter().map(|category| {
                [
                    category.name.clone(),
                    category.description.clone(),
                    category.allowed_members.join("\n"),
                    category.denied_members.join("\n"),
                    category.creators.join("\n"),
                    category.rooms.to_string(),
                ]
            }));
        }
        Rows::Rooms(rooms) => {
            table.set_header([
                "ROOM",
                "CATEGORY",
                "PRIVACY",
                "TYPE",
                "STATE",
                "MEMBERS",
                "MANAGERS",
                "PRESENTERS",
            ]);
            table.add_rows(rooms.iter().map(|room| {
                [
                    room.name.clone(),
                    room.category.clone(),
                    room.privacy.clone(),
                    room.kind.clone(),
                    word(!room.disabled, ["enabled", "disabled"]),
                    room.members.join("\n"),
                    room.managers.join("\n"),
                    room.presenters.join("\n"),
                ]
            }));
        }
    }
    format!("{table}\n")
}
