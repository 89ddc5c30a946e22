//! What a person can ask of a room, what a granted ask yields and why.
//! Says nothing about whether it is granted.

use crate::access::Mask;
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

/// One step of a decision, kept by `explain` and dropped by `decide`: the same code path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The person may not use the server.
    PersonNotEnabled,
    /// The category's allowed members name the person and its denied members do not.
    InScope,
    /// The category admits nobody like this person.
    OutOfScope,
    /// The room is disabled.
    RoomDisabled,
    /// An open room needs no membership.
    OpenRoom,
    /// The person is a member.
    Member,
    /// The person is not a member and the room is not open.
    NotMember,
    /// The person is a manager.
    Manager,
    /// The person is a presenter.
    Presenter,
    /// An auditorium lets only presenters post.
    NotPresenter,
    /// A secret room is shown to members and managers only.
    Hidden,
}
