//! One endpoint of a person in the rooms: joins, parts, posts, and closes.
//! Its commands are called one at a time and in order; that is its face's duty.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use chat::{ClientId, Draft, JournalKey, PartReason, Person, PersonId, Position, Refusal, RoomId, Stand};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::ledger::Owed;
use crate::outbox::Outbox;
use crate::room::Job;
use crate::roster::Admission;
use crate::shared::Shared;
use crate::trouble::Trouble;
use crate::values::{EndReason, JoinedRoom};
use crate::visitor::Visitor;

/// Times a room's head is asked for before a join gives up: it only moves on while somebody posts there.
const WAKE_TRIES: usize = 8;

/// One endpoint. Dropping it parts from every room, as [`Session::close`] does, but without waiting until that is kept.
#[derive(Debug)]
pub struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: PersonId,
    pub(crate) endpoint: u64,
    pub(crate) outbox: Arc<Outbox>,
    posting: Arc<AtomicUsize>,
    closed: bool,
}

/// A post on its way, counted until it is answered, even if nobody waits for the answer any more.
struct OnItsWay(Arc<AtomicUsize>);

impl Drop for OnItsWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Session {
    pub(crate) fn new(shared: Arc<Shared>, id: PersonId, endpoint: u64, outbox: Arc<Outbox>) -> Self {
        Self { shared, id, endpoint, outbox, posting: Arc::default(), closed: false }
    }

    /// The person as known now.
    #[must_use]
    pub fn person(&self) -> Option<Arc<Person>> {
        self.shared.catalog().person(self.id).cloned()
    }

    /// The person as whoever asks: everything that needs no endpoint.
    #[must_use]
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.shared.clone(), self.id)
    }

    /// Joins rooms by one command; what becomes of each is in the order of the rooms asked for.
    ///
    /// Everything kept in a joined room after [`JoinedRoom::at`] will be delivered. Others are told only once the join
    /// is kept. Joining again gives fresh values and tells nobody.
    ///
    /// # Errors
    /// [`Trouble::Refused`] with `TooMany` for too many rooms at once; [`Trouble::Store`], [`Trouble::Busy`] or
    /// [`Trouble::Stopping`] when nothing was joined.
    pub async fn join(
        &self,
        rooms: &[Uuid],
        batch: bool,
    ) -> Result<Vec<Result<JoinedRoom, Refusal>>, Trouble> {
        self.shared.running()?;
        let limit = self.shared.limits.rooms_per_session;
        if rooms.len() > limit {
            return Err(Refusal::TooMany { what: "rooms at once", limit }.into());
        }
        let mut stands = Vec::new();
        let mut admitted = Vec::new();
        for guid in rooms {
            match self.seat(*guid, limit).await {
                Ok((id, stand)) => {
                    stands.extend(stand);
                    admitted.push(Ok(id));
                }
                Err(Trouble::Refused(refusal)) => admitted.push(Err(refusal)),
                Err(trouble) => {
                    self.shared.live().unseat(self.endpoint, &stands);
                    return Err(trouble);
                }
            }
        }
        if !stands.is_empty() {
            self.keep_join(&stands, batch).await?;
        }
        let mut live = self.shared.live();
        let catalog = self.shared.catalog();
        let told = admitted
            .into_iter()
            .map(|room| live.describe(&catalog, self.endpoint, room?).ok_or(Refusal::NotFound));
        Ok(told.collect())
    }

    /// Leaves rooms; the others are told once that is kept.
    ///
    /// # Errors
    /// [`Trouble::Store`], [`Trouble::Busy`] or [`Trouble::Stopping`]: the session is still in.
    pub async fn part(&self, rooms: &[Uuid]) -> Result<Vec<Result<(), Refusal>>, Trouble> {
        self.shared.running()?;
        let mut stands: Vec<Stand> = Vec::new();
        let mut told = Vec::new();
        {
            let mut live = self.shared.live();
            for guid in rooms {
                let stand = live.begin_part(self.endpoint, *guid);
                told.push(stand.map(|_| ()).ok_or(Refusal::NotJoined));
                stands.extend(stand);
            }
        }
        if stands.is_empty() {
            return Ok(told);
        }
        let kept = self.shared.store.part(self.id, self.endpoint, PartReason::Left, stands.clone()).await;
        let mut live = self.shared.live();
        if let Err(fault) = kept {
            live.undo_part(self.endpoint, &stands);
            // The right may have been withdrawn while the seat was on its way out.
            let catalog = self.shared.catalog();
            let owed = stands.iter().flat_map(|stand| live.review(&catalog, stand.room)).collect();
            drop(catalog);
            drop(live);
            self.shared.ledger.owe(owed);
            return Err(self.shared.fault(fault));
        }
        let ids: Vec<RoomId> = stands.iter().map(|stand| stand.room).collect();
        live.leave(&self.shared.catalog(), self.endpoint, &ids);
        Ok(told)
    }

    /// Posts. Answers when the post is kept or refused, never before.
    ///
    /// The same `client_id` of the same person is kept once: a repeated one gives the place of the first.
    ///
    /// # Errors
    /// [`Trouble::Refused`] with `NotFound`, `NotJoined`, `NotAllowed` or `Disabled`; [`Trouble::ClientIdTaken`] when its client
    /// id was another post's; [`Trouble::Busy`] when too many wait (nothing executed); [`Trouble::Store`]; [`Trouble::Stopping`]; [`Trouble::Unknown`].
    pub async fn post(
        &self,
        room: Uuid,
        draft: Draft,
        client_id: Option<ClientId>,
    ) -> Result<Position, Trouble> {
        self.shared.running()?;
        let id = self.shared.catalog().room_id(room).ok_or(Refusal::NotFound)?;
        let way = OnItsWay(self.posting.clone());
        if self.posting.fetch_add(1, Ordering::Relaxed) >= self.shared.limits.posts_per_session {
            return Err(Trouble::Busy);
        }
        let (answer, answered) = oneshot::channel();
        let job = Job { endpoint: Some(self.endpoint), person: self.id, draft, client_id, answer };
        self.shared.submit(id, job).map_err(|trouble| self.unseen(id, trouble))?;
        // A mailbox that ends in good order answers everybody.
        let result = answered.await.unwrap_or(Err(Trouble::Unknown));
        drop(way);
        result.map(|said| said.position)
    }

    /// How far each room of the session has come: the last entry that was put before it, or passed over because it is no post.
    /// Whoever takes everything that waits and is not there yet has a change of a post to read.
    #[must_use]
    pub fn heads(&self) -> Vec<(Uuid, Position)> {
        let live = self.shared.live();
        let Some(member) = live.sessions.get(&self.endpoint) else { return Vec::new() };
        let rooms = member.rooms.iter().filter_map(|id| live.rooms.get(id));
        rooms.filter_map(|room| Some((room.guid, room.head?))).collect()
    }

    /// Ready when there is something to take; wakes the task that asked last.
    pub fn poll_ready(&self, context: &Context<'_>) -> Poll<()> {
        self.outbox.poll_ready(context)
    }

    /// Resolves when there is something to take. Dropping the future loses nothing.
    pub async fn ready(&self) {
        poll_fn(|context| self.poll_ready(context)).await;
    }

    /// Ready when the session is over from the other side, as [`Session::over`] is; wakes the task that asked last.
    pub fn poll_over(&self, context: &Context<'_>) -> Poll<EndReason> {
        self.outbox.poll_over(context)
    }

    /// Resolves when the session is over from the other side, with the reason: at once, however much waits to be taken.
    pub fn over(&self) -> impl Future<Output = EndReason> + Send + use<> {
        let outbox = self.outbox.clone();
        poll_fn(move |context| outbox.poll_over(context))
    }

    /// Leaves every room and ends; returns when that is kept or, if the store takes nothing now, owed.
    pub async fn close(mut self, reason: PartReason) {
        self.closed = true;
        let rooms = {
            let mut live = self.shared.live();
            live.drop_session(&self.shared.catalog(), self.endpoint)
        };
        if rooms.is_empty() {
            return;
        }
        let owed = Owed::Part { person: self.id, endpoint: self.endpoint, reason, rooms };
        if let Err(fault) = owed.clone().write(&self.shared.store).await {
            tracing::warn!(fault = %fault, "session.part_owed");
            self.shared.ledger.owe(vec![owed]);
        }
    }

    /// Seats the endpoint in one room, waking the room if need be; `None` if it sat there before.
    async fn seat(&self, guid: Uuid, limit: usize) -> Result<(RoomId, Option<Stand>), Trouble> {
        let id = self.shared.catalog().room_id(guid).ok_or(Refusal::NotFound)?;
        for _ in 0..WAKE_TRIES {
            let admission = {
                let mut live = self.shared.live();
                live.admit(&self.shared.catalog(), self.endpoint, id, limit)?
            };
            match admission {
                Admission::Seated(stand) => return Ok((id, Some(stand))),
                Admission::Present => return Ok((id, None)),
                Admission::Asleep => self.wake(id, guid).await?,
            }
        }
        Err(Trouble::Busy)
    }

    async fn wake(&self, id: RoomId, guid: Uuid) -> Result<(), Trouble> {
        let (head, generation) = self.shared.live().awake(id, guid);
        if head.is_some() {
            return Ok(());
        }
        let read = self.shared.store.head(JournalKey::Room(id)).await;
        let head = read.map_err(|fault| self.shared.fault(fault))?;
        if self.shared.among_peers() {
            // Another server may have changed the room before this place; nobody sits down under older rules.
            self.shared.read_room(id).await.map_err(|fault| self.shared.fault(fault))?;
        }
        self.shared.live().set_head(id, generation, head.position);
        Ok(())
    }

    async fn keep_join(&self, stands: &[Stand], batch: bool) -> Result<(), Trouble> {
        if let Err(fault) = self.shared.store.join(self.id, self.endpoint, stands.to_vec()).await {
            self.shared.live().unseat(self.endpoint, stands);
            return Err(self.shared.fault(fault));
        }
        let lost = {
            let mut live = self.shared.live();
            live.settle(&self.shared.catalog(), self.endpoint, stands, batch)
        };
        if !lost.is_empty() {
            let reason = PartReason::Removed;
            let owed = Owed::Part { person: self.id, endpoint: self.endpoint, reason, rooms: lost };
            self.shared.ledger.owe(vec![owed]);
        }
        Ok(())
    }

    /// A full mailbox is no news to somebody who may not see the room.
    fn unseen(&self, id: RoomId, trouble: Trouble) -> Trouble {
        match self.shared.case(id, self.id).and_then(|case| case.decide(chat::Ask::See)) {
            Err(refusal) => refusal.into(),
            Ok(_) => trouble,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.closed {
            return;
        }
        let rooms = {
            let mut live = self.shared.live();
            live.drop_session(&self.shared.catalog(), self.endpoint)
        };
        if !rooms.is_empty() {
            let owed =
                Owed::Part { person: self.id, endpoint: self.endpoint, reason: PartReason::Gone, rooms };
            self.shared.ledger.owe(vec![owed]);
        }
    }
}
