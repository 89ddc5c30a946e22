//! The one door of administration: every operation, whoever asks it and through whichever face, passes here.
//! Holds no rule of its own.

use std::sync::Arc;

use chat::Actor;
use directory::Directory;
use store::{Order, RowChange, RowDone, Store};

use crate::error::AdminError;
use crate::operation::Operation;
use crate::outcome::Outcome;
use crate::{category, room, user};

/// How often an operation is begun anew when what it changes was changed meanwhile (ours: more askers are not served at once).
const TRIES: usize = 16;

/// Carries out operations on one store. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    store: Store,
    directory: Directory,
}

/// One operation being carried out: by whom, and as the journal will keep it.
pub(crate) struct Request<'a> {
    pub(crate) store: &'a Store,
    pub(crate) directory: &'a Directory,
    by: Actor,
    recorded: String,
}

impl Desk {
    /// The desk over a store and its directory.
    #[must_use]
    pub fn new(store: Store, directory: Directory) -> Self {
        Self(Arc::new(Inner { store, directory }))
    }

    /// Carries out one operation, all of it or nothing, in one transaction with its journal entry. What it changes is looked at
    /// again, a few times, when somebody else was faster.
    ///
    /// # Errors
    /// [`AdminError`], when nothing was written.
    pub async fn run(&self, by: Actor, operation: Operation) -> Result<Outcome, AdminError> {
        for _ in 1..TRIES {
            match self.try_once(by, operation.clone()).await {
                Err(AdminError::Stale(_)) => (),
                done => return done,
            }
        }
        self.try_once(by, operation).await
    }

    async fn try_once(&self, by: Actor, operation: Operation) -> Result<Outcome, AdminError> {
        let recorded = operation.recorded();
        let request = Request { store: &self.0.store, directory: &self.0.directory, by, recorded };
        match operation {
            Operation::UserNew { address, display_name, password, legacy_sign_on } => {
                user::new(&request, &address, &display_name, password, legacy_sign_on).await
            }
            Operation::UserList => user::list(&request).await,
            Operation::UserGet { address } => user::get(&request, &address).await,
            Operation::UserSet { address, display_name, password, legacy_sign_on } => {
                user::set(&request, &address, display_name.as_deref(), password, legacy_sign_on).await
            }
            Operation::UserDisable { address } => user::enable(&request, &address, false).await,
            Operation::UserEnable { address } => user::enable(&request, &address, true).await,
            Operation::UserRemove { address } => user::remove(&request, &address).await,
            Operation::CategoryNew { name, fields } => category::new(&request, &name, &fields).await,
            Operation::CategoryList => category::list(&request).await,
            Operation::CategoryGet { name } => category::get(&request, &name).await,
            Operation::CategorySet { name, new_name, fields } => {
                category::set(&request, &name, new_name.as_deref(), &fields).await
            }
            Operation::CategoryRemove { name } => category::remove(&request, &name).await,
            Operation::RoomNew { name, category, fields } => {
                room::new(&request, &name, &category, &fields).await
            }
            Operation::RoomList { category } => room::list(&request, category.as_deref()).await,
            Operation::RoomGet { name } => room::get(&request, &name).await,
            Operation::RoomSet { name, new_name, category, fields } => {
                room::set(&request, &name, new_name.as_deref(), category.as_deref(), &fields).await
            }
            Operation::RoomRemove { name } => room::remove(&request, &name).await,
        }
    }
}

impl Request<'_> {
    /// Writes the changes and the operation's entry in one transaction.
    pub(crate) async fn write(&self, changes: Vec<RowChange>) -> Result<Vec<RowDone>, AdminError> {
        let order = Order::of(self.by, self.recorded.clone());
        Ok(self.store.administer(order, changes).await?.done)
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}
