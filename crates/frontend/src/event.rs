//! What a link waits for, and which of it comes first when there is much.
//! What is done then is for `link.rs` to say.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::task::{Context, Poll};

use sip::Moment;
use tokio::time::Sleep;

use crate::limits::{AHEAD_OCTETS_MAX, WAITING_OCTETS};
use crate::link::{Finished, Link};
use crate::proxy::routed::Came;
use crate::registrar::Ring;
use crate::seldom::Seldom;
use crate::session::{self, Happened};
use crate::stream::{Read, Stream};

/// What a link waits for.
pub(crate) enum Event {
    Stop,
    Time,
    Chat(usize, Happened),
    Routed(Came),
    Job(Box<Finished>),
    Rung(BTreeSet<Ring>),
    Read(Read),
    /// There is room again for what is to be written.
    Written,
}

impl Link {
    /// What happens next: what was asked for goes on first, then more is read, then all that waits goes out in one write.
    pub(crate) fn poll_event(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut Stream,
        stopped: &mut Seldom<()>,
        timer: Pin<&mut Sleep>,
    ) -> Poll<Event> {
        self.present = Moment::after_origin(self.origin.elapsed());
        if stopped.poll(context).is_ready() {
            return Poll::Ready(Event::Stop);
        }
        if self.due <= self.present {
            return Poll::Ready(Event::Time);
        }
        let may_fill = self.out.waiting().len() < WAITING_OCTETS;
        if let Poll::Ready((at, happened)) = session::poll_any(&mut self.chats, context, may_fill) {
            return Poll::Ready(Event::Chat(at, happened));
        }
        if let Poll::Ready(came) = self.routes.poll_next(context, may_fill) {
            return Poll::Ready(Event::Routed(came));
        }
        if let Some(job) = self.jobs.front_mut()
            && let Poll::Ready(finished) = job.work.as_mut().poll(context)
        {
            self.jobs.pop_front();
            return Poll::Ready(Event::Job(Box::new(finished)));
        }
        if let Poll::Ready(rung) = self.bell.poll_heard(context) {
            return Poll::Ready(Event::Rung(rung));
        }
        let may_read = self.may_take() || self.signing_on && self.ahead <= AHEAD_OCTETS_MAX;
        if may_read && let Poll::Ready(read) = stream.poll_read_into(context, &mut self.framer) {
            return Poll::Ready(Event::Read(read));
        }
        if let Poll::Ready(Err(fault)) = stream.poll_write_from(context, &mut self.out) {
            return Poll::Ready(Event::Read(Read::Broken(fault)));
        }
        if !may_fill && self.out.waiting().len() < WAITING_OCTETS {
            return Poll::Ready(Event::Written);
        }
        self.poll_time(context, timer)
    }

    /// Ready when it may be time to look at the time. The timer goes off too early rather than being set anew with every message.
    fn poll_time(&mut self, context: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<Event> {
        self.due = self.deadline();
        let at = self.origin + self.due.since_origin();
        if at < timer.deadline() || timer.is_elapsed() {
            timer.as_mut().reset(at);
        }
        timer.poll(context).map(|()| Event::Time)
    }
}
