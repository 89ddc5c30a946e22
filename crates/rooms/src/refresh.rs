//! Reading rows again that an administrative entry or a moved number named, and asking the rules again about those inside.
//! Hears of changes from `follow.rs` and `room.rs`; finds none itself.

use std::collections::BTreeSet;

use chat::{
    CategoryId, Change, Configuration, Entry, JournalKey, PersonId, PoolEntry, RoomEntry, RoomId, Subject,
    in_force,
};
use store::{Recorded, StoreFault};

use crate::limits::REFRESH_ROOMS_ONE_BY_ONE_MAX;
use crate::shared::Shared;
use crate::trouble::Trouble;

/// Rows that have changed.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) rooms: BTreeSet<RoomId>,
    pub(crate) categories: BTreeSet<CategoryId>,
    pub(crate) people: BTreeSet<PersonId>,
    /// A policy has moved: anybody's row may have.
    pub(crate) everybody: bool,
    /// The settings in force may be others.
    pub(crate) settings: bool,
    pub(crate) add_ins: bool,
    /// Further addresses of the pool.
    pub(crate) endpoints: bool,
}

impl Touched {
    pub(crate) fn is_empty(&self) -> bool {
        let rows = self.rooms.is_empty() && self.categories.is_empty() && self.people.is_empty();
        rows && !self.everybody && !self.settings && !self.add_ins && !self.endpoints
    }

    /// Takes in what an entry says was changed.
    pub(crate) fn note(&mut self, recorded: &Recorded) {
        match (&recorded.header.entry, recorded.header.journal) {
            (Entry::Pool(PoolEntry::Administered { subject, .. }), _) => match subject {
                Subject::Person(id) => _ = self.people.insert(*id),
                Subject::Category(id) => _ = self.categories.insert(*id),
                Subject::Room(id) => _ = self.rooms.insert(*id),
                Subject::Policy(_) => self.everybody = true,
                Subject::Configuration(_) => self.settings = true,
                Subject::AddIn(_) => self.add_ins = true,
                Subject::Endpoint(_) => self.endpoints = true,
                // Who belongs to a group has an entry of his own; the others concern no decision of a room.
                Subject::Settings | Subject::Group(_) | Subject::Token(_) | Subject::Server(_) => (),
            },
            (Entry::Room(RoomEntry::Changed { change, .. }), JournalKey::Room(id)) => {
                tracing::debug!(room = id.0, removed = *change == Change::Removed, "room.changed");
                self.rooms.insert(id);
            }
            _ => (),
        }
    }
}

impl Shared {
    /// Reads everything; once, at the start.
    pub(crate) async fn read_all(&self) -> Result<(), StoreFault> {
        let _one_reader = self.refreshing.lock().await;
        let categories = self.store.categories().await?;
        let people = self.store.people().await?;
        let rooms = self.store.rooms().await?;
        let all = Touched { settings: true, add_ins: true, endpoints: true, ..Touched::default() };
        self.read_pool(&all).await?;
        let mut catalog = self.catalog_mut();
        for category in categories {
            catalog.put_category(category.id, Some(category));
        }
        for person in people {
            catalog.put_person(person.id, Some(person));
        }
        for room in rooms {
            catalog.put_room(room.id, Some(room));
        }
        Ok(())
    }

    /// Reads people who are named and not known here yet: nothing they said may be left out for that.
    pub(crate) async fn know(&self, people: impl Iterator<Item = PersonId>) -> Result<(), Trouble> {
        let mut unknown = Touched::default();
        {
            let catalog = self.catalog();
            unknown.people.extend(people.filter(|person| catalog.person(*person).is_none()));
        }
        if unknown.is_empty() {
            return Ok(());
        }
        self.refresh(&unknown).await.map_err(|fault| self.fault(fault))
    }

    /// Reads the row of a room in which nobody sits yet.
    pub(crate) async fn read_room(&self, id: RoomId) -> Result<(), StoreFault> {
        let _one_reader = self.refreshing.lock().await;
        self.read_again(&Touched { rooms: BTreeSet::from([id]), ..Touched::default() }).await
    }

    /// Reads the rows again, then puts out whoever lost a right by it.
    pub(crate) async fn refresh(&self, touched: &Touched) -> Result<(), StoreFault> {
        {
            let _one_reader = self.refreshing.lock().await;
            self.read_again(touched).await?;
        }
        self.review(touched);
        self.tally.refreshed.send_modify(|times| *times = times.wrapping_add(1));
        Ok(())
    }

    async fn read_again(&self, touched: &Touched) -> Result<(), StoreFault> {
        self.read_pool(touched).await?;
        let mut people = Vec::new();
        if touched.everybody || touched.people.len() > REFRESH_ROOMS_ONE_BY_ONE_MAX {
            let known = |id: &PersonId| touched.everybody || touched.people.contains(id);
            let all = self.store.people().await?;
            people.extend(all.into_iter().filter(|p| known(&p.id)).map(|p| (p.id, Some(p))));
        } else {
            for id in &touched.people {
                people.push((*id, self.store.person(*id).await?));
            }
        }
        let mut rooms = Vec::new();
        if touched.rooms.len() > REFRESH_ROOMS_ONE_BY_ONE_MAX {
            let all = self.store.rooms().await?;
            rooms.extend(touched.rooms.iter().map(|id| (*id, None)));
            rooms.extend(all.into_iter().filter(|r| touched.rooms.contains(&r.id)).map(|r| (r.id, Some(r))));
        } else {
            for id in &touched.rooms {
                rooms.push((*id, self.store.room(*id).await?));
            }
        }
        // Categories last: a room may just have been moved into one that is not known yet.
        let mut wanted = touched.categories.clone();
        {
            let catalog = self.catalog();
            let homes = rooms.iter().filter_map(|(_, room)| Some(room.as_ref()?.category));
            wanted.extend(homes.filter(|id| catalog.category(*id).is_none()));
        }
        let mut categories = Vec::new();
        for id in wanted {
            categories.push((id, self.store.category(id).await?));
        }
        let mut catalog = self.catalog_mut();
        for (id, row) in categories {
            catalog.put_category(id, row);
        }
        for (id, row) in people {
            catalog.put_person(id, row);
        }
        for (id, row) in rooms {
            catalog.put_room(id, row);
        }
        Ok(())
    }

    /// Reads what there is once for the whole pool.
    async fn read_pool(&self, touched: &Touched) -> Result<(), StoreFault> {
        if touched.settings {
            let settings = self.settings_in_force().await?;
            self.live().take_in(&settings, &self.limits);
            self.catalog_mut().put_settings(settings);
        }
        if touched.add_ins {
            let add_ins = self.store.add_ins().await?;
            self.catalog_mut().put_add_ins(add_ins);
        }
        if touched.endpoints {
            let endpoints = self.store.endpoints().await?;
            self.catalog_mut().put_endpoints(endpoints.into_iter().map(|row| row.address).collect());
        }
        Ok(())
    }

    /// The settings of the most specific scope that this pool lies in.
    async fn settings_in_force(&self) -> Result<Configuration, StoreFault> {
        let all = self.store.configurations().await?.into_iter().map(|row| (row.scope, row.settings));
        let all: Vec<_> = all.collect();
        let (pool, site) = (&self.store.identity().pool_name, &self.store.identity().site);
        Ok(in_force(&all, None, pool, site).map(|(_, settings)| settings.clone()).unwrap_or_default())
    }

    fn review(&self, touched: &Touched) {
        let mut live = self.live();
        let catalog = self.catalog();
        if touched.settings {
            live.measure(&catalog);
        }
        let mut owed = Vec::new();
        let mut people = touched.people.clone();
        if touched.everybody {
            people.extend(live.by_person.keys());
        }
        for person in &people {
            owed.extend(live.review_person(&catalog, *person));
        }
        let mut rooms = touched.rooms.clone();
        for category in &touched.categories {
            rooms.extend(catalog.rooms_in(*category));
        }
        // A policy does nothing to somebody it leaves in.
        for person in &touched.people {
            rooms.extend(live.rooms_of(*person));
        }
        for room in rooms {
            owed.extend(live.review(&catalog, room));
        }
        drop(catalog);
        drop(live);
        self.ledger.owe(owed);
    }
}
