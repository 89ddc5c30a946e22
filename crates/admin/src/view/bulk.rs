//! Messages, imported rooms and the record of operations as administrators see them.
//! Holds no text of a message.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::outcome::Changed;

/// A message that is taken away or replaced.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageView {
    /// Its number in the room.
    pub message: u32,
    /// Its author's address.
    pub author: String,
    /// When it was posted.
    pub time: String,
}

/// What becomes of one line of an import of rooms.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportedRoomView {
    /// The line of the table it begins in; the columns are named in the first.
    pub line: u64,
    /// The room's name as the line has it.
    pub name: String,
    /// What becomes of it.
    pub result: ImportResult,
    /// The column that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is wrong and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What becomes of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImportResult {
    /// The room is made.
    Created,
    /// The room is there with the same values.
    AlreadyThere,
    /// The room cannot be made.
    Failed,
}

/// An operation, or one of its transactions, as the record has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordView {
    /// The number of the operation.
    pub operation: u64,
    /// When.
    pub time: String,
    /// Who did it: an address, `uid 0`, `token 7` or `the server`.
    pub by: String,
    /// From where.
    pub from: String,
    /// What was done: `room-set`.
    pub verb: String,
    /// What was asked, field by field, without secrets.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub asked: Value,
    /// What changed by it; in a list no more than the first twenty.
    pub changes: Vec<Changed>,
    /// How many changes are not listed here.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_changes: usize,
    /// In how many transactions it was done; in one operation shown in full, which of them this is.
    pub part: usize,
    /// How many things were changed.
    pub things: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}
