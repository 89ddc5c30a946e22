//! The XML bodies of presence, roaming data and contact lists: read into types, printed from types ([MS-PRES], [MS-SIP]).
//! Pure: decides nothing, keeps nothing, sends nothing. XCCOS is the `xccos` crate.
//!
//! | file | what |
//! | --- | --- |
//! | `xml.rs` | a bounded tree in, escaped text out; the only file here that knows the XML library |
//! | `publish.rs` | what a client publishes |
//! | `category.rs` | publications as they are kept and shown |
//! | `containers.rs` | who may see what a person publishes |
//! | `roaming.rs` | what a person is told of himself |
//! | `presence.rs`, `batch.rs` | what is shown of a person to others; whom a client asks for |
//! | `contacts.rs`, `soap.rs` | the contact list; its changes |
//! | `stale.rs` | that a version is out of date |
//! | `door.rs` | all of them at once, for a fuzzer |

pub(crate) mod batch;
pub(crate) mod category;
pub(crate) mod contacts;
pub(crate) mod containers;
mod door;
pub(crate) mod presence;
pub(crate) mod publish;
pub(crate) mod roaming;
pub(crate) mod soap;
pub(crate) mod stale;
pub(crate) mod xml;

pub use door::read_document;

#[cfg(test)]
mod anything;
#[cfg(test)]
mod tests;
