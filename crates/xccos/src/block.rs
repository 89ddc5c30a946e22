//! The blocks that replies, notices and posts are made of; printed by the server, read by our own client.
//! A command's own request block stands with the command.

mod chanib;
mod msg;
mod uib;

pub(crate) use chanib::uri;
pub use chanib::{AddInBlock, CategoryBlock, RoomBlock};
pub use msg::PostBlock;
pub use uib::{Arrival, Participant, PersonBlock};
pub(crate) use uib::{mask, read_arrivals, write_arrivals};
