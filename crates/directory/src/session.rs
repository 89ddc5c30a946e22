//! Sessions of people who signed on with a browser, as they are kept: whoever is signed on stays so when the server starts again, and
//! on every server of the pool. Makes no secret and decides not when a session is over.

use chat::Time;
use store::limits::SESSION_ENDED_FOR;
use store::{Clearance, SessionHash, SessionRow};

use crate::directory::Directory;
use crate::fault::DirectoryFault;

/// Each of these fails with [`DirectoryFault::Store`] when the store cannot be read or written.
impl Directory {
    /// Keeps a new session.
    ///
    /// # Errors
    /// As said above.
    pub async fn open_session(&self, row: SessionRow, clearance: Clearance) -> Result<(), DirectoryFault> {
        Ok(self.store().open_session(row, clearance).await?)
    }

    /// The session of this hash, unless somebody signed off.
    ///
    /// # Errors
    /// As said above.
    pub async fn session(&self, hash: SessionHash) -> Result<Option<SessionRow>, DirectoryFault> {
        Ok(self.store().session(hash).await?)
    }

    /// Notes when sessions were used.
    ///
    /// # Errors
    /// As said above.
    pub async fn use_sessions(&self, used: Vec<(SessionHash, Time)>) -> Result<(), DirectoryFault> {
        Ok(self.store().use_sessions(used).await?)
    }

    /// Ends a session, on every server.
    ///
    /// # Errors
    /// As said above.
    pub async fn end_session(&self, hash: SessionHash) -> Result<(), DirectoryFault> {
        Ok(self.store().end_session(hash).await?)
    }

    /// The sessions that were ended in the last minute, through any server.
    ///
    /// # Errors
    /// As said above.
    pub async fn ended_sessions(&self) -> Result<Vec<SessionHash>, DirectoryFault> {
        let minute = i64::try_from(SESSION_ENDED_FOR.as_micros()).unwrap_or(i64::MAX);
        Ok(self.store().ended_sessions(self.now().plus_micros(-minute)).await?)
    }
}
