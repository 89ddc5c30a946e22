//! Rows as people read them: tables that fit the terminal, and everything of one row.
//! Knows which values of each kind of row are worth a column; whatever is new gets them all.

use std::io::IsTerminal;

use comfy_table::presets::{NOTHING, UTF8_NO_BORDERS};
use comfy_table::{ContentArrangement, Table};
use serde_json::Value;

/// A column: its head, the value in it, and words for yes and no.
type Column = (&'static str, &'static str, [&'static str; 2]);

/// Plain words.
const YES: [&str; 2] = ["yes", "no"];
/// Values that say nothing to people, when no columns are chosen.
const HIDDEN: [&str; 3] = ["guid", "uri", "etag"];
/// A table is not made narrower than this (ours: below it every word would be broken).
const WIDTH_MIN: u16 = 40;

/// The columns of a kind of rows; none for a kind that nobody chose columns for.
fn columns(kind: &str) -> &'static [Column] {
    match kind {
        "users" => &[
            ("ADDRESS", "address", YES),
            ("NAME", "displayName", YES),
            ("STATE", "enabled", ["enabled", "disabled"]),
            ("PASSWORD", "hasPassword", ["set", "none"]),
            ("LEGACY SIGN-ON", "legacySignOn", ["on", "off"]),
        ],
        "categories" => &[
            ("CATEGORY", "name", YES),
            ("DESCRIPTION", "description", YES),
            ("ALLOWED", "allowedMembers", YES),
            ("DENIED", "deniedMembers", YES),
            ("CREATORS", "creators", YES),
            ("ROOMS", "rooms", YES),
        ],
        "rooms" => &[
            ("ROOM", "name", YES),
            ("CATEGORY", "category", YES),
            ("PRIVACY", "privacy", YES),
            ("TYPE", "type", YES),
            ("STATE", "disabled", ["disabled", "enabled"]),
            ("MEMBERS", "members", YES),
            ("MANAGERS", "managers", YES),
            ("PRESENTERS", "presenters", YES),
        ],
        "groups" => &[
            ("GROUP", "principal", YES),
            ("TYPE", "type", YES),
            ("SOURCE", "source", YES),
            ("MEMBERS", "members", YES),
            ("BELONGS TO", "belongsTo", YES),
        ],
        "rights" => &[("RIGHT", "right", YES), ("MAY", "allowed", YES), ("BECAUSE", "because", YES)],
        _ => &[],
    }
}

/// A table of rows of a kind.
pub fn table(kind: &str, rows: &[Value]) -> String {
    let mut table = fitting();
    table.load_style(UTF8_NO_BORDERS);
    let chosen = columns(kind);
    if chosen.is_empty() {
        let names = rows.first().and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name);
        let names: Vec<&String> = names.filter(|name| !HIDDEN.contains(&name.as_str())).collect();
        table.set_header(names.iter().map(|name| words(name).to_uppercase()));
        table.add_rows(
            rows.iter()
                .map(|row| names.iter().map(|name| shown(&row[name.as_str()], "")).collect::<Vec<_>>()),
        );
    } else {
        table.set_header(chosen.iter().map(|(head, _, _)| *head));
        table.add_rows(rows.iter().map(|row| {
            let cell = |(_, name, [yes, no]): &Column| match &row[*name] {
                Value::Bool(is) => if *is { *yes } else { *no }.to_owned(),
                other => shown(other, ""),
            };
            chosen.iter().map(cell).collect::<Vec<_>>()
        }));
    }
    format!("{table}\n")
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
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(|one| shown(one, none)).collect::<Vec<_>>().join("\n"),
        Value::Bool(yes) => YES[usize::from(!yes)].to_owned(),
        Value::Object(parts) => {
            let part = |(name, value): (&String, &Value)| format!("{} {}", words(name), shown(value, none));
            parts.iter().map(part).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
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
