//! Requests received on one link and their answers (RFC 3261 17.2, over a reliable transport).
//! Nothing is sent twice by itself here; the memory serves repeated requests and CANCEL. It is small, whatever comes: keys are
//! of one size, and answers have a budget in octets.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hasher};

use bytes::Bytes;

use crate::header::Name;
use crate::limits::{ANSWERS_KEPT_MAX, ANSWERS_KEPT_OCTETS_MAX, TRANSACTION_LIFE, UNANSWERED_MAX};
use crate::message::Request;
use crate::method::Method;
use crate::moment::Moment;
use crate::status::Status;

/// Names one request of a link.
///
/// By the branch of its Via and, because real clients leave it out of whole dialogs, by Call-ID, From tag, To tag, number and
/// method as well (RFC 3261 17.2.3 for both kinds). Good on its own link only.
///
/// Of all that only a digest is kept, because a peer may write tens of thousands of octets. Whoever looks for two requests of
/// one digest finds one that is not executed on a link of his own.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TransactionKey(u64, u64);

/// What came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// A request not seen before; answer it under this key.
    New(TransactionKey),
    /// An ACK: no transaction of its own, and no answer.
    Acknowledgement,
    /// A request seen before: send its last answer again, if it has one that was kept. It is not executed again.
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
    /// Octets of all answers that are kept.
    octets: usize,
}

/// What is known of a request. An answer that is not there any more was sent once, and over a reliable transport it got there:
/// the request repeated gets nothing, and is not executed again.
#[derive(Debug)]
struct State {
    /// Once it was answered finally.
    status: Option<Status>,
    /// The last one.
    answer: Option<Bytes>,
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
            Some(state) => Arrival::Repeated(state.answer.clone()),
            None if self.unanswered() >= UNANSWERED_MAX => Arrival::Full,
            None => {
                self.known.insert(key.clone(), State { status: None, answer: None });
                Arrival::New(key)
            }
        }
    }

    /// Takes note of an answer that is being sent. One to a request already answered finally, or unknown, changes nothing.
    /// Returns whether it is to be sent: `false` when the request was answered finally before.
    ///
    /// All answers together stay within [`ANSWERS_KEPT_OCTETS_MAX`]: for a new one the oldest are dropped, and one that is
    /// larger by itself is not kept. Of those only the status is remembered.
    pub fn answer(&mut self, key: &TransactionKey, status: Status, answer: Bytes, now: Moment) -> bool {
        self.forget(now);
        if self.known.get(key).is_none_or(|state| state.status.is_some()) {
            return false;
        }
        self.drop_answer(key);
        let status = (!status.is_provisional()).then_some(status);
        let answer = self.make_room(answer.len()).then_some(answer);
        self.octets += answer.as_ref().map_or(0, Bytes::len);
        self.known.insert(key.clone(), State { status, answer });
        if status.is_some() {
            self.answered.push_back((now + TRANSACTION_LIFE, key.clone()));
        }
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
            Some(State { status: None, .. }) => Cancelled::Stop(key),
            Some(State { status: Some(status), .. }) if !status.is_success() => Cancelled::TooLate,
            _ => Cancelled::Unknown,
        }
    }

    /// How many requests wait for their final answer; at most [`UNANSWERED_MAX`].
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.known.len() - self.answered.len()
    }

    /// How many octets of answers are kept; at most [`ANSWERS_KEPT_OCTETS_MAX`].
    #[must_use]
    pub fn octets(&self) -> usize {
        self.octets
    }

    /// When to call [`ServerTransactions::forget`] if nothing more arrives: then all there is is forgotten at once. `None` when
    /// nothing is remembered.
    #[must_use]
    pub fn deadline(&self) -> Option<Moment> {
        self.answered.back().map(|(until, _)| *until)
    }

    /// Forgets answers whose time is over. Also done whenever something arrives or is answered.
    pub fn forget(&mut self, now: Moment) {
        let before = self.answered.len();
        while self.answered.front().is_some_and(|(until, _)| *until <= now) {
            self.forget_oldest();
        }
        if before > 0 && self.answered.is_empty() {
            self.answered = VecDeque::new();
            self.known.shrink_to_fit();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.answered.pop_front() {
            self.drop_answer(&key);
            self.known.remove(&key);
        }
    }

    /// Drops old answers until this many octets more fit; `false` when they never will.
    fn make_room(&mut self, more: usize) -> bool {
        if more > ANSWERS_KEPT_OCTETS_MAX {
            return false;
        }
        for at in 0..self.answered.len() {
            if self.octets + more <= ANSWERS_KEPT_OCTETS_MAX {
                break;
            }
            let key = self.answered[at].1.clone();
            self.drop_answer(&key);
        }
        // What is left besides are provisional answers, which are not worth more than this one.
        self.octets + more <= ANSWERS_KEPT_OCTETS_MAX
    }

    fn drop_answer(&mut self, key: &TransactionKey) {
        let answer = self.known.get_mut(key).and_then(|state| state.answer.take());
        self.octets -= answer.map_or(0, |answer| answer.len());
    }
}

impl TransactionKey {
    fn of(request: &Request, method: &Method) -> Self {
        let via = request.via();
        let (branch, sent_by) = via.branch().map_or(("", ""), |branch| (branch, via.sent_by));
        let (from, to, cseq) = (request.from(), request.to(), request.value(Name::CSeq).unwrap_or_default());
        let number = cseq.split([' ', '\t']).next().unwrap_or_default();
        let (from, to) = (from.tag().unwrap_or_default(), to.tag().unwrap_or_default());
        let mut digest = DefaultHasher::new();
        for part in [branch, sent_by, request.call_id(), from, to, number, method.as_str()] {
            digest.write(part.as_bytes());
            // None of the parts holds a line feed, so no two requests are written alike.
            digest.write_u8(b'\n');
        }
        let first = digest.finish();
        digest.write_u8(b'\n');
        Self(first, digest.finish())
    }
}
