//! The test client: real links, real signatures, and the freedom to misbehave.
//! Uses nothing of the server but the `ntlm` crate in its client role.

mod chat;
mod inbox;
mod message;
mod person;
mod signing;
mod written;

pub use chat::said;
pub use message::{Bytes, Message, Reader};
pub use person::{Closed, Dialog, Person, Way};
pub use signing::{Signing, hello};
pub use written::{Written, spoilt};
