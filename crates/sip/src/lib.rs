//! SIP as text and state: what the octets of a link mean, and what a conversation on it may do next (RFC 3261).
//! No I/O, no async, no clock, no randomness, and nothing of chat: octets and [`Moment`]s come in, values go out.
//!
//! The way of a request: [`Framer::feed`], [`Framer::next_frame`], [`Message::parse`], the accessors of [`Fields`],
//! [`ServerTransactions::arrive`], [`Dialog::admit`], and back through [`Reply`]. Our own requests are [`Draft`]s, or
//! come from an [`InfoTemplate`], and are watched by [`ClientTransactions`].
//!
//! | file | what |
//! | --- | --- |
//! | `frame.rs` | cuts the octets of a link into messages and keep-alives |
//! | `line.rs`, `message.rs`, `fields.rs` | one message: where its lines are; its start line; its header fields and body |
//! | `salvage.rs`, `fault.rs` | what is left of a broken message to answer it; everything that can be wrong |
//! | `header/` | one file per kind of header field value |
//! | `uri.rs`, `method.rs`, `status.rs`, `text.rs` | the small words |
//! | `reply.rs`, `draft.rs`, `compose.rs` | writing responses and requests |
//! | `pieces.rs` | the parts of a message that a signature covers |
//! | `dialog.rs`, `info.rs` | a conversation; the requests of one, rendered beforehand |
//! | `transaction.rs`, `outgoing.rs` | requests received and their answers; requests sent and theirs |
//! | `session_timer.rs`, `moment.rs`, `limits.rs` | RFC 4028; points in time; every limit with its source |
//!
//! Doors for a fuzzer: [`Framer`] fed with any octets in any pieces, and [`Message::parse`].
//!
//! Starts no task.

mod compose;
mod dialog;
mod draft;
mod fault;
mod fields;
mod frame;
pub mod header;
mod info;
pub mod limits;
mod line;
mod message;
mod method;
mod moment;
mod outgoing;
mod pieces;
mod reply;
mod salvage;
mod session_timer;
mod status;
mod text;
mod transaction;
mod uri;

pub use dialog::{Admitted, Dialog, Ending};
pub use draft::{Draft, Hop, Transport};
pub use fault::{Fault, ParseFault};
pub use fields::{Contacts, Fields};
pub use frame::{Frame, Framer, Side};
pub use header::Name;
pub use info::{Info, InfoTemplate};
pub use limits::Limits;
pub use line::Framed;
pub use message::{Message, Request, Response};
pub use method::Method;
pub use moment::Moment;
pub use outgoing::{Branch, ClientTransactions, Matched};
pub use pieces::Pieces;
pub use reply::Reply;
pub use salvage::Salvage;
pub use session_timer::{SessionTimer, TooBrief};
pub use status::Status;
pub use transaction::{Arrival, Cancelled, ServerTransactions, TransactionKey};
pub use uri::{Host, Uri};
