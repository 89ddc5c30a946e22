//! XCCOS, the language of persistent chat inside SIP, as types: commands are read, replies and notices printed, and both the
//! other way round for our own client. No socket, no SIP, and no rule of who may do what.
//!
//! | file | what |
//! | --- | --- |
//! | `envelope.rs` | [`parse`] a client's body into items; print what our own client sends |
//! | `command.rs`, `command/` | every [`Command`], one file each, with the blocks of its reply |
//! | `reply.rs` | [`reply::print`] and [`reply::refuse`]: the frame of every answer |
//! | `notice.rs` | [`notice::print`] for notices, [`notice::post`] for posts |
//! | `answer.rs` | [`parse_answer`]: what our own client reads |
//! | `block.rs`, `block/` | rooms, people and posts as they are printed |
//! | `room.rs` | addresses of rooms and categories |
//! | `code.rs`, `compat.rs` | the table of codes; every uncertain spelling and what some clients need |
//! | `fault.rs`, `limits.rs` | what can be wrong, and how much is too much |
//! | `xml.rs`, `pen.rs`, `value.rs` | XML in, XML out, small values |
//!
//! A body goes through [`parse`]; each [`Item`] is carried out and answered by one envelope of its own, which repeats the item's
//! [`CommandId`]. All functions are pure. Starts no task.

mod answer;
mod block;
mod code;
mod command;
mod compat;
mod envelope;
mod fault;
pub mod limits;
pub mod notice;
mod pen;
pub mod reply;
mod room;
mod value;
mod xml;

/// What every reader of XML needs to know, for documents beside XCCOS that come over the same links.
pub mod xml_words {
    pub use crate::xml::{carried, is_utf8, referred};
}

pub use answer::{ServerEnvelope, ServerItem, parse_answer};
pub use block::{AddInBlock, Arrival, CategoryBlock, Participant, PersonBlock, PostBlock, RoomBlock};
pub use code::Code;
pub use command::{
    BatchJoined, BcContext, ChanSrch, Command, GetAssociations, GetInv, GetServerInfo, GrpChat, History,
    Invitation, Invitations, Joined, PrefBlock, ROOT_CATEGORY, Role, ServerInfo, SetPref,
};
pub use compat::Compat;
pub use envelope::{Ask, CommandId, Envelope, Item, parse, print_command, print_post};
pub use fault::XccosFault;
pub use notice::{Departure, Notice};
pub use reply::{Heading, Reply, ServerReply};
pub use room::{CategoryUri, RoomRef, RoomUri};
