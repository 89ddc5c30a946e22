//! The document as octets: TOML in, and TOML out with a comment for every field, always the same for the same topology.
//! Checks the form and no rule; a document with broken rules can be read, kept and printed.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::Topology;
use crate::limits::DOCUMENT_BYTES_MAX;
use crate::schema::schema;
use crate::word::shown;

/// What stands at the beginning of every document written here.
const HEAD: &str = "\
# The topology of a Causerie deployment: which machines there are, what each does, where things are kept.
# Sites, stores and file stores are named by their id, pools and machines by their name in DNS.
";

/// Why octets are no topology.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TextFault {
    /// It is longer than any topology.
    #[error("the document has {size} octets, {DOCUMENT_BYTES_MAX} at most: is it a topology?")]
    TooLarge {
        /// Its length in octets.
        size: usize,
    },
    /// It is no text.
    #[error("the document is not UTF-8 from octet {at} on: save it as UTF-8")]
    NotUtf8 {
        /// How many octets are.
        at: usize,
    },
    /// It is not of the form of a topology.
    #[error("line {line}, column {column}: {what}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The character in the line, from 1.
        column: usize,
        /// What is wrong there, and what would be right.
        what: String,
    },
}

/// Reads a document; its lists come in the order documents are kept in, whatever order they were written in.
///
/// # Errors
/// When it is too large, no UTF-8, or not of the form of a topology. What is wrong in substance is found by
/// [`validate`](crate::validate).
pub fn parse(octets: &[u8]) -> Result<Topology, TextFault> {
    if octets.len() > DOCUMENT_BYTES_MAX {
        return Err(TextFault::TooLarge { size: octets.len() });
    }
    let text = std::str::from_utf8(octets).map_err(|error| TextFault::NotUtf8 { at: error.valid_up_to() })?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut topology: Topology = toml::from_str(text).map_err(|error| malformed(text, &error))?;
    topology.sort();
    Ok(topology)
}

/// Writes a document: equal topologies give equal octets, and [`parse`] gives the topology back.
#[must_use]
pub fn print(topology: &Topology) -> String {
    let mut sorted = topology.clone();
    sorted.sort();
    let plain = toml::to_string(&sorted).expect("texts, numbers and tables are all that TOML needs");
    commented(&plain, schema().as_value())
}

fn malformed(text: &str, error: &toml::de::Error) -> TextFault {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    // What the library says may repeat a text of any length over several lines.
    let said: String = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    let what = if said.chars().count() > WHAT_CHARS_MAX { shown(&said) } else { said };
    TextFault::Malformed { line, column, what }
}

/// How long a complaint of the library may be, in characters; longer ones are cut.
const WHAT_CHARS_MAX: usize = 600;

/// Puts what the schema says of a table or field above the first of its kind.
fn commented(plain: &str, schema: &Value) -> String {
    let mut text = HEAD.to_owned();
    let mut said = BTreeSet::new();
    let mut place: Vec<&str> = Vec::new();
    for line in plain.lines() {
        let head = line.strip_prefix('[').map(|line| line.trim_matches(['[', ']']));
        let key = line.split(" =").next().unwrap_or_default();
        if let Some(head) = head {
            place = head.split('.').collect();
        }
        let mut path = place.clone();
        if head.is_none() && !line.is_empty() {
            path.push(key);
        }
        let says = if line.is_empty() { None } else { description(schema, &path) };
        if let Some(says) = says.filter(|_| said.insert(path.join("."))) {
            text.push_str("# ");
            text.push_str(says);
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// What the schema says of the field at this path.
fn description<'a>(schema: &'a Value, path: &[&str]) -> Option<&'a str> {
    let (last, tables) = path.split_last()?;
    let mut object = schema;
    for table in tables {
        object = referred(schema, &object["properties"][*table])?;
    }
    object["properties"][*last]["description"].as_str()
}

/// The object a property holds: itself, its items, or the one it may be absent of.
fn referred<'a>(schema: &'a Value, property: &'a Value) -> Option<&'a Value> {
    let forms = [&property["items"]["$ref"], &property["$ref"], &property["anyOf"][0]["$ref"]];
    let name = forms.into_iter().find_map(Value::as_str)?.strip_prefix("#/$defs/")?;
    schema["$defs"].get(name)
}
