//! The part of the handle that administration reads: groups, memberships, roles, tokens, policies, settings, add-ins, grants.
//! How they are kept is in `principals.rs`, `scopes.rs` and `rows.rs`.

use chat::{
    AddIn, AddInId, Address, CategoryId, Group, GroupId, NodeName, Person, PersonId, Policy, Principal, Room,
    RoomId,
};
use uuid::Uuid;

use crate::around::{self, Around};
use crate::change::Member;
use crate::facts::{
    Account, ConfigurationRow, Endpoint, Granted, ListGrant, Membership, PersonFacts, PolicyHolders,
    PostState, RoleGrant, TokenRow,
};
use crate::fault::StoreFault;
use crate::members::{self, Members};
use crate::pages::{self, Seek};
use crate::path;
use crate::principals::{self, TokenKey};
use crate::rows::{self, Node};
use crate::scopes;
use crate::store::Store;

/// Every one of these fails as [`Store::categories`] does.
impl Store {
    /// The room or category of this name, by its key ([`chat::folded`]).
    ///
    /// # Errors
    /// As [`Store::categories`]; so for every read below.
    pub async fn node_named(&self, folded: &str) -> Result<Option<Node>, StoreFault> {
        let folded = folded.to_owned();
        self.readers().read(move |conn| rows::node_named(conn, &folded)).await
    }

    /// The room or category of this GUID, unless it was removed.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn node_of(&self, guid: Uuid) -> Result<Option<Node>, StoreFault> {
        self.readers().read(move |conn| rows::node_of(conn, guid)).await
    }

    /// What became of a post.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn post_state(&self, room: RoomId, post: u32) -> Result<PostState, StoreFault> {
        self.readers().read(move |conn| rows::post_state(conn, room, post)).await
    }

    /// Who stands on the lists of a category, and by which operation.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn category_grants(&self, id: CategoryId) -> Result<Vec<ListGrant>, StoreFault> {
        self.readers().read(move |conn| rows::category_grants(conn, id)).await
    }

    /// Who stands on the lists of a room, and by which operation.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn room_grants(&self, id: RoomId) -> Result<Vec<ListGrant>, StoreFault> {
        self.readers().read(move |conn| rows::room_grants(conn, id)).await
    }

    /// The people and groups of these numbers and the people of these addresses, all of one moment. Who is not there is left
    /// out.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn principals(
        &self,
        named: Vec<Principal>,
        addresses: Vec<Address>,
    ) -> Result<(Vec<Person>, Vec<Group>), StoreFault> {
        let read = move |conn: &_| {
            let (mut people, mut groups) = (Vec::new(), Vec::new());
            for principal in &named {
                match principal {
                    Principal::Person(id) => people.extend(rows::people(conn, Some(*id))?),
                    Principal::Group(id) => groups.extend(principals::groups(conn, Some(*id))?),
                    Principal::Domain(_) => {}
                }
            }
            for address in &addresses {
                people.extend(rows::person_at(conn, address)?);
            }
            Ok((people, groups))
        };
        self.readers().read(read).await
    }

    /// How many rooms each category has that has any.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn room_counts(&self) -> Result<Vec<(CategoryId, usize)>, StoreFault> {
        self.readers().read(rows::room_counts).await
    }

    /// The rooms of a category, ascending.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn rooms_in(&self, category: CategoryId) -> Result<Vec<Room>, StoreFault> {
        self.readers().read(move |conn| rows::rooms_in(conn, category)).await
    }

    /// How somebody comes to belong to a group: the groups from the nearest to it; empty when the person does not.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn path(&self, from: Member, to: GroupId) -> Result<Vec<Group>, StoreFault> {
        let read = move |conn: &_| {
            let way = path::path(conn, from, to)?;
            let groups = way.into_iter().map(|id| principals::groups(conn, Some(id)));
            Ok(groups.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        };
        self.readers().read(read).await
    }

    /// All groups, gone ones included, ascending.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn groups(&self) -> Result<Vec<Group>, StoreFault> {
        self.readers().read(|conn| principals::groups(conn, None)).await
    }

    /// The name of each group's directory; local ones have none.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn group_sources(&self) -> Result<Vec<(GroupId, String)>, StoreFault> {
        self.readers().read(principals::sources).await
    }

    /// One group.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn group(&self, id: GroupId) -> Result<Option<Group>, StoreFault> {
        self.readers().read(move |conn| Ok(principals::groups(conn, Some(id))?.pop())).await
    }

    /// The group of this GUID.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn group_of(&self, guid: Uuid) -> Result<Option<Group>, StoreFault> {
        self.readers().read(move |conn| principals::group_of(conn, guid)).await
    }

    /// The groups of this name, by its key ([`chat::folded`]).
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn groups_named(&self, folded: &str) -> Result<Vec<Group>, StoreFault> {
        let folded = folded.to_owned();
        self.readers().read(move |conn| principals::groups_named(conn, &folded)).await
    }

    /// The group or person with this distinguished name, by its key.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn entry_named(&self, folded: &str) -> Result<Option<Member>, StoreFault> {
        let folded = folded.to_owned();
        self.readers().read(move |conn| principals::entry_named(conn, &folded)).await
    }

    /// Every direct membership with the number that [`Premise::Graph`](crate::Premise::Graph) compares, and
    /// the container each principal of a directory lies in; all of one moment.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn graph(&self) -> Result<Graph, StoreFault> {
        let read = |conn: &_| {
            Ok(Graph {
                number: principals::graph(conn)?,
                next_group: principals::next_group(conn)?,
                memberships: members::memberships(conn)?,
                parents: principals::parents(conn)?,
            })
        };
        self.readers().read(read).await
    }

    /// What a change of memberships can touch: `whole` with everybody under them, `alone` without, and all that these belong
    /// to. Reads no more than that.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn around(&self, whole: Vec<Member>, alone: Vec<Member>) -> Result<Around, StoreFault> {
        self.readers().read(move |conn| around::around(conn, &whole, &alone)).await
    }

    /// The number that [`Premise::Graph`](crate::Premise::Graph) compares.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn graph_number(&self) -> Result<u64, StoreFault> {
        self.readers().read(principals::graph).await
    }

    /// The direct members of one group.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn members(&self, group: GroupId) -> Result<Vec<Member>, StoreFault> {
        self.readers().read(move |conn| Ok(Members::of(conn, group)?.all().collect())).await
    }

    /// What is known of a person who was not removed.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn person_facts(&self, id: PersonId) -> Result<Option<PersonFacts>, StoreFault> {
        self.readers().read(move |conn| Ok(principals::person_facts(conn, Some(id))?.pop())).await
    }

    /// What is known of everybody who was not removed, ascending.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn all_person_facts(&self) -> Result<Vec<PersonFacts>, StoreFault> {
        self.readers().read(|conn| principals::person_facts(conn, None)).await
    }

    /// Who has which administrative role.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn role_grants(&self) -> Result<Vec<RoleGrant>, StoreFault> {
        self.readers().read(principals::role_grants).await
    }

    /// All tokens, ended ones included, ascending.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, StoreFault> {
        self.readers().read(|conn| principals::tokens(conn, TokenKey::All)).await
    }

    /// The token whose secret has this SHA-256.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn token(&self, hash: [u8; 32]) -> Result<Option<TokenRow>, StoreFault> {
        self.readers().read(move |conn| Ok(principals::tokens(conn, TokenKey::Hash(hash))?.pop())).await
    }

    /// The token of this GUID.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn token_of(&self, guid: Uuid) -> Result<Option<TokenRow>, StoreFault> {
        self.readers().read(move |conn| Ok(principals::tokens(conn, TokenKey::Guid(guid))?.pop())).await
    }

    /// The tokens of one person, or (with `None`) those that are nobody's; ended ones included, ascending.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn tokens_of(&self, owner: Option<PersonId>) -> Result<Vec<TokenRow>, StoreFault> {
        self.readers().read(move |conn| principals::tokens(conn, TokenKey::Owner(owner))).await
    }

    /// A page of people who have their address, neither removed nor gone, by address.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn seek_people(&self, seek: Seek<String>) -> Result<Vec<Person>, StoreFault> {
        self.readers().read(move |conn| pages::people(conn, &seek)).await
    }

    /// A page of groups that are not gone, by number.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn seek_groups(&self, seek: Seek<GroupId>) -> Result<Vec<Group>, StoreFault> {
        self.readers().read(move |conn| pages::groups(conn, &seek)).await
    }

    /// What administration shows of these people besides themselves, in their order.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn accounts(&self, people: Vec<PersonId>) -> Result<Vec<Account>, StoreFault> {
        self.readers().read(move |conn| pages::accounts(conn, &people)).await
    }

    /// How many people have which policy of their own; those without one come first.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn policy_holders(&self) -> Result<Vec<PolicyHolders>, StoreFault> {
        self.readers().read(pages::policy_holders).await
    }

    /// The rooms that show an add-in, with their names, ascending.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn rooms_showing(&self, add_in: AddInId) -> Result<Vec<(RoomId, NodeName)>, StoreFault> {
        self.readers().read(move |conn| pages::rooms_showing(conn, add_in)).await
    }

    /// Who did the operations of these numbers in the pool's journal, and when.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn granted(&self, operations: Vec<u64>) -> Result<Vec<Granted>, StoreFault> {
        self.readers().read(move |conn| pages::granted(conn, &operations)).await
    }

    /// The further addresses of the pool, by address.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn endpoints(&self) -> Result<Vec<Endpoint>, StoreFault> {
        self.readers().read(principals::endpoints).await
    }

    /// All policies, by number.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn policies(&self) -> Result<Vec<Policy>, StoreFault> {
        self.readers().read(scopes::policies).await
    }

    /// All collections of settings, by number.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn configurations(&self) -> Result<Vec<ConfigurationRow>, StoreFault> {
        self.readers().read(scopes::configurations).await
    }

    /// All add-ins, by number.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn add_ins(&self) -> Result<Vec<AddIn>, StoreFault> {
        self.readers().read(scopes::add_ins).await
    }
}

/// Who is a direct member of what, at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Graph {
    /// Raised by every change of a membership or group.
    pub number: u64,
    /// The number the next group will have, as long as `number` stands.
    pub next_group: GroupId,
    /// Direct memberships.
    pub memberships: Vec<Membership>,
    /// The container each principal of a directory lies in.
    pub parents: Vec<(Member, GroupId)>,
}
