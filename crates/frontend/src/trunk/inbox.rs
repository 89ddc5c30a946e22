//! What came over a trunk for one dialog and has not been taken: handed over without waiting, so that nobody who is slow keeps others.
//! Knows no message.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// The queue of one dialog.
#[derive(Debug)]
pub(crate) struct Inbox<T>(Mutex<State<T>>);

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<(T, usize)>,
    octets: usize,
    over: bool,
    waker: Option<Waker>,
}

/// More waits than a peer that keeps the rules can cause: the dialog is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Full;

impl<T> Default for Inbox<T> {
    fn default() -> Self {
        Self(Mutex::new(State { waiting: VecDeque::new(), octets: 0, over: false, waker: None }))
    }
}

impl<T> Inbox<T> {
    /// Hands something over that has so many octets. What comes after the end is dropped.
    ///
    /// # Errors
    /// [`Full`] beyond `octets_max`, and everything is over; one thing is taken however large it is.
    pub(crate) fn push(&self, item: T, octets: usize, octets_max: usize) -> Result<(), Full> {
        let mut state = self.state();
        if state.over {
            return Ok(());
        }
        let fits = state.waiting.is_empty() || state.octets + octets <= octets_max;
        if fits {
            state.octets += octets;
            state.waiting.push_back((item, octets));
        } else {
            state.over = true;
            state.waiting.clear();
        }
        wake(state);
        if fits { Ok(()) } else { Err(Full) }
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.over = true;
        wake(state);
    }

    /// The next of what waits; `None` when that was all.
    pub(crate) fn poll_take(&self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = self.state();
        if let Some((item, octets)) = state.waiting.pop_front() {
            state.octets -= octets;
            return Poll::Ready(Some(item));
        }
        if state.over {
            return Poll::Ready(None);
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// Whether it is over, looked at without taking anything.
    pub(crate) fn poll_over(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.over {
            return Poll::Ready(());
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake<T>(mut state: MutexGuard<'_, State<T>>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}
