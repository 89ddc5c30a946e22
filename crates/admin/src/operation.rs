//! What can be asked of the desk, as values that travel as JSON between the command line and a running server.
//! Names of verbs and options follow the commands of the product (docs/running.md).

use serde::{Deserialize, Serialize};

/// One administrative operation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "kebab-case")]
pub enum Operation {
    /// Makes a person.
    UserNew {
        /// `sip:user@domain`.
        address: String,
        /// The display name.
        display_name: String,
        /// The password; without one the person cannot sign on yet.
        password: Option<Secret>,
        /// Whether clients of the Lync protocol may sign on with it.
        legacy_sign_on: bool,
    },
    /// Everybody who was not removed.
    UserList,
    /// One person.
    UserGet {
        /// `sip:user@domain`.
        address: String,
    },
    /// Changes what is given.
    UserSet {
        /// `sip:user@domain`.
        address: String,
        /// The display name.
        display_name: Option<String>,
        /// A new password.
        password: Option<Secret>,
        /// Switches legacy sign-on.
        legacy_sign_on: Option<bool>,
    },
    /// Ends every session of a person and lets it sign on no more.
    UserDisable {
        /// `sip:user@domain`.
        address: String,
    },
    /// Lets a disabled person sign on again.
    UserEnable {
        /// `sip:user@domain`.
        address: String,
    },
    /// Removes a person and every right; posts stay.
    UserRemove {
        /// `sip:user@domain`.
        address: String,
    },
    /// Makes a category.
    CategoryNew {
        /// Its name.
        name: String,
        /// Everything else.
        fields: CategoryFields,
    },
    /// All categories.
    CategoryList,
    /// One category.
    CategoryGet {
        /// Name or GUID.
        name: String,
    },
    /// Changes what is given; rooms lose the principals the new scope does not admit.
    CategorySet {
        /// Name or GUID.
        name: String,
        /// A new name.
        new_name: Option<String>,
        /// Everything else.
        fields: CategoryFields,
    },
    /// Removes a category without rooms.
    CategoryRemove {
        /// Name or GUID.
        name: String,
    },
    /// Makes a room.
    RoomNew {
        /// Its name.
        name: String,
        /// The category, by name or GUID.
        category: String,
        /// Everything else.
        fields: RoomFields,
    },
    /// All rooms, or those of a category.
    RoomList {
        /// The category, by name or GUID.
        category: Option<String>,
    },
    /// One room.
    RoomGet {
        /// Name or GUID.
        name: String,
    },
    /// Changes what is given; moved to another category, the room loses the principals that one does not admit.
    RoomSet {
        /// Name or GUID.
        name: String,
        /// A new name.
        new_name: Option<String>,
        /// Another category, by name or GUID.
        category: Option<String>,
        /// Everything else.
        fields: RoomFields,
    },
    /// Removes a room: nobody finds it or its history any more.
    RoomRemove {
        /// Name or GUID.
        name: String,
    },
}

/// What can be set of a category. `None` leaves it as it is (or at its default).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CategoryFields {
    /// Free text.
    pub description: Option<String>,
    /// Who may ever be a member.
    pub allowed_members: ListChange,
    /// Who may not, whatever the allowed list says.
    pub denied_members: ListChange,
    /// Who may create rooms.
    pub creators: ListChange,
    /// Whether rooms may invite (default: no).
    pub invitations: Option<bool>,
    /// Whether files may be posted (default: no).
    pub file_upload: Option<bool>,
    /// Whether what is said is kept as history (default: yes).
    pub chat_history: Option<bool>,
}

/// What can be set of a room. `None` leaves it as it is (or at its default).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomFields {
    /// Free text.
    pub description: Option<String>,
    /// `open`, `closed` (default) or `secret`.
    pub privacy: Option<String>,
    /// `normal` (default) or `auditorium`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `inherit` (default) or `false`.
    pub invitations: Option<String>,
    /// Whether it is closed to everybody.
    pub disabled: Option<bool>,
    /// Members.
    pub members: ListChange,
    /// Managers.
    pub managers: ListChange,
    /// Presenters of an auditorium.
    pub presenters: ListChange,
}

/// A change of a list of principals: first replaced, then added to, then removed from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListChange {
    /// The whole new list; empty clears it.
    pub replace: Option<Vec<String>>,
    /// Principals to add.
    pub add: Vec<String>,
    /// Principals to remove.
    pub remove: Vec<String>,
}

/// A password on its way. Never shown by `Debug` and never written into a journal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Operation {
    /// Whether it only reads.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        matches!(
            self,
            Self::UserList
                | Self::UserGet { .. }
                | Self::CategoryList
                | Self::CategoryGet { .. }
                | Self::RoomList { .. }
                | Self::RoomGet { .. }
        )
    }

    /// The operation as the journal keeps it: without secrets.
    #[must_use]
    pub fn recorded(&self) -> String {
        let mut kept = self.clone();
        if let Self::UserNew { password, .. } | Self::UserSet { password, .. } = &mut kept {
            *password = password.as_ref().map(|_| Secret("(set)".into()));
        }
        serde_json::to_string(&kept).expect("an operation is plain values")
    }
}
