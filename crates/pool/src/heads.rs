//! How far the journals of all servers are, as far as this server knows.
//! Reads none of them.

use std::collections::BTreeMap;

use chat::ServerId;
use store::Servers;
use tokio::time::Instant;

use crate::link::Hint;

/// The newest number that is known of each server's journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heads {
    /// By server, this one included. Hints raise a number at once; they may be ahead of what a reader sees for a moment.
    pub servers: BTreeMap<ServerId, u64>,
    /// A moment before the numbers were last read from the database: up to then nothing is missing. Hints do not move it.
    pub asked: Instant,
}

impl Heads {
    /// Takes what was read. A number that was heard of and is not to be seen yet stays.
    pub(crate) fn read(&mut self, seen: &Servers, asked: Instant) {
        for (server, number) in seen.heads() {
            self.raise(Hint { server, number });
        }
        self.asked = asked;
    }

    /// Takes what was heard; true if it was new.
    pub(crate) fn raise(&mut self, hint: Hint) -> bool {
        let known = self.servers.entry(hint.server).or_default();
        let is_new = hint.number > *known;
        *known = hint.number.max(*known);
        is_new
    }
}
