//! Short notices between programs that have the same database open: a session of its own, beside all that is kept.
//! What is said there is kept nowhere and may be lost.

use tokio::sync::{Mutex, mpsc};
use tokio::task::AbortHandle;
use tokio_postgres::AsyncMessage;

use crate::engine::postgres::{Address, Line, connect};
use crate::fault::StoreFault;
use crate::limits::NOTICES_MAX;
use crate::record::Options;
use crate::store::Store;

/// An open session for notices; what comes in while nobody takes it is dropped beyond [`NOTICES_MAX`].
#[derive(Debug)]
pub struct Notices {
    channel: String,
    client: tokio_postgres::Client,
    heard: Mutex<mpsc::Receiver<String>>,
    /// The task that carries the session; it ends with this.
    carrier: AbortHandle,
}

impl Store {
    /// Opens a session for the notices of a channel, whose name is a word of small letters. `None` for a store that is a file:
    /// nobody else has it open. Starts a task, which ends with the session.
    ///
    /// # Errors
    /// [`StoreFault::Unavailable`] when the database does not let it in.
    pub async fn notices(&self, channel: &str) -> Result<Option<Notices>, StoreFault> {
        let (location, options) = self.aside().way();
        let Some(address) = location.address() else { return Ok(None) };
        Notices::open(address, options, channel).await.map(Some)
    }
}

impl Notices {
    async fn open(address: &Address, options: &Options, channel: &str) -> Result<Self, StoreFault> {
        let (client, line) = connect(address, options, "causerie notices", "").await?;
        let (hear, heard) = mpsc::channel(NOTICES_MAX);
        let carrier = tokio::spawn(carry(line, hear));
        let carrier = carrier.abort_handle();
        let notices = Self { channel: channel.to_owned(), client, heard: Mutex::new(heard), carrier };
        notices.client.batch_execute(&format!("LISTEN {channel}")).await?;
        Ok(notices)
    }

    /// Says something to everybody who listens, this program included.
    ///
    /// # Errors
    /// [`StoreFault::Unavailable`] when the session is over.
    pub async fn say(&self, text: &str) -> Result<(), StoreFault> {
        self.client.execute("SELECT pg_notify($1, $2)", &[&self.channel, &text]).await?;
        Ok(())
    }

    /// The next that is said; `None` when the session is over.
    pub async fn next(&self) -> Option<String> {
        self.heard.lock().await.recv().await
    }
}

/// Carries a session to its end.
async fn carry(mut line: Line, hear: mpsc::Sender<String>) {
    while let Some(message) = line.next().await {
        if let AsyncMessage::Notification(notice) = message {
            // A full queue drops it: whoever listens looks by himself now and then.
            drop(hear.try_send(notice.payload().to_owned()));
        }
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        self.carrier.abort();
    }
}
