//! Rooms as they are to be: what is asked, laid over what is there.
//! Checks no rule.

use chat::{Category, Description, Invitations, NodeName, Privacy, Room, RoomId, RoomKind, RoomValues};
use store::RoomDraft;
use uuid::Uuid;

use crate::add_in::AddIns;
use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::operation::{RoomFields, RoomInvitations, RoomPrivacy, RoomType};
use crate::principal::People;
use crate::value::Revised;

/// A new room of a category, as long as nothing more is said of it.
pub(super) fn blank(home: &Category, name: NodeName) -> RoomDraft {
    draft_of(RoomValues::new(home, name, None), Some(home.rules))
}

pub(super) fn changed(
    errand: &Errand<'_>,
    people: &People,
    add_ins: &AddIns,
    old: RoomDraft,
    fields: &RoomFields,
) -> Result<RoomDraft, AdminError> {
    let described = |text: &String| Description::parse(text).map_err(of_field("description"));
    Ok(RoomDraft {
        category: old.category,
        under_category_rules: old.under_category_rules,
        name: old.name,
        description: fields.description.as_ref().map_or(Ok(old.description), described)?,
        privacy: fields.privacy.map_or(old.privacy, Into::into),
        kind: fields.kind.map_or(old.kind, Into::into),
        invitations: fields.invitations.map_or(old.invitations, Into::into),
        disabled: fields.disabled.unwrap_or(old.disabled),
        add_in: match &fields.add_in {
            Revised::Kept => old.add_in,
            Revised::Cleared => None,
            Revised::To(name) => Some(add_ins.named(errand, name)?.id),
        },
        members: people.changed("members", &old.members, &fields.members)?,
        managers: people.changed("managers", &old.managers, &fields.managers)?,
        presenters: people.changed("presenters", &old.presenters, &fields.presenters)?,
    })
}

/// These values, to be written; under this number of the category's rules, if they were decided under one.
pub(super) fn draft_of(values: RoomValues, under_category_rules: Option<u64>) -> RoomDraft {
    RoomDraft {
        category: values.category,
        under_category_rules,
        name: values.name,
        description: values.description,
        privacy: values.privacy,
        kind: values.kind,
        invitations: values.invitations,
        disabled: values.disabled,
        add_in: values.add_in,
        members: values.roles.members,
        managers: values.roles.managers,
        presenters: values.roles.presenters,
    }
}

/// The room as it is to be: this one changed, or a new one without number and GUID.
pub(super) fn drafted(draft: &RoomDraft, old: Option<&Room>) -> Room {
    Room {
        id: old.map_or(RoomId(0), |old| old.id),
        guid: old.map_or(Uuid::nil(), |old| old.guid),
        category: draft.category,
        name: draft.name.clone(),
        description: draft.description.clone(),
        privacy: draft.privacy,
        kind: draft.kind,
        invitations: draft.invitations,
        disabled: draft.disabled,
        add_in: draft.add_in,
        members: draft.members.clone(),
        managers: draft.managers.clone(),
        presenters: draft.presenters.clone(),
        rules: old.map_or(0, |old| old.rules),
    }
}

pub(super) fn privacy_word(privacy: Privacy) -> &'static str {
    match privacy {
        Privacy::Open => "open",
        Privacy::Closed => "closed",
        Privacy::Secret => "secret",
    }
}

impl From<Privacy> for RoomPrivacy {
    fn from(privacy: Privacy) -> Self {
        match privacy {
            Privacy::Open => Self::Open,
            Privacy::Closed => Self::Closed,
            Privacy::Secret => Self::Secret,
        }
    }
}

impl From<RoomPrivacy> for Privacy {
    fn from(privacy: RoomPrivacy) -> Self {
        match privacy {
            RoomPrivacy::Open => Self::Open,
            RoomPrivacy::Closed => Self::Closed,
            RoomPrivacy::Secret => Self::Secret,
        }
    }
}

impl From<RoomKind> for RoomType {
    fn from(kind: RoomKind) -> Self {
        match kind {
            RoomKind::Normal => Self::Normal,
            RoomKind::Auditorium => Self::Auditorium,
        }
    }
}

impl From<RoomType> for RoomKind {
    fn from(kind: RoomType) -> Self {
        match kind {
            RoomType::Normal => Self::Normal,
            RoomType::Auditorium => Self::Auditorium,
        }
    }
}

impl From<Invitations> for RoomInvitations {
    fn from(invitations: Invitations) -> Self {
        match invitations {
            Invitations::Inherit => Self::Inherit,
            Invitations::Off => Self::False,
        }
    }
}

impl From<RoomInvitations> for Invitations {
    fn from(invitations: RoomInvitations) -> Self {
        match invitations {
            RoomInvitations::Inherit => Self::Inherit,
            RoomInvitations::False => Self::Off,
        }
    }
}
