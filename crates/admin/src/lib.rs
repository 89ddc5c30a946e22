//! Every administrative operation, once: command line and later faces send the same [`Operation`] to the same [`Desk`].
//! Never touches live rooms or a wire: what it writes reaches them through the journals.
//!
//! | file | what |
//! | --- | --- |
//! | `operation.rs` | what can be asked, as values that travel as JSON |
//! | `desk.rs` | [`Desk::run`]: checks nothing itself, sends each operation to its noun |
//! | `user.rs`, `category.rs`, `room.rs` | the verbs of each noun |
//! | `principal.rs` | principals named by people: finding them, checking them against a scope |
//! | `outcome.rs`, `error.rs` | what an operation yields; why it did not |
//!
//! Starts no task.

mod category;
mod desk;
mod error;
mod operation;
mod outcome;
mod principal;
mod room;
mod user;

pub use desk::Desk;
pub use error::AdminError;
pub use operation::{CategoryFields, ListChange, Operation, RoomFields, Secret};
pub use outcome::{CategoryView, Outcome, RoomView, Rows, UserView, quoted};
