//! Our own requests on one link that wait for their final answer (RFC 3261 17.1, over a reliable transport).
//! Nothing is repeated; time that runs out is told when the caller asks.

use std::collections::VecDeque;
use std::fmt;

use crate::header::via::MAGIC_COOKIE;
use crate::limits::{OUTSTANDING_MAX, TRANSACTION_LIFE};
use crate::message::Response;
use crate::method::Method;
use crate::moment::Moment;

/// The branch of one request of ours.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Branch {
    seed: u64,
    number: u64,
}

/// What a response means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Matched<T> {
    /// The final answer to the request about this.
    Final(T),
    /// More follows; nothing to do.
    Provisional,
    /// The answer to nothing that waits: drop it.
    Stray,
}

/// The requests of one link that wait, with what each is about.
#[derive(Debug)]
pub struct ClientTransactions<T> {
    seed: u64,
    last: u64,
    /// Oldest first: both by number and by time.
    waiting: VecDeque<Waiting<T>>,
}

#[derive(Debug)]
struct Waiting<T> {
    number: u64,
    method: Method,
    until: Moment,
    about: T,
}

impl<T> ClientTransactions<T> {
    /// None yet. `seed` is random and makes the branches of this link unlike those of others.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, last: 0, waiting: VecDeque::new() }
    }

    /// A request is about to be sent with the branch returned; its answer is due within [`TRANSACTION_LIFE`].
    /// `None` when [`OUTSTANDING_MAX`] already wait: send nothing now.
    pub fn begin(&mut self, method: Method, about: T, now: Moment) -> Option<Branch> {
        if self.waiting.len() >= OUTSTANDING_MAX {
            return None;
        }
        self.last += 1;
        self.waiting.push_back(Waiting { number: self.last, method, until: now + TRANSACTION_LIFE, about });
        Some(Branch { seed: self.seed, number: self.last })
    }

    /// Finds what a response answers, by the branch of its Via and the method of its CSeq (RFC 3261 17.1.3).
    pub fn respond(&mut self, response: &Response) -> Matched<T> {
        let number = response.branch().and_then(Branch::parse).filter(|branch| branch.seed == self.seed);
        let found = number
            .and_then(|branch| self.waiting.binary_search_by_key(&branch.number, |one| one.number).ok());
        match found {
            Some(at) if self.waiting[at].method != response.cseq().method => Matched::Stray,
            Some(_) if response.status().is_provisional() => Matched::Provisional,
            Some(at) => self.waiting.remove(at).map_or(Matched::Stray, |one| Matched::Final(one.about)),
            None => Matched::Stray,
        }
    }

    /// The next request whose time ran out without a final answer; it no longer waits. To be called until `None`.
    pub fn expire(&mut self, now: Moment) -> Option<T> {
        self.waiting.pop_front_if(|oldest| oldest.until <= now).map(|oldest| oldest.about)
    }

    /// When to call [`ClientTransactions::expire`] again; `None` when nothing waits.
    #[must_use]
    pub fn deadline(&self) -> Option<Moment> {
        self.waiting.front().map(|oldest| oldest.until)
    }

    /// How many wait; at most [`OUTSTANDING_MAX`].
    #[must_use]
    pub fn outstanding(&self) -> usize {
        self.waiting.len()
    }
}

impl Branch {
    fn parse(text: &str) -> Option<Self> {
        let (seed, number) = text.get(MAGIC_COOKIE.len()..)?.split_once('.')?;
        let hex = |text: &str| u64::from_str_radix(text, 16).ok();
        Some(Self { seed: hex(seed)?, number: hex(number)? })
    }
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MAGIC_COOKIE}{:x}.{:x}", self.seed, self.number)
    }
}
