//! Categories, rooms and people as the store has them, in memory, with the indexes that searches need.
//! Decides nothing itself: every right is asked of `chat::Room::decide`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chat::{
    AddIn, AddInId, Address, Ask, Category, CategoryId, Configuration, Domain, Event, Mask, Mention, Names,
    Person, PersonId, PersonState, Principal, Refusal, Room, RoomId, Under,
};
use uuid::Uuid;

use crate::limits::{MENTIONABLE_LOOKED_AT_MAX, MENTIONABLE_MAX};
use crate::values::Mentioned;

/// The present rows. Kept current by `refresh.rs`.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    categories: HashMap<CategoryId, Arc<Category>>,
    rooms: HashMap<RoomId, Arc<Room>>,
    people: HashMap<PersonId, Arc<Person>>,
    rooms_by_guid: HashMap<Uuid, RoomId>,
    rooms_by_name: BTreeMap<String, RoomId>,
    rooms_by_category: HashMap<CategoryId, BTreeSet<RoomId>>,
    rooms_by_principal: HashMap<Principal, BTreeSet<RoomId>>,
    people_by_address: HashMap<Address, PersonId>,
    names: Names,
    settings: Configuration,
    add_ins: HashMap<AddInId, Arc<AddIn>>,
    endpoints: Arc<BTreeSet<Address>>,
}

/// A room, its category and a person, as one decision needs them: all of one moment.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) room: Arc<Room>,
    pub(crate) category: Arc<Category>,
    pub(crate) person: Arc<Person>,
    pub(crate) add_in: Option<Arc<AddIn>>,
}

impl Case {
    pub(crate) fn decide(&self, ask: Ask<'_>) -> Result<Event, Refusal> {
        self.room.decide(&self.category, &self.person, ask)
    }

    /// The permissions to join with.
    pub(crate) fn decide_join(&self) -> Result<Mask, Refusal> {
        self.decide(Ask::Join).map(|_| self.mask())
    }

    pub(crate) fn mask(&self) -> Mask {
        self.room.mask(&self.category, &self.person)
    }

    pub(crate) fn under(&self) -> Under {
        Under {
            room_rules: self.room.rules,
            category_rules: self.category.rules,
            standing: self.person.standing,
        }
    }
}

impl Catalog {
    /// What a decision about this person in this room is taken from; [`Refusal::NotFound`] when either is gone.
    pub(crate) fn case(&self, room: RoomId, person: PersonId) -> Result<Case, Refusal> {
        let room = self.rooms.get(&room).ok_or(Refusal::NotFound)?;
        let category = self.categories.get(&room.category).ok_or(Refusal::NotFound)?;
        let person = self.people.get(&person).ok_or(Refusal::NotFound)?;
        let add_in = room.add_in.and_then(|id| self.add_ins.get(&id)).cloned();
        Ok(Case { room: room.clone(), category: category.clone(), person: person.clone(), add_in })
    }

    pub(crate) fn room(&self, id: RoomId) -> Option<&Arc<Room>> {
        self.rooms.get(&id)
    }

    pub(crate) fn room_id(&self, guid: Uuid) -> Option<RoomId> {
        self.rooms_by_guid.get(&guid).copied()
    }

    /// The room of a name, written as [`chat::folded`] writes it.
    pub(crate) fn room_named(&self, folded: &str) -> Option<RoomId> {
        self.rooms_by_name.get(folded).copied()
    }

    /// All rooms, by name without regard to case.
    pub(crate) fn rooms_by_name(&self) -> impl Iterator<Item = (&str, &Arc<Room>)> {
        self.rooms_by_name.iter().filter_map(|(name, id)| Some((name.as_str(), self.rooms.get(id)?)))
    }

    pub(crate) fn category(&self, id: CategoryId) -> Option<&Arc<Category>> {
        self.categories.get(&id)
    }

    /// All categories, in no order.
    pub(crate) fn categories(&self) -> impl Iterator<Item = &Arc<Category>> {
        self.categories.values()
    }

    /// A person, removed ones included.
    pub(crate) fn person(&self, id: PersonId) -> Option<&Arc<Person>> {
        self.people.get(&id)
    }

    /// Everybody, removed people included, in no order.
    pub(crate) fn people(&self) -> impl Iterator<Item = &Arc<Person>> {
        self.people.values()
    }

    /// A person who was not removed.
    pub(crate) fn person_at(&self, address: &Address) -> Option<&Arc<Person>> {
        self.people.get(self.people_by_address.get(address)?)
    }

    /// Whom a text mentions that somebody says in a room, of the others who may read it there.
    pub(crate) fn mentioned(&self, room: RoomId, author: PersonId, text: &str) -> Vec<Mention> {
        self.names.mentioned(text, |person| self.may_mention(room, author, person))
    }

    /// Whom somebody may mention in a room, of those who have a name that begins so: the first by name.
    pub(crate) fn mentionable(&self, room: RoomId, author: PersonId, beginning: &str) -> Vec<Arc<Person>> {
        let mut found: Vec<Arc<Person>> = Vec::new();
        for id in self.names.beginning(beginning).take(MENTIONABLE_LOOKED_AT_MAX) {
            if found.len() == MENTIONABLE_MAX {
                break;
            }
            if found.iter().all(|one| one.id != id) && self.may_mention(room, author, id) {
                found.extend(self.person(id).cloned());
            }
        }
        found
    }

    /// Whether somebody can be mentioned there by another: whoever may read it.
    fn may_mention(&self, room: RoomId, author: PersonId, person: PersonId) -> bool {
        let case = self.case(room, person).ok().filter(|case| case.person.may_chat());
        person != author && case.is_some_and(|case| case.decide(Ask::Read).is_ok())
    }

    /// Mentions as they are shown; who is not known here any more is left out.
    pub(crate) fn shown(&self, mentions: &[Mention]) -> Vec<Mentioned> {
        let shown = |mention: &Mention| {
            Some(Mentioned { person: self.person(mention.person)?.clone(), name: mention.name.clone() })
        };
        mentions.iter().filter_map(shown).collect()
    }

    /// The rooms that name the person, its domain or one of its groups as member or manager, by number.
    pub(crate) fn rooms_naming(&self, person: &Person) -> BTreeSet<RoomId> {
        let mut found = BTreeSet::new();
        let domain = Domain::parse(person.address.domain()).ok().map(Principal::Domain);
        let groups = person.ancestors.as_slice().iter().map(|group| Principal::Group(*group));
        for principal in [Some(Principal::Person(person.id)), domain].into_iter().flatten().chain(groups) {
            found.extend(self.rooms_by_principal.get(&principal).into_iter().flatten());
        }
        found
    }

    /// The settings in force.
    pub(crate) fn settings(&self) -> &Configuration {
        &self.settings
    }

    pub(crate) fn put_settings(&mut self, settings: Configuration) {
        self.settings = settings;
    }

    pub(crate) fn put_add_ins(&mut self, all: Vec<AddIn>) {
        self.add_ins = all.into_iter().map(|add_in| (add_in.id, Arc::new(add_in))).collect();
    }

    /// The further addresses under which clients find the pool.
    pub(crate) fn endpoints(&self) -> &Arc<BTreeSet<Address>> {
        &self.endpoints
    }

    pub(crate) fn put_endpoints(&mut self, all: BTreeSet<Address>) {
        self.endpoints = Arc::new(all);
    }

    /// The rooms of a category, by number.
    pub(crate) fn rooms_in(&self, category: CategoryId) -> impl Iterator<Item = RoomId> {
        self.rooms_by_category.get(&category).into_iter().flatten().copied()
    }

    pub(crate) fn put_category(&mut self, id: CategoryId, row: Option<Category>) {
        match row {
            Some(category) => self.categories.insert(id, Arc::new(category)),
            None => self.categories.remove(&id),
        };
    }

    pub(crate) fn put_room(&mut self, id: RoomId, row: Option<Room>) {
        if let Some(old) = self.rooms.remove(&id) {
            self.unlist(&old);
        }
        if let Some(room) = row {
            self.list(&room);
            self.rooms.insert(id, Arc::new(room));
        }
    }

    pub(crate) fn put_person(&mut self, id: PersonId, row: Option<Person>) {
        if let Some(old) = self.people.get(&id) {
            self.names.remove(old);
            if self.people_by_address.get(&old.address) == Some(&id) {
                self.people_by_address.remove(&old.address);
            }
        }
        let Some(person) = row else {
            self.people.remove(&id);
            return;
        };
        if person.state != PersonState::Removed {
            self.people_by_address.insert(person.address.clone(), id);
            self.names.put(&person);
        }
        self.people.insert(id, Arc::new(person));
    }

    fn list(&mut self, room: &Room) {
        self.rooms_by_guid.insert(room.guid, room.id);
        self.rooms_by_name.insert(room.name.folded(), room.id);
        self.rooms_by_category.entry(room.category).or_default().insert(room.id);
        for principal in room.members.iter().chain(&room.managers) {
            self.rooms_by_principal.entry(principal.clone()).or_default().insert(room.id);
        }
    }

    fn unlist(&mut self, room: &Room) {
        self.rooms_by_guid.remove(&room.guid);
        let name = room.name.folded();
        if self.rooms_by_name.get(&name) == Some(&room.id) {
            self.rooms_by_name.remove(&name);
        }
        prune(&mut self.rooms_by_category, &room.category, room.id);
        for principal in room.members.iter().chain(&room.managers) {
            prune(&mut self.rooms_by_principal, principal, room.id);
        }
    }
}

fn prune<K: std::hash::Hash + Eq>(index: &mut HashMap<K, BTreeSet<RoomId>>, key: &K, room: RoomId) {
    if let Some(rooms) = index.get_mut(key) {
        rooms.remove(&room);
        if rooms.is_empty() {
            index.remove(key);
        }
    }
}
