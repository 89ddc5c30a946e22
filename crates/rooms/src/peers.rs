//! How far the journals of the other servers are followed, and until when the pool was surely known.
//! Reads nothing; `follow.rs` does.

use std::collections::BTreeMap;
use std::time::Duration;

use chat::ServerId;
use pool::Heads;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::shared::Shared;
use crate::trouble::Trouble;

/// The other servers' journals.
#[derive(Debug)]
pub(crate) struct Peers {
    heads: Option<watch::Receiver<Heads>>,
    own: ServerId,
    /// The last number of each that was handled.
    cursors: BTreeMap<ServerId, u64>,
    /// Whether the last look left something to be read.
    more: bool,
    goal: Option<Goal>,
}

/// What is to be handled until everything is known that there was at a moment. It stays as it is while more comes in, so that it is
/// reached however busy the others are.
#[derive(Debug)]
struct Goal {
    asked: Instant,
    /// How far the journals are to be followed of those that are not followed so far yet.
    left: BTreeMap<ServerId, u64>,
}

impl Peers {
    /// `cursors` are places not after anything else was read.
    pub(crate) fn new(
        heads: Option<watch::Receiver<Heads>>,
        own: ServerId,
        cursors: BTreeMap<ServerId, u64>,
    ) -> Self {
        Self { more: heads.is_some(), heads, own, cursors, goal: None }
    }

    /// Whether there is something to look for.
    pub(crate) fn news(&self) -> bool {
        self.more || self.heads.as_ref().is_some_and(|heads| heads.has_changed().unwrap_or(false))
    }

    /// Resolves when there is something to look for.
    pub(crate) async fn changed(&mut self) {
        if self.more {
            return;
        }
        let gone = match &mut self.heads {
            Some(heads) => heads.changed().await.is_err(),
            None => true,
        };
        if gone {
            std::future::pending::<()>().await;
        }
        // What was waited for counts as seen from here on.
        self.more = true;
    }

    /// Which servers have written after which numbers.
    pub(crate) fn look(&mut self) -> Vec<(ServerId, u64)> {
        self.more = false;
        let Some(heads) = &mut self.heads else { return Vec::new() };
        let heads = heads.borrow_and_update();
        let cursors = &self.cursors;
        let cursor = |server: &ServerId| cursors.get(server).copied().unwrap_or(0);
        let peers = heads.servers.iter().filter(|(server, _)| **server != self.own);
        let left: BTreeMap<ServerId, u64> = peers
            .filter(|(server, head)| **head > cursor(server))
            .map(|(server, head)| (*server, *head))
            .collect();
        let behind = left.keys().map(|server| (*server, cursor(server))).collect();
        match &mut self.goal {
            // What was only heard of and is not to be seen now was never there: nobody waits for it.
            Some(goal) => goal.left.retain(|server, head| {
                let now = left.get(server);
                *head = now.map_or(*head, |now| *now.min(head));
                now.is_some()
            }),
            None => self.goal = Some(Goal { asked: heads.asked, left }),
        }
        behind
    }

    /// Everything of a server up to this number is handled.
    pub(crate) fn followed(&mut self, server: ServerId, number: u64) {
        self.cursors.insert(server, number);
        if let Some(goal) = &mut self.goal
            && goal.left.get(&server).is_some_and(|head| *head <= number)
        {
            goal.left.remove(&server);
        }
    }

    /// There was nothing more of a server, whatever was heard of it.
    pub(crate) fn at_end(&mut self, server: ServerId) {
        if let Some(goal) = &mut self.goal {
            goal.left.remove(&server);
        }
    }

    /// A moment up to which everything is handled, once it is.
    pub(crate) fn reached(&mut self) -> Option<Instant> {
        self.goal.take_if(|goal| goal.left.is_empty()).map(|goal| goal.asked)
    }

    /// There is more to be read.
    pub(crate) fn look_again(&mut self) {
        self.more = true;
    }
}

/// Until when everything the pool had decided was known here; a server without peers always knows.
#[derive(Debug)]
pub(crate) struct Confirmed(watch::Sender<Option<Instant>>);

impl Confirmed {
    pub(crate) fn begin(among_peers: bool) -> Self {
        Self(watch::Sender::new(among_peers.then(Instant::now)))
    }

    /// Everything is followed that was there at this moment.
    pub(crate) fn at(&self, asked: Instant) {
        self.0.send_if_modified(|confirmed| {
            let later = confirmed.is_some_and(|confirmed| asked > confirmed);
            if later {
                *confirmed = Some(asked);
            }
            later
        });
    }

    fn among_peers(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// How long ago everything the pool had decided was known here.
    pub(crate) fn age(&self) -> Duration {
        self.0.borrow().map_or(Duration::ZERO, |confirmed| confirmed.elapsed())
    }
}

impl Shared {
    /// Whether there may be other servers.
    pub(crate) fn among_peers(&self) -> bool {
        self.confirmed.among_peers()
    }

    /// What is read from the store is shown only by a server that knows who may see it.
    ///
    /// # Errors
    /// [`Trouble::Behind`] when it is too long ago that the journals of the pool were followed to their ends.
    pub(crate) fn informed(&self) -> Result<(), Trouble> {
        if self.confirmed.age() > self.limits.confirmed_within { Err(Trouble::Behind) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
