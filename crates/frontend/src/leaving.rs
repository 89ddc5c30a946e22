//! Leading people out of a server that is emptied: which links are told, how fast, and when each goes.
//! Whether the server is emptied is said by the rooms; where people go then is their clients' choice.

use std::sync::Arc;

use tokio::time::{MissedTickBehavior, interval};

use crate::end::End;
use crate::house::House;
use crate::limits::{LEAVING_AT_ONCE, LEAVING_EVERY, LEAVING_TIME};
use crate::link::Link;
use crate::session::Chat;

/// Leads people out whenever the server is emptied, a few links at a time, until the front end stops.
pub(crate) async fn lead_out(house: Arc<House>) {
    let (mut stopping, mut welcome) = (house.stopping.clone(), house.rooms.welcome());
    let leading = async {
        // The sender lives as long as the rooms do.
        while welcome.wait_for(|whom| whom.is_emptied()).await.is_ok() {
            let mut tick = interval(LEAVING_EVERY);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while welcome.borrow_and_update().is_emptied() {
                tick.tick().await;
                house.registrar.lead_out(LEAVING_AT_ONCE);
            }
        }
    };
    tokio::select! {
        biased;
        _ = stopping.wait_for(|stopping| *stopping) => (),
        () = leading => (),
    }
}

impl Link {
    /// It is this link's turn to go: at the next quiet moment, which is waited for so long.
    pub(crate) fn begin_to_leave(&mut self) {
        let until = self.now() + LEAVING_TIME;
        self.leaves.get_or_insert(until);
    }

    /// Ends the link if it is to go, and nothing is under way or its time is over.
    pub(crate) fn leave_if_quiet(&mut self) {
        let late = |link: &Self| link.leaves.is_some_and(|until| until <= link.now());
        if self.leaves.is_some() && self.end.is_none() && (self.is_quiet() || late(self)) {
            self.end = Some(End::LedOut);
        }
    }

    /// Whether no request of the client is under way.
    fn is_quiet(&self) -> bool {
        !self.signing_on
            && self.pending_octets() == 0
            && !self.framer.is_within_message()
            && !self.chats.iter().any(Chat::is_busy)
    }
}
