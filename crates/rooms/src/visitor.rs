//! A person without a link: sees, reads and posts as a session does, and is told nothing unasked.
//! Holds nothing but who it is; what it may is decided anew with every request, where it is decided for sessions.

use std::sync::Arc;

use chat::{Ask, ClientId, Draft, Person, PersonId, Refusal, RoomId};
use store::Said;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::catalog::Case;
use crate::room::Job;
use crate::shared::Shared;
use crate::trouble::Trouble;
use crate::values::RoomCard;

/// A person who asks, with or without a link. Cheap to clone; needs no closing.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: PersonId,
}

/// A post of somebody on its way, counted until it is answered, even if nobody waits for the answer any more.
struct OnItsWay(Visitor);

impl Visitor {
    pub(crate) fn new(shared: Arc<Shared>, id: PersonId) -> Self {
        Self { shared, id }
    }

    /// The person as known now.
    #[must_use]
    pub fn person(&self) -> Option<Arc<Person>> {
        self.shared.catalog().person(self.id).cloned()
    }

    /// A room as the person sees it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a room that does not exist, and for one the person may not know of; [`Refusal::Disabled`].
    pub fn card(&self, room: Uuid) -> Result<RoomCard, Refusal> {
        let (_, case) = self.case_at(room)?;
        case.decide(Ask::See)?;
        Ok(self.cards(std::slice::from_ref(&case)).remove(0))
    }

    /// The room of a name, without regard to case, as the person sees it.
    ///
    /// # Errors
    /// As [`Visitor::card`].
    pub fn card_named(&self, name: &str) -> Result<RoomCard, Refusal> {
        let case = {
            let catalog = self.shared.catalog();
            let id = catalog.room_named(&chat::folded(name.trim())).ok_or(Refusal::NotFound)?;
            catalog.case(id, self.id)?
        };
        case.decide(Ask::See)?;
        Ok(self.cards(std::slice::from_ref(&case)).remove(0))
    }

    /// A room as whoever would follow it sees it: follows need the right to join.
    ///
    /// # Errors
    /// As [`Visitor::card`], and [`Refusal::NotAllowed`] for a room that does not admit the person.
    pub fn card_to_follow(&self, room: Uuid) -> Result<RoomCard, Refusal> {
        let (_, case) = self.case_at(room)?;
        case.decide(Ask::Join)?;
        Ok(self.cards(std::slice::from_ref(&case)).remove(0))
    }

    /// Posts without having joined. Answers when the post is kept or refused, never before.
    ///
    /// The same `client_id` of the same person in the same room is kept once: a repeated one is told where and when the first
    /// was said.
    ///
    /// # Errors
    /// [`Trouble::Refused`] with `NotFound`, `NotAllowed` or `Disabled`; [`Trouble::ClientIdTaken`] when its client id was another post's; [`Trouble::Busy`] when too many wait (nothing
    /// executed); [`Trouble::Store`]; [`Trouble::Stopping`]; [`Trouble::Unknown`].
    pub async fn post(&self, room: Uuid, draft: Draft, client_id: Option<ClientId>) -> Result<Said, Trouble> {
        self.shared.running()?;
        let (id, case) = self.case_at(room)?;
        case.decide(Ask::Post(&draft))?;
        let way = self.set_out().ok_or(Trouble::Busy)?;
        let (answer, answered) = oneshot::channel();
        let job = Job { endpoint: None, person: self.id, draft, client_id, answer };
        self.shared.submit(id, job)?;
        // A mailbox that ends in good order answers everybody.
        let result = answered.await.unwrap_or(Err(Trouble::Unknown));
        drop(way);
        result
    }

    /// The room of a GUID and what a decision about it is taken from.
    pub(crate) fn case_at(&self, room: Uuid) -> Result<(RoomId, Case), Refusal> {
        let catalog = self.shared.catalog();
        let id = catalog.room_id(room).ok_or(Refusal::NotFound)?;
        Ok((id, catalog.case(id, self.id)?))
    }

    /// Counts a post on its way; `None` when there are too many of this person.
    fn set_out(&self) -> Option<OnItsWay> {
        let mut posting = self.shared.posting();
        let count = posting.entry(self.id).or_default();
        if *count >= self.shared.limits.posts_per_session {
            return None;
        }
        *count += 1;
        Some(OnItsWay(self.clone()))
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        let Visitor { shared, id } = &self.0;
        let mut posting = shared.posting();
        if let Some(count) = posting.get_mut(id) {
            *count -= 1;
            if *count == 0 {
                posting.remove(id);
            }
        }
    }
}
