//! What an operation is about to do: the rows it writes, what changes by them, and what the asker should know.
//! Compares rows as people see them, so that a dry run, the answer and the journal tell the same.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value};
use store::RowChange;

use crate::outcome::{Changed, Outcome, Rows};

/// Values that name a row or follow from others: nobody changes them.
const DERIVED: [&str; 4] = ["etag", "guid", "uri", "rooms"];

/// What an operation is about to do.
#[derive(Default)]
pub(crate) struct Work {
    /// The changes of rows, in order.
    pub(crate) rows: Vec<RowChange>,
    /// What changes by them.
    pub(crate) changes: Vec<Changed>,
    /// What the asker may not expect.
    pub(crate) warnings: Vec<String>,
}

impl Work {
    /// Takes down how a row as people see it changes; `None` before it was made and after it is gone.
    pub(crate) fn compare<V: Serialize>(&mut self, object: &str, before: Option<&V>, after: Option<&V>) {
        let value =
            |view: Option<&V>| view.map(|view| serde_json::to_value(view).expect("a row is plain values"));
        self.changes.extend(compared(object, value(before).as_ref(), value(after).as_ref()));
    }

    /// What the operation yields with these rows.
    pub(crate) fn outcome(self, rows: Rows) -> Outcome {
        Outcome { changes: self.changes, warnings: self.warnings, ..Outcome::of(rows) }
    }
}

/// The values in which two JSON objects differ, in their order.
pub(crate) fn compared(object: &str, before: Option<&Value>, after: Option<&Value>) -> Vec<Changed> {
    let empty = Map::new();
    let fields =
        |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_else(|| empty.clone());
    let (before, after) = (fields(before), fields(after));
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let mut changes = Vec::new();
    for name in names.filter(|name| !DERIVED.contains(&name.as_str())) {
        let (old, new) = (told(before.get(name)), told(after.get(name)));
        let (old, new) = match (&old, &new) {
            (Value::Array(old), Value::Array(new)) => (without(old, new), without(new, old)),
            _ => (old, new),
        };
        if old != new {
            changes.push(Changed { object: object.to_owned(), field: name.clone(), before: old, after: new });
        }
    }
    changes
}

/// A value, or null for one that says nothing.
fn told(value: Option<&Value>) -> Value {
    match value {
        Some(Value::String(text)) if text.is_empty() => Value::Null,
        Some(Value::Array(list)) if list.is_empty() => Value::Null,
        Some(value) => value.clone(),
        None => Value::Null,
    }
}

/// Those of a list that are not in another; null for none.
fn without(list: &[Value], other: &[Value]) -> Value {
    let other: HashSet<&Value> = other.iter().collect();
    let only: Vec<Value> = list.iter().filter(|one| !other.contains(one)).cloned().collect();
    if only.is_empty() { Value::Null } else { Value::Array(only) }
}
