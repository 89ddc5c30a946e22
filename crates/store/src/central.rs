//! The central store: the published versions of the topology, read back, and the requests for them.
//! Publishing is `administer/topology.rs`; what a document says is not read here.

use chat::{Actor, Time};

use crate::engine::{Conn, Row, int, octets, params, uint};
use crate::fault::StoreFault;
use crate::limits::ENTRIES_MAX;
use crate::operations::actor_of;
use crate::store::Store;

/// A published version of the topology.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopologyRow {
    /// Its number, from 1.
    pub number: u64,
    /// The hash of the version before it; zeros for the first.
    pub previous: [u8; 32],
    /// Its own hash.
    pub hash: [u8; 32],
    /// The document; `None` in lists.
    pub document: Option<String>,
    /// The remark it was published with; empty for none.
    pub remark: String,
    /// The operation that published it.
    pub operation: u64,
    /// Who did.
    pub by: Actor,
    /// When.
    pub time: Time,
}

/// What is read of a version, before its document.
const COLUMNS: &str = "t.number, t.previous, t.hash, t.remark, t.operation, o.actor_kind, o.actor, o.time";

impl Store {
    /// The published topology of this number, or the newest; with its document.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn topology(&self, number: Option<u64>) -> Result<Option<TopologyRow>, StoreFault> {
        self.readers().read(move |conn| one(conn, number)).await
    }

    /// The published topologies before this number, or the newest ones, newest first: at most `limit`, without their documents.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn topologies(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<TopologyRow>, StoreFault> {
        self.readers().read(move |conn| many(conn, before, limit)).await
    }
}

/// What a version is followed by.
pub(crate) struct Newest {
    pub(crate) number: u64,
    pub(crate) hash: [u8; 32],
}

/// The newest version.
pub(crate) fn newest(conn: &Conn) -> Result<Option<Newest>, StoreFault> {
    let sql = "SELECT number, hash FROM topology ORDER BY number DESC LIMIT 1";
    conn.row(sql, params![], |row| {
        let hash = octets(row.blob(1)?, "the hash of a topology")?;
        Ok(Newest { number: uint(row.get(0)?, "the number of a topology")?, hash })
    })
}

fn one(conn: &Conn, number: Option<u64>) -> Result<Option<TopologyRow>, StoreFault> {
    let sql = format!(
        "SELECT {COLUMNS}, t.document FROM topology t JOIN operation o ON o.number = t.operation
         WHERE CAST(?1 AS BIGINT) IS NULL OR t.number = ?1 ORDER BY t.number DESC LIMIT 1"
    );
    let number = number.map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    conn.row(&sql, params![number], |row| Ok(TopologyRow { document: Some(row.get(8)?), ..version(row)? }))
}

fn many(conn: &Conn, before: Option<u64>, limit: usize) -> Result<Vec<TopologyRow>, StoreFault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM topology t JOIN operation o ON o.number = t.operation
         WHERE t.number < ?1 ORDER BY t.number DESC LIMIT ?2"
    );
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    conn.all(&sql, params![before, int(limit.min(ENTRIES_MAX) as u64)], version)
}

fn version(row: Row<'_>) -> Result<TopologyRow, StoreFault> {
    Ok(TopologyRow {
        number: uint(row.get(0)?, "the number of a topology")?,
        previous: octets(row.blob(1)?, "the hash of a topology")?,
        hash: octets(row.blob(2)?, "the hash of a topology")?,
        document: None,
        remark: row.get(3)?,
        operation: uint(row.get(4)?, "the number of an operation")?,
        by: actor_of(row.get(5)?, row.get(6)?)?,
        time: Time::from_unix_micros(row.get(7)?),
    })
}
