//! One operation being carried out: by whom, under which conditions, and the one way its changes are written.
//! What it changes, the verbs say.

use chat::{Actor, Category, CategoryId, NodeName, Person, PersonState, Role, Roles, Room, RoomId, folded};
use directory::Directory;
use serde_json::json;
use store::{AdminFault, Administered, Node, Order, RowChange, RowDone, Store};
use uuid::Uuid;

use crate::changes::Work;
use crate::desk::{Asker, Request, TRIES, Vouching};
use crate::error::{AdminError, of_field};
use crate::outcome::Changed;
use crate::spec::{Need, Spec};
use crate::topology::Survey;

/// What one operation at a time does. The store would refuse the others and they would begin anew; while an import writes one
/// portion after the other, they would never be fast enough.
#[derive(Default)]
pub(crate) struct Turns {
    /// Changing memberships: from looking at them until they are written.
    pub(crate) memberships: tokio::sync::Mutex<()>,
    /// Importing.
    pub(crate) imports: tokio::sync::Mutex<()>,
}

/// What the asker was when it was decided that it may.
#[derive(Clone, Copy)]
pub(crate) struct Grounds {
    /// The roles it acts with.
    pub(crate) roles: Roles,
    /// The standing of the person; `None` for who is no person.
    pub(crate) standing: Option<u64>,
}

/// One operation being carried out.
pub(crate) struct Errand<'a> {
    pub(crate) store: &'a Store,
    pub(crate) directory: &'a Directory,
    pub(crate) asker: &'a Asker,
    pub(crate) dry_run: bool,
    pub(crate) turns: &'a Turns,
    /// Who vouches for this deployment, where that is known.
    pub(crate) vouching: Option<&'a Vouching>,
    /// Who looks at the world, for a topology that is to be published.
    pub(crate) survey: Option<&'a Survey>,
    request: &'a Request,
    grounds: Grounds,
}

impl<'a> Errand<'a> {
    pub(crate) fn new(
        store: &'a Store,
        directory: &'a Directory,
        turns: &'a Turns,
        asker: &'a Asker,
        request: &'a Request,
        grounds: Grounds,
    ) -> Self {
        let dry_run = request.dry_run;
        Self { store, directory, asker, dry_run, turns, vouching: None, survey: None, request, grounds }
    }

    /// The same, and who vouches for this deployment.
    pub(crate) fn vouched(self, vouching: Option<&'a Vouching>) -> Self {
        Self { vouching, ..self }
    }

    /// With somebody who looks at the world.
    pub(crate) fn surveying(self, survey: Option<&'a Survey>) -> Self {
        Self { survey, ..self }
    }

    /// The same operation, gone on with by the server: whoever asked may not any more.
    pub(crate) fn by_server<'b>(&'b self, server: &'b Asker) -> Errand<'b> {
        let grounds = Grounds { roles: Roles::of(&[Role::Administrator]), standing: None };
        Errand::new(self.store, self.directory, self.turns, server, self.request, grounds)
    }

    /// Whether the asker named a state of what it changes.
    pub(crate) fn names_state(&self) -> bool {
        self.request.state().is_some()
    }

    /// Whether the asker has a role that includes this one; for operations that are open to others, too.
    pub(crate) fn has(&self, role: Role) -> bool {
        self.grounds.roles.granting(role).is_some()
    }

    /// A role among these that the asker does not have; none for whoever may change somebody with these roles.
    pub(crate) fn beyond(&self, roles: Roles) -> Option<Role> {
        roles.iter().find(|role| !self.has(*role))
    }

    /// The room or category of this name (case aside), `pool\\name` or GUID; what reads as a GUID is nobody's name.
    pub(crate) async fn node(&self, name: &str) -> Result<Option<Node>, AdminError> {
        let bare = self.bare(name);
        Ok(match Uuid::try_parse(bare) {
            Ok(guid) => self.store.node_of(guid).await?,
            Err(_) => self.store.node_named(&folded(bare)).await?,
        })
    }

    /// A name without the pool before it: `pool\\name` is how the product writes it.
    pub(crate) fn bare<'n>(&self, name: &'n str) -> &'n str {
        let name = name.trim();
        self.in_pool(name).unwrap_or(name)
    }

    /// What stands behind the pool, in a name that begins with it.
    fn in_pool<'n>(&self, name: &'n str) -> Option<&'n str> {
        let (head, rest) = name.split_once('\\')?;
        (folded(head) == folded(&self.store.identity().pool_name)).then_some(rest)
    }

    /// A name for a room or category. None begins with the pool, for it would stand before what the rest of it names.
    pub(crate) fn new_name(&self, text: &str) -> Result<NodeName, AdminError> {
        let name = NodeName::parse(text).map_err(of_field("name"))?;
        let Some(rest) = self.in_pool(name.as_str()) else { return Ok(name) };
        let message = format!(
            "'{name}' begins with the name of the pool, and so means '{rest}' of this pool: leave out the pool"
        );
        Err(AdminError::invalid("name", message))
    }

    /// The category of this name. The same is read whether there is one or not.
    pub(crate) async fn category(&self, name: &str) -> Result<Option<Category>, AdminError> {
        let id = match self.node(name).await? {
            Some(Node::Category(id)) => id,
            _ => CategoryId(0),
        };
        Ok(self.store.category(id).await?)
    }

    /// The room of this name and its category. The same is read whether there is one or not.
    pub(crate) async fn room_and_home(&self, name: &str) -> Result<Option<(Room, Category)>, AdminError> {
        let id = match self.node(name).await? {
            Some(Node::Room(id)) => id,
            _ => RoomId(0),
        };
        let room = self.store.room(id).await?;
        let home = room.as_ref().map_or(CategoryId(0), |room| room.category);
        Ok(room.zip(self.store.category(home).await?))
    }

    /// The person who asks, if it is one who may use the server and asks as a person: a token made for administration does what
    /// its scope says and nothing by what its owner is in rooms.
    pub(crate) async fn asking(&self) -> Result<Option<Person>, AdminError> {
        if self.asker.within.is_some_and(|within| within != Roles::default()) {
            return Ok(None);
        }
        self.behind().await
    }

    /// The person behind what the asker shows, whatever that may be used for.
    pub(crate) async fn behind(&self) -> Result<Option<Person>, AdminError> {
        let Actor::Person(id) = self.asker.by else { return Ok(None) };
        let asker = self.store.person(id).await?;
        // With a token the asker has no more roles than the token gives.
        Ok(asker
            .filter(|person| person.state == PersonState::Enabled)
            .map(|person| Person { roles: self.grounds.roles, ..person }))
    }

    /// This state of what it changes, if the asker named it: it is not to be another one when it is written.
    pub(crate) fn named(&self, state: u64) -> Option<u64> {
        self.request.state().map(|_| state)
    }

    /// Refuses when the asker named another state of what it changes than there is.
    pub(crate) fn matches(&self, object: &str, etag: &str) -> Result<(), AdminError> {
        let Some(named) = self.request.state().filter(|named| *named != etag) else { return Ok(()) };
        Err(AdminError::Stale(format!(
            "{object} has been changed since you read it: refresh, and decide again (it is at {etag}, you named {named})"
        )))
    }

    /// Writes the changes and the operation's entry in one transaction; in a dry run the store only tries.
    pub(crate) async fn write(&self, work: &Work) -> Result<Vec<RowDone>, AdminError> {
        if work.rows.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.begin(work, work.rows.clone()).await?.done)
    }

    /// Writes the first of the changes in one transaction, under the standing by which the asker may. If that has moved, nothing
    /// was written, and the whole operation is begun anew.
    pub(crate) async fn begin(&self, work: &Work, rows: Vec<RowChange>) -> Result<Administered, AdminError> {
        let order = self.order(self.asked(&work.changes), None, self.grounds.standing);
        Ok(self.store.administer(order, rows).await?)
    }

    /// Writes one transaction of an operation that finds out part by part what changes: its first part, which says what was asked,
    /// or a further part of the one of this number. Each part tells its own changes.
    pub(crate) async fn write_told(
        &self,
        changes: &[Changed],
        rows: Vec<RowChange>,
        operation: Option<u64>,
    ) -> Result<Administered, AdminError> {
        self.write_above(&[], changes, rows, operation).await
    }

    /// The same where people with these roles are changed: the asker has them too, or nothing is written.
    pub(crate) async fn write_above(
        &self,
        roles: &[Role],
        changes: &[Changed],
        rows: Vec<RowChange>,
        operation: Option<u64>,
    ) -> Result<Administered, AdminError> {
        let body = match operation {
            Some(_) if changes.is_empty() => String::new(),
            Some(_) => json!({ "changes": changes }).to_string(),
            None => self.asked(changes),
        };
        self.go_on(roles, body, rows, operation).await
    }

    /// Writes a part, under the standing by which the asker has the role of the operation now, and these.
    async fn go_on(
        &self,
        above: &[Role],
        body: String,
        rows: Vec<RowChange>,
        operation: Option<u64>,
    ) -> Result<Administered, AdminError> {
        let Need::Role(role) = Spec::of(&self.request.operation).need else {
            // What somebody may by other things than a role is decided once.
            return Ok(self
                .store
                .administer(self.order(body, operation, self.grounds.standing), rows)
                .await?);
        };
        let needed = Roles::of(&[above, &[role]].concat());
        for _ in 0..TRIES {
            let order = self.order(body.clone(), operation, self.standing(needed).await?);
            match self.store.administer(order, rows.clone()).await {
                // The asker's standing has moved: perhaps the role is gone.
                Err(AdminFault::Moved) => {}
                done => return Ok(done?),
            }
        }
        Err(AdminFault::Moved.into())
    }

    fn order(&self, body: String, operation: Option<u64>, standing: Option<u64>) -> Order {
        Order {
            by: self.asker.by,
            standing,
            token: self.asker.token,
            body,
            operation,
            rehearse: self.dry_run,
        }
    }

    /// What the record keeps of the operation: as it was asked, from where, and what changes by it.
    pub(crate) fn asked(&self, changes: &[Changed]) -> String {
        let operation = self.request.operation.recorded();
        json!({ "operation": operation, "from": self.asker.from, "changes": changes }).to_string()
    }

    /// The standing under which the asker still has roles that include these, as it is now: `None` for who is no person.
    /// Work of many transactions asks it anew when a standing has moved.
    pub(crate) async fn standing(&self, needed: Roles) -> Result<Option<u64>, AdminError> {
        self.asker.shows_itself(self.store).await?;
        let Actor::Person(id) = self.asker.by else { return Ok(None) };
        let person = self.store.person(id).await?.filter(|person| person.state == PersonState::Enabled);
        self.asker.is_admitted(person.as_ref())?;
        let own = person.as_ref().map(|person| person.roles).unwrap_or_default();
        let roles = self.asker.within.map_or(own, |within| own.within(within));
        match needed.iter().find(|role| roles.granting(*role).is_none()) {
            None => Ok(person.map(|person| person.standing)),
            Some(role) => Err(AdminError::Denied(format!(
                "you do not have the role {role} any more: an administrator can grant it (`causerie role grant {role} ADDRESS`)"
            ))),
        }
    }
}
