//! The fields of an operation, read from its JSON schema: what a command line, a query or a form needs to know of each.
//! Reads values in the words of people; what they mean, the verbs find out.

use schemars::Schema;
use serde_json::{Map, Value};

use crate::value::{CLEARABLE, LIST};

/// A field of an operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it can be taken away by `null`.
    pub clearable: bool,
    /// What it is, in a sentence.
    pub description: String,
}

/// What a field holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// A text.
    Text,
    /// A text that is never shown.
    Secret,
    /// A date, or a date and a time.
    Moment,
    /// Yes or no.
    Flag,
    /// A whole number.
    Whole {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// One of these words.
    Words(Vec<Word>),
    /// A list of texts.
    Texts,
    /// A change of a list of texts.
    Change,
    /// Anything else, as JSON.
    Json,
}

/// A word a field can hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    /// As it is written.
    pub word: String,
    /// What it means.
    pub description: String,
}

impl Field {
    /// Whether it is never shown or recorded.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.kind == FieldKind::Secret
    }

    /// A value as it stands in a query or on a command line, as JSON. Lists are one text here: the caller collects them.
    ///
    /// # Errors
    /// Why it cannot be that, in a sentence.
    pub fn value_of(&self, text: &str) -> Result<Value, String> {
        match &self.kind {
            FieldKind::Flag => match text.to_ascii_lowercase().as_str() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(format!("{} cannot be '{text}': give true or false", self.name)),
            },
            FieldKind::Whole { .. } => match text.parse::<i64>() {
                Ok(number) => self.admitted(number.into()),
                Err(_) => Err(format!("{} cannot be '{text}': give a whole number", self.name)),
            },
            FieldKind::Change | FieldKind::Json => serde_json::from_str(text)
                .map_err(|bad| format!("{} cannot be '{text}': give JSON ({bad})", self.name)),
            _ => self.admitted(text.into()),
        }
    }

    /// A JSON value as the operation takes it, if this field can hold it: words in their own case.
    ///
    /// # Errors
    /// Why it cannot be that, in a sentence.
    pub fn admitted(&self, value: Value) -> Result<Value, String> {
        let name = &self.name;
        let refused = |wanted: &str| Err(format!("{name} cannot be {value}: give {wanted}"));
        if value.is_null() && (self.clearable || !self.required) {
            return Ok(value);
        }
        match &self.kind {
            FieldKind::Text | FieldKind::Secret if !value.is_string() => {
                // What is secret is not said again.
                Err(format!("{name} cannot be that: give a text"))
            }
            FieldKind::Moment if !value.is_string() => refused("a time such as 2026-11-24T10:15:00Z"),
            FieldKind::Flag if !value.is_boolean() => refused("true or false"),
            FieldKind::Whole { min, max } => match value.as_i64() {
                Some(number) if (*min..=*max).contains(&number) => Ok(value),
                _ => refused(&format!("a whole number from {min} to {max}")),
            },
            FieldKind::Words(words) => {
                let text = value
                    .as_bool()
                    .map_or_else(|| value.as_str().map(str::to_owned), |yes| Some(yes.to_string()));
                let found =
                    text.and_then(|text| words.iter().find(|known| known.word.eq_ignore_ascii_case(&text)));
                found.map_or_else(|| refused(&one_of(words)), |known| Ok(known.word.clone().into()))
            }
            FieldKind::Texts if !is_texts(&value) => refused("a list of texts"),
            FieldKind::Change if !is_change(&value) => refused(
                "{\"add\": [], \"remove\": []}, {\"replace\": []}, a list of texts, or null for nobody",
            ),
            _ => Ok(value),
        }
    }
}

/// The words, as a sentence lists them.
fn one_of(words: &[Word]) -> String {
    let all: Vec<&str> = words.iter().map(|known| known.word.as_str()).collect();
    match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => all.concat(),
    }
}

fn is_texts(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(Value::is_string))
}

fn is_change(value: &Value) -> bool {
    let part = |(name, part): (&String, &Value)| {
        matches!(name.as_str(), "add" | "remove" | "replace") && is_texts(part)
    };
    value.is_null() || is_texts(value) || value.as_object().is_some_and(|parts| parts.iter().all(part))
}

/// The fields of an operation with this schema, in their order.
pub(crate) fn fields(schema: &Schema) -> Vec<Field> {
    let empty = Map::new();
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let field = |(name, property): (&String, &Value)| Field {
        name: name.clone(),
        kind: kind(property),
        required: required.contains(&Value::from(name.as_str())),
        clearable: property.get(CLEARABLE).is_some(),
        description: described(property),
    };
    properties.iter().map(field).collect()
}

fn described(schema: &Value) -> String {
    schema.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ")
}

fn kind(property: &Value) -> FieldKind {
    if property.get(LIST).is_some() {
        return FieldKind::Change;
    }
    let schema = present(property);
    if let Some(words) = words(schema) {
        return FieldKind::Words(words);
    }
    let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
    match (type_of(schema), schema.get("format").and_then(Value::as_str)) {
        ("string", Some("password")) => FieldKind::Secret,
        ("string", Some("date-time")) => FieldKind::Moment,
        ("string", _) => FieldKind::Text,
        ("boolean", _) => FieldKind::Flag,
        ("integer", _) => FieldKind::Whole {
            min: bound("minimum").unwrap_or(i64::MIN),
            max: bound("maximum").unwrap_or(i64::MAX),
        },
        ("array", _) if schema.get("items").is_some_and(|items| type_of(items) == "string") => {
            FieldKind::Texts
        }
        _ => FieldKind::Json,
    }
}

/// The schema of what is there when it is not null.
fn present(schema: &Value) -> &Value {
    let choices = schema.get("anyOf").and_then(Value::as_array);
    let real = choices.and_then(|all| all.iter().find(|one| type_of(one) != "null"));
    real.unwrap_or(schema)
}

fn type_of(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(one)) => one,
        Some(Value::Array(some)) => {
            some.iter().filter_map(Value::as_str).find(|one| *one != "null").unwrap_or("null")
        }
        _ => "",
    }
}

fn words(schema: &Value) -> Option<Vec<Word>> {
    let plain = |list: &Value, description: &str| -> Vec<Word> {
        let all = list.as_array().into_iter().flatten().filter_map(Value::as_str);
        all.map(|word| Word { word: word.to_owned(), description: description.to_owned() }).collect()
    };
    if let Some(list) = schema.get("enum") {
        return Some(plain(list, ""));
    }
    let choices = schema.get("oneOf").and_then(Value::as_array)?;
    let word = |choice: &Value| match (choice.get("const"), choice.get("enum")) {
        (Some(Value::String(word)), _) => vec![Word { word: word.clone(), description: described(choice) }],
        (_, Some(list)) => plain(list, &described(choice)),
        _ => Vec::new(),
    };
    let words: Vec<Word> = choices.iter().flat_map(word).collect();
    (!words.is_empty()).then_some(words)
}
