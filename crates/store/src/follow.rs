//! What whoever follows a server reads: its journal with what each commit moved elsewhere.
//! Follows nothing itself.

use std::sync::Arc;

use chat::{Entry, JournalKey, Range, ServerEntry, ServerId};

use crate::engine::Conn;
use crate::fault::StoreFault;
use crate::journal::read_entries;
use crate::limits::{ENTRIES_BYTES_MAX, ENTRIES_MAX};
use crate::record::{Body, Recorded};
use crate::store::Store;

/// An entry of a server's journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Followed {
    /// The entry.
    pub entry: Arc<Recorded>,
    /// What its commit wrote into other journals, if it is the one that says so.
    pub moved: Vec<Arc<Recorded>>,
}

/// What is followed.
impl Store {
    /// The entries of a server's journal after number `after` with what each moved in other journals, in order: at most `limit`,
    /// fewer if they moved much, but one at least if there is one. All of one moment.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn followed(
        &self,
        server: ServerId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Followed>, StoreFault> {
        self.readers().read(move |conn| read_followed(conn, server, after, limit)).await
    }
}

fn read_followed(
    conn: &Conn,
    server: ServerId,
    after: u64,
    limit: usize,
) -> Result<Vec<Followed>, StoreFault> {
    let journal = JournalKey::Server(server);
    let (mut all, mut bytes, mut entries) = (Vec::new(), 0, 0);
    for entry in read_entries(conn, journal, after, limit)? {
        let mut moved = Vec::new();
        if let Entry::Server(ServerEntry::Moved(ranges)) = &entry.header.entry {
            for range in ranges.iter().filter(|range| range.journal != journal) {
                read_range(conn, *range, &mut moved)?;
            }
        }
        bytes += moved.iter().filter_map(|entry| entry.body.as_ref()).map(Body::bytes).sum::<usize>();
        entries += 1 + moved.len();
        all.push(Followed { entry, moved });
        if bytes > ENTRIES_BYTES_MAX || entries > ENTRIES_MAX {
            break;
        }
    }
    Ok(all)
}

/// The entries of a range, behind those there are.
fn read_range(conn: &Conn, range: Range, moved: &mut Vec<Arc<Recorded>>) -> Result<(), StoreFault> {
    let mut after = range.from - 1;
    while after < range.to
        && let page = read_entries(conn, range.journal, after, ENTRIES_MAX)?
        && let Some(last) = page.last()
    {
        after = last.header.position.number;
        moved.extend(page.into_iter().filter(|entry| entry.header.position.number <= range.to));
    }
    Ok(())
}
