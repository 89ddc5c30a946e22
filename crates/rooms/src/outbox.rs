//! What waits to be shown to one session: places of posts and notices, within a limit.
//! Holds no text of a post; a post is looked up when it is taken.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use atomic_waker::AtomicWaker;
use chat::RoomId;
use uuid::Uuid;

use crate::values::{EndReason, Outgoing};

/// The outbox of one session. Filled under the lock of the live rooms, so that its order is theirs.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    /// Whoever waits until there is something to take, and until the session is over: its face, and nobody else.
    ready: AtomicWaker,
    over: AtomicWaker,
    /// Whether it is among those that wait to be told.
    called: AtomicBool,
    limit: usize,
}

/// What is in it.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// In the order of delivery. A room that is in `behind` has no post here.
    pub(crate) items: VecDeque<Item>,
    /// Rooms whose posts after this number are to be looked up; everything up to it was taken.
    pub(crate) behind: BTreeMap<RoomId, u64>,
    /// Whether the rooms behind have their turn, so that neither side starves the other.
    pub(crate) behind_next: bool,
    notices: usize,
    ended: Option<EndReason>,
}

/// One thing to show.
#[derive(Debug)]
pub(crate) enum Item {
    /// The post at this number of the room's journal.
    Post(RoomId, u64),
    /// Anything else.
    Notice(Box<Outgoing>),
}

/// Which notices about a room are forgotten.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Those about others.
    Others,
    /// All: they are of a seat that is no more.
    EarlierSeat,
}

impl Outbox {
    pub(crate) fn new(limit: usize) -> Self {
        let (ready, over) = (AtomicWaker::new(), AtomicWaker::new());
        Self { queue: Mutex::default(), ready, over, called: AtomicBool::new(false), limit }
    }

    pub(crate) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a post; over the limit all posts collapse to "behind since". Whoever adds it sees to it that the session is told.
    pub(crate) fn push_post(&self, room: RoomId, number: u64) {
        let mut queue = self.queue();
        if queue.ended.is_some() {
            return;
        }
        if !queue.behind.contains_key(&room) {
            queue.items.push_back(Item::Post(room, number));
            if queue.items.len() > self.limit {
                queue.collapse();
            }
        }
    }

    /// Tells the session that something is there to take.
    pub(crate) fn tell(&self) {
        self.ready.wake();
    }

    /// Notes that the session is to be told in its turn; `false` when it waits for that already.
    pub(crate) fn call(&self) -> bool {
        !self.called.swap(true, Ordering::AcqRel)
    }

    /// Tells the session in its turn.
    pub(crate) fn tell_in_turn(&self) {
        self.called.store(false, Ordering::Release);
        self.tell();
    }

    /// Adds a notice; when the notices alone are over the limit the session ends.
    pub(crate) fn push(&self, notice: Outgoing) {
        let mut queue = self.queue();
        if queue.ended.is_some() {
            return;
        }
        if let Outgoing::Ended(reason) = notice {
            queue.ended = Some(reason);
            queue.behind.clear();
        }
        queue.notices += 1;
        let notice = if queue.notices > self.limit && queue.ended.is_none() {
            let reason = EndReason::TooSlow;
            *queue = Queue { ended: Some(reason), notices: 1, ..Queue::default() };
            tracing::warn!("session.too_slow");
            Outgoing::Ended(reason)
        } else {
            notice
        };
        queue.items.push_back(Item::Notice(Box::new(notice)));
        let is_over = queue.ended.is_some();
        drop(queue);
        self.ready.wake();
        if is_over {
            self.over.wake();
        }
    }

    /// Delivery of a room went on without this session after the given number: what came since is looked up.
    pub(crate) fn resume(&self, room: RoomId, after: u64) {
        let mut queue = self.queue();
        if queue.ended.is_some() {
            return;
        }
        let waiting = queue.items.iter().find_map(|item| match item {
            Item::Post(of, number) if *of == room => Some(*number - 1),
            Item::Post(..) | Item::Notice(_) => None,
        });
        queue.fall_behind(room, waiting.unwrap_or(after));
        drop(queue);
        self.ready.wake();
    }

    /// The session lost its right in a room: what it is behind there is not looked up for it any more.
    pub(crate) fn fall_silent(&self, room: RoomId) {
        self.queue().behind.remove(&room);
    }

    /// Takes out everything of a room: nothing of it may be shown any more.
    pub(crate) fn forget(&self, room: RoomId, guid: Uuid) {
        let mut queue = self.queue();
        queue.behind.remove(&room);
        queue.items.retain(|item| !matches!(item, Item::Post(of, _) if *of == room));
        queue.forget_notices(guid, Whose::Others);
    }

    /// The session sits in a room anew, from a number on: what waits of an earlier seat there would be told too late, that it was
    /// put out of it above all.
    pub(crate) fn begin_anew(&self, room: RoomId, guid: Uuid, at: u64) {
        let mut queue = self.queue();
        queue.items.retain(|item| !matches!(item, Item::Post(of, number) if *of == room && *number <= at));
        if let Some(after) = queue.behind.get_mut(&room) {
            *after = at.max(*after);
        }
        queue.forget_notices(guid, Whose::EarlierSeat);
    }

    /// The session is told anew who is in a room: notices about it that wait are in that list already.
    pub(crate) fn forget_notices(&self, guid: Uuid) {
        self.queue().forget_notices(guid, Whose::Others);
    }

    /// Ready when something is there to take.
    pub(crate) fn poll_ready(&self, context: &Context<'_>) -> Poll<()> {
        // In this order, so that nothing comes unheard in between.
        self.ready.register(context.waker());
        if self.queue().is_empty() { Poll::Pending } else { Poll::Ready(()) }
    }

    /// Ready when the session is over, with the reason, whatever is there to take before.
    pub(crate) fn poll_over(&self, context: &Context<'_>) -> Poll<EndReason> {
        self.over.register(context.waker());
        self.queue().ended.map_or(Poll::Pending, Poll::Ready)
    }
}

impl Queue {
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.behind.is_empty()
    }

    pub(crate) fn pop(&mut self) -> Option<Item> {
        let item = self.items.pop_front()?;
        self.notices -= usize::from(matches!(item, Item::Notice(_)));
        Some(item)
    }

    /// Moves the posts of one room out of the queue: those after this number are looked up, unless the end would come
    /// before them.
    pub(crate) fn fall_behind(&mut self, room: RoomId, after: u64) {
        self.items.retain(|item| !matches!(item, Item::Post(of, _) if *of == room));
        if self.ended.is_none() {
            self.behind.entry(room).or_insert(after);
        }
    }

    fn forget_notices(&mut self, guid: Uuid, whose: Whose) {
        let notices = &mut self.notices;
        self.items.retain_mut(|item| match item {
            Item::Post(..) => true,
            Item::Notice(notice) => {
                let stays = without(notice, guid, whose);
                *notices -= usize::from(!stays);
                stays
            }
        });
    }

    fn collapse(&mut self) {
        let behind = &mut self.behind;
        self.items.retain(|item| match item {
            Item::Post(room, number) => {
                behind.entry(*room).or_insert(*number - 1);
                false
            }
            Item::Notice(_) => true,
        });
        tracing::debug!(rooms = self.behind.len(), "session.behind");
    }
}

/// Takes a room out of a notice; `false` when nothing is left of it.
fn without(notice: &mut Outgoing, guid: Uuid, whose: Whose) -> bool {
    match notice {
        Outgoing::Came { rooms, .. } => {
            rooms.retain(|(room, _)| *room != guid);
            !rooms.is_empty()
        }
        Outgoing::Left { rooms, .. } => {
            rooms.retain(|room| *room != guid);
            !rooms.is_empty()
        }
        Outgoing::Present { room, .. } => *room != guid,
        Outgoing::Removed { room } => *room != guid || whose == Whose::Others,
        Outgoing::Post(_) | Outgoing::Ended(_) => true,
    }
}
