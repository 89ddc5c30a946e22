//! Texts of paths and queries, and bodies, read into the types of a route as their JSON schemas say.
//! Knows no route; what the values mean is decided below.

use std::collections::BTreeMap;

use admin::Distinct;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use crate::limits::QUERY_OCTETS_MAX;
use crate::problem::{Code, Problem};

/// The names of texts and what kind of value each holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(BTreeMap<String, Kind>);

/// What a text is read as.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Kind {
    Text,
    Whole,
    Flag,
    /// May come several times.
    List(Box<Self>),
}

impl Fields {
    /// The fields of a type.
    pub(crate) fn of<T: JsonSchema>() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        Self::in_schema(settings.into_generator().into_root_schema_for::<T>().as_value())
    }

    /// The fields of an object's schema, in which nothing is referred to.
    pub(crate) fn in_schema(schema: &Value) -> Self {
        let properties = schema.get("properties").and_then(Value::as_object);
        let kinds = properties.into_iter().flatten().map(|(name, schema)| (name.clone(), Kind::of(schema)));
        Self(kinds.collect())
    }

    /// Texts by name, as values.
    ///
    /// # Errors
    /// 400 naming the field that is not known, comes twice, or cannot be read.
    pub(crate) fn read(&self, pairs: Vec<(String, String)>) -> Result<Map<String, Value>, Problem> {
        let mut values = Map::new();
        for (name, text) in pairs {
            let Some(kind) = self.0.get(&name) else {
                let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(Problem::field(
                    name.clone(),
                    format!("'{name}' is not known here; known are: {known}"),
                ));
            };
            let one = kind.read(&name, text)?;
            match (kind, values.get_mut(&name)) {
                (Kind::List(_), Some(Value::Array(list))) => list.push(one),
                (Kind::List(_), _) => drop(values.insert(name, Value::Array(vec![one]))),
                (_, Some(_)) => return Err(Problem::field(name.clone(), format!("'{name}' is given twice"))),
                (_, None) => drop(values.insert(name, one)),
            }
        }
        Ok(values)
    }
}

impl Kind {
    fn of(schema: &Value) -> Self {
        match type_of(schema) {
            Some("integer" | "number") => Self::Whole,
            Some("boolean") => Self::Flag,
            Some("array") => Self::List(Box::new(schema.get("items").map_or(Self::Text, Self::of))),
            _ => Self::Text,
        }
    }

    fn read(&self, name: &str, text: String) -> Result<Value, Problem> {
        match self {
            Self::Text => Ok(Value::String(text)),
            Self::Whole => {
                let number = text.parse::<u64>().map(Number::from);
                let number = number.or_else(|_| text.parse::<i64>().map(Number::from));
                number.map(Value::Number).map_err(|_| {
                    Problem::field(name, format!("'{name}' must be a whole number, not '{text}'"))
                })
            }
            Self::Flag => match text.as_str() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(Problem::field(name, format!("'{name}' must be true or false, not '{text}'"))),
            },
            Self::List(kind) => kind.read(name, text),
        }
    }
}

/// The type a schema names, without regard to null.
fn type_of(schema: &Value) -> Option<&str> {
    let named = |kind: &Value| kind.as_str().is_some_and(|kind| kind != "null");
    match schema.get("type") {
        Some(Value::String(kind)) => Some(kind),
        Some(Value::Array(kinds)) => kinds.iter().find(|kind| named(kind))?.as_str(),
        _ => {
            let variants = schema.get("anyOf").or_else(|| schema.get("oneOf"))?.as_array()?;
            variants.iter().filter_map(type_of).find(|kind| *kind != "null")
        }
    }
}

/// The names and values of a query, decoded.
///
/// # Errors
/// 400 when it is too long or holds octets that are no text.
pub(crate) fn query(query: Option<&str>) -> Result<Vec<(String, String)>, Problem> {
    let query = query.unwrap_or_default();
    if query.len() > QUERY_OCTETS_MAX {
        return Err(Problem::field("query", format!("the query has more than {QUERY_OCTETS_MAX} octets")));
    }
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((decoded(name)?, decoded(value)?))
    });
    pairs.collect()
}

/// A value as a type.
///
/// # Errors
/// 400 naming the field that is missing or of another kind.
pub(crate) fn typed<T: DeserializeOwned>(values: Map<String, Value>) -> Result<T, Problem> {
    serde_path_to_error::deserialize(Value::Object(values)).map_err(|error| unreadable(&error))
}

/// A body as a type.
///
/// # Errors
/// 400 when it is no object, or naming the field that is missing, unknown, given twice or of another kind.
pub(crate) fn body<T: DeserializeOwned>(octets: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(octets);
    let Distinct(value) = serde_path_to_error::deserialize(&mut json).map_err(|error| unreadable(&error))?;
    json.end().map_err(|error| Problem::new(Code::InvalidArgument, format!("the body: {error}")))?;
    // A list would be read as the fields in their order, which nobody is promised.
    if !value.is_object() {
        let message = "the body must be a JSON object, with its fields by their names: {\"field\": value}";
        return Err(Problem::new(Code::InvalidArgument, message));
    }
    serde_path_to_error::deserialize(value).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let place = error.path().to_string();
    let what = error.inner().to_string();
    if place == "." { Problem::new(Code::InvalidArgument, what) } else { Problem::field(place, what) }
}

/// A part of a query, in which blanks are `+` or `%20`.
fn decoded(part: &str) -> Result<String, Problem> {
    let mut octets = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let octet = match (first, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => {
                rest = after;
                octet(*high, *low).ok_or_else(|| undecodable(part))?
            }
            (b'%', _) => return Err(undecodable(part)),
            (other, _) => *other,
        };
        octets.push(octet);
    }
    let text = String::from_utf8(octets).map_err(|_| undecodable(part))?;
    // Nothing that is kept holds it, and not every database can look for it.
    if chat::is_keepable(&text) { Ok(text) } else { Err(undecodable(part)) }
}

/// The octet of two digits of base 16.
fn octet(high: u8, low: u8) -> Option<u8> {
    let digit = |octet| char::from(octet).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn undecodable(part: &str) -> Problem {
    let what = "after % come two digits of base 16, never 00, and all octets together are UTF-8";
    Problem::field("query", format!("'{part}' cannot be read: {what}"))
}
