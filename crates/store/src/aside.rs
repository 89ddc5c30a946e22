//! A connection of its own beside the queue of the writer: leases wait for no append, and are waited for by none.
//! Knows nothing of what is done on it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::{Conn, Location};
use crate::fault::StoreFault;
use crate::pace::Stage;
use crate::record::Options;

/// The connection. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Aside(Arc<Shared>);

struct Shared {
    location: Location,
    options: Options,
    /// None until it is needed, and after a failure.
    conn: Mutex<Option<Conn>>,
}

impl Aside {
    /// Opens nothing yet.
    pub(crate) fn new(location: Location, options: Options) -> Self {
        Self(Arc::new(Shared { location, options, conn: Mutex::new(None) }))
    }

    /// Where it leads, and how it is opened.
    pub(crate) fn way(&self) -> (&Location, &Options) {
        (&self.0.location, &self.0.options)
    }

    /// Does something on the connection, one at a time.
    ///
    /// # Errors
    /// What `work` says; after [`StoreFault::Unavailable`] the next one gets a new connection.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Conn) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        if let Some(pace) = &self.0.options.pace {
            pace.pass(Stage::Aside).await?;
            let done = self.0.run(work);
            pace.linger().await;
            return done;
        }
        let shared = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || shared.run(work)).await {
            Ok(done) => done,
            Err(lost) if lost.is_panic() => std::panic::resume_unwind(lost.into_panic()),
            Err(_) => Err(StoreFault::Closed),
        }
    }

    /// Closes the connection.
    pub(crate) fn close(&self) {
        self.0.conn.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Shared {
    fn run<T>(&self, work: impl FnOnce(&Conn) -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        let mut place = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        let conn = match place.take().filter(|conn| !conn.is_over()) {
            Some(conn) => conn,
            None => self.location.open_aside(&self.options)?,
        };
        let done = work(&conn);
        let keeps = match &done {
            Ok(_) => true,
            Err(StoreFault::Unavailable { .. }) => false,
            Err(_) => conn.roll_back(),
        };
        *place = keeps.then_some(conn);
        done
    }
}
