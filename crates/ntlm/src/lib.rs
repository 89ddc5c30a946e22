//! Datagram NTLMv2 and the signatures of SIP messages, as [MS-NLMP] and [MS-SIPAE] describe them.
//! No I/O, no async, no clock and no randomness: octets, random bytes and times come in, values go out. Knows nothing of
//! SIP beyond the names of the pieces that are signed, and nothing of who people are.
//!
//! The server's way: [`Challenge::new`], send [`Challenge::octets`]; read the answer with [`Authenticate::parse`]; look
//! up the hash of the person it names (or a decoy); [`Challenge::accept`] yields the [`Association`] that signs and
//! verifies everything after. The client's way: [`ReceivedChallenge::parse`], then [`answer`].
//!
//! | file | what |
//! | --- | --- |
//! | `challenge.rs` | the CHALLENGE message, built by the server and read by the client |
//! | `authenticate.rs` | the AUTHENTICATE message, read and bounded |
//! | `accept.rs` | the server's decision: does this answer prove the password |
//! | `initiator.rs` | the client's answer |
//! | `association.rs` | signing and verifying once both sides share a key |
//! | `signable.rs` | the text that is signed for a SIP message |
//! | `hash.rs` | the NT hash of a password |
//! | `filetime.rs`, `flags.rs`, `av.rs`, `wire.rs` | the pieces of the messages |
//! | `crypt.rs` | HMAC-MD5, RC4, key derivation, comparison in constant time |
//! | `limits.rs`, `refused.rs` | every limit with its source, every way to fail |
//!
//! [`Authenticate::parse`] and [`ReceivedChallenge::parse`] are the doors for a fuzzer: any octets, never a panic.
//!
//! Starts no task.

mod accept;
mod association;
mod authenticate;
mod av;
mod challenge;
mod crypt;
mod filetime;
mod flags;
mod hash;
mod initiator;
pub mod limits;
mod refused;
mod signable;
#[cfg(test)]
mod vectors;
mod wire;

pub use association::Association;
pub use authenticate::Authenticate;
pub use challenge::{Challenge, ReceivedChallenge, TargetNames};
pub use filetime::FileTime;
pub use flags::Flags;
pub use hash::NtHash;
pub use initiator::{Applicant, Fresh, answer};
pub use refused::{Field, Refused};
pub use signable::{SignVersion, Signable};
