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
    /// By server, this one included. Hints raise a number at once; what they claim holds until the next time it is read.
    pub servers: BTreeMap<ServerId, u64>,
    /// A moment before the numbers were last read from the database: up to then nothing is missing. Hints do not move it.
    pub asked: Instant,
}

/// What a hint was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Raised {
    /// It brought something new.
    News,
    /// That much was known.
    Known,
    /// It was of a server nobody has seen. It may have come since the last look, or there is none.
    Unknown,
}

impl Heads {
    /// Takes what was read. Whoever tells has committed before, so what was heard until it was asked and is not to be seen is wrong;
    /// only the own number, which rises meanwhile, may be further.
    pub(crate) fn read(&mut self, seen: &Servers, asked: Instant, own: ServerId) {
        let known = self.servers.get(&own).copied().unwrap_or(0);
        self.servers = seen.heads();
        if let Some(number) = self.servers.get_mut(&own) {
            *number = known.max(*number);
        }
        self.asked = asked;
    }

    /// Takes what was heard. There are never more servers here than were read.
    pub(crate) fn raise(&mut self, hint: Hint) -> Raised {
        let Some(known) = self.servers.get_mut(&hint.server) else { return Raised::Unknown };
        if hint.number <= *known {
            return Raised::Known;
        }
        *known = hint.number;
        Raised::News
    }
}
