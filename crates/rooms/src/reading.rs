//! How far somebody has read: marks moved forward when they are asked to, and what is left after them.
//! Marks that are shown on a link are noted where they are shown; how they are written is `ledger.rs`.

use chat::{Ask, JournalKey, Refusal};
use uuid::Uuid;

use crate::trouble::Trouble;
use crate::values::ReadState;
use crate::visitor::Visitor;

impl Visitor {
    /// Notes that the person has read a room up to a post. It is kept within seconds, and seen at once; a mark never goes back.
    ///
    /// # Errors
    /// [`Trouble::Refused`] with `NotFound`, `Disabled`, `NotAllowed`, or `BadArgument` for a post that was not said yet;
    /// [`Trouble::Busy`] when too many marks wait; [`Trouble::Store`]; [`Trouble::Stopping`].
    pub async fn mark_read(&self, room: Uuid, post: u32) -> Result<(), Trouble> {
        self.shared.running()?;
        let (id, case) = self.case_at(room)?;
        case.decide(Ask::Read)?;
        let head = self.shared.store.head(JournalKey::Room(id)).await;
        let head = head.map_err(|fault| self.shared.fault(fault))?;
        if post > head.posts {
            return Err(Refusal::BadArgument("the number of the post").into());
        }
        if post > 0 && !self.shared.ledger.mark(self.id, id, post) {
            return Err(Trouble::Busy);
        }
        Ok(())
    }

    /// How far the person has read, in every room where it has read anything and still may; by room.
    ///
    /// # Errors
    /// [`Trouble::Store`]; [`Trouble::Stopping`].
    pub async fn read_marks(&self) -> Result<Vec<ReadState>, Trouble> {
        self.shared.running()?;
        let pending = self.shared.ledger.marks_of(self.id);
        let read = self.shared.store.reading(self.id, &pending).await;
        let read = read.map_err(|fault| self.shared.fault(fault))?;
        let catalog = self.shared.catalog();
        let mut states: Vec<ReadState> = read
            .into_iter()
            .filter_map(|reading| {
                let case = catalog.case(reading.room, self.id).ok()?;
                case.decide(Ask::Read).ok()?;
                let room = case.room.guid;
                let store::Reading { read, posts, unread, mentions, .. } = reading;
                Some(ReadState { room, read, posts, unread, mentions })
            })
            .collect();
        states.sort_unstable_by_key(|state| state.room);
        Ok(states)
    }
}
