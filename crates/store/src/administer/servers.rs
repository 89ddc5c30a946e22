//! What administration changes of servers: which of them are active, drained, or no longer of the pool.
//! Takes and ends no lease.

use chat::{Change, ServerId, Subject};

use super::Desk;
use crate::change::RowDone;
use crate::engine::params;
use crate::fault::{AdminFault, StoreFault};
use crate::lease::hold_places;
use crate::servers::ServerState;

impl Desk<'_, '_> {
    /// Changes what servers do, if all are as they were read.
    pub(super) fn set_servers(
        &mut self,
        read: &[(ServerId, ServerState)],
        after: &[(ServerId, ServerState)],
    ) -> Result<RowDone, AdminFault> {
        let conn = self.batch.conn;
        hold_places(conn)?;
        let now =
            conn.all("SELECT id, state FROM server WHERE state <> 4 ORDER BY id", params![], |row| {
                Ok((ServerId(row.get(0)?), ServerState::of_code(row.get(1)?)?))
            })?;
        if now != read {
            return Err(AdminFault::Stale);
        }
        for (server, state) in after {
            if *state == ServerState::Command && self.runs(*server)? {
                return Err(AdminFault::Stale);
            }
            conn.execute("UPDATE server SET state = ?2 WHERE id = ?1", params![server.0, state.code()])?;
            let change = if *state == ServerState::Command { Change::Removed } else { Change::Changed };
            self.tell(Subject::Server(*server), change);
        }
        Ok(RowDone::Servers)
    }

    /// Whether its lease is not over.
    fn runs(&self, server: ServerId) -> Result<bool, StoreFault> {
        let conn = self.batch.conn;
        let now = conn.now(self.batch.clock)?.unix_micros();
        conn.one(
            "SELECT EXISTS (SELECT 1 FROM lease WHERE server = ?1 AND expires > ?2)",
            params![server.0, now],
            |row| row.get(0),
        )
    }
}
