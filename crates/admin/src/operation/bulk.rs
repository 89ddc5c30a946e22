//! What can be asked about many rooms at once.
//! Carried out in `bulk.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Makes rooms from a table (CSV, RFC 4180): all of it is checked first, and unless all of it is good nothing is written.
///
/// The first line names the columns: name, category, and as far as wanted description, privacy, type, invitations, addIn, disabled,
/// members, managers, presenters. A list of principals is separated by semicolons. A room that is there with the same values is
/// left as it is, so that an import that was interrupted can be asked again.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoomImport {
    /// The table itself.
    pub rows: String,
    /// Make the rooms of the lines that are good, and leave out the others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skip_bad: bool,
}
