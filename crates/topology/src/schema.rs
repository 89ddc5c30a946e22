//! The JSON Schema of the document, for editors and for whoever writes one by program.
//! Says what can be written; what may be published is said by the rules.

use schemars::{Schema, schema_for};

use crate::document::Topology;

/// The schema (JSON Schema 2020-12).
#[must_use]
pub fn schema() -> Schema {
    let mut schema = schema_for!(Topology);
    schema.insert("title".to_owned(), "Causerie topology".into());
    schema
}
