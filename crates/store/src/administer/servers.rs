//! What administration changes of servers: which of them are active, drained, or no longer of the pool.
//! Takes and ends no lease.

use chat::{Change, ServerId, Subject};

use super::Desk;
use crate::change::RowDone;
use crate::engine::params;
use crate::fault::AdminFault;
use crate::servers::ServerState;

impl Desk<'_, '_> {
    /// From the first of each pair to the second, if it is as it was read.
    pub(super) fn set_servers(
        &mut self,
        changes: &[(ServerId, ServerState, ServerState)],
    ) -> Result<RowDone, AdminFault> {
        for (server, before, after) in changes {
            let changed = self.batch.conn.execute(
                "UPDATE server SET state = ?3 WHERE id = ?1 AND state = ?2",
                params![server.0, before.code(), after.code()],
            )?;
            if changed == 0 {
                return Err(AdminFault::Stale);
            }
            let change = if *after == ServerState::Command { Change::Removed } else { Change::Changed };
            self.tell(Subject::Server(*server), change);
        }
        Ok(RowDone::Servers)
    }
}
