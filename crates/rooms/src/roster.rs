//! Who is in a room: seats taken and given up, the notices about it, and the large-room rule.
//! Writes nothing: what has to be kept about it is kept by the caller, before or after as each function says.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chat::{Ask, Mask, PartReason, Person, PersonId, PersonState, Position, Refusal, RoomId, Stand};
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::ledger::Owed;
use crate::live::{Live, LiveRoom, Seat, Stage};
use crate::outbox::Outbox;
use crate::values::{EndReason, JoinedRoom, Outgoing};

/// The room is normal again below this many hundredths of the limit (documented).
const NORMAL_BELOW_PERCENT: usize = 80;

/// What a join may do in one room.
pub(crate) enum Admission {
    /// It sits there, unseen until [`Live::settle`].
    Seated(Stand),
    /// It sat there before.
    Present,
    /// The room's head is not known: ask the store and try again.
    Asleep,
}

/// Notices for each receiver, put together over several rooms.
pub(crate) type Notices<T> = BTreeMap<u64, (Arc<Outbox>, Vec<T>)>;

impl Live {
    /// Seats an endpoint, if the rules admit the person at this instant.
    pub(crate) fn admit(
        &mut self,
        catalog: &Catalog,
        endpoint: u64,
        id: RoomId,
        rooms_max: usize,
    ) -> Result<Admission, Refusal> {
        let member = self.sessions.get_mut(&endpoint).ok_or(Refusal::NotAllowed)?;
        let mask = catalog.case(id, member.person)?.decide_join()?;
        let Some((room, at)) =
            self.rooms.get_mut(&id).and_then(|room| Some((room.head?, room))).map(|(h, r)| (r, h))
        else {
            return Ok(Admission::Asleep);
        };
        if room.seats.contains_key(&endpoint) {
            return Ok(Admission::Present);
        }
        if member.rooms.len() >= rooms_max {
            return Err(Refusal::TooMany { what: "rooms of one session", limit: rooms_max });
        }
        member.rooms.insert(id);
        let (person, outbox) = (member.person, member.outbox.clone());
        let seat = Seat { person, outbox, mask, stage: Stage::Joining, from: Some(at), listed: false };
        room.seats.insert(endpoint, seat);
        Ok(Admission::Seated(Stand { room: id, at, mask }))
    }

    /// Takes back seats whose join was not kept.
    pub(crate) fn unseat(&mut self, endpoint: u64, stands: &[Stand]) {
        for stand in stands {
            let Some(room) = self.rooms.get_mut(&stand.room) else { continue };
            let guid = room.guid;
            room.seats.remove(&endpoint);
            if let Some(member) = self.sessions.get_mut(&endpoint) {
                member.rooms.remove(&stand.room);
                member.outbox.forget(stand.room, guid);
            }
            self.prune(stand.room);
        }
    }

    /// The join is kept: shows it to the others. Gives the stands of seats that were lost while it was being kept.
    pub(crate) fn settle(
        &mut self,
        catalog: &Catalog,
        endpoint: u64,
        stands: &[Stand],
        batch: bool,
    ) -> Vec<Stand> {
        let mut lost = Vec::new();
        let mut notices = Notices::new();
        let mut who = None;
        for stand in stands {
            let seat = self.rooms.get_mut(&stand.room).and_then(|room| {
                let seat = room.seats.get_mut(&endpoint).filter(|seat| seat.stage == Stage::Joining)?;
                seat.stage = Stage::Joined;
                let (person, mask) = (seat.person, seat.mask);
                Some((room, person, mask))
            });
            let Some((room, person, mask)) = seat else {
                lost.push(*stand);
                continue;
            };
            who = Some(person);
            if let Some(seat) = room.seats.get(&endpoint) {
                seat.outbox.begin_anew(stand.room, room.guid, stand.at.number);
            }
            if !room.come(person, self.large_from) {
                continue;
            }
            for (other, seat) in room.told().filter(|(other, _)| **other != endpoint) {
                let outbox = || (seat.outbox.clone(), Vec::new());
                notices.entry(*other).or_insert_with(outbox).1.push((room.guid, mask));
            }
        }
        if let Some(person) = who.and_then(|id| catalog.person(id)) {
            for (outbox, rooms) in notices.into_values() {
                outbox.push(Outgoing::Came { person: person.clone(), rooms, batch });
            }
        }
        lost
    }

    /// What a joined endpoint is told about a room; `None` when it is not in.
    pub(crate) fn describe(&mut self, catalog: &Catalog, endpoint: u64, id: RoomId) -> Option<JoinedRoom> {
        let room = self.rooms.get_mut(&id)?;
        let large = room.large.is_some();
        let seat = room.seats.get_mut(&endpoint).filter(|seat| seat.stage == Stage::Joined)?;
        seat.listed = !large;
        if !large {
            seat.outbox.forget_notices(room.guid);
        }
        let (own, mask) = (seat.person, seat.mask);
        let begins = seat.from.take();
        let (at, again) = (begins.or(room.head)?, begins.is_none());
        let case = catalog.case(id, own).ok()?;
        let mut participants = match large {
            true => vec![(case.person.clone(), mask)],
            false => room.present(catalog),
        };
        participants.sort_by(|(a, _), (b, _)| a.address.cmp(&b.address));
        let card = case.card(room.people.len());
        Some(JoinedRoom { card, mask, participants, large, at, again })
    }

    /// Stops delivery to a seat that is about to part. `None` when it is not in.
    pub(crate) fn begin_part(&mut self, endpoint: u64, guid: Uuid) -> Option<Stand> {
        let member = self.sessions.get(&endpoint)?;
        let id = *member.rooms.iter().find(|id| self.rooms.get(id).is_some_and(|room| room.guid == guid))?;
        let room = self.rooms.get_mut(&id)?;
        let at = room.head?;
        let seat = room.seats.get_mut(&endpoint).filter(|seat| seat.stage == Stage::Joined)?;
        seat.stage = Stage::Parting;
        Some(Stand { room: id, at, mask: seat.mask })
    }

    /// The part was not kept: delivery goes on where it stopped.
    pub(crate) fn undo_part(&mut self, endpoint: u64, stands: &[Stand]) {
        for stand in stands {
            let Some(room) = self.rooms.get_mut(&stand.room) else { continue };
            let head = room.head.map_or(0, |head| head.number);
            if let Some(seat) = room.seats.get_mut(&endpoint) {
                seat.stage = Stage::Joined;
                if head > stand.at.number {
                    seat.outbox.resume(stand.room, stand.at.number);
                }
            }
        }
    }

    /// Takes endpoints out of rooms and tells the others. Gives where each stood.
    pub(crate) fn leave(&mut self, catalog: &Catalog, endpoint: u64, rooms: &[RoomId]) -> Vec<Stand> {
        let mut stands = Vec::new();
        let mut notices = Notices::new();
        let mut who = None;
        for id in rooms {
            if let Some(member) = self.sessions.get_mut(&endpoint) {
                member.rooms.remove(id);
            }
            let Some(room) = self.rooms.get_mut(id) else { continue };
            let Some(seat) = room.seats.remove(&endpoint) else { continue };
            stands.push(Stand { room: *id, at: room.at(), mask: seat.mask });
            seat.outbox.forget(*id, room.guid);
            who = Some(seat.person);
            if seat.stage != Stage::Joining && room.go(seat.person) {
                for (other, seat) in room.told() {
                    let outbox = || (seat.outbox.clone(), Vec::new());
                    notices.entry(*other).or_insert_with(outbox).1.push(room.guid);
                }
                room.maybe_normal(catalog, self.large_from);
            }
            self.prune(*id);
        }
        if let Some(person) = who.and_then(|id| catalog.person(id)) {
            for (outbox, rooms) in notices.into_values() {
                outbox.push(Outgoing::Left { person: person.clone(), rooms });
            }
        }
        stands
    }

    /// Takes the whole session away. Gives where it stood.
    pub(crate) fn drop_session(&mut self, catalog: &Catalog, endpoint: u64) -> Vec<Stand> {
        let Some(member) = self.sessions.get(&endpoint) else { return Vec::new() };
        let (person, rooms): (_, Vec<_>) = (member.person, member.rooms.iter().copied().collect());
        let stands = self.leave(catalog, endpoint, &rooms);
        self.sessions.remove(&endpoint);
        if let Some(others) = self.by_person.get_mut(&person) {
            others.remove(&endpoint);
            if others.is_empty() {
                self.by_person.remove(&person);
            }
        }
        stands
    }

    /// Asks the rules again about everybody in a room, puts out whom they no longer admit and tells the others.
    pub(crate) fn review(&mut self, catalog: &Catalog, id: RoomId) -> Vec<Owed> {
        let Some(room) = self.rooms.get_mut(&id) else { return Vec::new() };
        let mut verdicts: HashMap<PersonId, Result<Mask, Refusal>> = HashMap::new();
        let mut out = Vec::new();
        for (endpoint, seat) in &mut room.seats {
            let verdict = verdicts
                .entry(seat.person)
                .or_insert_with(|| catalog.case(id, seat.person).and_then(|case| case.decide_join()));
            match verdict {
                Ok(mask) => seat.mask = *mask,
                Err(_) if seat.stage == Stage::Parting => (),
                Err(_) => out.push(*endpoint),
            }
        }
        let mut owed = Vec::new();
        let mut gone = BTreeSet::new();
        for endpoint in out {
            let seat = room.seats.remove(&endpoint).expect("it was found above");
            if let Some(member) = self.sessions.get_mut(&endpoint) {
                member.rooms.remove(&id);
            }
            if seat.stage == Stage::Joining {
                // Its join settles the matter; what was collected for it is of a room it never was in.
                seat.outbox.forget(id, room.guid);
                continue;
            }
            seat.outbox.fall_silent(id);
            seat.outbox.push(Outgoing::Removed { room: room.guid });
            let stand = Stand { room: id, at: room.at(), mask: seat.mask };
            owed.push(Owed::Part {
                person: seat.person,
                endpoint,
                reason: PartReason::Removed,
                rooms: vec![stand],
            });
            if room.go(seat.person) {
                gone.insert(seat.person);
            }
        }
        room.tell_left(catalog, &gone);
        room.maybe_normal(catalog, self.large_from);
        if catalog.room(id).is_none() {
            self.budget.drop_all(&mut room.tail);
        }
        self.prune(id);
        owed
    }

    /// Ends the sessions of a person who may no longer use the server, or no persistent chat.
    pub(crate) fn review_person(&mut self, catalog: &Catalog, id: PersonId) -> Vec<Owed> {
        if catalog.person(id).is_some_and(|person| person.may_chat()) {
            return Vec::new();
        }
        let endpoints: Vec<u64> = self.by_person.get(&id).into_iter().flatten().copied().collect();
        let enabled = catalog.person(id).is_some_and(|person| person.state == PersonState::Enabled);
        let reason = if enabled { EndReason::PolicyOff } else { EndReason::PersonGone };
        let mut owed = Vec::new();
        for endpoint in endpoints {
            let outbox = self.sessions.get(&endpoint).map(|member| member.outbox.clone());
            let rooms = self.drop_session(catalog, endpoint);
            if let Some(outbox) = outbox {
                outbox.push(Outgoing::Ended(reason));
            }
            if !rooms.is_empty() {
                owed.push(Owed::Part { person: id, endpoint, reason: PartReason::Removed, rooms });
            }
        }
        owed
    }

    /// The rooms a person sits in.
    pub(crate) fn rooms_of(&self, id: PersonId) -> impl Iterator<Item = RoomId> {
        let endpoints = self.by_person.get(&id).into_iter().flatten();
        endpoints
            .filter_map(|endpoint| self.sessions.get(endpoint))
            .flat_map(|member| member.rooms.iter().copied())
    }

    /// Another number of people makes a room large: measures the rooms that are alive by it.
    pub(crate) fn measure(&mut self, catalog: &Catalog) {
        let mut rooms: Vec<_> = self.rooms.values_mut().collect();
        rooms.sort_unstable_by_key(|room| room.id);
        for room in rooms {
            room.maybe_large(self.large_from);
            room.maybe_normal(catalog, self.large_from);
        }
    }
}

impl LiveRoom {
    pub(crate) fn at(&self) -> Position {
        self.head.expect("a room has its head before anybody sits in it")
    }

    /// The endpoints that are told who comes and goes.
    pub(crate) fn told(&self) -> impl Iterator<Item = (&u64, &Seat)> {
        let normal = self.large.is_none();
        self.seats.iter().filter(move |(_, seat)| normal && seat.stage != Stage::Joining)
    }

    /// Everybody shown as present, through any server, each once.
    fn present(&self, catalog: &Catalog) -> Vec<(Arc<Person>, Mask)> {
        let mut masks: BTreeMap<PersonId, Mask> = self
            .seats
            .values()
            .filter(|seat| seat.stage != Stage::Joining)
            .map(|seat| (seat.person, seat.mask))
            .collect();
        for person in
            self.people.keys().filter(|person| !masks.contains_key(person)).copied().collect::<Vec<_>>()
        {
            // Whoever is here through another server only: that one asks the rules again and says so.
            let mask = catalog.case(self.id, person).map_or(Mask::default(), |case| case.mask());
            masks.insert(person, mask);
        }
        masks.into_iter().filter_map(|(id, mask)| Some((catalog.person(id)?.clone(), mask))).collect()
    }

    /// One more endpoint of a person; `true` when it is the first and the others are to be told.
    pub(crate) fn come(&mut self, person: PersonId, large_from: usize) -> bool {
        let endpoints = self.people.entry(person).or_default();
        *endpoints += 1;
        let first = *endpoints == 1;
        if first && self.large.is_none() && self.people.len() > large_from {
            let known = self.people.keys().copied().filter(|other| *other != person);
            self.large = Some(known.collect());
        }
        first && self.large.is_none()
    }

    /// One endpoint of a person less; `true` when it was the last.
    pub(crate) fn go(&mut self, person: PersonId) -> bool {
        let Some(endpoints) = self.people.get_mut(&person) else { return false };
        *endpoints -= 1;
        if *endpoints == 0 {
            self.people.remove(&person);
            return true;
        }
        false
    }

    /// Begins the large state when too many are there: everybody who is told of the others stays so until it ends.
    pub(crate) fn maybe_large(&mut self, large_from: usize) {
        if self.large.is_none() && self.people.len() > large_from {
            self.large = Some(self.people.keys().copied().collect());
        }
    }

    fn tell_left(&self, catalog: &Catalog, gone: &BTreeSet<PersonId>) {
        for person in gone.iter().filter_map(|id| catalog.person(*id)) {
            for (_, seat) in self.told() {
                seat.outbox.push(Outgoing::Left { person: person.clone(), rooms: vec![self.guid] });
            }
        }
    }

    /// Ends the large state when few enough are left: those without a list get one, the others what changed.
    pub(crate) fn maybe_normal(&mut self, catalog: &Catalog, large_from: usize) {
        if self.people.len() * 100 >= large_from * NORMAL_BELOW_PERCENT {
            return;
        }
        let Some(known) = self.large.take() else { return };
        let now = self.present(catalog);
        let gone: BTreeSet<PersonId> =
            known.iter().copied().filter(|person| !self.people.contains_key(person)).collect();
        for seat in self.seats.values_mut().filter(|seat| seat.stage != Stage::Joining) {
            let news =
                |person: &Person| person.id != seat.person && !(seat.listed && known.contains(&person.id));
            let people: Vec<_> = now.iter().filter(|(person, _)| news(person)).cloned().collect();
            if !people.is_empty() {
                seat.outbox.push(Outgoing::Present { room: self.guid, people });
            }
            if seat.listed {
                for person in gone.iter().filter_map(|id| catalog.person(*id)) {
                    seat.outbox.push(Outgoing::Left { person: person.clone(), rooms: vec![self.guid] });
                }
            }
            seat.listed = true;
        }
    }
}

/// Whether the person may read the room, joined or not.
pub(crate) fn may_read(catalog: &Catalog, room: RoomId, person: PersonId) -> bool {
    catalog.case(room, person).is_ok_and(|case| case.decide(Ask::Read).is_ok())
}
