//! What came of an operation, as it is printed: rows of any kind, changes and warnings.
//! Knows no kind of row: a server elsewhere may answer with one that no operation here yields, such as the rooms a person sees.

use admin::{AccessView, Changed, Outcome};
use serde::Deserialize;
use serde_json::Value;

/// What came of an operation. Whatever a face has no use for, such as changes of a list, it may leave out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// What the rows are: `users`, `rooms`.
    pub kind: String,
    /// The rows, as JSON objects.
    pub rows: Vec<Value>,
    /// What was changed, or in a dry run would be.
    #[serde(default)]
    pub changes: Vec<Changed>,
    /// What the asker may not expect.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// In a dry run: whose rights would change.
    #[serde(default)]
    pub access: Vec<AccessView>,
    /// How many more rights would change than are listed.
    #[serde(default)]
    pub more_access: usize,
    /// Whether nothing was written.
    #[serde(default)]
    pub dry_run: bool,
    /// Where the rest of a list begins.
    #[serde(default)]
    pub next: Option<String>,
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        Self {
            kind: outcome.rows.kind(),
            rows: outcome.rows.values(),
            changes: outcome.changes,
            warnings: outcome.warnings,
            access: outcome.access,
            more_access: outcome.more_access,
            dry_run: outcome.dry_run,
            next: outcome.next,
        }
    }
}
