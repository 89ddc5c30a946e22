//! Rooms as they are to be: what is asked, laid over what is there.
//! Checks no rule.

use chat::{Description, Invitations, Privacy, Room, RoomId, RoomKind, RoomRoles, RoomValues};
use store::RoomDraft;
use uuid::Uuid;

use crate::add_in::AddIns;
use crate::errand::Errand;
use crate::error::{AdminError, of_field};
use crate::operation::{RoomFields, RoomInvitations, RoomPrivacy, RoomType};
use crate::principal::People;
use crate::value::Revised;

/// The values, with what is asked laid over them.
pub(super) fn changed(
    errand: &Errand<'_>,
    people: &People,
    add_ins: &AddIns,
    old: RoomValues,
    fields: &RoomFields,
) -> Result<RoomValues, AdminError> {
    let described = |text: &String| Description::parse(text).map_err(of_field("description"));
    Ok(RoomValues {
        category: old.category,
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
        roles: RoomRoles {
            members: people.changed("members", &old.roles.members, &fields.members)?,
            managers: people.changed("managers", &old.roles.managers, &fields.managers)?,
            presenters: people.changed("presenters", &old.roles.presenters, &fields.presenters)?,
        },
    })
}

/// These values, to be written; under this number of the rules of their category.
pub(super) fn draft_of(values: RoomValues, category_rules: u64) -> RoomDraft {
    RoomDraft {
        category: values.category,
        under_category_rules: Some(category_rules),
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

/// The room that these values make, as long as the store has given it neither number nor GUID.
pub(super) fn unmade(values: RoomValues) -> Room {
    values.of_room(RoomId(0), Uuid::nil(), 0)
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
