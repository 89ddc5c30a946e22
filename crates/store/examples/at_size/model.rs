//! The published model of 80,000 people, in numbers: which rooms there are, who is where, where posts go.
//! Knows no store.

use std::sync::atomic::{AtomicU64, Ordering};

use chat::{Clock, Time};

use crate::Failed;

/// The domain of everybody.
pub const DOMAIN: &str = "example.com";
/// Posts of the room that is searched, of 10 million.
const BUSY_POSTS: u64 = 30_000;
/// Posts in a row that go to the same few rooms, and how many these are: two such rows are at most what one commit touches.
const BURST: u64 = 1_024;
const BURST_ROOMS: u64 = 120;
/// The published numbers of rooms: small, medium, large, all.
const ROOMS: [u64; 4] = [32_000, 1_067, 10, 33_077];
/// The published posts a second, in hundredths: small, medium, large, all.
const RATES: [u64; 4] = [2_222, 167, 15, 2_404];
/// Rooms of a person: small, medium, large.
pub const ROOMS_OF_ONE: [u64; 3] = [12, 2, 2];
/// Entries in the list of members: small, medium, large.
const LISTED: [u64; 3] = [22, 25, 16];

/// How large a store is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Model {
    /// Rooms of each size: small, medium, large. They are numbered in this order from 0 on.
    pub rooms: [u64; 3],
    /// People.
    pub people: u64,
    /// Posts.
    pub posts: u64,
}

impl Model {
    /// The model with so many rooms, people and posts.
    ///
    /// # Errors
    /// When that is too little for one of each.
    pub fn of(rooms: u64, people: u64, posts: u64) -> Result<Self, Failed> {
        let large = (rooms * ROOMS[2] / ROOMS[3]).max(1);
        let medium = (rooms * ROOMS[1] / ROOMS[3]).max(2);
        let small = rooms.saturating_sub(large + medium);
        if small < 100 || people < 100 || posts < 10 * rooms {
            return Err("at least 110 rooms, 100 people and 10 posts a room".into());
        }
        Ok(Self { rooms: [small, medium, large], people, posts })
    }

    /// How many rooms there are.
    pub fn rooms(&self) -> u64 {
        self.rooms.iter().sum()
    }

    /// The room that is searched: the first of medium size.
    pub fn busy(&self) -> u64 {
        self.rooms[0]
    }

    /// The rooms of a person, beginning with small ones; more of these when more are asked for than the model has.
    pub fn rooms_of(&self, person: u64, count: u64) -> Vec<u64> {
        let [_, medium, large] = ROOMS_OF_ONE;
        let small = count.saturating_sub(medium + large);
        let first = |size: usize| self.rooms[..size].iter().sum::<u64>();
        let mut rooms: Vec<u64> =
            (0..small).map(|n| (person * ROOMS_OF_ONE[0] + n) % self.rooms[0]).collect();
        rooms.extend((0..medium).map(|n| first(1) + (person * medium + n) % self.rooms[1]));
        rooms.extend((0..large).map(|n| first(2) + (person * large + n) % self.rooms[2]));
        rooms.sort_unstable();
        rooms.dedup();
        rooms
    }

    /// Whom the list of members of a room names.
    pub fn members(&self, room: u64) -> Vec<u64> {
        let size = self.size(room);
        let (each, here) = (ROOMS_OF_ONE[size], self.rooms[size]);
        let within = room - self.rooms[..size].iter().sum::<u64>();
        let mut people: Vec<u64> =
            (0..LISTED[size]).map(|turn| (within + turn * here) / each % self.people).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    fn size(&self, room: u64) -> usize {
        if room < self.rooms[0] {
            0
        } else if room < self.rooms[0] + self.rooms[1] {
            1
        } else {
            2
        }
    }

    /// Where a post goes, of so many before it: rooms of a size get what they are published to get, and one gets its 30,000. People
    /// talk to each other: a thousand posts in a row go to some hundred rooms, so that one commit takes them.
    pub fn room_after(&self, posts: u64, chance: &mut Chance) -> u64 {
        // In a smaller store the busy room is as busy, as far as a quarter of all posts go.
        let busy = BUSY_POSTS.min(self.posts / 4);
        if chance.below(self.posts) < busy {
            return self.busy();
        }
        let mut chance = Chance::of(mixed(posts / BURST) ^ chance.below(BURST_ROOMS));
        let drawn = chance.below(RATES[3]);
        let size = if drawn < RATES[0] {
            0
        } else if drawn < RATES[0] + RATES[1] {
            1
        } else {
            2
        };
        self.rooms[..size].iter().sum::<u64>() + chance.below(self.rooms[size])
    }
}

/// The same numbers every time, from a seed.
pub struct Chance(u64);

impl Chance {
    /// A row of its own.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below another.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        ((u128::from(mixed(self.0)) * u128::from(bound)) >> 64) as u64
    }
}

fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    n ^ (n >> 31)
}

/// A clock that goes on by a quarter of a second each time it is looked at: a store does not know how old it is.
pub struct Counter(AtomicU64);

/// The first of January 2026.
const BEGIN: i64 = 1_767_225_600_000_000;

impl Counter {
    /// At the beginning.
    pub fn new() -> Self {
        Self(AtomicU64::new(0))
    }
}

impl Clock for Counter {
    fn now(&self) -> Time {
        let looks = self.0.fetch_add(1, Ordering::Relaxed).cast_signed();
        Time::from_unix_micros(BEGIN + looks * 250_000)
    }

    fn fill_random(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let bytes = mixed(self.0.fetch_add(1, Ordering::Relaxed)).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}
