//! One operation being carried out: by whom, under which conditions, and the one way its changes are written.
//! What it changes, the verbs say.

use chat::{Role, Roles};
use directory::Directory;
use serde_json::json;
use store::{Order, RowDone, Store};

use crate::changes::Work;
use crate::desk::{Asker, Request};
use crate::error::AdminError;

/// One operation being carried out.
pub(crate) struct Errand<'a> {
    pub(crate) store: &'a Store,
    pub(crate) directory: &'a Directory,
    pub(crate) asker: &'a Asker,
    pub(crate) dry_run: bool,
    request: &'a Request,
    roles: Roles,
}

impl<'a> Errand<'a> {
    pub(crate) fn new(
        store: &'a Store,
        directory: &'a Directory,
        asker: &'a Asker,
        request: &'a Request,
        roles: Roles,
    ) -> Self {
        Self { store, directory, asker, dry_run: request.dry_run, request, roles }
    }

    /// Whether the asker has a role that includes this one; for operations that are open to others, too.
    #[expect(dead_code, reason = "operations open to managers and to oneself come with their rules")]
    pub(crate) fn has(&self, role: Role) -> bool {
        self.roles.granting(role).is_some()
    }

    /// Refuses when the asker named another state of what it changes than there is.
    pub(crate) fn matches(&self, object: &str, etag: &str) -> Result<(), AdminError> {
        let Some(named) = &self.request.if_match else { return Ok(()) };
        let named = named.trim().trim_start_matches("W/").trim_matches('"');
        if named == "*" || named == etag {
            return Ok(());
        }
        Err(AdminError::Stale(format!(
            "{object} has been changed since you read it: refresh, and decide again (it is at {etag}, you named {named})"
        )))
    }

    /// Whether the asker named a state. A removal has no condition of its own then: it is preceded by a change that has.
    pub(crate) fn names_state(&self) -> bool {
        self.request.if_match.as_deref().is_some_and(|named| named.trim() != "*")
    }

    /// Writes the changes and the operation's entry in one transaction, or in a dry run only tries to; nothing when nothing
    /// changes.
    pub(crate) async fn write(&self, work: &mut Work) -> Result<Vec<RowDone>, AdminError> {
        if work.rows.is_empty() {
            return Ok(Vec::new());
        }
        let body = json!({
            "operation": self.request.operation.recorded(),
            "from": self.asker.from,
            "changes": work.changes,
        });
        let rows = std::mem::take(&mut work.rows);
        let order = Order { rehearse: self.dry_run, ..Order::of(self.asker.by, body.to_string()) };
        let done = self.store.administer(order, rows).await?.done;
        // What a rehearsal made was taken back: its numbers and GUIDs name nothing.
        Ok(if self.dry_run { Vec::new() } else { done })
    }
}
