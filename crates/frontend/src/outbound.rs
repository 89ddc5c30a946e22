//! What waits to be written to one link: all of it goes out in one write per wake-up.
//! Writes nothing itself, and knows no message.

use sip::Moment;

/// An emptied buffer larger than this is given back, in octets: most links are idle.
const KEPT_OCTETS: usize = 4 * 1024;

/// Octets of ours that the peer has not taken yet.
#[derive(Debug, Default)]
pub(crate) struct Outbound {
    octets: Vec<u8>,
    /// How many of them went out.
    sent: usize,
    /// Whether the stream may still hold octets it took.
    unflushed: bool,
    /// Whether octets went out since [`Outbound::stalled_since`] was asked.
    moved: bool,
    /// Since when octets wait without any having gone out.
    since: Option<Moment>,
}

impl Outbound {
    /// Where messages are appended.
    pub(crate) fn pen(&mut self) -> &mut Vec<u8> {
        &mut self.octets
    }

    /// What waits.
    pub(crate) fn waiting(&self) -> &[u8] {
        &self.octets[self.sent..]
    }

    /// Whether nothing waits to be handed to the stream.
    pub(crate) fn is_empty(&self) -> bool {
        self.sent == self.octets.len()
    }

    /// Whether the stream holds nothing back either.
    pub(crate) fn is_flushed(&self) -> bool {
        self.is_empty() && !self.unflushed
    }

    /// The stream took this many octets, or with `None` gave all it held to the network.
    pub(crate) fn went(&mut self, written: Option<usize>) {
        self.moved = true;
        let Some(written) = written else {
            self.unflushed = false;
            return;
        };
        self.unflushed = true;
        self.sent += written;
        assert!(self.sent <= self.octets.len(), "a stream takes no more than it is given");
        if self.is_empty() {
            self.sent = 0;
            self.octets.clear();
            if self.octets.capacity() > KEPT_OCTETS {
                self.octets = Vec::new();
            }
        } else if self.sent > KEPT_OCTETS && self.sent >= self.waiting().len() {
            // Somebody who is always behind never empties it. Less is moved than went out.
            self.octets.drain(..self.sent);
            self.sent = 0;
        }
    }

    /// Since when the peer has taken nothing of what waits; `None` when nothing waits.
    pub(crate) fn stalled_since(&mut self, now: Moment) -> Option<Moment> {
        if self.is_flushed() {
            self.since = None;
        } else if self.moved || self.since.is_none() {
            self.since = Some(now);
        }
        self.moved = false;
        self.since
    }
}

#[cfg(test)]
mod tests;
