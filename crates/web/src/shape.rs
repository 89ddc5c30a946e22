//! What a part of a route looks like, as a JSON schema of the document. Reads no request.

use admin::{Outcome, RowKind};
use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};

/// Where the document keeps named schemas.
pub(crate) const DEFINITIONS: &str = "/components/schemas";

/// What a part of a route looks like.
pub(crate) enum Shape {
    /// As a type says.
    Type(fn(&mut SchemaGenerator) -> Schema),
    /// As an operation says: its fields that stand here, under a name if it has one.
    Fields {
        /// The name in the document; without one the schema stands where it is needed.
        name: Option<String>,
        /// Makes an object without references.
        schema: Box<dyn Fn() -> Value + Send + Sync>,
    },
    /// What an operation yields.
    Outcome(RowKind),
    /// One of these.
    Either(Vec<Shape>),
}

impl Shape {
    /// The schema; what it refers to is left with the generator.
    pub(crate) fn schema(&self, generator: &mut SchemaGenerator) -> Value {
        match self {
            Self::Type(make) => make(generator).to_value(),
            Self::Fields { name: None, schema } => schema(),
            Self::Fields { name: Some(name), schema } => named(generator, name, schema()),
            Self::Outcome(rows) => outcome(generator, *rows),
            Self::Either(shapes) => {
                let all: Vec<Value> = shapes.iter().map(|shape| shape.schema(generator)).collect();
                json!({ "oneOf": all })
            }
        }
    }
}

/// An outcome with rows of one kind.
fn outcome(generator: &mut SchemaGenerator, rows: RowKind) -> Value {
    generator.subschema_for::<Outcome>();
    let row = (rows.schema)();
    let row = row.get("title").and_then(Value::as_str).unwrap_or(rows.name).to_owned();
    let mut schema = generator.definitions()["Outcome"].clone();
    if let Some(fields) = schema.as_object_mut() {
        fields.shift_remove("oneOf");
        fields.shift_remove("anyOf");
    }
    let rows_here = json!({ "type": "array", "items": { "$ref": format!("#{DEFINITIONS}/{row}") } });
    schema["properties"]["kind"] = json!({ "type": "string", "const": rows.name });
    schema["properties"]["rows"] = rows_here;
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.extend(["kind".into(), "rows".into()]);
    }
    let name = rows.name.split('-').map(capital).collect::<String>() + "Outcome";
    named(generator, &name, schema)
}

fn named(generator: &mut SchemaGenerator, name: &str, schema: Value) -> Value {
    generator.definitions_mut().insert(name.to_owned(), schema);
    json!({ "$ref": format!("#{DEFINITIONS}/{name}") })
}

/// A word with a capital.
pub(crate) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
