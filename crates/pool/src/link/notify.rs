//! The link over the database: `NOTIFY` and `LISTEN` of PostgreSQL, on a session of its own, after the commit.
//! Says two numbers and no word: inside a transaction it would make the commits of the whole database wait for each other.

use store::{Notices, Store};
use tokio::sync::{Mutex, RwLock};
use tokio::time::{sleep, timeout};

use crate::limits::{LINK_AGAIN, TELL_TIME};
use crate::link::{Heard, Hint, PeerLink};

/// The name under which the servers of a pool hear from each other.
const CHANNEL: &str = "causerie_moved";

/// Hints through the database.
#[derive(Debug)]
pub struct Notify {
    store: Store,
    session: RwLock<Option<Notices>>,
    /// One listener at a time.
    listening: Mutex<()>,
}

impl Notify {
    /// Opens nothing yet. Over a store that is a file nobody is heard.
    #[must_use]
    pub fn over(store: Store) -> Self {
        Self { store, session: RwLock::new(None), listening: Mutex::new(()) }
    }
}

impl PeerLink for Notify {
    async fn tell(&self, hint: Hint) {
        let session = self.session.read().await;
        let Some(session) = session.as_ref() else { return };
        let said = timeout(TELL_TIME, session.say(&hint.to_text())).await;
        if !matches!(said, Ok(Ok(()))) {
            tracing::debug!(number = hint.number, "pool.hint_dropped");
        }
    }

    async fn hear(&self) -> Heard {
        let _listening = self.listening.lock().await;
        loop {
            if let Some(hint) = self.listen().await {
                return Heard::Hint(hint);
            }
            // Whoever tells holds it only as long as a hint takes.
            *self.session.write().await = None;
            match self.store.notices(CHANNEL).await {
                Ok(Some(session)) => {
                    *self.session.write().await = Some(session);
                    return Heard::Anew;
                }
                Ok(None) => return std::future::pending().await,
                Err(fault) => {
                    tracing::debug!(%fault, "pool.not_heard");
                    sleep(LINK_AGAIN).await;
                }
            }
        }
    }
}

impl Notify {
    /// The next hint; `None` when there is no session, or no longer.
    async fn listen(&self) -> Option<Hint> {
        let session = self.session.read().await;
        loop {
            let text = session.as_ref()?.next().await?;
            if let Some(hint) = Hint::of_text(&text) {
                return Some(hint);
            }
        }
    }
}
