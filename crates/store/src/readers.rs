//! A few connections that only read, each in one snapshot, on threads made for blocking work.
//! Never waits for the writer.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::engine::{Conn, Location};
use crate::fault::StoreFault;
use crate::limits::READERS_MAX;
use crate::pace::{Pace, Stage};
use crate::record::Options;

/// The connections. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Readers(Arc<Shared>);

struct Shared {
    location: Location,
    options: Options,
    idle: Mutex<Vec<Conn>>,
    places: Arc<Semaphore>,
}

impl Readers {
    /// Opens nothing yet.
    pub(crate) fn new(location: Location, options: Options) -> Self {
        let places = Arc::new(Semaphore::new(READERS_MAX));
        Self(Arc::new(Shared { location, options, idle: Mutex::new(Vec::new()), places }))
    }

    /// Reads in one snapshot: everything read is of the same moment.
    ///
    /// # Errors
    /// What `read` says, [`StoreFault::Closed`] after [`Readers::close`].
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Conn) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let place = Arc::clone(&self.0.places).acquire_owned().await.map_err(|_| StoreFault::Closed)?;
        if let Some(pace) = &self.0.options.pace {
            pace.pass(Stage::Read).await?;
            let done = self.0.read(read);
            pace.linger().await;
            return done;
        }
        let shared = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            let result = shared.read(read);
            drop(place);
            result
        });
        match done.await {
            Ok(result) => result,
            Err(lost) if lost.is_panic() => std::panic::resume_unwind(lost.into_panic()),
            Err(_) => Err(StoreFault::Closed),
        }
    }

    /// The pace of a simulation, if it is one.
    pub(crate) fn pace(&self) -> Option<&Pace> {
        self.0.options.pace.as_ref()
    }

    /// Lets running reads finish, closes the connections and refuses further reads.
    pub(crate) async fn close(&self) {
        let all = u32::try_from(READERS_MAX).expect("a handful");
        let places = self.0.places.acquire_many(all).await;
        self.0.places.close();
        drop(places);
        self.0.idle().clear();
    }
}

impl Shared {
    fn read<T>(&self, read: impl FnOnce(&Conn) -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        let conn = self.begin()?;
        let result = read(&conn);
        if conn.roll_back() && !matches!(result, Err(StoreFault::Unavailable { .. })) {
            self.idle().push(conn);
        }
        result
    }

    /// A connection that has begun to read; one that was ended meanwhile is let go.
    fn begin(&self) -> Result<Conn, StoreFault> {
        loop {
            let idle = self.idle().pop();
            let Some(conn) = idle else { break };
            match conn.begin_reading() {
                Ok(()) => return Ok(conn),
                Err(_) if conn.is_over() => {}
                Err(fault) => return Err(fault),
            }
        }
        let conn = self.location.open_reader(&self.options)?;
        conn.begin_reading()?;
        Ok(conn)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Conn>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
