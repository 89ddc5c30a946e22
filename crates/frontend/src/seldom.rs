//! Work that is looked at only when it was woken, inside a task that wakes often for other reasons: what it waits for is asked
//! after a few times in its life, not with every message.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use atomic_waker::AtomicWaker;

use crate::link::Work;

/// Such work.
pub(crate) struct Seldom<T> {
    work: Work<T>,
    alarm: Arc<Alarm>,
    waker: Waker,
}

/// Wakes the task and says for whom.
#[derive(Default)]
struct Alarm {
    rung: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl<T> Seldom<T> {
    pub(crate) fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        // Nobody would wake what was never looked at.
        let alarm = Arc::new(Alarm { rung: AtomicBool::new(true), ..Alarm::default() });
        Self { work: Box::pin(work), waker: alarm.clone().into(), alarm }
    }

    /// Ready when the work is done; not to be asked again then.
    pub(crate) fn poll(&mut self, context: &Context<'_>) -> Poll<T> {
        // In this order, so that nothing rings unheard in between.
        self.alarm.task.register(context.waker());
        if !self.alarm.rung.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        self.work.as_mut().poll(&mut Context::from_waker(&self.waker))
    }
}

#[cfg(test)]
mod tests;
