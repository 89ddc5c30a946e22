//! What a rule has to say: how grave it is, where in the document, what is wrong and what to do.
//! Finds nothing itself.

use std::fmt;

use serde::Serialize;

/// How grave a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know; nothing need be done.
    Note,
    /// Supported, and perhaps not what is wanted.
    Warning,
    /// Nothing is published until it is mended.
    Error,
}

/// An object of the document.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// Its identity or name in DNS; empty for the document itself.
    pub name: String,
    /// The pool, when it is a machine of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

/// What an object of the document is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectKind {
    /// The document as a whole.
    Topology,
    /// A site.
    Site,
    /// A Standard Edition server.
    StandardEditionServer,
    /// A front-end pool.
    FrontEndPool,
    /// A store.
    Store,
    /// A file store.
    FileStore,
    /// A persistent chat pool.
    PersistentChatPool,
    /// A machine of a persistent chat pool.
    Machine,
}

/// A place in the document: an object, and the field of it if one is meant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The object.
    #[serde(flatten)]
    pub object: Object,
    /// The field, as it is written in the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
}

/// Something a rule has to say.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The number of the rule, such as `V7`.
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What is wrong, as a clause without an end.
    pub problem: String,
    /// What to do, as a clause without an end.
    pub fix: String,
}

impl Object {
    /// An object that stands by itself.
    #[must_use]
    pub fn new(kind: ObjectKind, name: &impl ToString) -> Self {
        Self { kind, name: name.to_string(), within: None }
    }

    /// The document as a whole.
    #[must_use]
    pub fn topology() -> Self {
        Self { kind: ObjectKind::Topology, name: String::new(), within: None }
    }

    /// A machine of a persistent chat pool.
    #[must_use]
    pub fn machine(pool: &impl ToString, name: &impl ToString) -> Self {
        Self { kind: ObjectKind::Machine, name: name.to_string(), within: Some(pool.to_string()) }
    }

    /// A field of it.
    #[must_use]
    pub fn field(self, field: &'static str) -> Place {
        Place { object: self, field: Some(field) }
    }

    /// The whole of it.
    #[must_use]
    pub fn whole(self) -> Place {
        Place { object: self, field: None }
    }
}

impl ObjectKind {
    /// In words of the field.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Topology => "topology",
            Self::Site => "site",
            Self::StandardEditionServer => "Standard Edition server",
            Self::FrontEndPool => "front-end pool",
            Self::Store => "store",
            Self::FileStore => "file store",
            Self::PersistentChatPool => "persistent chat pool",
            Self::Machine => "machine",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.words())?;
        if !self.name.is_empty() {
            write!(f, " {}", self.name)?;
        }
        match &self.within {
            Some(pool) => write!(f, " of {pool}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(f, "{}, {field}", self.object),
            None => write!(f, "{}", self.object),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, severity, place, problem, fix } = self;
        write!(f, "{severity} {rule}: {place}: {problem}; {fix}")
    }
}
