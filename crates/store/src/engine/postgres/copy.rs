//! Rows in bulk into a table of PostgreSQL, in its binary form.
//! What the columns mean is not known here.

use std::pin::Pin;

use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use super::Session;
use crate::engine::Value;
use crate::fault::StoreFault;

/// A table that is being filled.
pub(crate) struct CopyIn<'s> {
    session: &'s Session,
    writer: Pin<Box<BinaryCopyInWriter>>,
}

impl<'s> CopyIn<'s> {
    /// Begins; name and columns as they stand in a statement.
    pub(crate) fn begin(session: &'s Session, table: &str, columns: &str) -> Result<Self, StoreFault> {
        let shape = session.prepare(&format!("SELECT {columns} FROM {table} LIMIT 0"))?;
        let types: Vec<Type> = shape.columns().iter().map(|column| column.type_().clone()).collect();
        let sql = format!("COPY {table} ({columns}) FROM STDIN (FORMAT binary)");
        let sink = session.hear(session.client.copy_in(&sql))?;
        Ok(Self { session, writer: Box::pin(BinaryCopyInWriter::new(sink, &types)) })
    }

    /// Takes a row.
    pub(crate) fn row(&mut self, values: &[Value<'_>]) -> Result<(), StoreFault> {
        let values: Vec<&(dyn ToSql + Sync)> =
            values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.session.hear(self.writer.as_mut().write(&values))
    }

    /// Returns once all rows are there.
    pub(crate) fn finish(mut self) -> Result<(), StoreFault> {
        self.session.hear(self.writer.as_mut().finish())?;
        Ok(())
    }
}
