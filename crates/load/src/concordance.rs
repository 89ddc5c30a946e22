//! Which posts of an archive have which words: what a search must find, computed beside the server.
//! Asks nobody.

use std::ops::Range;

use crate::archive::{Archive, RANKS};

/// The posts of each word. A post is known by how many were posted before it in all rooms.
#[derive(Clone, Debug)]
pub struct Concordance {
    /// For each rank, the posts that have its word, ascending.
    posts: Vec<Vec<u32>>,
    /// For each room, how many posts were posted before its first one; and how many there are.
    first: Vec<u32>,
}

/// What a search must find.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    /// The newest posts, newest first.
    pub posts: Vec<u32>,
    /// Whether there are more.
    pub more: bool,
}

impl Concordance {
    /// Of all rooms of an archive.
    #[must_use]
    pub fn of(archive: &Archive) -> Self {
        let (mut posts, mut first, mut before) = (vec![Vec::new(); RANKS], vec![0], 0);
        for (room, count) in archive.posts.iter().enumerate() {
            for number in 0..*count {
                let mut ranks = archive.ranks(room, number);
                ranks.sort_unstable();
                ranks.dedup();
                ranks.iter().for_each(|rank| posts[*rank as usize].push(before + number));
            }
            before += count;
            first.push(before);
        }
        Self { posts, first }
    }

    /// The posts of one room.
    #[must_use]
    pub fn room(&self, room: usize) -> Range<u32> {
        self.first[room]..self.first[room + 1]
    }

    /// The posts of all rooms.
    #[must_use]
    pub fn everywhere(&self) -> Range<u32> {
        0..self.first.last().copied().unwrap_or(0)
    }

    /// The room of a post, and its number there.
    #[must_use]
    pub fn place(&self, post: u32) -> (usize, u32) {
        let room = self.first.partition_point(|first| *first <= post).saturating_sub(1);
        (room, post - self.first[room])
    }

    /// What a search for posts with all of these words must find among these posts.
    #[must_use]
    pub fn expected(&self, ranks: &[u32], among: &Range<u32>, most: usize) -> Expected {
        let mut lists: Vec<&[u32]> = ranks.iter().map(|rank| self.posts[*rank as usize].as_slice()).collect();
        lists.sort_by_key(|list| list.len());
        let (rarest, others) = lists.split_first().map_or((&[][..], &[][..]), |(one, rest)| (*one, rest));
        let has = |post: &u32| others.iter().all(|list| list.binary_search(post).is_ok());
        let mut found = rarest.iter().rev().copied().filter(|post| among.contains(post) && has(post));
        let posts = found.by_ref().take(most).collect();
        Expected { posts, more: found.next().is_some() }
    }
}
