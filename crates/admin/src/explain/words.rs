//! Reasons in words: a code for programs, a sentence for people.
//! Weighs nothing.

use chat::{Principal, Reason};
use store::{List, PostState};

use crate::view::FactView;

/// A reason, taken apart.
pub(super) struct Said<'r> {
    pub(super) code: &'static str,
    /// The list it is about.
    pub(super) list: Option<List>,
    /// Who stands there for the person.
    pub(super) principal: Option<&'r Principal>,
}

/// A reason as a code, with the list and principal it is about.
pub(super) fn said(reason: &Reason) -> Said<'_> {
    let on = |code, list, principal| Said { code, list: Some(list), principal: Some(principal) };
    let plain = |code| Said { code, list: None, principal: None };
    match reason {
        Reason::PersonNotEnabled => plain("person-not-enabled"),
        Reason::PolicyOff => plain("policy-off"),
        Reason::InScope(by) => on("in-scope", List::Allowed, by),
        Reason::OutOfScope => plain("out-of-scope"),
        Reason::Denied(by) => on("denied", List::Denied, by),
        Reason::RoomDisabled => plain("room-disabled"),
        Reason::OpenRoom => plain("open-room"),
        Reason::Member(by) => on("member", List::Members, by),
        Reason::NotMember => plain("not-member"),
        Reason::Manager(by) => on("manager", List::Managers, by),
        Reason::NotManager => plain("not-manager"),
        Reason::Presenter(by) => on("presenter", List::Presenters, by),
        Reason::NotPresenter => plain("not-presenter"),
        Reason::Hidden => plain("hidden"),
        Reason::Creator(by) => on("creator", List::Creators, by),
        Reason::NotCreator => plain("not-creator"),
        Reason::FilesOff => plain("files-off"),
        Reason::InvitationsOff => plain("invitations-off"),
        Reason::Role(_) => plain("role"),
        Reason::NeedsRole(_) => plain("needs-role"),
    }
}

/// A reason as a sentence. Without a fact nothing is said of groups and grantors.
pub(super) fn sentence(reason: &Reason, fact: Option<&FactView>, policy: &str) -> String {
    let base = match reason {
        Reason::PersonNotEnabled => "the person is disabled".to_owned(),
        Reason::PolicyOff => {
            format!("the policy in force, {policy}, does not let the person use persistent chat")
        }
        Reason::InScope(_) => "the category allows the person as a member".to_owned(),
        Reason::OutOfScope => "the category's allowed members do not name the person".to_owned(),
        Reason::Denied(_) => "the category's denied members name the person".to_owned(),
        Reason::RoomDisabled => "the room is disabled".to_owned(),
        Reason::OpenRoom => "the room is open: whoever the category allows may enter".to_owned(),
        Reason::Member(_) => "the person is a member".to_owned(),
        Reason::NotMember => "the person is not a member, and the room is not open".to_owned(),
        Reason::Manager(_) => "the person is a manager".to_owned(),
        Reason::NotManager => "the person is not a manager".to_owned(),
        Reason::Presenter(_) => "the person is a presenter".to_owned(),
        Reason::NotPresenter => "in an auditorium only presenters post".to_owned(),
        Reason::Hidden => "a secret room is shown to its members and managers only".to_owned(),
        Reason::Creator(_) => "the person may create rooms in the category".to_owned(),
        Reason::NotCreator => "the category's creators do not name the person".to_owned(),
        Reason::FilesOff => "the category lets nobody post files".to_owned(),
        Reason::InvitationsOff => "the room invites nobody, or its category does not".to_owned(),
        Reason::Role(role) => format!("the person has the role {role}"),
        Reason::NeedsRole(role) => format!("it takes the role {role}"),
    };
    let Some(fact) = fact else { return base };
    let mut said = base;
    if let Some(by) = &fact.by {
        said.push_str(&format!(", as {by}"));
    }
    if fact.path.len() > 1 {
        said.push_str(&format!(" (through {})", fact.path.join(" > ")));
    }
    if let (Some(by), Some(at)) = (&fact.granted_by, &fact.granted_at) {
        said.push_str(&format!("; granted by {by} at {at}"));
    }
    said
}

/// What there is to say of a post.
pub(super) fn post(state: PostState) -> &'static str {
    match state {
        PostState::Shown => "the post is part of the history",
        PostState::Unkept => "the post was said while the history was off: nobody reads it later",
        PostState::Removed => "the text of the post was removed",
        PostState::Absent => "the room has no such post",
    }
}
