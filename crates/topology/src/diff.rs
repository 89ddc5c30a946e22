//! What two documents differ in, object by object, in words of the field.
//! Judges nothing: what a change means is said by the rules, with the published topology as a fact.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::document::Topology;
use crate::finding::{Object, ObjectKind};

/// One object that is not the same in both documents.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The object.
    #[serde(flatten)]
    pub object: Object,
    /// What happened to it.
    pub effect: Effect,
    /// Its fields that differ; all it has when it was added or removed.
    pub fields: Vec<FieldChange>,
}

/// What happened to an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Only the older document has it.
    Removed,
    /// Only the newer document has it.
    Added,
    /// Both have it, differently.
    Changed,
}

/// One field that is not the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    /// The field as it is written in the document; `mirror.server` for one of a table in it.
    pub field: String,
    /// What it was; absent when it was not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is; absent when it is not set any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The fields of an object, printed.
type Fields = BTreeMap<String, String>;

/// What `newer` has differently from `older`: by kind of object in the order of the document, then by name. Nothing when both say the same,
/// in whatever order.
#[must_use]
pub fn diff(older: &Topology, newer: &Topology) -> Vec<Change> {
    let (mut before, after) = (objects(older), objects(newer));
    let mut changes = Vec::new();
    for (object, fields) in after {
        let was = before.remove(&object);
        let effect = if was.is_some() { Effect::Changed } else { Effect::Added };
        let fields = compared(&was.unwrap_or_default(), &fields);
        if effect == Effect::Added || !fields.is_empty() {
            changes.push(Change { object, effect, fields });
        }
    }
    for (object, fields) in before {
        changes.push(Change { object, effect: Effect::Removed, fields: compared(&fields, &Fields::new()) });
    }
    changes.sort_by(|a, b| (&a.object, a.effect).cmp(&(&b.object, b.effect)));
    changes
}

/// Every object with its fields. Of two with one name, which a rule refuses, the last counts.
fn objects(topology: &Topology) -> BTreeMap<Object, Fields> {
    let mut objects = BTreeMap::new();
    for site in &topology.sites {
        objects.insert(Object::new(ObjectKind::Site, &site.id), fields(site));
    }
    for server in &topology.standard_edition_servers {
        objects.insert(Object::new(ObjectKind::StandardEditionServer, &server.fqdn), fields(server));
    }
    for pool in &topology.front_end_pools {
        let mut sorted = pool.clone();
        sorted.machines.sort();
        objects.insert(Object::new(ObjectKind::FrontEndPool, &pool.fqdn), fields(&sorted));
    }
    for store in &topology.stores {
        objects.insert(Object::new(ObjectKind::Store, &store.id), fields(store));
    }
    for store in &topology.file_stores {
        objects.insert(Object::new(ObjectKind::FileStore, &store.id), fields(store));
    }
    for pool in &topology.pools {
        objects.insert(Object::new(ObjectKind::PersistentChatPool, &pool.fqdn), fields(pool));
        for machine in &pool.machines {
            objects.insert(Object::machine(&pool.fqdn, &machine.fqdn), fields(machine));
        }
    }
    objects
}

/// What an object holds, without what names it and without its machines, which are objects themselves.
fn fields(object: &impl Serialize) -> Fields {
    let value = serde_json::to_value(object).expect("texts, numbers and tables are all that JSON needs");
    let mut fields = Fields::new();
    flatten(&value, "", &mut fields);
    for named in ["id", "fqdn"] {
        fields.remove(named);
    }
    fields
}

fn flatten(value: &Value, name: &str, fields: &mut Fields) {
    match value {
        Value::Object(table) => {
            for (key, value) in table.iter().filter(|(key, _)| *key != "machine") {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(value, &name, fields);
            }
        }
        Value::Array(values) => {
            let words: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            fields.insert(name.to_owned(), words.join(", "));
        }
        Value::String(text) => {
            fields.insert(name.to_owned(), text.clone());
        }
        other => {
            fields.insert(name.to_owned(), other.to_string());
        }
    }
}

fn compared(before: &Fields, after: &Fields) -> Vec<FieldChange> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let changes = names.into_iter().map(|name| FieldChange {
        field: name.clone(),
        before: before.get(name).cloned(),
        after: after.get(name).cloned(),
    });
    changes.filter(|change| change.before != change.after).collect()
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { object, effect, fields } = self;
        match effect {
            Effect::Removed => write!(f, "{object} is removed"),
            Effect::Added => write!(f, "{object} is added"),
            Effect::Changed => {
                write!(f, "{object}: ")?;
                for (index, field) in fields.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "; " };
                    write!(f, "{separator}{field}")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "{} from {before} to {after}", self.field),
            (None, Some(after)) => write!(f, "{} set to {after}", self.field),
            (Some(before), None) => write!(f, "{} no longer {before}", self.field),
            (None, None) => write!(f, "{} unchanged", self.field),
        }
    }
}
