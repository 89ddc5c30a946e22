//! Values of operations that are more than a text or a number: changes of lists, what can be cleared, secrets, moments.
//! Says how each travels as JSON; what a principal or a name is, the verbs find out.

use std::borrow::Cow;

use chat::Time;
use chat::limits::PRINCIPALS_MAX;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::AdminError;

/// Marks the schema of a [`ListChange`].
pub(crate) const LIST: &str = "x-list";
/// Marks the schema of a [`Revised`] value.
pub(crate) const CLEARABLE: &str = "x-clearable";
/// Longest secret in octets (ours: the directory's own limit is lower and says so).
const SECRET_BYTES_MAX: usize = 4_096;
/// Longest text of a moment in octets (ours: ISO 8601 with nine fractional digits and a zone has fewer).
const MOMENT_BYTES_MAX: usize = 64;

/// A change of a list of principals: the whole of it replaced, or some added and others removed.
///
/// As JSON `{"add": [], "remove": []}`, `{"replace": []}`, a list alone for the whole new list, `null` for nobody.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct ListChange {
    /// The whole new list; empty clears it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replace: Option<Vec<String>>,
    /// Principals to add.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<String>,
    /// Principals to remove.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

/// A value that can be left as it is, taken away (`null` as JSON), or given anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Revised<T> {
    /// As it is.
    #[default]
    Kept,
    /// None from now on.
    Cleared,
    /// This from now on.
    To(T),
}

/// A password or token on its way. Never shown by `Debug` and never written into a journal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

/// A point in time as written: `2026-11-24T10:15:00Z`, or a date alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub String);

impl ListChange {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The principals it gives a place in the list.
    pub fn given(&self) -> impl Iterator<Item = &String> {
        self.replace.iter().flatten().chain(&self.add)
    }

    /// Every principal it names.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.given().chain(&self.remove).map(String::as_str)
    }
}

impl<T> Revised<T> {
    /// Whether it is left as it is.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        matches!(self, Self::Kept)
    }

    /// The value after the change.
    #[must_use]
    pub fn of(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Kept => old,
            Self::Cleared => None,
            Self::To(new) => Some(new),
        }
    }
}

impl Moment {
    /// The time it names; a date alone is its first moment in UTC.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] for anything else, naming the field.
    pub fn first(&self, field: &str) -> Result<Time, AdminError> {
        self.read(field, "T00:00:00Z")
    }

    /// The time it names; a date alone is its last moment in UTC.
    ///
    /// # Errors
    /// As [`Moment::first`].
    pub fn last(&self, field: &str) -> Result<Time, AdminError> {
        self.read(field, "T23:59:59.999999Z")
    }

    fn read(&self, field: &str, rest: &str) -> Result<Time, AdminError> {
        let date_alone = self.0.len() == "2026-11-24".len();
        let text = if date_alone { format!("{}{rest}", self.0) } else { self.0.clone() };
        Time::parse_iso(&text).map_err(|_| {
            let message = format!("'{}' is no time: write 2026-11-24T10:15:00Z, or a date alone", self.0);
            AdminError::invalid(field, message)
        })
    }
}

impl<'de> Deserialize<'de> for ListChange {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Given {
            Nobody(()),
            Whole(Vec<String>),
            Change(Parts),
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Parts {
            replace: Option<Vec<String>>,
            #[serde(default)]
            add: Vec<String>,
            #[serde(default)]
            remove: Vec<String>,
        }
        Ok(match Given::deserialize(from)? {
            Given::Nobody(()) => Self { replace: Some(Vec::new()), ..Self::default() },
            Given::Whole(list) => Self { replace: Some(list), ..Self::default() },
            Given::Change(Parts { replace, add, remove }) => Self { replace, add, remove },
        })
    }
}

impl<T: Serialize> Serialize for Revised<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::To(value) => to.serialize_some(value),
            Self::Kept | Self::Cleared => to.serialize_none(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Revised<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Cleared, Self::To))
    }
}

impl JsonSchema for ListChange {
    fn schema_name() -> Cow<'static, str> {
        "ListChange".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let list =
            || json_schema!({ "type": "array", "items": { "type": "string" }, "maxItems": PRINCIPALS_MAX });
        json_schema!({
            "anyOf": [
                {
                    "type": "object",
                    "properties": { "replace": list(), "add": list(), "remove": list() },
                    "additionalProperties": false
                },
                list(),
                { "type": "null" }
            ],
            LIST: true
        })
    }
}

impl<T: JsonSchema> JsonSchema for Revised<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Revised{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Option::<T>::json_schema(generator);
        schema.insert(CLEARABLE.into(), true.into());
        schema
    }
}

impl JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "format": "password", "writeOnly": true, "maxLength": SECRET_BYTES_MAX
        })
    }
}

impl JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time", "maxLength": MOMENT_BYTES_MAX })
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}
