//! Every limit of this crate, with its source.
//! Limits of people, rooms and text are not here.

use std::time::Duration;

/// Octets of the start line and header section of one message. Ours: the largest seen from a client is 3 KiB, and a
/// Kerberos ticket, the largest thing a header carries, stays below 16 KiB.
pub const HEAD_OCTETS_MAX: usize = 64 * 1024;

/// Lines of the header section, continuation lines included. Ours: the most seen from a client is 18.
pub const HEAD_LINES_MAX: usize = 128;

/// Octets of the body of one message. Ours: a post of 8,000 characters in both of its forms fits several times.
pub const BODY_OCTETS_MAX: usize = 256 * 1024;

/// Parameters of one address, Via, or credentials. Ours: the most seen is 8.
pub const PARAMETERS_MAX: usize = 32;

/// The number of CSeq stays below this (RFC 3261 8.1.1.5).
pub const CSEQ_END: u32 = 1 << 31;

/// How long an INVITE waits for its ACK, a request for its final answer, and an answer is remembered: 64 times T1 of
/// 500 ms (RFC 3261 17).
pub const TRANSACTION_LIFE: Duration = Duration::from_secs(32);

/// Requests of one link that wait for their answer. Ours: a client has a handful under way at sign-on.
pub const UNANSWERED_MAX: usize = 128;

/// Answers of one link kept for repeated requests. Ours: nothing repeats by itself over a reliable transport.
pub const ANSWERS_KEPT_MAX: usize = 16;

/// Octets of those answers; of what does not fit only the status is kept. Ours: the last one or two without a body; what was
/// answered over a reliable transport has got there, and every link pays for what is kept.
pub const ANSWERS_KEPT_OCTETS_MAX: usize = 2 * 1024;

/// Our own requests of one link without a final answer. Ours: a reader this far behind is refilled later.
pub const OUTSTANDING_MAX: usize = 1024;

/// The interval of a session in every 200 to an INVITE, in seconds (RFC 4028 4 recommends 1800).
pub const SESSION_SECONDS: u32 = 1800;

/// The shortest interval of a session we agree to, in seconds (RFC 4028 4).
pub const SESSION_SECONDS_MIN: u32 = 90;

/// What a [`crate::Framer`] refuses. From anybody but a server of ours, each is at most the constant of its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Octets of start line and header section: [`HEAD_OCTETS_MAX`].
    pub head_octets_max: usize,
    /// Lines of the header section: [`HEAD_LINES_MAX`].
    pub head_lines_max: usize,
    /// Octets of the body: [`BODY_OCTETS_MAX`].
    pub body_octets_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_octets_max: HEAD_OCTETS_MAX,
            head_lines_max: HEAD_LINES_MAX,
            body_octets_max: BODY_OCTETS_MAX,
        }
    }
}
