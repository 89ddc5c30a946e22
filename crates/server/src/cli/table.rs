//! Rows as people read them: tables that fit the terminal, and everything of one row.
//! Which values of each kind are worth a column is said in `columns.rs`.

mod columns;

use std::io::IsTerminal;

use comfy_table::presets::{NOTHING, UTF8_NO_BORDERS};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
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

/// The record, whose lists have a line for each operation.
const RECORD: &str = "record";
/// What stands between two columns, and at the ends of a line.
const BETWEEN: usize = 3;
/// Blanks beside a value.
const BESIDE: u16 = 2;
/// How many things an operation is about are named in its line (ours: more do not fit).
const ABOUT_MAX: usize = 2;

/// A table of rows of a kind.
pub fn table(kind: &str, rows: &[Value]) -> String {
    table_within(kind, rows, width())
}

/// A table of rows of a kind that fits a terminal of this width, if it is for one: no word, address, GUID or moment is broken. The
/// columns that can be spared go first, the last of them before the others; rows that do not fit even so have a line for each value.
pub fn table_within(kind: &str, rows: &[Value], width: Option<u16>) -> String {
    let together = if kind == RIGHTS { together(rows) } else { Vec::new() };
    let rows = if together.is_empty() { rows } else { &together };
    let (mut heads, mut cells, mut spare) = cells(kind, rows);
    while let Some(at) = spare.iter().rposition(|spare| *spare).filter(|_| !fits(&heads, &cells, width)) {
        heads.remove(at);
        spare.remove(at);
        cells.iter_mut().for_each(|row| drop(row.remove(at)));
    }
    if !fits(&heads, &cells, width) && !rows.is_empty() {
        let listed: Vec<String> = cells.iter().map(|row| lines(&heads, row)).collect();
        return listed.join("\n") + &secrets(rows);
    }
    let mut table = fitting(width);
    table.load_style(UTF8_NO_BORDERS);
    let least: Vec<usize> = (0..heads.len()).map(|at| least(&heads, &cells, at)).collect();
    table.set_header(heads);
    table.add_rows(cells);
    if width.is_some() {
        let least =
            least.into_iter().map(|least| u16::try_from(least).unwrap_or(u16::MAX).saturating_add(BESIDE));
        table.set_constraints(least.map(|least| ColumnConstraint::LowerBoundary(Width::Fixed(least))));
    }
    format!("{table}\n{}", secrets(rows))
}

/// Heads, the cells of each row, and which columns can be spared.
fn cells(kind: &str, rows: &[Value]) -> (Vec<String>, Vec<Vec<String>>, Vec<bool>) {
    let there = |column: &&Column| rows.is_empty() || rows.iter().any(|row| row.get(column.value).is_some());
    let chosen: Vec<&Column> = columns(kind).iter().filter(there).collect();
    if chosen.is_empty() {
        let names = rows.first().and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name);
        let names: Vec<&String> = names.filter(|name| !HIDDEN.contains(&name.as_str())).collect();
        let cells = |row: &Value| names.iter().map(|name| shown(&row[name.as_str()], "")).collect();
        let heads: Vec<String> = names.iter().map(|name| words(name).to_uppercase()).collect();
        let spare = vec![false; heads.len()];
        return (heads, rows.iter().map(cells).collect(), spare);
    }
    let cell = |row: &Value, column: &Column| match &row[column.value] {
        Value::Bool(is) => column.words[usize::from(!is)].to_owned(),
        Value::Array(changes) if kind == RECORD => about(changes),
        other => shown(other, ""),
    };
    (
        chosen.iter().map(|column| column.head.to_owned()).collect(),
        rows.iter().map(|row| chosen.iter().map(|column| cell(row, column)).collect()).collect(),
        chosen.iter().map(|column| column.can_be_spared).collect(),
    )
}

/// What changes are about: each thing once, and how many more there are.
fn about(changes: &[Value]) -> String {
    let mut named: Vec<&str> = changes.iter().filter_map(|change| change["object"].as_str()).collect();
    named.dedup();
    let more = named.len().saturating_sub(ABOUT_MAX);
    named.truncate(ABOUT_MAX);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    named.join(", ") + &rest
}

/// Characters of the longest word in a column.
fn least(heads: &[String], cells: &[Vec<String>], at: usize) -> usize {
    let texts = heads.get(at).into_iter().chain(cells.iter().filter_map(|row| row.get(at)));
    texts.flat_map(|text| text.split_whitespace()).map(|word| word.chars().count()).max().unwrap_or(0)
}

/// Whether every column has room for its longest word.
fn fits(heads: &[String], cells: &[Vec<String>], width: Option<u16>) -> bool {
    let words: usize = (0..heads.len()).map(|at| least(heads, cells, at) + BETWEEN).sum();
    width.is_none_or(|width| words <= usize::from(width) + 1)
}

/// A row with a line for each value there is.
fn lines(heads: &[String], row: &[String]) -> String {
    let values = heads.iter().zip(row).filter(|(_, value)| !value.is_empty());
    values.map(|(head, value)| format!("{}: {}\n", head.to_lowercase(), value.replace('\n', ", "))).collect()
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
    let mut table = fitting(width());
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

/// How wide the terminal is; none for a program.
fn width() -> Option<u16> {
    let out = std::io::stdout();
    let size = out.is_terminal().then(|| rustix::termios::tcgetwinsize(&out).ok()).flatten();
    size.filter(|size| size.ws_col > 0).map(|size| size.ws_col.max(WIDTH_MIN))
}

/// A table as wide as the terminal; as wide as it likes for a program.
fn fitting(width: Option<u16>) -> Table {
    let mut table = Table::new();
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table
}
