//! The link between servers that run in one process.
//! Loses a hint only to whoever listens too slowly.

use tokio::sync::Mutex;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender};

use crate::limits::HINTS_MAX;
use crate::link::{Heard, Hint, PeerLink};

/// Where the servers of one process meet.
#[derive(Clone, Debug)]
pub struct Hub(Sender<Hint>);

/// One server's end.
#[derive(Debug)]
pub struct Inside {
    hub: Hub,
    heard: Mutex<Receiver<Hint>>,
}

impl Hub {
    /// A hub nobody is at yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Sender::new(HINTS_MAX))
    }

    /// A further end.
    #[must_use]
    pub fn link(&self) -> Inside {
        Inside { hub: self.clone(), heard: Mutex::new(self.0.subscribe()) }
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl PeerLink for Inside {
    async fn tell(&self, hint: Hint) {
        // Nobody listening is no fault.
        let _ = self.hub.0.send(hint);
    }

    async fn hear(&self) -> Heard {
        match self.heard.lock().await.recv().await {
            Ok(hint) => Heard::Hint(hint),
            Err(RecvError::Lagged(_)) => Heard::Anew,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
