//! The room, and the one place where anybody's right in a room is decided.
//! Writes nothing and knows no wire: values in, an event or a refusal out (docs/protocol.md, permission matrix).

use uuid::Uuid;

use crate::access::{Mask, Person, Principal};
use crate::address::{AddInId, CategoryId, RoomId};
use crate::category::Category;
use crate::event::{Ask, Event, Right};
use crate::reason::{Reason, Why};
use crate::refusal::Refusal;
use crate::role::Role;
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

impl RoomKind {
    /// The permission that posting in such a room needs.
    #[must_use]
    pub fn posting(self) -> Mask {
        match self {
            Self::Normal => Mask::CHAT,
            Self::Auditorium => Mask::PRESENT,
        }
    }
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
    /// The add-in shown beside it.
    pub add_in: Option<AddInId>,
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
        let mask = self.weigh(category, who, ask.right(), &mut Why::unasked())?;
        Ok(match ask {
            Ask::See => Event::Seen,
            Ask::Join => Event::Joined(mask),
            Ask::Read => Event::Read { kept: category.history },
            Ask::Manage => Event::Managed,
            Ask::Post(draft) => Event::Posted { kept: category.history, story: draft.text.is_story() },
        })
    }

    /// Decides whether the person has a right: [`Room::decide`] for every row of the matrix.
    ///
    /// # Errors
    /// As [`Room::decide`].
    pub fn allows(&self, category: &Category, who: &Person, right: Right) -> Result<(), Refusal> {
        self.weigh(category, who, right, &mut Why::unasked()).map(|_| ())
    }

    /// [`Room::allows`] with the reasons, in the order they were found.
    pub fn explain(
        &self,
        category: &Category,
        who: &Person,
        right: Right,
    ) -> (Result<(), Refusal>, Vec<Reason>) {
        let mut why = Why::asked();
        let verdict = self.weigh(category, who, right, &mut why).map(|_| ());
        (verdict, why.into_reasons())
    }

    /// The principals by which somebody can have a right here: whoever is none of them has it by an administrative role, or not.
    /// [`Room::allows`] decides about each of them; this only says who need not be asked about.
    #[must_use]
    pub fn ways(&self, category: &Category, right: Right) -> Vec<Principal> {
        let shown = self.privacy != Privacy::Secret && matches!(right, Right::See | Right::Participants);
        if shown || self.privacy == Privacy::Open {
            return category.scope.allowed.clone();
        }
        // A presenter who is no member presents nothing.
        self.members.iter().chain(&self.managers).cloned().collect()
    }

    /// Decides whether the person may move the room from its category into `target`: an administrator, or a manager who may
    /// create rooms there.
    ///
    /// # Errors
    /// As [`Room::decide`]; of `target` as [`Category::decide_create`], so that a category the person may not know of is as absent.
    pub fn decide_move(&self, category: &Category, target: &Category, who: &Person) -> Result<(), Refusal> {
        self.allows(category, who, Right::Move)?;
        target.decide_create(who)
    }

    /// The person's effective permissions here; nothing in a disabled room but what its managers keep.
    #[must_use]
    pub fn mask(&self, category: &Category, who: &Person) -> Mask {
        let mask = self.permissions(category, who, &mut Why::unasked());
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

    fn weigh(&self, category: &Category, who: &Person, right: Right, why: &mut Why) -> Result<Mask, Refusal> {
        assert_eq!(self.category, category.id, "a room is decided under its own category");
        if let Some(needed) = right.role() {
            if let Some(role) = who.role_for(needed) {
                why.note(|| Reason::Role(role));
                return Ok(self.mask(category, who));
            }
            if matches!(right, Right::Enable | Right::Remove | Right::Purge) {
                why.note(|| Reason::NeedsRole(needed));
            }
        }
        let mask = self.permissions(category, who, why);
        if !mask.has(Mask::SEE) {
            return Err(unseen(who, right, why));
        }
        if self.disabled {
            why.note(|| Reason::RoomDisabled);
            // What administers the room does not hang on its being enabled; its managers go on seeing it.
            let keeps = right.role().is_some() || right == Right::See && mask.has(Mask::MANAGE);
            if !keeps {
                return Err(Refusal::Disabled);
            }
        }
        if self.holds(category, mask, right, why) { Ok(mask) } else { Err(Refusal::NotAllowed) }
    }

    /// Whether these permissions give the right, disabled rooms aside.
    fn holds(&self, category: &Category, mask: Mask, right: Right, why: &mut Why) -> bool {
        match right {
            Right::See | Right::Participants => mask.has(Mask::SEE),
            Right::Join => mask.has(Mask::JOIN),
            Right::Read => mask.has(Mask::READ),
            Right::Post => self.speaks(mask, why),
            Right::Files => {
                if !category.file_upload {
                    why.note(|| Reason::FilesOff);
                }
                category.file_upload && mask.has(Mask::READ)
            }
            Right::Invitation => {
                if !self.invites(category) {
                    why.note(|| Reason::InvitationsOff);
                }
                // Who may join a room that is not open is one of its members.
                self.invites(category) && self.privacy != Privacy::Open && mask.has(Mask::JOIN)
            }
            Right::Inspect | Right::Manage | Right::Move | Right::Disable => {
                if !mask.has(Mask::MANAGE) {
                    why.note(|| Reason::NotManager);
                }
                mask.has(Mask::MANAGE)
            }
            Right::Enable | Right::Remove | Right::Purge => false,
        }
    }

    fn speaks(&self, mask: Mask, why: &mut Why) -> bool {
        let needed = self.kind.posting();
        if !mask.has(needed) && mask.has(Mask::JOIN) {
            why.note(|| Reason::NotPresenter);
        }
        mask.has(needed)
    }

    fn permissions(&self, category: &Category, who: &Person, why: &mut Why) -> Mask {
        let mut mask = Mask::default();
        if !category.weigh_scope(who, why) {
            return mask;
        }
        let member = who.named_by(&self.members);
        match (self.privacy, member) {
            (Privacy::Open, _) => why.note(|| Reason::OpenRoom),
            (_, Some(by)) => why.note(|| Reason::Member(by.clone())),
            (_, None) => why.note(|| Reason::NotMember),
        }
        if member.is_some() || self.privacy == Privacy::Open {
            mask = mask.with(Mask::JOIN).with(Mask::CHAT).with(Mask::READ).with(Mask::SEE);
            if self.kind == RoomKind::Auditorium
                && let Some(by) = who.named_by(&self.presenters)
            {
                why.note(|| Reason::Presenter(by.clone()));
                mask = mask.with(Mask::PRESENT);
            }
        }
        if let Some(by) = who.named_by(&self.managers) {
            why.note(|| Reason::Manager(by.clone()));
            mask = mask.with(Mask::MANAGE).with(Mask::SEE).with(Mask::BYPASS);
        }
        if self.privacy == Privacy::Secret {
            if !mask.has(Mask::SEE) {
                why.note(|| Reason::Hidden);
            }
            return mask;
        }
        mask.with(Mask::SEE)
    }
}

/// What somebody hears of a room it does not see: that there is none. Only who sees every room as an administrator of any kind
/// hears that this part of administration is not allowed.
fn unseen(who: &Person, right: Right, why: &mut Why) -> Refusal {
    match (right.role(), who.role_for(Role::Reader)) {
        (Some(needed), Some(_)) => {
            why.note(|| Reason::NeedsRole(needed));
            Refusal::NotAllowed
        }
        _ => Refusal::NotFound,
    }
}
