//! What there is to know of each operation besides what it does: its words, its route, whom it is for, its fields.
//! Command line, REST, their reference pages and the desk read it; nothing is said twice.

mod table;

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use chat::{Role, Roles};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

pub use table::SPECS;

use crate::error::AdminError;
use crate::field::{Field, FieldKind, fields};
use crate::operation::{FILES, Operation};

/// An HTTP method.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the methods of HTTP (RFC 9110, 9.3; RFC 5789)")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// What an operation needs of whoever asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// A role that includes this one.
    Role(Role),
    /// A role that includes one of these two.
    Either(Role, Role),
    /// Somebody signed on: the operation itself looks whether the asker may, as the manager of a room or for oneself.
    Own,
}

/// The rows an operation yields.
#[derive(Clone, Copy, Debug)]
pub struct RowKind {
    /// As outcomes name them: `rooms`.
    pub name: &'static str,
    /// Their schema, one row.
    pub schema: fn() -> Schema,
}

/// What there is to know of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// What it is about: `room`.
    pub noun: &'static str,
    /// What it does: `new`, or in two words `active-servers set`; empty where the noun is a verb itself.
    pub verb: &'static str,
    /// The command of the product it stands for.
    pub cmdlet: Option<&'static str>,
    /// The HTTP method.
    pub method: Method,
    /// The path under `/api/v1`; `{room}` stands for the field `room`.
    pub path: &'static str,
    /// The HTTP status of success.
    pub status: u16,
    /// Whom it is for.
    pub need: Need,
    /// Whether it changes nothing.
    pub only_reads: bool,
    /// Whether it looks at the state of one thing that it changes, if the asker names it (`If-Match`).
    pub takes_state: bool,
    /// What to ask before something is lost; `{room}` stands for the field `room`.
    pub question: Option<&'static str>,
    /// The fields that stand on the command line without an option, in order.
    pub positional: &'static [&'static str],
    /// What it yields.
    pub rows: RowKind,
    schema: fn() -> Schema,
    take: fn(Value) -> Result<Operation, serde_json::Error>,
}

/// Why an object is no operation.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct BadOperation {
    /// The field that is wrong.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

static FIELDS: LazyLock<HashMap<(&str, &str), Vec<Field>>> =
    LazyLock::new(|| SPECS.iter().map(|spec| ((spec.noun, spec.verb), fields(&spec.schema()))).collect());

impl Need {
    /// Whether who has these roles may ask; for what is open to others too, the operation itself looks further.
    #[must_use]
    pub fn is_met(self, roles: Roles) -> bool {
        match self {
            Self::Role(role) => roles.granting(role).is_some(),
            Self::Either(one, other) => Self::Role(one).is_met(roles) || Self::Role(other).is_met(roles),
            Self::Own => true,
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(role) => write!(f, "the role {role}"),
            Self::Either(one, other) => write!(f, "the role {one} or {other}"),
            Self::Own => f.write_str("somebody signed on"),
        }
    }
}

impl Spec {
    /// That of an operation.
    ///
    /// # Panics
    /// Never: each operation has one, and a test says so.
    #[must_use]
    pub fn of(operation: &Operation) -> &'static Self {
        let (noun, verb) = operation.words();
        Self::find(noun, verb).expect("each operation stands in the table")
    }

    /// That of a noun and a verb.
    #[must_use]
    pub fn find(noun: &str, verb: &str) -> Option<&'static Self> {
        SPECS.iter().find(|spec| spec.noun == noun && spec.verb == verb)
    }

    /// That of a noun and a verb with a hyphen between them.
    #[must_use]
    pub fn named(words: &str) -> Option<&'static Self> {
        let named = |spec: &&Self| {
            if spec.verb.is_empty() {
                return words == spec.noun;
            }
            words
                .strip_prefix(spec.noun)
                .and_then(|rest| rest.strip_prefix('-'))
                .is_some_and(|verb| verb == spec.verb.replace(' ', "-"))
        };
        SPECS.iter().find(named)
    }

    /// The nouns, each once, in the order of the table.
    #[must_use]
    pub fn nouns() -> Vec<&'static str> {
        let mut nouns = Vec::new();
        for spec in SPECS {
            if !nouns.contains(&spec.noun) {
                nouns.push(spec.noun);
            }
        }
        nouns
    }

    /// What a noun is about, in the plural: `Rooms`.
    #[must_use]
    pub fn title(noun: &'static str) -> &'static str {
        table::TITLES.iter().find(|(of, _)| *of == noun).map_or(noun, |(_, title)| title)
    }

    /// Noun and verb, as they are said: `room new`.
    #[must_use]
    pub fn said(&self) -> String {
        format!("{} {}", self.noun, self.verb).trim_end().to_owned()
    }

    /// The JSON schema of its fields, without references.
    #[must_use]
    pub fn schema(&self) -> Schema {
        (self.schema)()
    }

    /// What it does, in a sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        self.described().split("\n\n").next().unwrap_or_default().replace('\n', " ")
    }

    /// What it does, in full.
    #[must_use]
    pub fn described(&self) -> String {
        self.schema().get("description").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Its fields, in order.
    #[must_use]
    pub fn fields(&self) -> &'static [Field] {
        FIELDS.get(&(self.noun, self.verb)).map_or(&[], Vec::as_slice)
    }

    /// Its field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// Whether one of its fields holds a whole file.
    #[must_use]
    pub fn takes_file(&self) -> bool {
        FILES.iter().any(|name| self.field(name).is_some())
    }

    /// The names of the fields that stand in its path, in order.
    #[must_use]
    pub fn path_fields(&self) -> Vec<&'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
    }

    /// Whether its other fields travel as a JSON body; otherwise they stand in the query.
    #[must_use]
    pub fn has_body(&self) -> bool {
        !matches!(self.method, Method::Get | Method::Delete)
    }

    /// Reads the operation from its fields.
    ///
    /// # Errors
    /// [`BadOperation`], naming the first field that is unknown, missing or cannot be what it is.
    pub fn read(&self, mut given: Map<String, Value>) -> Result<Operation, BadOperation> {
        let bad = |field: &str, message: String| BadOperation { field: field.to_owned(), message };
        if let Some(unknown) = given.keys().find(|name| self.field(name).is_none()) {
            let known: Vec<&str> = self.fields().iter().map(|field| field.name.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let message = format!("{} has no field '{unknown}': there is {known}", self.said());
            return Err(bad(unknown, message));
        }
        if let Some((name, _)) = given.iter().find(|(_, value)| !is_keepable(value)) {
            return Err(bad(name, format!("{name} {UNKEEPABLE}")));
        }
        for field in self.fields() {
            match given.get_mut(&field.name) {
                Some(value) => {
                    let admitted =
                        field.admitted(value.take()).map_err(|message| bad(&field.name, message))?;
                    *value = admitted;
                }
                None if field.required => {
                    let what = field.description.trim_end_matches('.');
                    return Err(bad(&field.name, format!("{} is missing: {what}", field.name)));
                }
                None => (),
            }
        }
        // Null says of what cannot be cleared that it is not given.
        given.retain(|name, value| {
            !value.is_null()
                || self.field(name).is_some_and(|field| field.clearable || field.kind == FieldKind::Change)
        });
        (self.take)(Value::Object(given)).map_err(|error| bad("", error.to_string()))
    }

    /// Reads fields as they stand in a query: texts, lists by repetition.
    ///
    /// # Errors
    /// As [`Spec::read`].
    pub fn read_texts<'a>(
        &self,
        given: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Map<String, Value>, BadOperation> {
        let mut fields = Map::new();
        for (name, text) in given {
            let bad = |message| BadOperation { field: name.to_owned(), message };
            let Some(field) = self.field(name) else {
                // Who is unknown is said by `read`, which knows all of them.
                fields.insert(name.to_owned(), text.into());
                continue;
            };
            if field.kind == FieldKind::Texts {
                let list = fields.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                list.as_array_mut().expect("it was made a list").push(text.into());
            } else if fields.insert(name.to_owned(), field.value_of(text).map_err(bad)?).is_some() {
                return Err(bad(format!("{name} is given twice: give it once")));
            }
        }
        Ok(fields)
    }

    /// The question to ask before this operation is carried out, if it is one to ask about.
    #[must_use]
    pub fn question(&self, fields: &Map<String, Value>) -> Option<String> {
        let mut question = self.question?.to_owned();
        for (name, value) in fields {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            question = question.replace(&format!("{{{name}}}"), &shown);
        }
        Some(question)
    }
}

/// What is said of a value with the character of number 0.
pub(crate) const UNKEEPABLE: &str = "holds the character U+0000, which is never kept: leave it out";

/// Whether every text in a value can be kept, or be looked for.
pub(crate) fn is_keepable(value: &Value) -> bool {
    match value {
        Value::String(text) => chat::is_keepable(text),
        Value::Array(values) => values.iter().all(is_keepable),
        Value::Object(fields) => {
            fields.iter().all(|(name, value)| chat::is_keepable(name) && is_keepable(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// How the table is written.
impl Spec {
    const fn new(
        noun: &'static str,
        verb: &'static str,
        schema: fn() -> Schema,
        take: fn(Value) -> Result<Operation, serde_json::Error>,
        rows: RowKind,
    ) -> Self {
        Self {
            noun,
            verb,
            cmdlet: None,
            method: Method::Get,
            path: "",
            status: 200,
            need: Need::Role(Role::Reader),
            only_reads: true,
            takes_state: false,
            question: None,
            positional: &[],
            rows,
            schema,
            take,
        }
    }

    /// Reads at this path.
    const fn get(self, path: &'static str) -> Self {
        Self { method: Method::Get, path, ..self }
    }

    /// Makes something at this path, for this role.
    const fn post(self, path: &'static str, role: Role) -> Self {
        Self { method: Method::Post, path, status: 201, need: Need::Role(role), only_reads: false, ..self }
    }

    /// Says what is to be at this path, for this role.
    const fn put(self, path: &'static str, role: Role) -> Self {
        Self { method: Method::Put, ..self.patch(path, role) }
    }

    /// Changes something at this path, for this role.
    const fn patch(self, path: &'static str, role: Role) -> Self {
        let need = Need::Role(role);
        Self { method: Method::Patch, path, need, only_reads: false, takes_state: true, ..self }
    }

    /// Removes something at this path, for this role, after this question.
    const fn delete(self, path: &'static str, role: Role, question: &'static str) -> Self {
        Self {
            method: Method::Delete,
            path,
            need: Need::Role(role),
            only_reads: false,
            takes_state: true,
            question: Some(question),
            ..self
        }
    }

    /// Does something (and makes nothing) at this path, for this role.
    const fn act(self, path: &'static str, role: Role) -> Self {
        Self { status: 200, ..self.post(path, role) }
    }

    /// Changes one thing whose state can be named.
    const fn of_state(self) -> Self {
        Self { takes_state: true, ..self }
    }

    /// Changes nothing whose state is told.
    const fn of_no_state(self) -> Self {
        Self { takes_state: false, ..self }
    }

    /// Asks this question first.
    const fn asks(self, question: &'static str) -> Self {
        Self { question: Some(question), ..self }
    }

    /// For this role as well as the one it is for.
    const fn or(self, other: Role) -> Self {
        match self.need {
            Need::Role(role) => Self { need: Need::Either(role, other), ..self },
            Need::Either(..) | Need::Own => self,
        }
    }

    /// For everybody signed on: the operation itself looks whether the asker may.
    const fn own(self) -> Self {
        Self { need: Need::Own, ..self }
    }

    /// Stands for this command of the product.
    const fn cmdlet(self, name: &'static str) -> Self {
        Self { cmdlet: Some(name), ..self }
    }

    /// These fields need no option on the command line.
    const fn words(self, positional: &'static [&'static str]) -> Self {
        Self { positional, ..self }
    }
}

/// The schema of a type, without references.
fn schema<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<T>()
}

impl Method {
    /// Its name in HTTP.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl From<BadOperation> for AdminError {
    fn from(bad: BadOperation) -> Self {
        Self::Invalid { field: bad.field, message: bad.message }
    }
}
