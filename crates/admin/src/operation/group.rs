//! What can be asked about groups and directories.
//! Carried out in `group.rs` and `import.rs` of this crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::ListChange;

/// Makes a local group.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupNew {
    /// Its name, unique among local groups.
    pub name: String,
    /// Who is in it: people and groups.
    #[serde(default)]
    pub members: ListChange,
}

/// Shows groups, containers and directory domains.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GroupList {
    /// Only those with this text in their name, case aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Only local ones, or only those of a directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<bool>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10_000))]
    pub limit: Option<u32>,
    /// Go on where the list before this one ended: its `next`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Shows one group with its direct members.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupGet {
    /// The group: its name, group:NAME, distinguished name or GUID.
    pub group: String,
}

/// Changes what is given of a local group.
///
/// Whoever loses a right by it is out of the rooms at once.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupSet {
    /// The group: its name, group:NAME or GUID.
    pub group: String,
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who is in it: people and groups.
    #[serde(default)]
    pub members: ListChange,
}

/// Removes a local group, from every list that names it as well.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupRemove {
    /// The group: its name, group:NAME or GUID.
    pub group: String,
}

/// Imports people, groups and containers from the export of a directory (LDIF, RFC 2849).
///
/// The export is always the whole of what its source has: whom it does not name any more is gone. Objects keep their identity by
/// objectGUID or entryUUID, whatever they are called.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DirectoryImport {
    /// The file, as the server's machine names it; only for whoever has a shell there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The export itself, instead of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ldif: Option<String>,
    /// Under which name the objects are kept apart from those of other exports (default: ldif).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The attribute that holds a person's SIP address, if it is an unusual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_attribute: Option<String>,
    /// Take the mail address as the SIP address of people who have no other.
    #[serde(default)]
    pub address_from_mail: bool,
    /// Do it also when it shuts out three people or more, and more than one in twenty of those who may sign on.
    #[serde(default)]
    pub yes: bool,
}

/// Works out anew what a person or group belongs to, from the memberships as they are kept.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PrincipalRefresh {
    /// The principal: sip:user@domain, group:NAME or a distinguished name.
    pub principal: String,
}
