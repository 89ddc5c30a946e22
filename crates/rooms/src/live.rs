//! The rooms somebody is in or that were used lately, who sits in them, and what each session waits for.
//! No I/O and no decision: one short lock holds it all, so that posts and notices of a room have one order for everybody.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chat::{Configuration, Mask, PersonId, Position, RoomId};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::elsewhere::Elsewhere;
use crate::limits::Limits;
use crate::memory::{Budget, Place, Tail};
use crate::outbox::{Item, Outbox, Queue};
use crate::printed::Printed;
use crate::room::Job;
use crate::values::{EndReason, Outgoing, Post};
use crate::waking::Waking;

/// All live rooms and sessions of this server.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) rooms: HashMap<RoomId, LiveRoom>,
    pub(crate) sessions: HashMap<u64, Member>,
    pub(crate) by_person: HashMap<PersonId, BTreeSet<u64>>,
    /// The people of the other servers.
    pub(crate) elsewhere: Elsewhere,
    pub(crate) budget: Budget,
    /// People present above whom a room is large.
    pub(crate) large_from: usize,
    /// Posts put before sessions since the start.
    pub(crate) deliveries: u64,
    waking: Arc<Waking>,
    generation: u64,
}

/// A session as the rooms know it.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) person: PersonId,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) rooms: BTreeSet<RoomId>,
}

/// One live room.
#[derive(Debug)]
pub(crate) struct LiveRoom {
    pub(crate) id: RoomId,
    pub(crate) guid: Uuid,
    /// The last entry delivered here; `None` until the store was asked once.
    pub(crate) head: Option<Position>,
    /// The highest number that came by before the head was known.
    pub(crate) seen: u64,
    /// By endpoint.
    pub(crate) seats: BTreeMap<u64, Seat>,
    /// How many of a person's endpoints are in through any server, for those shown to others.
    pub(crate) people: HashMap<PersonId, usize>,
    /// Who was there when the room became large; `None` while it is not.
    pub(crate) large: Option<HashSet<PersonId>>,
    pub(crate) tail: Tail,
    /// Raised when a text is taken away or replaced.
    pub(crate) amended: u64,
    pub(crate) mailbox: Option<mpsc::Sender<Job>>,
    pub(crate) generation: u64,
}

/// One endpoint in a room.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) person: PersonId,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) mask: Mask,
    pub(crate) stage: Stage,
    /// From which place on everything is delivered to it, until it was told so.
    pub(crate) from: Option<Position>,
    /// Whether it was told who is there.
    pub(crate) listed: bool,
}

/// How far a seat is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// Posts are collected; nobody sees it until the join is kept.
    Joining,
    /// It is in.
    Joined,
    /// Posts end here; it is shown until the part is kept.
    Parting,
}

/// What a session can be given now.
pub(crate) enum Drained {
    Items(Vec<Outgoing>),
    /// Nothing until entries after this number were read.
    Read {
        room: RoomId,
        after: u64,
    },
    Nothing,
}

/// Whether an entry is the next one of a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// Nobody needs it, or it was delivered.
    Skip,
    Deliver,
    /// Entries after this number have to be read first.
    Gap(u64),
}

/// What an entry does to a live room.
pub(crate) enum Step {
    Post(Arc<Post>),
    Remove(u32),
    Replace { post: u32, text: Box<str>, rtf: Option<Box<str>> },
    Other,
}

impl Live {
    /// Takes in the settings: how many may be present before a room is large, unless a limit of this server says less.
    pub(crate) fn take_in(&mut self, settings: &Configuration, limits: &Limits) {
        let set = usize::try_from(settings.participant_update_limit).unwrap_or(usize::MAX);
        self.large_from = limits.participant_updates.unwrap_or(set);
    }

    pub(crate) fn new(memory_bytes: usize, waking: Arc<Waking>) -> Self {
        Self {
            rooms: HashMap::new(),
            sessions: HashMap::new(),
            by_person: HashMap::new(),
            elsewhere: Elsewhere::default(),
            budget: Budget::new(memory_bytes),
            deliveries: 0,
            waking,
            large_from: chat::limits::PARTICIPANT_UPDATE_LIMIT,
            generation: 0,
        }
    }

    /// Makes the room live if it is not; gives its head if known, and the token to set it with.
    pub(crate) fn awake(&mut self, id: RoomId, guid: Uuid) -> (Option<Position>, u64) {
        self.generation += 1;
        let generation = self.generation;
        let room = self.rooms.entry(id).or_insert_with(|| {
            let mut room = LiveRoom {
                id,
                guid,
                head: None,
                seen: 0,
                seats: BTreeMap::new(),
                people: self.elsewhere.people(id),
                large: None,
                tail: Tail::default(),
                amended: 0,
                mailbox: None,
                generation,
            };
            room.maybe_large(self.large_from);
            room
        });
        (room.head, room.generation)
    }

    /// Sets the head read from the store, unless something newer has come by since or the room slept meanwhile.
    pub(crate) fn set_head(&mut self, id: RoomId, generation: u64, head: Position) {
        if let Some(room) = self.rooms.get_mut(&id)
            && room.generation == generation
            && room.head.is_none()
            && head.number >= room.seen
        {
            room.head = Some(head);
            room.tail.begin_after(head.number);
        }
    }

    /// Lets a room sleep that nobody needs.
    pub(crate) fn prune(&mut self, id: RoomId) {
        if let Some(room) = self.rooms.get(&id)
            && room.seats.is_empty()
            && room.tail.is_empty()
            && room.mailbox.is_none()
        {
            self.rooms.remove(&id);
        }
    }

    pub(crate) fn next(&mut self, id: RoomId, number: u64) -> Next {
        let Some(room) = self.rooms.get_mut(&id) else { return Next::Skip };
        let Some(head) = room.head else {
            room.seen = room.seen.max(number);
            return Next::Skip;
        };
        if number <= head.number {
            Next::Skip
        } else if number == head.number + 1 {
            Next::Deliver
        } else {
            Next::Gap(head.number)
        }
    }

    /// Delivers the next entry of a room: remembers it and puts its place into every outbox there.
    pub(crate) fn deliver(&mut self, id: RoomId, at: Position, step: Step) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        if room.head.is_none_or(|head| at.number <= head.number) {
            return;
        }
        room.head = Some(at);
        match step {
            Step::Post(post) => {
                self.budget.add(id, &mut room.tail, post);
                let sitting = || room.seats.values().filter(|seat| seat.stage != Stage::Parting);
                for seat in sitting() {
                    seat.outbox.push_post(id, at.number);
                    self.deliveries += 1;
                }
                // All have it before anybody is told.
                self.waking.tell_all(room.seats.len(), sitting().map(|seat| &seat.outbox));
            }
            Step::Remove(post) => {
                room.amended += 1;
                self.budget.amend(&mut room.tail, post, None);
            }
            Step::Replace { post, text, rtf } => {
                room.amended += 1;
                let with = Post::find(&room.tail, post).map(|old| Arc::new(old.with_text(text, rtf)));
                self.budget.amend(&mut room.tail, post, with);
            }
            Step::Other => (),
        }
        if room.tail.is_empty() {
            room.tail.begin_after(at.number);
        }
        self.fit();
    }

    /// Keeps what all rooms remember within the budget.
    pub(crate) fn fit(&mut self) {
        while let Some(id) = self.budget.over() {
            let Some(room) = self.rooms.get_mut(&id) else { return };
            self.budget.shrink(&mut room.tail);
            self.prune(id);
        }
    }

    /// The newest so many kept posts of a room if they are all remembered.
    pub(crate) fn newest(&mut self, id: RoomId, count: usize) -> Option<(Vec<Arc<Post>>, Position)> {
        let room = self.rooms.get_mut(&id)?;
        let found = (room.tail.newest(count)?, room.head?);
        self.budget.touch(id, &mut room.tail);
        Some(found)
    }

    /// How many people are in a room, through any server.
    pub(crate) fn headcount(&self, id: RoomId) -> usize {
        match self.rooms.get(&id) {
            Some(room) => room.people.len(),
            None => self.elsewhere.headcount(id),
        }
    }

    /// Gives a session what it can be given without reading, at most `max` items.
    pub(crate) fn drain(&mut self, endpoint: u64, outbox: &Outbox, max: usize) -> Drained {
        let mut queue = outbox.queue();
        let mut out = Vec::new();
        if !queue.behind_next || queue.behind.is_empty() {
            self.drain_queue(&mut queue, max, &mut out);
        }
        queue.behind_next = !queue.behind_next;
        if !out.is_empty() {
            return Drained::Items(out);
        }
        while let Some((id, after)) = queue.behind.first_key_value().map(|(id, after)| (*id, *after)) {
            let room = self.rooms.get_mut(&id).filter(|room| room.seats.contains_key(&endpoint));
            let Some(room) = room else {
                queue.behind.remove(&id);
                continue;
            };
            let Some((posts, all)) = room.tail.since(after, max) else {
                return Drained::Read { room: id, after };
            };
            match posts.last() {
                Some(last) if !all => queue.behind.insert(id, last.position.number),
                _ => queue.behind.remove(&id),
            };
            if !posts.is_empty() {
                return Drained::Items(posts.into_iter().map(Outgoing::Post).collect());
            }
        }
        self.drain_queue(&mut queue, max, &mut out);
        if out.is_empty() && queue.is_empty() { Drained::Nothing } else { Drained::Items(out) }
    }

    /// Takes from the front of the queue; a room whose post is no longer remembered falls behind.
    fn drain_queue(&self, queue: &mut Queue, max: usize, out: &mut Vec<Outgoing>) {
        while out.len() < max {
            match queue.pop() {
                None => break,
                Some(Item::Notice(notice)) => out.push(*notice),
                Some(Item::Post(id, number)) => match self.rooms.get(&id).map(|room| room.tail.place(number))
                {
                    Some(Place::Here(post)) => out.push(Outgoing::Post(post)),
                    Some(Place::Gone) => (),
                    Some(Place::Store) | None => queue.fall_behind(id, number - 1),
                },
            }
        }
    }

    /// Notes that a session behind in a room was given everything up to a number. `false` when the room was left
    /// meanwhile: what was read must not be shown.
    pub(crate) fn caught_up(&self, outbox: &Outbox, id: RoomId, after: u64, to: u64) -> bool {
        let mut queue = outbox.queue();
        if queue.behind.get(&id) != Some(&after) {
            return false;
        }
        let head = self.rooms.get(&id).and_then(|room| room.head).map_or(0, |head| head.number);
        if to >= head {
            queue.behind.remove(&id);
        } else {
            queue.behind.insert(id, to);
        }
        true
    }

    /// Ends every session.
    pub(crate) fn end_all(&mut self, reason: EndReason) {
        let mut endpoints: Vec<_> = self.sessions.keys().copied().collect();
        endpoints.sort_unstable();
        for endpoint in endpoints {
            self.sessions[&endpoint].outbox.push(Outgoing::Ended(reason));
        }
    }
}

impl Post {
    /// The same with another text, which mentions nobody.
    fn with_text(&self, text: Box<str>, rtf: Option<Box<str>>) -> Self {
        Self {
            room: self.room,
            post: self.post,
            position: self.position,
            time: self.time,
            author: self.author.clone(),
            alert: self.alert,
            story: self.story,
            kept: self.kept,
            text,
            rtf,
            mentions: Vec::new(),
            printed: Printed::default(),
        }
    }
}
