//! The part of the handle that lists, counts and looks back: pages of rooms, figures, the record of operations.
//! How they are read is in `listing.rs`, `figures.rs` and `operations.rs`.

use std::collections::HashMap;

use chat::{Address, CategoryId, GroupId, NodeName, PersonId, Principal, Room, RoomId, Time};
use uuid::Uuid;

use crate::change::Member;
use crate::facts::{OperationFilter, OperationPart, OperationRow};
use crate::fault::StoreFault;
use crate::figures::{self, Headcount, Holding, Pulse, Tally};
use crate::listing::{self, RoomFilter};
use crate::operations;
use crate::path;
use crate::rows::{self, Node};
use crate::store::Store;

/// Every one of these fails as [`Store::categories`] does.
impl Store {
    /// The rooms after a folded name (at first the empty text), in the order of their folded names: at most `limit`.
    ///
    /// # Errors
    /// As [`Store::categories`]; so for every read below.
    pub async fn rooms_page(
        &self,
        filter: RoomFilter,
        after: String,
        limit: usize,
    ) -> Result<Vec<Room>, StoreFault> {
        self.readers().read(move |conn| listing::rooms_page(conn, &filter, &after, limit)).await
    }

    /// The rooms of a category after a number, ascending: at most `limit`.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn rooms_after(
        &self,
        category: CategoryId,
        after: RoomId,
        limit: usize,
    ) -> Result<Vec<Room>, StoreFault> {
        self.readers().read(move |conn| listing::rooms_after(conn, category, after, limit)).await
    }

    /// These rooms, without those that were removed, all of one moment.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn rooms_of(&self, ids: Vec<RoomId>) -> Result<Vec<Room>, StoreFault> {
        self.readers().read(move |conn| listing::rooms_of(conn, &ids)).await
    }

    /// How many rooms a category has.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn room_count(&self, category: CategoryId) -> Result<usize, StoreFault> {
        self.readers().read(move |conn| rows::room_count(conn, category)).await
    }

    /// The rooms and categories of these names, by their keys ([`chat::folded`]), as far as there are any.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn nodes_named(&self, folded: Vec<String>) -> Result<HashMap<String, Node>, StoreFault> {
        let read = move |conn: &_| {
            let mut found = HashMap::new();
            for name in folded {
                if let Some(node) = rows::node_named(conn, &name)? {
                    found.insert(name, node);
                }
            }
            Ok(found)
        };
        self.readers().read(read).await
    }

    /// The removed rooms and categories of this name, by its key ([`chat::folded`]), or this GUID.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn nodes_removed(&self, folded: &str, guid: Option<Uuid>) -> Result<Vec<Node>, StoreFault> {
        let folded = folded.to_owned();
        self.readers().read(move |conn| listing::nodes_removed(conn, &folded, guid)).await
    }

    /// The addresses of people, removed ones included.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn addresses(&self, ids: Vec<PersonId>) -> Result<Vec<(PersonId, Address)>, StoreFault> {
        self.readers().read(move |conn| listing::addresses(conn, &ids)).await
    }

    /// The addresses of people, and the GUID of each who was removed or whom its directory does not know any more.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn addresses_or_guids(
        &self,
        ids: Vec<PersonId>,
    ) -> Result<Vec<(PersonId, Address, Option<Uuid>)>, StoreFault> {
        self.readers().read(move |conn| listing::addresses_or_guids(conn, &ids)).await
    }

    /// Everybody who ever had this address, removed people included, ascending.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn people_ever_at(&self, address: &Address) -> Result<Vec<PersonId>, StoreFault> {
        let address = address.clone();
        self.readers().read(move |conn| listing::people_ever_at(conn, &address)).await
    }

    /// The rooms after a number, ascending, each with how alive it is: at most `limit`.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn pulses(&self, after: RoomId, limit: usize) -> Result<Vec<Pulse>, StoreFault> {
        self.readers().read(move |conn| figures::pulses(conn, after, limit)).await
    }

    /// Counts what was said between two times, both included, in rooms that are there. One read looks at
    /// [`TALLY_POSTS_MAX`](crate::limits::TALLY_POSTS_MAX) posts; the caller goes on from [`Tally::next`].
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn tally(
        &self,
        from: Option<Time>,
        to: Option<Time>,
        after: Option<(RoomId, u32)>,
    ) -> Result<Tally, StoreFault> {
        self.readers().read(move |conn| figures::tally(conn, from, to, after)).await
    }

    /// How many people and categories there are.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn headcount(&self) -> Result<Headcount, StoreFault> {
        self.readers().read(figures::headcount).await
    }

    /// The names of the categories that are there, ascending by number.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn category_names(&self) -> Result<Vec<(CategoryId, NodeName)>, StoreFault> {
        self.readers().read(figures::category_names).await
    }

    /// Every place these principals have on a list of a room or category that is there, by name.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn holdings(&self, principals: Vec<Principal>) -> Result<Vec<Holding>, StoreFault> {
        self.readers().read(move |conn| figures::holdings(conn, &principals)).await
    }

    /// For each of these groups the groups between a principal and it, the nearest first and itself last; empty when there is no
    /// way.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn paths(
        &self,
        from: Member,
        to: Vec<GroupId>,
    ) -> Result<HashMap<GroupId, Vec<GroupId>>, StoreFault> {
        let read = move |conn: &_| {
            let ways = path::ways(conn, from, None)?;
            Ok(to.into_iter().map(|group| (group, path::way(&ways, group))).collect())
        };
        self.readers().read(read).await
    }

    /// The newest operations before a number that are all of what is asked, the newest first: at most `limit`, fewer when their
    /// bodies are long.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn operations(
        &self,
        filter: OperationFilter,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<OperationRow>, StoreFault> {
        self.readers().read(move |conn| operations::operations(conn, &filter, before, limit)).await
    }

    /// The transactions of an operation after the one whose first entry has this number, in order: at most `limit`, fewer when
    /// their bodies are long.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn operation_parts(
        &self,
        operation: u64,
        after: u64,
        limit: usize,
    ) -> Result<Vec<OperationPart>, StoreFault> {
        self.readers().read(move |conn| operations::parts(conn, operation, after, limit)).await
    }
}
