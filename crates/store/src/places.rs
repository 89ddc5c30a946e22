//! The requests about places: keeping this server's own, ending that of a lost one, and who else is in the pool.
//! Decides nothing about when; that is the crate `pool`'s.

use std::collections::BTreeMap;
use std::sync::Arc;

use chat::ServerId;

use crate::carry;
use crate::fault::StoreFault;
use crate::lease::{self, Renewed, TakeOver};
use crate::servers::{self, Roster, Servers};
use crate::store::Store;

/// Places in the pool.
impl Store {
    /// Renews this server's lease, without waiting for anything that is written, and tells the others that it has so many endpoints
    /// of people. Measure the time from before the call.
    ///
    /// # Errors
    /// [`StoreFault::Superseded`] when somebody has ended this server's time: it must stop. Otherwise the database's; the lease
    /// may have been renewed all the same.
    pub async fn renew_lease(&self, endpoints: u64) -> Result<Renewed, StoreFault> {
        let (server, epoch) = (self.identity().server, self.identity().epoch);
        let (clock, time) = (Arc::clone(self.clock()), self.lease_time());
        self.aside().run(move |conn| lease::renew(conn, &*clock, server, epoch, (time, endpoints))).await
    }

    /// Tells the others that everything is done here that the journal of the pool asks for up to this number.
    ///
    /// # Errors
    /// As [`Store::renew_lease`].
    pub async fn confirm(&self, number: u64) -> Result<(), StoreFault> {
        let (server, epoch) = (self.identity().server, self.identity().epoch);
        self.aside().run(move |conn| lease::confirm(conn, server, epoch, number)).await
    }

    /// Ends the time of another server under an epoch, if its lease has run out: its sessions end, then its epoch rises, nobody is
    /// present there any more, and its journal tells so, in one transaction.
    ///
    /// # Errors
    /// [`StoreFault::Superseded`] when this server's own time is over; otherwise the database's.
    pub async fn take_over(&self, lost: ServerId, epoch: u64) -> Result<TakeOver, StoreFault> {
        let by = (self.identity().server, self.identity().epoch);
        let clock = Arc::clone(self.clock());
        self.aside().run(move |conn| lease::take_over(conn, &*clock, by, lost, epoch)).await
    }

    /// Keeps a fingerprint of the key under which secrets are sealed here, unless one is kept. Returns whether it is the one that is kept.
    ///
    /// # Errors
    /// The database's.
    pub async fn sealed_under(&self, fingerprint: &str) -> Result<bool, StoreFault> {
        let fingerprint = fingerprint.to_owned();
        self.aside().run(move |conn| carry::sealed_under(conn, &fingerprint)).await
    }

    /// All servers with their leases and the ends of their journals, at one moment.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn servers(&self) -> Result<Servers, StoreFault> {
        let clock = Arc::clone(self.clock());
        self.readers().read(move |conn| servers::read_servers(conn, &*clock)).await
    }

    /// The last number of the journal of each server that has written anything, at one moment.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn heads(&self) -> Result<BTreeMap<ServerId, u64>, StoreFault> {
        self.readers().read(servers::read_heads).await
    }

    /// Who is in rooms through any server, and the places of all servers' journals at which that is so.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn roster(&self) -> Result<Roster, StoreFault> {
        self.readers().read(servers::read_roster).await
    }

    /// Gives the lease up, so that nobody has to wait for its end.
    pub(crate) async fn release_lease(&self) {
        let (server, epoch) = (self.identity().server, self.identity().epoch);
        let clock = Arc::clone(self.clock());
        let released = self.aside().run(move |conn| lease::release(conn, &*clock, server, epoch)).await;
        if let Err(fault) = released {
            tracing::info!(%fault, "store.lease_runs_out");
        }
        self.aside().close();
    }
}
