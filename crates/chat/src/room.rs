//! The room, and the one place where anybody's right in a room is decided.
//! Writes nothing and knows no wire: values in, an event or a refusal out (docs/protocol.md, permission matrix).

use uuid::Uuid;

use crate::access::{Mask, Person, PersonState, Principal};
use crate::address::{CategoryId, RoomId};
use crate::category::Category;
use crate::event::{Ask, Event, Reason};
use crate::refusal::Refusal;
use crate::text::{Description, NodeName};

/// Who may find and join a room.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Privacy {
    /// Everybody in the category's scope may join.
    Open,
    /// Everybody in scope may find it, members join.
    Closed,
    /// Only members and managers know of it.
    Secret,
}

/// Who may post in a room.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RoomKind {
    /// Whoever may join.
    Normal,
    /// Presenters only.
    Auditorium,
}

/// Whether a room invites its new members.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Invitations {
    /// As the category says.
    Inherit,
    /// Never.
    Off,
}

/// A room as decisions see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Room {
    /// The number that entries name.
    pub id: RoomId,
    /// The GUID of its `ma-chan://` address.
    pub guid: Uuid,
    /// The category it lies in.
    pub category: CategoryId,
    /// Unique among rooms and categories, without regard to case.
    pub name: NodeName,
    /// Free text.
    pub description: Description,
    /// Who may find and join it.
    pub privacy: Privacy,
    /// Who may post in it.
    pub kind: RoomKind,
    /// Whether it invites.
    pub invitations: Invitations,
    /// Nobody may find, join or read a disabled room.
    pub disabled: bool,
    /// Members; in an open room they count for nothing but are kept.
    pub members: Vec<Principal>,
    /// Managers.
    pub managers: Vec<Principal>,
    /// Presenters of an auditorium.
    pub presenters: Vec<Principal>,
    /// Raised by every change of this room; every post names it.
    pub rules: u64,
}

impl Room {
    /// Decides one ask. The same values always give the same answer.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the person may not know of the room, [`Refusal::Disabled`] when it is disabled,
    /// [`Refusal::NotAllowed`] otherwise.
    pub fn decide(&self, category: &Category, who: &Person, ask: Ask<'_>) -> Result<Event, Refusal> {
        self.weigh(category, who, ask, &mut |_| ())
    }

    /// Decides one ask as [`Room::decide`] does and keeps the reasons, in the order they were found.
    pub fn explain(
        &self,
        category: &Category,
        who: &Person,
        ask: Ask<'_>,
    ) -> (Result<Event, Refusal>, Vec<Reason>) {
        let mut reasons = Vec::new();
        let verdict = self.weigh(category, who, ask, &mut |reason| reasons.push(reason));
        (verdict, reasons)
    }

    /// The person's effective permissions here; nothing in a disabled room but what its managers keep.
    #[must_use]
    pub fn mask(&self, category: &Category, who: &Person) -> Mask {
        let mask = self.permissions(category, who, &mut |_| ());
        match (self.disabled, mask.has(Mask::MANAGE)) {
            (false, _) => mask,
            (true, true) => Mask::MANAGE.with(Mask::SEE).with(Mask::BYPASS),
            (true, false) => Mask::default(),
        }
    }

    /// Whether the room invites its members, its category agreeing.
    #[must_use]
    pub fn invites(&self, category: &Category) -> bool {
        category.invitations && self.invitations == Invitations::Inherit
    }

    fn weigh(
        &self,
        category: &Category,
        who: &Person,
        ask: Ask<'_>,
        because: &mut dyn FnMut(Reason),
    ) -> Result<Event, Refusal> {
        assert_eq!(self.category, category.id, "a room is decided under its own category");
        let mask = self.permissions(category, who, because);
        if !mask.has(Mask::SEE) {
            return Err(Refusal::NotFound);
        }
        if self.disabled {
            because(Reason::RoomDisabled);
            return match ask {
                Ask::See | Ask::Manage if mask.has(Mask::MANAGE) => Ok(self.granted(category, mask, ask)),
                _ => Err(Refusal::Disabled),
            };
        }
        let needed = match ask {
            Ask::See => Mask::SEE,
            Ask::Join => Mask::JOIN,
            Ask::Read => Mask::READ,
            Ask::Manage => Mask::MANAGE,
            Ask::Post(_) => match self.kind {
                RoomKind::Normal => Mask::CHAT,
                RoomKind::Auditorium => Mask::PRESENT,
            },
        };
        if mask.has(needed) {
            return Ok(self.granted(category, mask, ask));
        }
        if matches!(ask, Ask::Post(_)) && mask.has(Mask::JOIN) {
            because(Reason::NotPresenter);
        }
        Err(Refusal::NotAllowed)
    }

    fn granted(&self, category: &Category, mask: Mask, ask: Ask<'_>) -> Event {
        match ask {
            Ask::See => Event::Seen,
            Ask::Join => Event::Joined(mask),
            Ask::Read => Event::Read { kept: category.history },
            Ask::Manage => Event::Managed,
            Ask::Post(draft) => Event::Posted { kept: category.history, story: draft.text.is_story() },
        }
    }

    fn permissions(&self, category: &Category, who: &Person, because: &mut dyn FnMut(Reason)) -> Mask {
        let mut mask = Mask::default();
        if who.state != PersonState::Enabled {
            because(Reason::PersonNotEnabled);
            return mask;
        }
        if !category.scope.admits(who) {
            because(Reason::OutOfScope);
            return mask;
        }
        because(Reason::InScope);
        let member = who.is_any(&self.members);
        let enters = member || self.privacy == Privacy::Open;
        because(match (self.privacy, member) {
            (Privacy::Open, _) => Reason::OpenRoom,
            (_, true) => Reason::Member,
            (_, false) => Reason::NotMember,
        });
        if enters {
            mask = mask.with(Mask::JOIN).with(Mask::CHAT).with(Mask::READ).with(Mask::SEE);
            if self.kind == RoomKind::Auditorium && who.is_any(&self.presenters) {
                because(Reason::Presenter);
                mask = mask.with(Mask::PRESENT);
            }
        }
        if who.is_any(&self.managers) {
            because(Reason::Manager);
            mask = mask.with(Mask::MANAGE).with(Mask::SEE).with(Mask::BYPASS);
        }
        if self.privacy == Privacy::Secret {
            if !mask.has(Mask::SEE) {
                because(Reason::Hidden);
            }
            return mask;
        }
        mask.with(Mask::SEE)
    }
}
