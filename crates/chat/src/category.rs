//! The category: who may ever be a member of its rooms and what all its rooms share.
//! Holds no room.

use uuid::Uuid;

use crate::access::{Person, PersonState, Principal, Scope};
use crate::address::CategoryId;
use crate::reason::{Reason, Why};
use crate::refusal::Refusal;
use crate::role::Role;
use crate::text::{Description, NodeName};

/// A category as decisions see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Category {
    /// The number that entries name.
    pub id: CategoryId,
    /// The GUID of its `ma-cat://` address.
    pub guid: Uuid,
    /// Unique among rooms and categories, without regard to case.
    pub name: NodeName,
    /// Free text.
    pub description: Description,
    /// Who may find its rooms and ever be a member, manager or presenter of one.
    pub scope: Scope,
    /// Who may create rooms in it.
    pub creators: Vec<Principal>,
    /// Whether its rooms may invite.
    pub invitations: bool,
    /// Whether files may be posted in its rooms.
    pub file_upload: bool,
    /// Whether its rooms keep what is said.
    pub history: bool,
    /// Raised by every change of this category; every post in its rooms names it.
    pub rules: u64,
}

impl Category {
    /// Whether the person may create rooms here: a creator inside the scope, or an administrator of persistent chat.
    #[must_use]
    pub fn may_create(&self, person: &Person) -> bool {
        self.decide_create(person).is_ok()
    }

    /// [`Category::may_create`] with the refusal.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the person may not know of the category, because it is outside the scope and has no
    /// administrative role; [`Refusal::NotAllowed`] when it is no creator.
    pub fn decide_create(&self, who: &Person) -> Result<(), Refusal> {
        self.weigh_creating(who, &mut Why::unasked())
    }

    /// [`Category::may_create`] with its reasons.
    #[must_use]
    pub fn explain_creating(&self, person: &Person) -> (bool, Vec<Reason>) {
        let mut why = Why::asked();
        let may = self.weigh_creating(person, &mut why).is_ok();
        (may, why.into_reasons())
    }

    /// Whether the person uses persistent chat and is inside the scope, with the reasons.
    #[must_use]
    pub fn explain_scope(&self, person: &Person) -> (bool, Vec<Reason>) {
        let mut why = Why::asked();
        let inside = self.weigh_scope(person, &mut why);
        (inside, why.into_reasons())
    }

    fn weigh_creating(&self, who: &Person, why: &mut Why) -> Result<(), Refusal> {
        if let Some(role) = who.role_for(Role::ChatAdministrator) {
            why.note(|| Reason::Role(role));
            return Ok(());
        }
        if !self.weigh_scope(who, why) {
            let known = who.role_for(Role::Reader).is_some();
            return Err(if known { Refusal::NotAllowed } else { Refusal::NotFound });
        }
        match who.named_by(&self.creators) {
            Some(by) => {
                why.note(|| Reason::Creator(by.clone()));
                Ok(())
            }
            None => {
                why.note(|| Reason::NotCreator);
                Err(Refusal::NotAllowed)
            }
        }
    }

    /// Whether the person uses persistent chat and is inside the scope.
    pub(crate) fn weigh_scope(&self, who: &Person, why: &mut Why) -> bool {
        if who.state != PersonState::Enabled {
            why.note(|| Reason::PersonNotEnabled);
            return false;
        }
        if !who.chat {
            why.note(|| Reason::PolicyOff);
            return false;
        }
        let Some(allowed) = who.named_by(&self.scope.allowed) else {
            why.note(|| Reason::OutOfScope);
            return false;
        };
        if let Some(denied) = who.named_by(&self.scope.denied) {
            why.note(|| Reason::Denied(denied.clone()));
            return false;
        }
        why.note(|| Reason::InScope(allowed.clone()));
        true
    }
}
