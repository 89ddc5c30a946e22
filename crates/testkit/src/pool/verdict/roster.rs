//! Whether what people are told of each other agrees, at every endpoint and at every server.
//! Knows nothing of posts.

use std::collections::{BTreeMap, BTreeSet};

use chat::PersonId;
use uuid::Uuid;

use crate::pool::Pool;
use crate::pool::diary::Met;

/// Whom each endpoint believes to be in each of its rooms; `None` in a room too large to tell.
type Told = BTreeMap<(usize, Uuid), Option<BTreeSet<PersonId>>>;

fn known(told: &mut Told, at: (usize, Uuid)) -> Option<&mut BTreeSet<PersonId>> {
    told.get_mut(&at)?.as_mut()
}

impl Pool {
    /// Nobody comes who is there, and nobody leaves who is not, as each endpoint is told.
    pub(super) fn notices_agree(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut told = Told::new();
        for line in &self.lines {
            let at = |room: &Uuid| (line.endpoint, *room);
            match &line.met {
                Met::Joined { room, people, large, .. } => {
                    let people = (!large).then(|| people.iter().copied().collect());
                    told.insert(at(room), people);
                }
                Met::Removed { room } | Met::Parted { room } => {
                    told.remove(&at(room));
                }
                Met::Came { who, rooms } => {
                    let is_new = |people: &mut BTreeSet<PersonId>| people.insert(*who);
                    let odd = rooms.iter().filter(|room| !known(&mut told, at(room)).is_none_or(is_new));
                    faults.extend(odd.map(|room| self.odd(line.endpoint, "came and was there", *who, *room)));
                }
                Met::Left { who, rooms } => {
                    let was_there = |people: &mut BTreeSet<PersonId>| people.remove(who);
                    let odd = rooms.iter().filter(|room| !known(&mut told, at(room)).is_none_or(was_there));
                    faults.extend(
                        odd.map(|room| self.odd(line.endpoint, "left and was not there", *who, *room)),
                    );
                }
                Met::Present { room, people } => {
                    known(&mut told, at(room)).into_iter().for_each(|known| known.extend(people));
                }
                _ => (),
            }
        }
        faults
    }

    /// Who is in a room, as an endpoint was told last; `None` when it is not in, or the room too large to tell.
    #[must_use]
    pub fn told_of(&self, endpoint: usize, room: &str) -> Option<BTreeSet<String>> {
        let guid = self.room(room).1;
        let mut told: Option<BTreeSet<PersonId>> = None;
        for met in self.met(endpoint) {
            match met {
                Met::Joined { room, people, large, .. } if *room == guid => {
                    told = (!large).then(|| people.iter().copied().collect());
                }
                Met::Removed { room } | Met::Parted { room } if *room == guid => told = None,
                Met::Came { who, rooms } if rooms.contains(&guid) => {
                    told.iter_mut().for_each(|told| _ = told.insert(*who));
                }
                Met::Left { who, rooms } if rooms.contains(&guid) => {
                    told.iter_mut().for_each(|told| _ = told.remove(who));
                }
                Met::Present { room, people } if *room == guid => {
                    told.iter_mut().for_each(|told| told.extend(people));
                }
                _ => (),
            }
        }
        Some(told?.into_iter().map(|id| self.name_of(id).to_owned()).collect())
    }

    /// How many people each running server says are in a room, to somebody who may ask.
    #[must_use]
    pub fn headcounts(&self, room: &str) -> Vec<usize> {
        let guid = self.room(room).1;
        let asker = self.person("alice");
        let running = (0..self.machines.len()).filter(|machine| self.machines[*machine].answers());
        running
            .map(|machine| {
                self.at(machine, |_, rooms| async move {
                    let card = rooms.of(asker).and_then(|asker| asker.card(guid));
                    card.map_or(usize::MAX, |card| card.participants)
                })
            })
            .collect()
    }

    fn odd(&self, endpoint: usize, what: &str, who: PersonId, room: Uuid) -> String {
        let room = self.ground.rooms.iter().find(|known| known.guid == room);
        let room = room.map_or("?", |room| room.name.as_str());
        format!("{} was told that {} {what} in {room}", self.name(endpoint), self.name_of(who))
    }
}
