//! An operation is answered when every server that serves people under a lease has followed it: who was removed is out everywhere.
//! Follows nothing; the servers say how far they are beside their leases.

use std::time::Duration;

use chat::JournalKey;
use store::{Store, StoreFault};
use tokio::time::{Instant, sleep};

/// How often the servers are looked at (ours: about as long as following takes).
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How much longer than a lease is waited (ours): who cannot follow cannot renew it either, and serves nobody when it is over.
const BEYOND_LEASE: Duration = Duration::from_secs(1);

/// Waits until everything that was done is followed everywhere. What the asker may not expect, when that is not known after a lease.
pub(crate) async fn everywhere(store: &Store) -> Option<String> {
    let patience = store.lease_time() + BEYOND_LEASE;
    match behind(store, Instant::now() + patience).await {
        Ok(left) if left.is_empty() => None,
        Ok(left) => Some(format!(
            "{} did not say within {} s that this is followed there: until it is, people there may see and do what they could \
             before (`causerie pool servers` shows whether it runs)",
            left.join(", "),
            patience.as_secs()
        )),
        Err(fault) => Some(format!(
            "this is done, but whether all servers of the pool have followed it could not be read: {fault}"
        )),
    }
}

/// The names of those that have not followed when the time is over; none as soon as all have.
async fn behind(store: &Store, until: Instant) -> Result<Vec<String>, StoreFault> {
    let done = store.head(JournalKey::Pool).await?.position.number;
    loop {
        let servers = store.servers().await?;
        let left: Vec<String> = servers.behind(done).map(|server| server.name.clone()).collect();
        if left.is_empty() || Instant::now() >= until {
            return Ok(left);
        }
        sleep(LOOK_EVERY).await;
    }
}
