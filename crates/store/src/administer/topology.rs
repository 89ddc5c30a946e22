//! Publishing a version of the topology: appended to those there are, and never changed.
//! Judges no document.

use chat::{Change, Subject};

use super::{Desk, fresh};
use crate::central;
use crate::change::{RowDone, TopologyDraft};
use crate::engine::{int, params};
use crate::fault::{AdminFault, StoreFault};
use crate::limits::TOPOLOGY_BYTES_MAX;

impl Desk<'_, '_> {
    pub(super) fn publish_topology(&mut self, draft: &TopologyDraft) -> Result<RowDone, AdminFault> {
        if draft.document.len() + draft.remark.len() > TOPOLOGY_BYTES_MAX {
            let fault =
                StoreFault::TooLarge { what: "a topology with its remark", limit: TOPOLOGY_BYTES_MAX };
            return Err(fault.into());
        }
        let conn = self.batch.conn;
        let newest = central::newest(conn)?;
        let (number, hash) = newest.map_or((0, [0; 32]), |newest| (newest.number, newest.hash));
        fresh(Some(draft.number), number + 1)?;
        if draft.previous != hash {
            return Err(AdminFault::Stale);
        }
        conn.execute(
            "INSERT INTO topology (number, previous, hash, document, remark, operation)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                int(draft.number),
                draft.previous.as_slice(),
                draft.hash.as_slice(),
                draft.document,
                draft.remark,
                int(self.operation)
            ],
        )?;
        self.tell(Subject::Topology(int(draft.number)), Change::Created);
        Ok(RowDone::Topology(draft.number))
    }
}
