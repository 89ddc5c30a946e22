//! The published model of how people use persistent chat, scaled to so many people: who is in which room, who says something when,
//! who changes presence when. All of it follows from the seed, before anything begins.
//! Does nothing itself.

use crate::chance::Chance;

/// What is modelled.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// How many people there are; every second one has a second endpoint.
    pub people: usize,
    /// Rooms that each joins.
    pub rooms_each: usize,
    /// The rate of posts as a multiple of the published one, which is of 80,000 people: 24 a second.
    pub rate: f64,
    /// Changes of presence of one person in an hour; the model has six.
    pub changes: f64,
    /// How long it goes on, in seconds.
    pub seconds: u32,
    /// Octets of a post.
    pub octets: usize,
    /// What everything is drawn from.
    pub seed: u32,
}

/// All that will happen.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many rooms there are.
    pub rooms: usize,
    /// The rooms of each person.
    pub rooms_of: Vec<Vec<usize>>,
    /// The posts, in the order of their times.
    pub posts: Vec<Planned>,
    /// Changes of presence: when, in microseconds, and of which endpoint.
    pub changes: Vec<(u64, usize)>,
    /// How many endpoints there are.
    pub links: usize,
}

/// A post that will be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Planned {
    /// When, in microseconds of the run.
    pub at: u64,
    /// In which room.
    pub room: usize,
    /// By which endpoint.
    pub author: usize,
}

/// A kind of room of the published model, which is of 80,000 people.
struct Kind {
    /// People in one such room.
    size: usize,
    /// Such rooms of one person, of 16 in all.
    each: usize,
    /// Posts a second in all of them.
    rate: f64,
}

const SMALL: Kind = Kind { size: 30, each: 12, rate: 22.22 };
const MEDIUM: Kind = Kind { size: 150, each: 2, rate: 1.67 };
const LARGE: Kind = Kind { size: 16_000, each: 2, rate: 0.15 };

impl Plan {
    /// The plan of a scale.
    #[must_use]
    pub fn of(scale: &Scale) -> Self {
        let mut chance = Chance::new(scale.seed);
        let links = endpoints_of(scale.people);
        let (mut rooms, mut posts) = (0, Vec::new());
        let mut rooms_of = vec![Vec::new(); scale.people];
        for kind in [&SMALL, &MEDIUM, &LARGE] {
            let count = (scale.people * kind.each / kind.size).max(1);
            // What somebody joins beyond the 16 of the model are small rooms.
            let more = if kind.size == SMALL.size { scale.rooms_each.saturating_sub(16) } else { 0 };
            let each = (kind.each + more).min(count);
            for (person, own) in rooms_of.iter_mut().enumerate() {
                own.extend((0..each).map(|step| rooms + (person * each + step) % count));
            }
            let mut at = 0.0;
            loop {
                at += chance.wait(kind.rate * scale.rate);
                if at >= f64::from(scale.seconds) {
                    break;
                }
                let author = chance.below(scale.people);
                let room = rooms + (author * each + chance.below(each)) % count;
                posts.push(Planned { at: micros(at), room, author });
            }
            rooms += count;
        }
        posts.sort_by_key(|post| post.at);
        let mut changes = Vec::new();
        let rate = scale.people as f64 * scale.changes / 3_600.0;
        let mut at = chance.wait(rate);
        while at < f64::from(scale.seconds) {
            changes.push((micros(at), chance.below(links)));
            at += chance.wait(rate);
        }
        Self { rooms, rooms_of, posts, changes, links }
    }

    /// Whose endpoint this is.
    #[must_use]
    pub fn person_of(&self, link: usize) -> usize {
        link % self.rooms_of.len()
    }

    /// How many posts each room will have.
    #[must_use]
    pub fn posts_of_rooms(&self) -> Vec<u32> {
        let mut counts = vec![0; self.rooms];
        self.posts.iter().for_each(|post| counts[post.room] += 1);
        counts
    }
}

/// Endpoints of so many people: 1.5 each.
#[must_use]
pub fn endpoints_of(people: usize) -> usize {
    people + people / 2
}

fn micros(seconds: f64) -> u64 {
    (seconds * 1e6) as u64
}
