//! Operations under way: each that changes something is carried out on a task of its own, so that nothing is left half done when
//! whoever asked goes away. Knows nothing of what they do.

use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::error::AdminError;

/// Operations that change something at the same time (ours: more wait, and go if their askers do).
const RUNNING_MAX: u32 = 64;

/// The operations under way.
pub(crate) struct Running {
    places: Arc<Semaphore>,
    breaks_off: watch::Sender<bool>,
}

impl Running {
    /// Carries work out to its end, also when nobody waits for it any more. Whoever goes before it has begun does not begin it.
    pub(crate) async fn carry_out<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, AdminError>> + Send + 'static,
    ) -> Result<T, AdminError> {
        let place = self.places.clone().acquire_owned().await.map_err(|_| stops())?;
        let mut breaks_off = self.breaks_off.subscribe();
        let task = tokio::spawn(async move {
            let _place = place;
            tokio::select! {
                biased;
                done = work => done,
                _ = breaks_off.wait_for(|now| *now) => Err(broken_off()),
            }
        });
        match task.await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(done) => done,
            Err(Ok(panic)) => resume_unwind(panic),
            Err(Err(_)) => Err(broken_off()),
        }
    }

    /// Begins nothing more and waits for what runs; what takes longer than this is broken off where it waits.
    pub(crate) async fn stop(&self, patience: Duration) {
        // Whoever comes now waits behind this.
        let mut all = pin!(self.places.acquire_many(RUNNING_MAX));
        let waited = timeout(patience, all.as_mut()).await;
        let _all = match waited {
            Ok(all) => all,
            Err(_) => {
                self.breaks_off.send_replace(true);
                all.await
            }
        };
        self.places.close();
        self.breaks_off.send_replace(true);
    }

    /// What work that changes nothing yields, if it has not to be broken off.
    pub(crate) async fn unless_stopped<T>(&self, work: impl Future<Output = Option<T>>) -> Option<T> {
        let mut breaks_off = self.breaks_off.subscribe();
        tokio::select! {
            biased;
            done = work => done,
            _ = breaks_off.wait_for(|now| *now) => None,
        }
    }
}

impl Default for Running {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(RUNNING_MAX as usize)), breaks_off: watch::Sender::new(false) }
    }
}

fn stops() -> AdminError {
    AdminError::Unavailable("the server stops, and nothing was changed: ask again when it runs".into())
}

fn broken_off() -> AdminError {
    AdminError::Unavailable(
        "the server stops before all of it is done: look what was changed, and ask for the same again when it runs".into(),
    )
}
