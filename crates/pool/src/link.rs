//! The seam for hints between servers: that a server's journal has come to a number.
//! A hint may be lost, doubled or late; whoever follows reads the heads by itself once a second.

pub(crate) mod alone;
pub(crate) mod inside;
pub(crate) mod nats;
pub(crate) mod notify;

use chat::ServerId;

use crate::limits::HINT_BYTES_MAX;

/// That the journal of a server has come so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hint {
    /// Whose journal.
    pub server: ServerId,
    /// The number of its last entry.
    pub number: u64,
}

/// What comes out of a link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heard {
    /// A hint, perhaps of this server's own.
    Hint(Hint),
    /// The link was away and is there again, or never was until now: what was said meanwhile was not heard.
    Anew,
}

/// A way of telling the other servers, and of hearing from them.
pub trait PeerLink: Send + Sync + 'static {
    /// Tells all others. What cannot be told soon is dropped.
    fn tell(&self, hint: Hint) -> impl Future<Output = ()> + Send;

    /// The next thing that is heard; waits for ever if nothing is. Nothing is lost when the future is dropped.
    fn hear(&self) -> impl Future<Output = Heard> + Send;
}

impl Hint {
    /// As it is written for others: both numbers, and a blank between them.
    pub(crate) fn to_text(self) -> String {
        format!("{} {}", self.server.0, self.number)
    }

    /// Reads it; `None` for whatever else somebody may have sent.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let (server, number) = Some(text).filter(|text| text.len() <= HINT_BYTES_MAX)?.split_once(' ')?;
        Some(Self { server: ServerId(server.parse().ok()?), number: number.parse().ok()? })
    }
}
