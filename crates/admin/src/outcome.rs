//! What an operation yields: rows as people read them, and warnings about what they may not expect.
//! Never holds a secret.

use serde::{Deserialize, Serialize};

/// What an operation yields.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// The rows.
    pub rows: Rows,
    /// What the asker may not expect, each with what to do.
    pub warnings: Vec<String>,
}

/// The rows of an outcome; one for everything but a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rows {
    /// People.
    Users(Vec<UserView>),
    /// Categories.
    Categories(Vec<CategoryView>),
    /// Rooms.
    Rooms(Vec<RoomView>),
}

/// A person as administrators see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UserView {
    /// `sip:user@domain`.
    pub address: String,
    /// The display name.
    pub display_name: String,
    /// Whether the person may sign on.
    pub enabled: bool,
    /// Whether a password is set.
    pub has_password: bool,
    /// Whether clients of the Lync protocol may sign on.
    pub legacy_sign_on: bool,
    /// The GUID of this identity; an address given out again has another one.
    pub guid: String,
}

/// A category as administrators see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CategoryView {
    /// Its name.
    pub name: String,
    /// Its `ma-cat://` address.
    pub uri: String,
    /// Free text.
    pub description: String,
    /// Who may ever be a member.
    pub allowed_members: Vec<String>,
    /// Who may not.
    pub denied_members: Vec<String>,
    /// Who may create rooms.
    pub creators: Vec<String>,
    /// Whether rooms may invite.
    pub invitations: bool,
    /// Whether files may be posted.
    pub file_upload: bool,
    /// Whether what is said is kept as history.
    pub chat_history: bool,
    /// How many rooms it has.
    pub rooms: usize,
    /// Its GUID.
    pub guid: String,
}

/// A room as administrators see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoomView {
    /// Its name.
    pub name: String,
    /// Its `ma-chan://` address.
    pub uri: String,
    /// Its category's name.
    pub category: String,
    /// Free text.
    pub description: String,
    /// `open`, `closed` or `secret`.
    pub privacy: String,
    /// `normal` or `auditorium`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `inherit` or `false`.
    pub invitations: String,
    /// Whether it is closed to everybody.
    pub disabled: bool,
    /// Members.
    pub members: Vec<String>,
    /// Managers.
    pub managers: Vec<String>,
    /// Presenters.
    pub presenters: Vec<String>,
    /// Its GUID.
    pub guid: String,
}

impl Outcome {
    pub(crate) fn of(rows: Rows) -> Self {
        Self { rows, warnings: Vec::new() }
    }
}

/// A word as a shell takes it, so that a command in a message does what it says, whatever somebody called a room.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
