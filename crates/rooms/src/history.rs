//! The newest posts of a room for one person, and looking up what a session is behind in.
//! Shows nothing that `chat::Room::decide` does not grant at that moment.

use std::sync::Arc;

use chat::limits::HISTORY_POSTS_MAX;
use chat::{Ask, Entry, Event, JournalKey, PersonId, Position, Refusal, RoomEntry, RoomId};
use store::{History, PostRecord, Recorded, StoreFault, Window};
use tokio::time::sleep;
use uuid::Uuid;

use crate::follow::post_of;
use crate::ledger::Owed;
use crate::limits::{CATCH_UP_ENTRIES, RETRY_AFTER};
use crate::live::Drained;
use crate::printed::Printed;
use crate::roster::may_read;
use crate::session::Session;
use crate::shared::Shared;
use crate::trouble::Trouble;
use crate::values::{Outgoing, Post};
use crate::visitor::Visitor;

impl Visitor {
    /// The newest posts of a room, oldest first, whether joined or not; that they were shown is kept.
    ///
    /// `last` is how many: none means 30, more than 500 are cut, and of long texts fewer are shown. Empty where the category
    /// keeps no history. While the store takes nothing, history is still shown and its entry written later.
    ///
    /// # Errors
    /// [`Trouble::Refused`] with `NotFound`, `Disabled`, `NotAllowed`, or `BadArgument` when `last` is 0;
    /// [`Trouble::Store`] when it cannot be read; [`Trouble::Stopping`].
    pub async fn history(&self, room: Uuid, last: Option<usize>) -> Result<Vec<Arc<Post>>, Trouble> {
        self.shared.running()?;
        self.shared.informed()?;
        let (id, case) = self.case_at(room)?;
        let granted = case.decide(Ask::Read)?;
        let count = match last {
            Some(0) => return Err(Refusal::BadArgument("the number of messages").into()),
            Some(count) => count.min(HISTORY_POSTS_MAX),
            None => self.shared.catalog().settings().default_chat_history.into(),
        };
        if granted == (Event::Read { kept: false }) {
            return Ok(Vec::new());
        }
        let (posts, head) = self.shared.newest(id, count).await?;
        // The right is asked again: it may have been withdrawn while the store was read.
        self.shared.case(id, self.id)?.decide(Ask::Read)?;
        let (from, to) = match (posts.first(), posts.last()) {
            (Some(first), Some(last)) => (first.post, last.post),
            _ => (0, 0),
        };
        self.note_view(id, from, to, head).await?;
        if to > 0 {
            self.shared.ledger.mark(self.id, id, to);
        }
        Ok(posts)
    }

    /// Keeps that posts were shown; while the store takes nothing, later.
    pub(crate) async fn note_view(
        &self,
        room: RoomId,
        from: u32,
        to: u32,
        head: Position,
    ) -> Result<(), Trouble> {
        let view = Owed::View { person: self.id, room, from, to, head };
        if let Err(fault) = view.clone().write(&self.shared.store).await {
            match self.shared.fault(fault) {
                trouble @ (Trouble::Stopping | Trouble::Unknown) => return Err(trouble),
                Trouble::Busy
                | Trouble::Behind
                | Trouble::Store(_)
                | Trouble::Refused(_)
                | Trouble::ClientIdTaken => self.shared.ledger.owe(vec![view]),
            }
        }
        Ok(())
    }
}

impl Session {
    /// Takes what waits to be shown, at most `max` items, in order; the posts among it count as read. Otherwise as
    /// [`Session::take_unread`].
    pub async fn take(&self, max: usize) -> Vec<Outgoing> {
        let items = self.take_unread(max).await;
        self.shown(&items);
        items
    }

    /// As [`Session::take`], but at once; `None` when something is to be read from the store first.
    #[must_use]
    pub fn take_at_once(&self, max: usize) -> Option<Vec<Outgoing>> {
        let items = match self.shared.live().drain(self.endpoint, &self.outbox, max.max(1)) {
            Drained::Nothing => Vec::new(),
            Drained::Items(items) => items,
            Drained::Read { .. } => return None,
        };
        self.shown(&items);
        Some(items)
    }

    /// Takes what waits to be shown, at most `max` items, in order; what was read, the face says itself. May be empty although
    /// something was ready. Posts a slow session has fallen behind in are read from the store, its right asked again. Dropping
    /// the future loses nothing.
    pub async fn take_unread(&self, max: usize) -> Vec<Outgoing> {
        let max = max.max(1);
        loop {
            let drained = self.shared.live().drain(self.endpoint, &self.outbox, max);
            let items = match drained {
                Drained::Nothing => return Vec::new(),
                Drained::Items(items) => items,
                Drained::Read { room, after } => match self.refill(room, after, max).await {
                    Ok(posts) => posts.into_iter().map(Outgoing::Post).collect(),
                    Err(fault) => return self.refill_later(&fault).await,
                },
            };
            if !items.is_empty() {
                return items;
            }
        }
    }

    async fn refill_later(&self, fault: &StoreFault) -> Vec<Outgoing> {
        tracing::warn!(fault = %fault, "session.refill_waits");
        sleep(RETRY_AFTER).await;
        Vec::new()
    }

    async fn refill(&self, room: RoomId, after: u64, max: usize) -> Result<Vec<Arc<Post>>, StoreFault> {
        if !may_read(&self.shared.catalog(), room, self.id) {
            self.outbox.fall_silent(room);
            return Ok(Vec::new());
        }
        let head = {
            let live = self.shared.live();
            live.rooms.get(&room).and_then(|room| room.head).map_or(0, |head| head.number)
        };
        let page =
            self.shared.store.entries(JournalKey::Room(room), after, max.min(CATCH_UP_ENTRIES)).await?;
        let mut posts = Vec::new();
        let mut to = after;
        for recorded in page.iter().take_while(|recorded| recorded.header.position.number <= head) {
            to = recorded.header.position.number;
            match post_of(&self.shared, recorded) {
                Some(post) => posts.push(Arc::new(post)),
                None => posts.extend(present_text(&self.shared, room, recorded).await?.map(Arc::new)),
            }
        }
        let to = if to == after { head } else { to };
        let still_in = self.shared.live().caught_up(&self.outbox, room, after, to);
        Ok(if still_in { posts } else { Vec::new() })
    }

    /// Notes how far the person has read by what is about to be shown.
    fn shown(&self, items: &[Outgoing]) {
        for item in items {
            if let Outgoing::Post(post) = item
                && let Some(room) = self.shared.catalog().room_id(post.room)
            {
                self.shared.ledger.mark(self.id, room, post.post);
            }
        }
    }
}

impl Shared {
    /// The newest kept posts of a room, from memory if they are all there, and the room's head at that moment.
    async fn newest(&self, room: RoomId, count: usize) -> Result<(Vec<Arc<Post>>, Position), Trouble> {
        let amended = {
            let mut live = self.live();
            if let Some(found) = live.newest(room, count) {
                return Ok(found);
            }
            live.rooms.get(&room).map(|room| (room.generation, room.amended))
        };
        let read = self.store.history(room, Window::Last(count)).await;
        let History { posts, cut, head } = read.map_err(|fault| self.fault(fault))?;
        self.know(posts.iter().flat_map(named)).await?;
        let posts: Vec<_> =
            posts.into_iter().filter_map(|record| self.post(record, true)).map(Arc::new).collect();
        let mut live = self.live();
        let live = &mut *live;
        if let Some(state) = live.rooms.get_mut(&room)
            && state.head.is_some()
            && Some((state.generation, state.amended)) == amended
            // What was delivered and forgotten while the store was read is not among what was read.
            && state.tail.floor() <= head.number
        {
            let whole = posts.len() < count && !cut;
            let floor = if whole { 0 } else { posts.first().map_or(0, |post| post.position.number - 1) };
            if floor < state.tail.floor() {
                live.budget.add_older(room, &mut state.tail, floor, &posts);
                live.fit();
            }
        }
        Ok((posts, head))
    }

    fn post(&self, record: PostRecord, kept: bool) -> Option<Post> {
        let body = record.body?;
        let catalog = self.catalog();
        Some(Post {
            room: catalog.room(record.room)?.guid,
            post: record.post,
            position: record.position,
            time: record.time,
            author: catalog.person(record.author)?.clone(),
            alert: record.alert,
            story: record.story,
            kept,
            text: body.text.into(),
            rtf: body.rtf.map(Into::into),
            mentions: catalog.shown(&body.mentions),
            printed: Printed::default(),
        })
    }
}

/// Everybody a post names: who said it and whom it mentions.
pub(crate) fn named(post: &PostRecord) -> impl Iterator<Item = PersonId> {
    let mentions = post.body.iter().flat_map(|body| &body.mentions).map(|mention| mention.person);
    mentions.chain([post.author])
}

/// The post an entry is, with the text that has replaced the one it came with; `None` when that was taken away.
pub(crate) async fn present_text(
    shared: &Shared,
    room: RoomId,
    recorded: &Recorded,
) -> Result<Option<Post>, StoreFault> {
    let Entry::Room(RoomEntry::Posted { post, kept, .. }) = &recorded.header.entry else {
        return Ok(None);
    };
    let found = shared.store.one_post(room, *post).await?;
    Ok(found.and_then(|record| shared.post(record, *kept)))
}
