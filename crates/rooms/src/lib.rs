//! Live rooms: who is in them, what is said in them, and that everybody sees it in the order in which it was kept.
//! The protocol's own documents call this the channel service. Knows no wire; decides no right but by asking `chat`.
//!
//! | file | what |
//! | --- | --- |
//! | `rooms.rs` | [`Rooms`]: start, stop, open a session |
//! | `session.rs` | [`Session`]: join, part, post, close |
//! | `find.rs` | room searches, associations, invitations, preferences |
//! | `history.rs` | history, and what a session is behind in |
//! | `values.rs`, `trouble.rs`, `limits.rs` | what is handed out; why not; how much |
//! | `room.rs` | a room's mailbox: decide, record, answer |
//! | `follow.rs`, `refresh.rs` | the feed of commits: changed rows, then delivery |
//! | `live.rs`, `roster.rs` | live rooms and sessions; seats, notices, the large-room rule |
//! | `outbox.rs`, `memory.rs` | what waits for a session; the newest posts in memory |
//! | `catalog.rs` | categories, rooms and people in memory |
//! | `ledger.rs` | entries owed about what has happened already |
//! | `counts.rs` | numbers for whoever watches the server |
//! | `shared.rs` | what they all share |
//!
//! Starts one task that follows the store, one that writes what is owed, and one per room somebody posts in, which
//! ends when the room is idle. [`Rooms::stop`] joins them all.

mod catalog;
mod counts;
mod find;
mod follow;
mod history;
mod ledger;
pub mod limits;
mod live;
mod memory;
mod outbox;
mod refresh;
mod room;
mod rooms;
mod roster;
mod session;
mod shared;
mod trouble;
mod values;

pub use counts::{Counts, POST_TIME_CLASSES_MICROS, PostTimes};
pub use limits::Limits;
pub use rooms::Rooms;
pub use session::Session;
pub use trouble::Trouble;
pub use values::{
    Association, EndReason, Facts, Invited, JoinedRoom, Outgoing, Post, Preference, RoomCard, RoomQuery,
};
