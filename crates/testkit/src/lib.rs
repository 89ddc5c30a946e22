//! What tests share: a set clock, the program as a process, a client of the wire that can misbehave, the real client,
//! and transcripts. Never part of the product: only tests may use this crate.
//!
//! | file | what |
//! | --- | --- |
//! | `clock.rs` | time and randomness from a test |
//! | `process.rs` | the real program: started, asked, stopped, killed |
//! | `wire/` | a person at a client, over real links with real signatures |
//! | `real_client.rs` | the driver of the real pidgin-sipe client |
//!
//! Starts a thread per child process that reads what it prints.

mod clock;
mod process;
mod real_client;
pub mod wire;

pub use clock::TestClock;
pub use process::{Program, Running};
pub use real_client::RealClient;
