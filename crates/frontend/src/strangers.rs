//! Connections on which nobody is signed on: how many there are, in all and from each address.
//! Closes nothing: whoever connects is told whether there is room, and whether it is room to sign on.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use directory::origin;

use crate::limits::{Limits, TURNED_AWAY_SHARE};

/// All of them.
#[derive(Debug)]
pub(crate) struct Strangers {
    welcome_max: usize,
    turned_away_max: usize,
    per_address_max: usize,
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    welcome: usize,
    turned_away: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One of them, counted as long as it lives.
#[derive(Debug)]
pub(crate) struct Stranger {
    all: Arc<Strangers>,
    address: IpAddr,
    welcome: bool,
}

impl Strangers {
    /// None yet.
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            welcome_max: limits.strangers,
            turned_away_max: limits.strangers.div_ceil(TURNED_AWAY_SHARE),
            per_address_max: limits.strangers_per_address,
            counted: Mutex::default(),
        })
    }

    /// One more from there; `None` when it is to be closed at once.
    pub(crate) fn enter(self: &Arc<Self>, from: IpAddr) -> Option<Stranger> {
        let address = origin(from);
        let mut counted = self.counted();
        let here = counted.by_address.get(&address).copied().unwrap_or_default();
        let welcome = counted.welcome < self.welcome_max;
        if here >= self.per_address_max || (!welcome && counted.turned_away >= self.turned_away_max) {
            return None;
        }
        counted.by_address.insert(address, here + 1);
        *counted.place(welcome) += 1;
        Some(Stranger { all: self.clone(), address, welcome })
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stranger {
    /// Whether somebody may sign on; otherwise it is to be told to come later.
    pub(crate) fn is_welcome(&self) -> bool {
        self.welcome
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let mut counted = self.all.counted();
        *counted.place(self.welcome) -= 1;
        if let Some(here) = counted.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                counted.by_address.remove(&self.address);
            }
        }
    }
}

impl Counted {
    fn place(&mut self, welcome: bool) -> &mut usize {
        if welcome { &mut self.welcome } else { &mut self.turned_away }
    }
}

#[cfg(test)]
mod tests;
