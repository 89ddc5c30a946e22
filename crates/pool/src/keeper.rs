//! Keeps the lease: renews it in time, and knows by this server's own clock when it is over.
//! Looks at nobody else's.

use std::sync::Arc;

use store::{Store, StoreFault};
use tokio::time::{Instant, sleep_until};

use crate::limits::SKEW_MAX;
use crate::pool::Shared;
use crate::service::{Service, Why};

/// The task.
pub(crate) struct Keeper {
    shared: Arc<Shared>,
}

impl Keeper {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Renews the lease once, and tells how many endpoints of people there are. Gives when it is over by this server's own clock, counted from before the renewal was sent, and
    /// whether the clocks are too far apart.
    pub(crate) async fn renew(store: &Store, endpoints: u64) -> Result<(Instant, Option<Why>), StoreFault> {
        let sent = Instant::now();
        let renewed = store.renew_lease(endpoints).await?;
        let too_far = renewed.skew.abs() > SKEW_MAX;
        // What the database is ahead of us, we are behind.
        let why = Why::Skew { seconds: renewed.skew.unsigned_abs() / 1_000_000, is_ahead: renewed.skew < 0 };
        Ok((sent + store.lease_time(), too_far.then_some(why)))
    }

    /// Renews until the server stops or its time is over.
    pub(crate) async fn run(self) {
        let shared = &*self.shared;
        let mut next = Instant::now() + shared.options.renew;
        loop {
            tokio::select! {
                biased;
                () = shared.stopped() => return,
                () = sleep_until(next) => (),
            }
            next = Instant::now() + shared.options.renew;
            let renewed = tokio::select! {
                biased;
                () = shared.stopped() => return,
                renewed = self.renew_or_withhold() => renewed,
            };
            match renewed {
                Ok((deadline, skew)) => {
                    shared.deadline.send_replace(deadline);
                    self.give(skew);
                }
                Err(StoreFault::Superseded) => {
                    shared.set_service(Service::Over);
                    return;
                }
                Err(fault) => {
                    tracing::warn!(%fault, "pool.lease_not_renewed");
                    shared.answers_since.send_replace(None);
                    self.withhold_if_over();
                }
            }
        }
    }

    /// Renews, however long it takes; meanwhile the deadline may come.
    async fn renew_or_withhold(&self) -> Result<(Instant, Option<Why>), StoreFault> {
        let deadline = *self.shared.deadline.borrow();
        let renewal = Self::renew(&self.shared.store, self.shared.census.endpoints());
        tokio::pin!(renewal);
        tokio::select! {
            biased;
            renewed = &mut renewal => return renewed,
            () = sleep_until(deadline) => self.withhold_if_over(),
        }
        renewal.await
    }

    fn give(&self, skew: Option<Why>) {
        match (skew, self.shared.own_state()) {
            (Some(why), _) => self.shared.set_service(Service::Withheld(why)),
            (None, Some(state)) if *self.shared.deadline.borrow() > Instant::now() => {
                self.shared.set_service(Service::Given(state));
            }
            _ => self.withhold_if_over(),
        }
    }

    fn withhold_if_over(&self) {
        if self.shared.serves() == Service::Withheld(Why::LeaseRanOut) {
            self.shared.set_service(Service::Withheld(Why::LeaseRanOut));
        }
    }
}
