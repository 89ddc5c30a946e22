//! The chain of facts behind a decision, kept by `explain` and dropped by `decide`: the same code path.
//! Words for people are made elsewhere.

use crate::access::Principal;
use crate::role::Role;

/// One step of a decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The person may not use the server.
    PersonNotEnabled,
    /// The policy in force does not let the person use persistent chat.
    PolicyOff,
    /// The category's allowed members name the person, by this principal, and its denied members do not.
    InScope(Principal),
    /// The category's allowed members name nobody like this person.
    OutOfScope,
    /// The category's denied members name the person, by this principal.
    Denied(Principal),
    /// The room is disabled.
    RoomDisabled,
    /// An open room needs no membership.
    OpenRoom,
    /// The members name the person, by this principal.
    Member(Principal),
    /// The person is not a member and the room is not open.
    NotMember,
    /// The managers name the person, by this principal.
    Manager(Principal),
    /// The managers do not name the person.
    NotManager,
    /// The presenters name the person, by this principal.
    Presenter(Principal),
    /// An auditorium lets only presenters post.
    NotPresenter,
    /// A secret room is shown to members and managers only.
    Hidden,
    /// The creators of the category name the person, by this principal.
    Creator(Principal),
    /// The creators of the category do not name the person.
    NotCreator,
    /// The category lets nobody post files.
    FilesOff,
    /// The category, or the room, invites nobody.
    InvitationsOff,
    /// An administrative role the person has.
    Role(Role),
    /// It takes this administrative role, and the person does not have it.
    NeedsRole(Role),
}

/// Where reasons go: kept, or not even made.
#[derive(Debug, Default)]
pub(crate) struct Why(Option<Vec<Reason>>);

impl Why {
    /// Nobody asks.
    pub(crate) fn unasked() -> Self {
        Self(None)
    }

    /// Somebody asks.
    pub(crate) fn asked() -> Self {
        Self(Some(Vec::new()))
    }

    /// Notes a step; makes it only if somebody asks.
    pub(crate) fn note(&mut self, reason: impl FnOnce() -> Reason) {
        if let Some(kept) = &mut self.0 {
            let reason = reason();
            if !kept.contains(&reason) {
                kept.push(reason);
            }
        }
    }

    /// What was noted.
    pub(crate) fn into_reasons(self) -> Vec<Reason> {
        self.0.unwrap_or_default()
    }
}
