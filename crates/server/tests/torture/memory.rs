//! What people know when it is over, held against what is kept: nothing lost, doubled or in another order.
//! Speaks with no server.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use tokio::time::Instant;

/// How a post ended, as far as its author heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It was answered as kept.
    Kept,
    /// It was answered as not kept.
    Refused,
    /// The link died before an answer.
    Unknown,
}

/// A post somebody sent.
#[derive(Debug)]
pub struct Sent {
    /// Which room, by its place in the list.
    pub room: usize,
    /// What was said; no two posts say the same.
    pub text: String,
    /// How it ended.
    pub fate: Fate,
}

/// What one link showed of one room, in the order in which it came: the number of each post and a hash of its text.
#[derive(Debug, Default)]
pub struct Stretch(pub Vec<(u64, u64)>);

/// A link that died.
#[derive(Clone, Copy, Debug)]
pub struct Absence {
    /// When its person found it dead.
    pub lost: Instant,
    /// When its person was back in all rooms.
    pub back: Instant,
}

/// What one person knows.
#[derive(Debug, Default)]
pub struct Memory {
    /// Who it is.
    pub who: String,
    /// Everything that was sent.
    pub sent: Vec<Sent>,
    /// Everything that was seen: one stretch for each link and room.
    pub seen: Vec<(usize, Stretch)>,
    /// For each link that died: when, and when the person was back in all rooms.
    pub absences: Vec<Absence>,
}

/// The posts of a room by their numbers, as they are kept.
pub type Kept = BTreeMap<u64, String>;

/// A text as it is remembered.
pub fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Everything that is wrong, in words; empty when all is well.
pub fn faults(people: &[Memory], rooms: &[Kept]) -> Vec<String> {
    let mut faults = Vec::new();
    for (room, kept) in rooms.iter().enumerate() {
        let first_missing = (1..).zip(kept.keys()).find(|(wanted, number)| wanted != *number);
        faults.extend(first_missing.map(|(wanted, _)| format!("room {room}: number {wanted} is missing")));
    }
    let counts: Vec<HashMap<&str, u32>> = rooms.iter().map(counted).collect();
    let hashes: Vec<BTreeMap<u64, u64>> = rooms.iter().map(hashed).collect();
    for person in people {
        faults.extend(person.sent.iter().filter_map(|sent| of_sent(&person.who, sent, &counts[sent.room])));
        for (room, stretch) in &person.seen {
            faults.extend(of_stretch(&person.who, *room, stretch, &hashes[*room]));
        }
    }
    faults
}

fn counted(kept: &Kept) -> HashMap<&str, u32> {
    let mut counts = HashMap::new();
    for text in kept.values() {
        *counts.entry(text.as_str()).or_default() += 1;
    }
    counts
}

fn hashed(kept: &Kept) -> BTreeMap<u64, u64> {
    kept.iter().map(|(number, text)| (*number, hash(text))).collect()
}

fn of_sent(who: &str, sent: &Sent, counts: &HashMap<&str, u32>) -> Option<String> {
    let there = counts.get(sent.text.as_str()).copied().unwrap_or_default();
    let good = match sent.fate {
        Fate::Kept => there == 1,
        Fate::Refused => there == 0,
        Fate::Unknown => there <= 1,
    };
    let (room, text, fate) = (sent.room, &sent.text, sent.fate);
    (!good).then(|| format!("{who}: '{text}' in room {room} was {fate:?} and is there {there} times"))
}

fn of_stretch(who: &str, room: usize, stretch: &Stretch, kept: &BTreeMap<u64, u64>) -> Vec<String> {
    let mut faults = Vec::new();
    let pairs = stretch.0.windows(2).find(|pair| pair[0].0 + 1 != pair[1].0);
    faults.extend(pairs.map(|pair| format!("{who}: in room {room} {} came after {}", pair[1].0, pair[0].0)));
    let other = stretch.0.iter().find(|(number, text)| kept.get(number) != Some(text));
    faults
        .extend(other.map(|(number, _)| format!("{who}: post {number} of room {room} is not kept as shown")));
    faults
}

/// The middle and the greatest of some times.
pub fn spread(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    (middle, times.last().copied().unwrap_or_default())
}

#[test]
fn each_of_the_faults_is_seen() {
    let room =
        |texts: &[(u64, &str)]| -> Kept { texts.iter().map(|(n, text)| (*n, (*text).to_owned())).collect() };
    let sent = |text: &str, fate| Sent { room: 0, text: text.to_owned(), fate };
    let seen = |posts: &[(u64, &str)]| (0, Stretch(posts.iter().map(|(n, text)| (*n, hash(text))).collect()));
    let kept = room(&[(1, "a"), (2, "b"), (3, "c")]);
    let anna = |sent: Vec<Sent>, seen| Memory { who: "anna".into(), sent, seen, absences: Vec::new() };
    let good = anna(
        vec![sent("a", Fate::Kept), sent("x", Fate::Refused), sent("b", Fate::Unknown)],
        vec![seen(&[(1, "a"), (2, "b")]), seen(&[(3, "c")])],
    );
    assert_eq!(faults(&[good], std::slice::from_ref(&kept)), Vec::<String>::new());
    for (bad, rooms, word) in [
        (anna(vec![sent("x", Fate::Kept)], vec![]), kept.clone(), "is there 0 times"),
        (anna(vec![sent("a", Fate::Refused)], vec![]), kept.clone(), "is there 1 times"),
        (anna(vec![sent("a", Fate::Kept)], vec![]), room(&[(1, "a"), (2, "a")]), "is there 2 times"),
        (anna(vec![], vec![seen(&[(1, "a"), (3, "c")])]), kept.clone(), "3 came after 1"),
        (anna(vec![], vec![seen(&[(2, "b"), (1, "a")])]), kept.clone(), "1 came after 2"),
        (anna(vec![], vec![seen(&[(1, "b")])]), kept.clone(), "not kept as shown"),
        (anna(vec![], vec![seen(&[(4, "d")])]), kept.clone(), "not kept as shown"),
        (anna(vec![], vec![]), room(&[(1, "a"), (3, "c")]), "number 2 is missing"),
    ] {
        let found = faults(&[bad], &[rooms]);
        assert!(found.len() == 1 && found[0].contains(word), "{word}: {found:?}");
    }
}
