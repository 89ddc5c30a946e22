//! The newest posts of one room in memory, and which rooms were used least recently.
//! Never the only place a kept post is: what is not here is read from the store.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chat::RoomId;
use store::limits::HISTORY_BYTES_MAX;

use crate::limits::{POST_OVERHEAD_BYTES, PRINTED_POSTS};
use crate::values::Post;

/// The newest posts of a room that have a text.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// Every kept post after this number is here, and nothing before it.
    floor: u64,
    /// Every post after this number is here, also those that are no history. Never below `floor`: older posts are
    /// read from history.
    whole: u64,
    posts: VecDeque<Arc<Post>>,
    used: u64,
}

/// Where a post is.
pub(crate) enum Place {
    Here(Arc<Post>),
    /// Its text was taken away.
    Gone,
    /// Look it up in the store.
    Store,
}

/// How much all tails hold and in which order they were used.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: usize,
    limit: usize,
    tick: u64,
    /// The rooms that have posts here, and no other: whoever is next gives something, and what sleeps is forgotten.
    order: BTreeMap<u64, RoomId>,
}

impl Tail {
    pub(crate) fn is_empty(&self) -> bool {
        self.posts.is_empty()
    }

    pub(crate) fn floor(&self) -> u64 {
        self.floor
    }

    /// Nothing at or before this number is here.
    pub(crate) fn begin_after(&mut self, number: u64) {
        self.floor = self.floor.max(number);
        self.whole = self.whole.max(number);
    }

    pub(crate) fn place(&self, number: u64) -> Place {
        match self.posts.binary_search_by_key(&number, |post| post.position.number) {
            Ok(index) => Place::Here(self.posts[index].clone()),
            Err(_) if number <= self.whole => Place::Store,
            Err(_) => Place::Gone,
        }
    }

    /// The posts after a number, oldest first, at most so many, and whether these are all; `None` when some are not here.
    pub(crate) fn since(&self, after: u64, max: usize) -> Option<(Vec<Arc<Post>>, bool)> {
        if after < self.whole {
            return None;
        }
        let from = self.posts.partition_point(|post| post.position.number <= after);
        let found: Vec<_> = self.posts.iter().skip(from).take(max).cloned().collect();
        let all = from + found.len() == self.posts.len();
        Some((found, all))
    }

    /// The newest so many kept posts, oldest first, and of long texts fewer, as the store gives them; `None` when not all of
    /// them are here.
    pub(crate) fn newest(&self, count: usize) -> Option<Vec<Arc<Post>>> {
        let (mut found, mut bytes) = (Vec::new(), 0);
        for post in self.posts.iter().rev().filter(|post| post.kept).take(count) {
            bytes += length(post);
            if bytes > HISTORY_BYTES_MAX && !found.is_empty() {
                found.reverse();
                return Some(found);
            }
            found.push(post.clone());
        }
        if found.len() < count && self.floor > 0 {
            return None;
        }
        found.reverse();
        Some(found)
    }
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        Self { bytes: 0, limit, tick: 0, order: BTreeMap::new() }
    }

    /// Adds the newest post of a room.
    pub(crate) fn add(&mut self, room: RoomId, tail: &mut Tail, post: Arc<Post>) {
        self.bytes += cost(&post);
        tail.posts.push_back(post);
        if let Some(old) = tail.posts.len().checked_sub(PRINTED_POSTS + 1) {
            tail.posts[old].printed.forget();
        }
        self.touch(room, tail);
    }

    /// Adds kept posts read from the store in front of what is here: they are all kept posts between the new floor and
    /// the old one.
    pub(crate) fn add_older(&mut self, room: RoomId, tail: &mut Tail, floor: u64, older: &[Arc<Post>]) {
        assert!(floor <= tail.floor, "older posts stand before the floor");
        for post in older.iter().rev().filter(|post| post.position.number <= tail.floor) {
            self.bytes += cost(post);
            tail.posts.push_front(post.clone());
        }
        tail.floor = floor;
        self.touch(room, tail);
    }

    /// Puts another text into a post, or takes it away.
    pub(crate) fn amend(&mut self, tail: &mut Tail, number: u32, with: Option<Arc<Post>>) {
        let Some(index) = tail.posts.iter().position(|p| p.post == number) else { return };
        self.bytes -= cost(&tail.posts[index]);
        match with {
            Some(post) => {
                self.bytes += cost(&post);
                tail.posts[index] = post;
            }
            None => {
                tail.posts.remove(index);
                self.forget_empty(tail);
            }
        }
    }

    /// The room was used just now.
    pub(crate) fn touch(&mut self, room: RoomId, tail: &mut Tail) {
        self.order.remove(&tail.used);
        self.tick += 1;
        tail.used = self.tick;
        if !tail.posts.is_empty() {
            self.order.insert(tail.used, room);
        }
    }

    /// Whoever has no post any more is not in the order.
    fn forget_empty(&mut self, tail: &Tail) {
        if tail.posts.is_empty() {
            self.order.remove(&tail.used);
        }
    }

    /// The room whose posts have to go next; `None` while all fits.
    pub(crate) fn over(&self) -> Option<RoomId> {
        if self.bytes <= self.limit {
            return None;
        }
        self.order.first_key_value().map(|(_, room)| *room)
    }

    /// Drops the oldest posts of the room until all fits or none of the room is left.
    pub(crate) fn shrink(&mut self, tail: &mut Tail) {
        while self.bytes > self.limit {
            let Some(post) = tail.posts.pop_front() else { break };
            self.bytes -= cost(&post);
            tail.begin_after(post.position.number);
        }
        self.forget_empty(tail);
    }

    /// Drops everything of a room.
    pub(crate) fn drop_all(&mut self, tail: &mut Tail) {
        while let Some(post) = tail.posts.pop_front() {
            self.bytes -= cost(&post);
            tail.begin_after(post.position.number);
        }
        self.forget_empty(tail);
    }
}

impl Post {
    /// The post of this number if it is among these.
    pub(crate) fn find(posts: &Tail, number: u32) -> Option<Arc<Self>> {
        posts.posts.iter().find(|p| p.post == number).cloned()
    }
}

/// Twice the text, because its printed form may lie beside it.
fn cost(post: &Post) -> usize {
    let mentions = post.mentions.iter().map(|one| size_of_val(one) + one.name.len());
    POST_OVERHEAD_BYTES + 2 * length(post) + mentions.sum::<usize>()
}

fn length(post: &Post) -> usize {
    post.text.len() + post.rtf.as_ref().map_or(0, |rtf| rtf.len())
}

#[cfg(test)]
mod tests;
