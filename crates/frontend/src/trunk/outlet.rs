//! What waits to be written to a trunk, of all its dialogs: whole messages only, one after the other.
//! Writes nothing itself; that is `wire.rs`.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::Notify;

use crate::limits::TRUNK_WAITING_OCTETS;

/// The one queue of a trunk towards its peer.
#[derive(Debug, Default)]
pub(crate) struct Outlet {
    state: Mutex<State>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct State {
    octets: Vec<u8>,
    over: bool,
    /// Those who wait for room.
    wakers: Vec<Waker>,
}

impl Outlet {
    /// Adds whole messages when there is room, all of them; waits for room otherwise.
    pub(crate) fn poll_put(&self, context: &mut Context<'_>, messages: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.state();
        if state.over {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if state.octets.len() >= TRUNK_WAITING_OCTETS {
            state.wakers.push(context.waker().clone());
            return Poll::Pending;
        }
        state.octets.extend_from_slice(messages);
        drop(state);
        self.filled.notify_one();
        Poll::Ready(Ok(messages.len()))
    }

    /// Adds a message at once. For what is bounded by what its sender may have under way.
    pub(crate) fn put(&self, message: &[u8]) {
        let mut state = self.state();
        if !state.over {
            state.octets.extend_from_slice(message);
            drop(state);
            self.filled.notify_one();
        }
    }

    /// Everything that waits, once something does; `None` when nothing more will. Dropping the future loses nothing.
    pub(crate) async fn take(&self) -> Option<Vec<u8>> {
        loop {
            let filled = self.filled.notified();
            match self.drain() {
                Some(octets) if octets.is_empty() => filled.await,
                drained => return drained,
            }
        }
    }

    /// Everything that waits; `None` when nothing more will.
    fn drain(&self) -> Option<Vec<u8>> {
        let mut state = self.state();
        let octets = std::mem::take(&mut state.octets);
        let wakers = std::mem::take(&mut state.wakers);
        let over = state.over && octets.is_empty();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        (!over).then_some(octets)
    }

    /// Nothing more is added.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.over = true;
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        self.filled.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
