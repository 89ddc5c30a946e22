//! What a person can ask of a room, the rights there are, and what a granted ask yields.
//! Says nothing about whether it is granted.

use crate::access::Mask;
use crate::role::Role;
use crate::text::Draft;

/// What a person asks of a room.
#[derive(Clone, Copy, Debug)]
pub enum Ask<'a> {
    /// To find the room and see its name, description and participants' count.
    See,
    /// To join and receive what is said.
    Join,
    /// To read its history, joined or not.
    Read,
    /// To post.
    Post(&'a Draft),
    /// To change its settings and roles.
    Manage,
}

/// A right over a room: the rows of the permission matrix.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Right {
    /// To find the room and see its card.
    See,
    /// To see who takes part, and who might.
    Participants,
    /// To join and follow it.
    Join,
    /// To read its history and search it.
    Read,
    /// To post.
    Post,
    /// To fetch the files posted there; to post one takes [`Right::Post`] as well.
    Files,
    /// To be invited to it as one of its members; an open room has none.
    Invitation,
    /// To see its settings and lists, whatever its privacy. With a role alone this is all that is seen: neither posts nor files.
    Inspect,
    /// To change its settings and lists.
    Manage,
    /// To move it to another category; the target has a say, too ([`Room::decide_move`](crate::Room::decide_move)).
    Move,
    /// To disable it.
    Disable,
    /// To enable it again.
    Enable,
    /// To remove it.
    Remove,
    /// To remove or replace what others said.
    Purge,
}

impl Right {
    /// All of them, in the order of the matrix.
    pub const ALL: [Self; 14] = [
        Self::See,
        Self::Participants,
        Self::Join,
        Self::Read,
        Self::Post,
        Self::Files,
        Self::Invitation,
        Self::Inspect,
        Self::Manage,
        Self::Move,
        Self::Disable,
        Self::Enable,
        Self::Remove,
        Self::Purge,
    ];

    /// The word people write.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Participants => "participants",
            Self::Join => "join",
            Self::Read => "read",
            Self::Post => "post",
            Self::Files => "files",
            Self::Invitation => "invitation",
            Self::Inspect => "inspect",
            Self::Manage => "manage",
            Self::Move => "move",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Remove => "remove",
            Self::Purge => "purge",
        }
    }

    /// The right of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.word() == word)
    }

    /// The administrative role that gives it, whatever the room says; `None` for what only the room gives.
    #[must_use]
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Inspect => Some(Role::Reader),
            Self::Manage | Self::Move | Self::Disable | Self::Enable | Self::Remove | Self::Purge => {
                Some(Role::ChatAdministrator)
            }
            _ => None,
        }
    }
}

impl Ask<'_> {
    /// The right that is asked for.
    #[must_use]
    pub fn right(&self) -> Right {
        match self {
            Self::See => Right::See,
            Self::Join => Right::Join,
            Self::Read => Right::Read,
            Self::Post(_) => Right::Post,
            Self::Manage => Right::Manage,
        }
    }
}

/// What a granted ask yields.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// The room may be shown.
    Seen,
    /// The person is a participant with these permissions.
    Joined(Mask),
    /// History may be read; `kept` says whether there is any to read.
    Read {
        /// Whether the category keeps history.
        kept: bool,
    },
    /// The draft may be written.
    Posted {
        /// Whether it becomes history.
        kept: bool,
        /// Whether it is a story.
        story: bool,
    },
    /// The room may be changed.
    Managed,
}
