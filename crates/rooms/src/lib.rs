//! Live rooms: who is in them, what is said in them, and that everybody sees it in the order in which it was kept.
//! The protocol's own documents call this the channel service. Knows no wire; decides no right but by asking `chat`.
//!
//! | file | what |
//! | --- | --- |
//! | `rooms.rs` | [`Rooms`]: start, stop, open a session, let somebody look in |
//! | `session.rs` | [`Session`]: join, part, post, close |
//! | `visitor.rs` | [`Visitor`]: whoever asks, with or without a link; posting without a seat |
//! | `find.rs` | room searches, associations, invitations, preferences |
//! | `history.rs`, `pages.rs` | the newest posts, and what a session is behind in; posts in pages, by position |
//! | `search.rs`, `reading.rs` | texts by words; how far somebody has read |
//! | `values.rs`, `trouble.rs`, `limits.rs` | what is handed out; why not; how much |
//! | `welcome.rs` | [`Welcome`]: whether people may come, and stay |
//! | `room.rs` | a room's mailbox: decide, record, answer |
//! | `follow.rs`, `refresh.rs` | the feed of commits and the journals of the other servers: changed rows, then delivery |
//! | `course.rs` | how far the journal of the pool is followed, told to the others |
//! | `peers.rs`, `elsewhere.rs` | how far the other servers are followed; who is in rooms through them |
//! | `live.rs`, `roster.rs` | live rooms and sessions; seats, notices, the large-room rule |
//! | `outbox.rs`, `waking.rs` | what waits for a session; telling it, in slices where many wait |
//! | `memory.rs`, `printed.rs` | the newest posts in memory; the one printed form of a post |
//! | `catalog.rs` | categories, rooms and people in memory |
//! | `ledger.rs` | entries owed about what has happened already |
//! | `counts.rs` | numbers for whoever watches the server |
//! | `shared.rs` | what they all share |
//!
//! Starts one task that follows the store, one that tells many sessions that something waits, one that writes what is owed, and one
//! per room somebody posts in, which ends when the room is idle. [`Rooms::stop`] joins them all.

mod catalog;
mod counts;
mod course;
mod elsewhere;
mod find;
mod follow;
mod history;
mod ledger;
pub mod limits;
mod live;
mod memory;
mod outbox;
mod pages;
mod peers;
mod printed;
mod reading;
mod refresh;
mod room;
mod rooms;
mod roster;
mod search;
mod session;
mod shared;
mod trouble;
mod values;
mod visitor;
mod waking;
mod welcome;

pub use counts::{Counts, POST_TIME_CLASSES_MICROS, PostTimes};
pub use limits::Limits;
pub use printed::Printed;
pub use rooms::Rooms;
pub use session::Session;
pub use store::Said;
pub use trouble::Trouble;
pub use values::{
    Association, EndReason, Facts, Invited, JoinedRoom, Mentioned, Message, MessagePage, Outgoing, Page,
    Post, Preference, ReadState, RoomCard, RoomPage, RoomQuery, Start, TextQuery, TextsFound,
};
pub use visitor::Visitor;
pub use welcome::Welcome;
