//! Who is in rooms through the other servers of the pool, as their journals tell, and the notices about it to people here.
//! Seats nobody and decides nothing: each server answers for its own people.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chat::{PersonId, RoomId, ServerId, Stand};
use store::Presence;
use uuid::Uuid;

use crate::catalog::Catalog;
use crate::live::Live;
use crate::outbox::Outbox;
use crate::roster::Notices;
use crate::values::Outgoing;

/// The people of the other servers.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    servers: BTreeMap<ServerId, Endpoints>,
    rooms: HashMap<RoomId, HashMap<PersonId, usize>>,
}

/// Where each endpoint of one server is.
type Endpoints = BTreeMap<(PersonId, u64), BTreeSet<RoomId>>;

/// Rooms somebody left, for each receiver and person.
type Departures = BTreeMap<(u64, PersonId), (Arc<Outbox>, Vec<Uuid>)>;

impl Elsewhere {
    /// How many of a person's endpoints are in a room through other servers.
    pub(crate) fn people(&self, room: RoomId) -> HashMap<PersonId, usize> {
        self.rooms.get(&room).cloned().unwrap_or_default()
    }

    /// How many people are in a room through other servers.
    pub(crate) fn headcount(&self, room: RoomId) -> usize {
        self.rooms.get(&room).map_or(0, HashMap::len)
    }

    /// Takes an endpoint in; `false` when it is there already.
    fn come(&mut self, server: ServerId, endpoint: (PersonId, u64), room: RoomId) -> bool {
        let rooms = self.servers.entry(server).or_default().entry(endpoint).or_default();
        if !rooms.insert(room) {
            return false;
        }
        *self.rooms.entry(room).or_default().entry(endpoint.0).or_default() += 1;
        true
    }

    /// Lets an endpoint go; `false` when it is not there.
    fn go(&mut self, server: ServerId, endpoint: (PersonId, u64), room: RoomId) -> bool {
        let Some(endpoints) = self.servers.get_mut(&server) else { return false };
        let Some(rooms) = endpoints.get_mut(&endpoint) else { return false };
        if !rooms.remove(&room) {
            return false;
        }
        if rooms.is_empty() {
            endpoints.remove(&endpoint);
        }
        let people = self.rooms.get_mut(&room).expect("whoever is there is counted");
        let endpoints = people.get_mut(&endpoint.0).expect("whoever is there is counted");
        *endpoints -= 1;
        if *endpoints == 0 {
            people.remove(&endpoint.0);
        }
        if people.is_empty() {
            self.rooms.remove(&room);
        }
        true
    }
}

impl Live {
    /// Takes in who is elsewhere before anything is followed; nobody is here yet who would have to be told.
    pub(crate) fn begin_elsewhere(&mut self, presence: &[Presence], own: ServerId) {
        for present in presence.iter().filter(|present| present.server != own) {
            for room in &present.rooms {
                self.elsewhere.come(present.server, (present.person, present.endpoint), *room);
            }
        }
    }

    /// Somebody joined rooms through another server: tells those here to whom that is news.
    pub(crate) fn came_elsewhere(
        &mut self,
        catalog: &Catalog,
        server: ServerId,
        endpoint: (PersonId, u64),
        stands: &[Stand],
    ) {
        let mut notices = Notices::new();
        for stand in stands {
            if !self.elsewhere.come(server, endpoint, stand.room) {
                continue;
            }
            let Some(room) = self.rooms.get_mut(&stand.room) else { continue };
            if !room.come(endpoint.0, self.large_from) {
                continue;
            }
            for (other, seat) in room.told() {
                let outbox = || (seat.outbox.clone(), Vec::new());
                notices.entry(*other).or_insert_with(outbox).1.push((room.guid, stand.mask));
            }
        }
        let Some(person) = catalog.person(endpoint.0) else { return };
        for (outbox, rooms) in notices.into_values() {
            outbox.push(Outgoing::Came { person: person.clone(), rooms, batch: stands.len() > 1 });
        }
    }

    /// Somebody left rooms at another server.
    pub(crate) fn went_elsewhere(
        &mut self,
        catalog: &Catalog,
        server: ServerId,
        endpoint: (PersonId, u64),
        stands: &[Stand],
    ) {
        let mut departures = Departures::new();
        for stand in stands {
            self.depart(server, endpoint, stand.room, &mut departures);
        }
        self.tell_departures(catalog, departures, stands.iter().map(|stand| stand.room));
    }

    /// A server was lost or began anew: drops its people, with one notice for each receiver and person.
    pub(crate) fn lost_elsewhere(&mut self, catalog: &Catalog, server: ServerId) {
        let endpoints = self.elsewhere.servers.get(&server).cloned().unwrap_or_default();
        let mut departures = Departures::new();
        let mut touched = BTreeSet::new();
        for (endpoint, rooms) in endpoints {
            for room in rooms {
                touched.insert(room);
                self.depart(server, endpoint, room, &mut departures);
            }
        }
        self.tell_departures(catalog, departures, touched.into_iter());
    }

    fn depart(&mut self, server: ServerId, endpoint: (PersonId, u64), id: RoomId, out: &mut Departures) {
        if !self.elsewhere.go(server, endpoint, id) {
            return;
        }
        let Some(room) = self.rooms.get_mut(&id) else { return };
        if !room.go(endpoint.0) {
            return;
        }
        for (other, seat) in room.told() {
            let outbox = || (seat.outbox.clone(), Vec::new());
            out.entry((*other, endpoint.0)).or_insert_with(outbox).1.push(room.guid);
        }
    }

    fn tell_departures(
        &mut self,
        catalog: &Catalog,
        departures: Departures,
        rooms: impl Iterator<Item = RoomId>,
    ) {
        for ((_, person), (outbox, rooms)) in departures {
            if let Some(person) = catalog.person(person) {
                outbox.push(Outgoing::Left { person: person.clone(), rooms });
            }
        }
        for id in rooms {
            if let Some(room) = self.rooms.get_mut(&id) {
                room.maybe_normal(catalog, self.large_from);
            }
        }
    }
}
