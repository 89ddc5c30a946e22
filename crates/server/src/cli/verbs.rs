//! The verbs of people, categories and rooms with their options, each of which becomes an operation of the desk.
//! Names follow the commands of the product; values are checked by the desk, for every face the same.

use admin::{CategoryFields, ListChange, Operation, RoomFields};
use clap::{Args, Subcommand};

use crate::cli::password::password;
use crate::trouble::Trouble;

/// Verbs of people.
#[derive(Subcommand, Debug)]
pub enum UserVerb {
    /// Make a person
    New {
        /// sip:user@domain
        address: String,
        /// The name others see
        #[arg(long, value_name = "NAME")]
        display_name: String,
        /// Read the password from standard input; at a terminal it is asked for
        #[arg(long)]
        password_stdin: bool,
        /// Let clients of the Lync protocol sign on with it
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", hide_default_value = true, value_name = "BOOL")]
        legacy_sign_on: bool,
    },
    /// Show everybody
    List,
    /// Show one person
    Get {
        /// sip:user@domain
        address: String,
    },
    /// Change a person
    Set {
        /// sip:user@domain
        address: String,
        /// The name others see
        #[arg(long, value_name = "NAME")]
        display_name: Option<String>,
        /// Read a new password from standard input; at a terminal it is asked for
        #[arg(long)]
        password_stdin: bool,
        /// Let clients of the Lync protocol sign on, or not (=false erases what that needs)
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
        legacy_sign_on: Option<bool>,
    },
    /// End a person's sessions and let it sign on no more
    Disable {
        /// sip:user@domain
        address: String,
    },
    /// Let a disabled person sign on again
    Enable {
        /// sip:user@domain
        address: String,
    },
    /// Remove a person and every right; posts stay
    Remove {
        /// sip:user@domain
        address: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Verbs of categories.
#[derive(Subcommand, Debug)]
pub enum CategoryVerb {
    /// Make a category
    New {
        /// Its name
        name: String,
        #[command(flatten)]
        options: Box<CategoryOptions>,
    },
    /// Show all categories
    List,
    /// Show one category
    Get {
        /// Name or GUID
        name: String,
    },
    /// Change a category
    Set {
        /// Name or GUID
        name: String,
        /// A new name
        #[arg(long, value_name = "NAME")]
        rename: Option<String>,
        #[command(flatten)]
        options: Box<CategoryOptions>,
    },
    /// Remove a category without rooms
    Remove {
        /// Name or GUID
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// What can be set of a category.
#[derive(Args, Debug)]
#[command(next_help_heading = "Options (P is sip:user@domain or domain:example.com)")]
pub struct CategoryOptions {
    /// Free text
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Let P be a member of rooms of this category; may be repeated
    #[arg(long, value_name = "P")]
    add_allowed_member: Vec<String>,
    /// Take P from the allowed members; may be repeated
    #[arg(long, value_name = "P")]
    remove_allowed_member: Vec<String>,
    /// Make these the allowed members, and nobody else
    #[arg(long, value_name = "P,P", value_delimiter = ',')]
    replace_allowed_members: Option<Vec<String>>,
    /// Leave nobody among the allowed members
    #[arg(long, conflicts_with = "replace_allowed_members")]
    clear_allowed_members: bool,
    /// Let P be none, whatever is allowed otherwise; may be repeated
    #[arg(long, value_name = "P")]
    add_denied_member: Vec<String>,
    /// Take P from the denied members; may be repeated
    #[arg(long, value_name = "P")]
    remove_denied_member: Vec<String>,
    /// Make these the denied members, and nobody else
    #[arg(long, value_name = "P,P", value_delimiter = ',')]
    replace_denied_members: Option<Vec<String>>,
    /// Leave nobody among the denied members
    #[arg(long, conflicts_with = "replace_denied_members")]
    clear_denied_members: bool,
    /// Let P create rooms in it; may be repeated
    #[arg(long, value_name = "P")]
    add_creator: Vec<String>,
    /// Take P from the creators; may be repeated
    #[arg(long, value_name = "P")]
    remove_creator: Vec<String>,
    /// Make these the creators, and nobody else
    #[arg(long, value_name = "P,P", value_delimiter = ',')]
    replace_creators: Option<Vec<String>>,
    /// Leave nobody among the creators
    #[arg(long, conflicts_with = "replace_creators")]
    clear_creators: bool,
    /// Whether rooms may invite
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    invitations: Option<bool>,
    /// Whether files may be posted
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    file_upload: Option<bool>,
    /// Whether what is said is kept as history
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    chat_history: Option<bool>,
}

/// Verbs of rooms.
#[derive(Subcommand, Debug)]
pub enum RoomVerb {
    /// Make a room
    New {
        /// Its name
        name: String,
        /// The category, by name or GUID
        #[arg(long, value_name = "NAME")]
        category: String,
        #[command(flatten)]
        options: Box<RoomOptions>,
    },
    /// Show rooms
    List {
        /// Only those of this category
        #[arg(long, value_name = "NAME")]
        category: Option<String>,
    },
    /// Show one room
    Get {
        /// Name or GUID
        name: String,
    },
    /// Change a room
    Set {
        /// Name or GUID
        name: String,
        /// A new name
        #[arg(long, value_name = "NAME")]
        rename: Option<String>,
        /// Move it to this category
        #[arg(long, value_name = "NAME")]
        category: Option<String>,
        #[command(flatten)]
        options: Box<RoomOptions>,
    },
    /// Remove a room and its history from sight
    Remove {
        /// Name or GUID
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// What can be set of a room.
#[derive(Args, Debug)]
#[command(next_help_heading = "Options (P is sip:user@domain or domain:example.com)")]
pub struct RoomOptions {
    /// Free text
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Who may find and join it: open, closed (default) or secret
    #[arg(long, value_name = "PRIVACY")]
    privacy: Option<String>,
    /// Who may post: normal (default) or auditorium
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Whether it invites its members: inherit (default) or false
    #[arg(long, value_name = "WORD")]
    invitations: Option<String>,
    /// Close it to everybody (=false opens it again)
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    disabled: Option<bool>,
    /// Make P a member; may be repeated
    #[arg(long, value_name = "P")]
    add_member: Vec<String>,
    /// Take P from the members; may be repeated
    #[arg(long, value_name = "P")]
    remove_member: Vec<String>,
    /// Make these the members, and nobody else
    #[arg(long, value_name = "P,P", value_delimiter = ',')]
    replace_members: Option<Vec<String>>,
    /// Leave nobody among the members
    #[arg(long, conflicts_with = "replace_members")]
    clear_members: bool,
    /// Make P a manager; may be repeated
    #[arg(long, value_name = "P")]
    add_manager: Vec<String>,
    /// Take P from the managers; may be repeated
    #[arg(long, value_name = "P")]
    remove_manager: Vec<String>,
    /// Make these the managers, and nobody else
    #[arg(long, value_name = "P,P", value_delimiter = ',')]
    replace_managers: Option<Vec<String>>,
    /// Leave nobody among the managers
    #[arg(long, conflicts_with = "replace_managers")]
    clear_managers: bool,
    /// Let P post in an auditorium; may be repeated
    #[arg(long, value_name = "P")]
    add_presenter: Vec<String>,
    /// Take P from the presenters; may be repeated
    #[arg(long, value_name = "P")]
    remove_presenter: Vec<String>,
    /// Make these the presenters, and nobody else
    #[arg(long, value_name = "P,P", value_delimiter = ',')]
    replace_presenters: Option<Vec<String>>,
    /// Leave nobody among the presenters
    #[arg(long, conflicts_with = "replace_presenters")]
    clear_presenters: bool,
}

/// An operation, and what to ask before it is carried out.
pub type Asked = (Operation, Option<String>);

impl UserVerb {
    /// The operation.
    ///
    /// # Errors
    /// [`Trouble::Usage`] when a password was promised on standard input and none is there.
    pub fn operation(self) -> Result<Asked, Trouble> {
        let secret = |wanted: bool| if wanted { password().map(Some) } else { Ok(None) };
        Ok(match self {
            Self::New { address, display_name, password_stdin, legacy_sign_on } => {
                let password = secret(password_stdin)?;
                (Operation::UserNew { address, display_name, password, legacy_sign_on }, None)
            }
            Self::List => (Operation::UserList, None),
            Self::Get { address } => (Operation::UserGet { address }, None),
            Self::Set { address, display_name, password_stdin, legacy_sign_on } => {
                let password = secret(password_stdin)?;
                (Operation::UserSet { address, display_name, password, legacy_sign_on }, None)
            }
            Self::Disable { address } => (Operation::UserDisable { address }, None),
            Self::Enable { address } => (Operation::UserEnable { address }, None),
            Self::Remove { address, yes } => {
                let question = format!("Remove {address} with all rights? Posts stay.");
                (Operation::UserRemove { address }, (!yes).then_some(question))
            }
        })
    }
}

impl CategoryVerb {
    /// The operation.
    pub fn operation(self) -> Asked {
        match self {
            Self::New { name, options } => (Operation::CategoryNew { name, fields: options.fields() }, None),
            Self::List => (Operation::CategoryList, None),
            Self::Get { name } => (Operation::CategoryGet { name }, None),
            Self::Set { name, rename, options } => {
                (Operation::CategorySet { name, new_name: rename, fields: options.fields() }, None)
            }
            Self::Remove { name, yes } => {
                let question = format!("Remove the category '{name}'?");
                (Operation::CategoryRemove { name }, (!yes).then_some(question))
            }
        }
    }
}

impl RoomVerb {
    /// The operation.
    pub fn operation(self) -> Asked {
        match self {
            Self::New { name, category, options } => {
                (Operation::RoomNew { name, category, fields: options.fields() }, None)
            }
            Self::List { category } => (Operation::RoomList { category }, None),
            Self::Get { name } => (Operation::RoomGet { name }, None),
            Self::Set { name, rename, category, options } => {
                (Operation::RoomSet { name, new_name: rename, category, fields: options.fields() }, None)
            }
            Self::Remove { name, yes } => {
                let question = format!("Remove the room '{name}' and its history from sight?");
                (Operation::RoomRemove { name }, (!yes).then_some(question))
            }
        }
    }
}

impl CategoryOptions {
    fn fields(self) -> CategoryFields {
        let list = |clear, replace, add, remove| change(clear, replace, add, remove);
        CategoryFields {
            description: self.description,
            allowed_members: list(
                self.clear_allowed_members,
                self.replace_allowed_members,
                self.add_allowed_member,
                self.remove_allowed_member,
            ),
            denied_members: list(
                self.clear_denied_members,
                self.replace_denied_members,
                self.add_denied_member,
                self.remove_denied_member,
            ),
            creators: list(self.clear_creators, self.replace_creators, self.add_creator, self.remove_creator),
            invitations: self.invitations,
            file_upload: self.file_upload,
            chat_history: self.chat_history,
        }
    }
}

impl RoomOptions {
    fn fields(self) -> RoomFields {
        RoomFields {
            description: self.description,
            privacy: self.privacy,
            kind: self.kind,
            invitations: self.invitations,
            disabled: self.disabled,
            members: change(self.clear_members, self.replace_members, self.add_member, self.remove_member),
            managers: change(
                self.clear_managers,
                self.replace_managers,
                self.add_manager,
                self.remove_manager,
            ),
            presenters: change(
                self.clear_presenters,
                self.replace_presenters,
                self.add_presenter,
                self.remove_presenter,
            ),
        }
    }
}

fn change(clear: bool, replace: Option<Vec<String>>, add: Vec<String>, remove: Vec<String>) -> ListChange {
    ListChange { replace: replace.or(clear.then(Vec::new)), add, remove }
}
