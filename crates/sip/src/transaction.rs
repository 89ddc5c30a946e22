//! Requests received on one link and their answers (RFC 3261 17.2, over a reliable transport).
//! Nothing is sent twice by itself here; the memory serves repeated requests and CANCEL.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use crate::header::Name;
use crate::limits::{ANSWERS_KEPT_MAX, TRANSACTION_LIFE, UNANSWERED_MAX};
use crate::message::Request;
use crate::method::Method;
use crate::moment::Moment;
use crate::status::Status;

/// Names one request of a link.
///
/// By the branch of its Via and, because real clients leave it out of whole dialogs, by Call-ID, From tag, To tag, number and
/// method as well (RFC 3261 17.2.3 for both kinds). Good on its own link only.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TransactionKey(String);

/// What came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// A request not seen before; answer it under this key.
    New(TransactionKey),
    /// An ACK: no transaction of its own, and no answer.
    Acknowledgement,
    /// A request seen before: send its last answer again, if it has one. It is not executed again.
    Repeated(Option<Bytes>),
    /// Too many requests wait: answer 503, nothing is remembered.
    Full,
}

/// What became of a CANCEL (RFC 3261 9.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cancelled {
    /// The INVITE waits for its answer: answer the CANCEL with 200 and the INVITE, under this key, with 487.
    Stop(TransactionKey),
    /// The INVITE was refused already: answer the CANCEL with 200 and do nothing.
    TooLate,
    /// No INVITE waits, as after a 2xx: answer the CANCEL with 481.
    Unknown,
}

/// The requests of one link that are unanswered or were answered lately.
#[derive(Debug, Default)]
pub struct ServerTransactions {
    known: HashMap<TransactionKey, State>,
    /// Keys of those answered finally, oldest first, with the end of their memory.
    answered: VecDeque<(Moment, TransactionKey)>,
}

#[derive(Debug)]
enum State {
    Waiting { last: Option<Bytes> },
    Answered { status: Status, answer: Bytes },
}

impl ServerTransactions {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes note of a request, CANCEL included.
    pub fn arrive(&mut self, request: &Request, now: Moment) -> Arrival {
        self.forget(now);
        if *request.method() == Method::Ack {
            return Arrival::Acknowledgement;
        }
        let key = TransactionKey::of(request, request.method());
        match self.known.get(&key) {
            Some(State::Waiting { last }) => Arrival::Repeated(last.clone()),
            Some(State::Answered { answer, .. }) => Arrival::Repeated(Some(answer.clone())),
            None if self.unanswered() >= UNANSWERED_MAX => Arrival::Full,
            None => {
                self.known.insert(key.clone(), State::Waiting { last: None });
                Arrival::New(key)
            }
        }
    }

    /// Takes note of an answer that is being sent. One to a request already answered finally, or unknown, changes nothing.
    /// Returns whether it is to be sent: `false` when the request was answered finally before.
    pub fn answer(&mut self, key: &TransactionKey, status: Status, answer: Bytes, now: Moment) -> bool {
        self.forget(now);
        let Some(State::Waiting { last }) = self.known.get_mut(key) else { return false };
        if status.is_provisional() {
            *last = Some(answer);
            return true;
        }
        self.known.insert(key.clone(), State::Answered { status, answer });
        self.answered.push_back((now + TRANSACTION_LIFE, key.clone()));
        if self.answered.len() > ANSWERS_KEPT_MAX {
            self.forget_oldest();
        }
        true
    }

    /// Finds the INVITE that a CANCEL means.
    #[must_use]
    pub fn cancel(&self, cancel: &Request) -> Cancelled {
        let key = TransactionKey::of(cancel, &Method::Invite);
        match self.known.get(&key) {
            Some(State::Waiting { .. }) => Cancelled::Stop(key),
            Some(State::Answered { status, .. }) if !status.is_success() => Cancelled::TooLate,
            _ => Cancelled::Unknown,
        }
    }

    /// How many requests wait for their final answer; at most [`UNANSWERED_MAX`].
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.known.len() - self.answered.len()
    }

    /// Forgets answers whose time is over. Also done whenever something arrives or is answered.
    pub fn forget(&mut self, now: Moment) {
        while self.answered.front().is_some_and(|(until, _)| *until <= now) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.answered.pop_front() {
            self.known.remove(&key);
        }
    }
}

impl TransactionKey {
    fn of(request: &Request, method: &Method) -> Self {
        let via = request.via();
        let (branch, sent_by) = via.branch().map_or(("", ""), |branch| (branch, via.sent_by));
        let (from, to, cseq) = (request.from(), request.to(), request.value(Name::CSeq).unwrap_or_default());
        let number = cseq.split([' ', '\t']).next().unwrap_or_default();
        let (from, to) = (from.tag().unwrap_or_default(), to.tag().unwrap_or_default());
        // None of the parts holds a line feed, so no two requests are written alike.
        Self([branch, sent_by, request.call_id(), from, to, number, method.as_str()].join("\n"))
    }
}
