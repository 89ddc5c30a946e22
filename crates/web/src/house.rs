//! What all requests share: the rooms and whoever knows people, sessions, rates, our names, what is counted.
//! Answers nothing itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use admin::Desk;
use chat::Clock;
use directory::Directory;
use rooms::Rooms;
use tokio::sync::Semaphore;

use crate::host::Hosts;
use crate::limits::{Limits, SIGN_ONS_MAX};
use crate::live::Nudges;
use crate::rate::Rates;
use crate::resource::Joining;
use crate::sessions::Sessions;
use crate::tally::Tally;

/// What all requests share.
pub(crate) struct House {
    pub(crate) rooms: Rooms,
    pub(crate) directory: Directory,
    pub(crate) desk: Desk,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hosts: Hosts,
    pub(crate) limits: Limits,
    pub(crate) joining: Joining,
    pub(crate) sessions: Sessions,
    pub(crate) rates: Rates,
    pub(crate) tally: Tally,
    /// Who has a live link here, and is told what it changes elsewhere.
    pub(crate) nudges: Nudges,
    /// Places for sign-ons that wait for their turn.
    pub(crate) sign_ons: Semaphore,
    /// Live links that are open.
    pub(crate) live_links: Arc<AtomicUsize>,
    refused: AtomicU64,
}

impl House {
    pub(crate) fn new(
        rooms: Rooms,
        directory: Directory,
        desk: Desk,
        clock: Arc<dyn Clock>,
        hosts: Hosts,
        limits: Limits,
        joining: Joining,
    ) -> Self {
        Self {
            rooms,
            directory,
            desk,
            clock,
            hosts,
            sessions: Sessions::new(limits.sessions_per_person),
            rates: Rates::new(&limits),
            limits,
            joining,
            tally: Tally::default(),
            nudges: Nudges::default(),
            sign_ons: Semaphore::new(SIGN_ONS_MAX),
            live_links: Arc::default(),
            refused: AtomicU64::new(0),
        }
    }

    /// A sign-on was refused.
    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// How many sign-ons were refused.
    pub(crate) fn refused_sign_ons(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}
