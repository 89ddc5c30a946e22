//! Rows as people read them: tables that fit the terminal, and everything of one row.
//! Which values of each kind are worth a column is said in `columns.rs`.

mod columns;

use std::io::IsTerminal;

use comfy_table::presets::{NOTHING, UTF8_NO_BORDERS};
use comfy_table::{ContentArrangement, Table};
use serde_json::{Map, Value};

pub use self::columns::columns;
use self::columns::{Column, YES};

/// What stands for a value that is not there in a change.
const NONE: &str = "none";
/// Before the fraction of a second.
const FRACTION_MARK: char = '.';
/// How many digits it has (the product's moments have seven).
const FRACTION: usize = 7;
/// Values that say nothing to people, when no columns are chosen.
const HIDDEN: [&str; 3] = ["guid", "uri", "etag"];
/// The rows of an explanation.
const RIGHTS: &str = "rights";
/// A table is not made narrower than this (ours: below it every word would be broken).
const WIDTH_MIN: u16 = 40;

/// A table of rows of a kind.
pub fn table(kind: &str, rows: &[Value]) -> String {
    let mut table = fitting();
    table.load_style(UTF8_NO_BORDERS);
    let together = if kind == RIGHTS { together(rows) } else { Vec::new() };
    let rows = if together.is_empty() { rows } else { &together };
    let there = |column: &&Column| rows.is_empty() || rows.iter().any(|row| row.get(column.value).is_some());
    let chosen: Vec<&Column> = columns(kind).iter().filter(there).collect();
    if chosen.is_empty() {
        let names = rows.first().and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name);
        let names: Vec<&String> = names.filter(|name| !HIDDEN.contains(&name.as_str())).collect();
        table.set_header(names.iter().map(|name| words(name).to_uppercase()));
        let cells = |row: &Value| names.iter().map(|name| shown(&row[name.as_str()], "")).collect::<Vec<_>>();
        table.add_rows(rows.iter().map(cells));
    } else {
        table.set_header(chosen.iter().map(|column| column.head));
        let cell = |row: &Value, column: &Column| match &row[column.value] {
            Value::Bool(is) => column.words[usize::from(!is)].to_owned(),
            other => shown(other, ""),
        };
        table.add_rows(
            rows.iter().map(|row| chosen.iter().map(|column| cell(row, column)).collect::<Vec<_>>()),
        );
    }
    format!("{table}\n{}", secrets(rows))
}

/// What is shown this once: a line of its own, the last, so that it can be cut off.
fn secrets(rows: &[Value]) -> String {
    rows.iter().filter_map(|row| row["secret"].as_str()).map(|secret| format!("{secret}\n")).collect()
}

/// Rights that follow each other and are so for the same reasons, in one row.
fn together(rows: &[Value]) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for row in rows {
        let same = all
            .last_mut()
            .filter(|last| last["allowed"] == row["allowed"] && last["because"] == row["because"]);
        match same.and_then(|last| last["right"].as_array_mut()) {
            Some(rights) => rights.push(row["right"].clone()),
            None => {
                let mut row = row.clone();
                row["right"] = Value::Array(vec![row["right"].take()]);
                all.push(row);
            }
        }
    }
    all
}

/// Everything of one row: the names JSON has for it in words, and its values.
pub fn whole(row: &Value) -> String {
    let mut table = fitting();
    table.load_style(NOTHING);
    for (name, value) in row.as_object().into_iter().flatten() {
        table.add_row([words(name), shown(value, "")]);
    }
    format!("{table}\n")
}

/// A value in words; `none` for one that is not there. Lists have a line for each.
pub fn shown(value: &Value, none: &str) -> String {
    match value {
        Value::Null => none.to_owned(),
        Value::String(text) => to_the_second(text),
        Value::Array(list) => list.iter().map(|one| shown(one, none)).collect::<Vec<_>>().join("\n"),
        Value::Bool(yes) => YES[usize::from(!yes)].to_owned(),
        Value::Object(parts) => changed(parts).unwrap_or_else(|| {
            let part = |(name, value): (&String, &Value)| format!("{} {}", words(name), shown(value, none));
            parts.iter().map(part).collect::<Vec<_>>().join(", ")
        }),
        other => other.to_string(),
    }
}

/// A change of a value in words, if these are the parts of one: `room Engineering: privacy closed -> open`.
pub fn changed(parts: &Map<String, Value>) -> Option<String> {
    let (Value::String(object), Value::String(field)) = (parts.get("object")?, parts.get("field")?) else {
        return None;
    };
    let listed = |list: &[Value]| list.iter().map(|one| shown(one, NONE)).collect::<Vec<_>>().join(", ");
    let what = match (parts.get("before")?, parts.get("after")?) {
        (Value::Array(gone), Value::Array(new)) => format!("-{} +{}", listed(gone), listed(new)),
        (Value::Array(gone), Value::Null) => format!("-{}", listed(gone)),
        (Value::Null, Value::Array(new)) => format!("+{}", listed(new)),
        (before, after) => format!("{} -> {}", shown(before, NONE), shown(after, NONE)),
    };
    Some(format!("{object}: {} {what}", words(field)))
}

/// Moments in a text without the fractions of their seconds, which only programs want.
fn to_the_second(text: &str) -> String {
    let mut parts = text.split(FRACTION_MARK);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let after = part.get(..FRACTION).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
        let rest = after.and_then(|_| part.get(FRACTION..)).filter(|rest| rest.starts_with('Z'));
        match rest.filter(|_| whole.ends_with(|last: char| last.is_ascii_digit())) {
            Some(rest) => whole.push_str(rest),
            None => {
                whole.push(FRACTION_MARK);
                whole.push_str(part);
            }
        }
    }
    whole
}

/// `displayName` as `display name`.
pub fn words(name: &str) -> String {
    super::spelling::kebab(name).replace('-', " ")
}

/// A table as wide as the terminal; as wide as it likes for a program.
fn fitting() -> Table {
    let mut table = Table::new();
    let out = std::io::stdout();
    let width = out.is_terminal().then(|| rustix::termios::tcgetwinsize(&out).ok()).flatten();
    if let Some(size) = width.filter(|size| size.ws_col > 0) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(size.ws_col.max(WIDTH_MIN));
    }
    table
}
