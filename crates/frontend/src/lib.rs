//! The SIP and XCCOS links of clients of the Lync protocol: from the first octet of a connection to the last notice.
//! Translates and carries; what may be done is decided below, in `rooms` and `chat`, and nothing is kept here.
//!
//! | file | what |
//! | --- | --- |
//! | `frontend.rs`, `fault.rs` | [`Frontend`]: listen, accept, stop; why it does not start |
//! | `house.rs`, `limits.rs` | what all links share; how much is too much |
//! | `strangers.rs` | connections on which nobody is signed on, counted |
//! | `stream.rs`, `outbound.rs` | octets over TCP or TLS; what waits to be written |
//! | `link.rs`, `event.rs` | one link, one task; what it waits for |
//! | `deadline.rs`, `end.rs` | what time ends of it; why it ends |
//! | `seldom.rs` | what a link waits for and hardly ever gets |
//! | `leaving.rs`, `entrance.rs` | leading people out of a server that is emptied; listening as long as people may come |
//! | `incoming.rs`, `dispatch.rs` | requests and responses verified, then handed to the file of their method |
//! | `security.rs`, `signon.rs` | signatures; the three steps of a sign-on |
//! | `register.rs`, `registrar.rs` | REGISTER; who is signed on through which links |
//! | `subscribe.rs`, `service.rs`, `provisioning.rs`, `document/` | event packages, publications and their bodies |
//! | `own.rs`, `show.rs` | what a person keeps and publishes; what a subscription shows of it that is new |
//! | `invite.rs` | the dialogs with the chat server |
//! | `session.rs`, `deliver.rs` | what passes through such a dialog: commands in, replies, notices and posts out |
//! | `command.rs`, `command/` | one file per XCCOS command |
//! | `proxy.rs`, `proxy/` | the front end's side of chat servers elsewhere: which of them, and every message passed on |
//! | `trunk.rs`, `trunk/` | the chat server's side of front ends elsewhere: whom it believes, and a link for each dialog |
//! | `answer.rs`, `codes.rs` | responses before they are addressed; every code in one table |
//!
//! Starts one task per listener, one per link, one per trunk that came in and one per chat server elsewhere, one that looks whether everybody may still be signed on, one that
//! hears of what people change elsewhere, and one that leads people out.
//! [`Frontend::stop`] joins them all.
//!
//! [`read_document`] is a door for a fuzzer: any octets, never a panic.

mod answer;
mod codes;
mod command;
mod deadline;
mod deliver;
mod dispatch;
mod document;
mod end;
mod entrance;
mod event;
mod fault;
mod frontend;
mod house;
mod incoming;
mod invite;
mod leaving;
pub mod limits;
mod link;
mod outbound;
mod own;
mod provisioning;
mod proxy;
mod register;
mod registrar;
mod security;
mod seldom;
mod service;
mod session;
mod show;
mod signon;
mod strangers;
mod stream;
mod subscribe;
mod trunk;

pub use document::read_document;
pub use fault::StartFault;
pub use frontend::{Addresses, Apart, Counts, Frontend, Settings};
pub use proxy::{RoutedPool, RoutedServer, Routing};
pub use trunk::TrunkDoor;
