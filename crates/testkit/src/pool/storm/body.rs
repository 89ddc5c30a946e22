//! Somebody in a storm: talks, moves, loses links, comes back elsewhere, sends again what was not answered, and reads on from the
//! last position seen. Does what clients do that miss nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chat::{PersonId, Position};
use rooms::Trouble;
use uuid::Uuid;

use crate::pool::Pool;
use crate::pool::chance::Chance;
use crate::pool::diary::Met;
use crate::pool::guest::{Command, is_refusal};
use crate::pool::verdict::Kept;

/// How long somebody waits at a server that does not move, in microseconds.
const PATIENCE: i64 = 4_000_000;

/// How long somebody waits for an answer before saying it again, in microseconds.
const ANSWER_WITHIN: i64 = 6_000_000;

/// Somebody.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) name: String,
    person: PersonId,
    /// The rooms that matter to this person.
    rooms: Vec<Uuid>,
    pub(super) endpoint: Option<usize>,
    joined: BTreeSet<Uuid>,
    /// Rooms that were asked for and not answered yet.
    asked: BTreeSet<Uuid>,
    /// Rooms in which something may be missing, and since when it is asked for.
    behind: BTreeMap<Uuid, Option<i64>>,
    seen: BTreeMap<Uuid, Position>,
    /// From where on everything must be there.
    base: BTreeMap<Uuid, u64>,
    have: BTreeMap<Uuid, BTreeSet<u64>>,
    unanswered: BTreeMap<String, Unanswered>,
    said: usize,
    next_try: i64,
    stuck_since: Option<i64>,
}

/// Something that was said and not answered.
#[derive(Debug)]
struct Unanswered {
    room: Uuid,
    /// When it was sent through the present endpoint.
    sent: Option<i64>,
}

impl Body {
    pub(super) fn new(pool: &Pool, index: usize, chance: &mut Chance) -> Self {
        let (name, person) = pool.ground.people[index].clone();
        let rooms = pool.ground.rooms.iter().filter(|_| !chance.once_in(4)).map(|room| room.guid).collect();
        Self {
            name,
            person,
            rooms,
            endpoint: None,
            joined: BTreeSet::new(),
            asked: BTreeSet::new(),
            behind: BTreeMap::new(),
            seen: BTreeMap::new(),
            base: BTreeMap::new(),
            have: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            said: 0,
            next_try: pool.now(),
            stuck_since: None,
        }
    }

    pub(super) fn act(&mut self, pool: &mut Pool, chance: &mut Chance, restless: bool) {
        self.notice(pool, chance);
        let Some(endpoint) = self.endpoint else {
            if pool.now() >= self.next_try {
                self.arrive(pool, chance);
            }
            return;
        };
        if restless && chance.once_in(300) {
            if chance.once_in(2) {
                pool.drop_link(endpoint)
            } else {
                pool.close(endpoint)
            }
            return self.lose(pool, chance);
        }
        if chance.once_in(25) {
            let missing: Vec<Uuid> = self
                .rooms
                .iter()
                .filter(|room| !self.joined.contains(room) && !self.asked.contains(room))
                .copied()
                .collect();
            if !missing.is_empty() {
                self.asked.extend(&missing);
                pool.tell(endpoint, Command::Join(missing));
            }
        }
        self.ask_for_more(pool, endpoint);
        self.send(pool, endpoint);
        if !restless {
            return;
        }
        let joined: Vec<Uuid> = self.joined.iter().copied().collect();
        if chance.once_in(400)
            && let Some(room) = chance.pick(&joined)
        {
            pool.tell(endpoint, Command::Part(*room));
        } else if chance.once_in(45)
            && let Some(room) = chance.pick(&self.rooms)
        {
            self.said += 1;
            let text = format!("{} says {}", self.name, self.said);
            self.unanswered.insert(text, Unanswered { room: *room, sent: None });
        }
    }

    /// Sees that a link is dead, or a server does not move.
    fn notice(&mut self, pool: &mut Pool, chance: &mut Chance) {
        let Some(endpoint) = self.endpoint else { return };
        let at = &pool.endpoints[endpoint];
        let machine = &pool.machines[at.machine];
        if !machine.is_up() || machine.lives != at.life {
            return self.lose(pool, chance);
        }
        if !machine.is_frozen {
            self.stuck_since = None;
            return;
        }
        let since = *self.stuck_since.get_or_insert(pool.now());
        if pool.now() - since > PATIENCE {
            pool.drop_link(endpoint);
            self.lose(pool, chance);
        }
    }

    fn lose(&mut self, pool: &Pool, chance: &mut Chance) {
        self.endpoint = None;
        self.stuck_since = None;
        self.joined.clear();
        self.asked.clear();
        self.behind.clear();
        self.unanswered.values_mut().for_each(|said| said.sent = None);
        self.next_try = pool.now() + i64::try_from(chance.millis(20, 2_500).as_micros()).expect("seconds");
    }

    fn arrive(&mut self, pool: &mut Pool, chance: &mut Chance) {
        self.next_try = pool.now() + 300_000;
        let slow = chance.once_in(6);
        let most = 1 + chance.below(20);
        let reader = pool.reader(most, if slow { chance.millis(10, 300) } else { Duration::ZERO });
        let machine = chance.below(pool.machines.len());
        let Some(endpoint) = pool.admit(self.person, machine, reader) else { return };
        self.endpoint = Some(endpoint);
        self.asked.extend(&self.rooms);
        if chance.once_in(2) {
            pool.tell(endpoint, Command::Join(self.rooms.clone()));
        } else {
            self.rooms.iter().for_each(|room| pool.tell(endpoint, Command::Join(vec![*room])));
        }
    }

    fn ask_for_more(&mut self, pool: &mut Pool, endpoint: usize) {
        for (room, asked) in &mut self.behind {
            if asked.is_none_or(|asked| pool.now() - asked > 2_000_000)
                && let Some(seen) = self.seen.get(room)
            {
                *asked = Some(pool.now());
                pool.tell(endpoint, Command::CatchUp(*room, *seen));
            }
        }
    }

    /// Takes in what this endpoint met.
    pub(super) fn take_in(&mut self, met: &Met, faults: &mut Vec<String>) {
        match met {
            Met::Joined { room, at, .. } => {
                self.asked.remove(room);
                self.joined.insert(*room);
                if self.seen.contains_key(room) {
                    self.behind.insert(*room, None);
                } else {
                    self.seen.insert(*room, *at);
                    self.base.insert(*room, at.number);
                }
            }
            Met::NotJoined { room, .. } => _ = self.asked.remove(room),
            Met::Parted { room } | Met::Removed { room } => {
                self.joined.remove(room);
                self.behind.remove(room);
            }
            Met::Post { room, at, .. } => {
                self.have.entry(*room).or_default().insert(at.number);
                if !self.behind.contains_key(room) {
                    self.seen.insert(*room, *at);
                }
            }
            Met::Page { room, posts, reset, next, end } => {
                if reset.is_some() {
                    faults.push(format!("{} was reset in a room to {reset:?}", self.name));
                }
                self.have.entry(*room).or_default().extend(posts.iter().map(|(at, _)| at.number));
                if self.behind.contains_key(room) {
                    self.seen.insert(*room, *next);
                }
                if next == end {
                    self.behind.remove(room);
                }
            }
            // Whoever is refused is about to be put out, and stays behind until then: what still comes leaves the gap as it is.
            Met::NoPage { trouble: Trouble::Refused(_), .. } => (),
            Met::NoPage { room, .. } => {
                self.behind.entry(*room).and_modify(|asked| *asked = asked.map(|at| at - 1_000_000));
            }
            Met::Answered { text, outcome } => {
                if outcome.is_ok() || is_refusal(outcome) {
                    self.unanswered.remove(text);
                } else if let Some(said) = self.unanswered.get_mut(text) {
                    // Soon again, but not at once.
                    said.sent = said.sent.map(|sent| sent - ANSWER_WITHIN + 700_000);
                }
            }
            Met::Ended(_) => {
                self.endpoint = None;
                self.joined.clear();
                self.asked.clear();
                self.behind.clear();
            }
            Met::Came { .. } | Met::Left { .. } | Met::Present { .. } => (),
        }
    }

    /// Sends what was not sent, and again what was not answered, once it is in the room.
    fn send(&mut self, pool: &mut Pool, endpoint: usize) {
        let now = pool.now();
        for (text, said) in &mut self.unanswered {
            if self.joined.contains(&said.room) && said.sent.is_none_or(|sent| now - sent > ANSWER_WITHIN) {
                said.sent = Some(now);
                pool.tell(endpoint, Command::Say(said.room, text.clone()));
            }
        }
    }

    /// Whether nothing is left to be waited for.
    pub(super) fn is_settled(&self, pool: &Pool) -> bool {
        self.missing(pool).is_none()
    }

    /// What is still missing.
    pub(super) fn missing(&self, pool: &Pool) -> Option<String> {
        let name = &self.name;
        if self.endpoint.is_none() {
            return pool.may_come(self.person).then(|| format!("{name} is not back"));
        }
        if !self.asked.is_empty() || !self.behind.is_empty() {
            return Some(format!("{name} was not told what happened in {:?}, {:?}", self.asked, self.behind));
        }
        let waits = self.unanswered.iter().find(|(_, said)| self.joined.contains(&said.room));
        waits.map(|(text, _)| format!("{text} was never answered"))
    }

    /// The posts of rooms the person may still read that were never shown.
    pub(super) fn lacks(&self, kept: &Kept) -> Vec<String> {
        let mut lacks = Vec::new();
        for (room, base) in self.base.iter().filter(|(room, _)| self.joined.contains(room)) {
            let nothing = BTreeSet::new();
            let have = self.have.get(room).unwrap_or(&nothing);
            let missing = kept.history_after(*room, *base).find(|number| !have.contains(number));
            lacks.extend(missing.map(|number| format!("{} never saw {number} of {room}", self.name)));
        }
        lacks
    }

    /// Whether the person sits in a room now.
    pub(super) fn is_in(&self, pool: &Pool, room: Uuid) -> bool {
        let at = self.endpoint.map(|endpoint| &pool.endpoints[endpoint]);
        at.is_some_and(|at| pool.machines[at.machine].lives == at.life) && self.joined.contains(&room)
    }
}
