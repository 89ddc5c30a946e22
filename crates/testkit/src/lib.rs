//! What tests share: a set clock, the program as a process, a client of the wire that can misbehave, the real client,
//! and transcripts. Never part of the product: only tests may use this crate.
//!
//! | file | what |
//! | --- | --- |
//! | `apart.rs`, `authority.rs` | front ends and chat servers apart; the certificates by which they know each other |
//! | `browser.rs` | somebody who speaks HTTPS |
//! | `clock.rs` | time and randomness from a test |
//! | `live.rs` | a live link over HTTPS |
//! | `house.rs` | a whole house in this process |
//! | `pool.rs` | several servers in this process, in storms from a seed |
//! | `rows.rs` | rows of a house changed behind its desk |
//! | `process.rs` | the real program: started, asked, stopped, killed |
//! | `wire/` | a person at a client, over real links with real signatures |
//! | `transcript.rs` | transcripts, run against a house |
//! | `real_client.rs` | the driver of the real pidgin-sipe client |
//!
//! Starts a thread per child process that reads what it prints.

mod apart;
mod authority;
mod browser;
mod clock;
mod house;
mod live;
mod pool;
mod process;
mod real_client;
mod rows;
pub mod transcript;
pub mod wire;

// Tests of a crate may need what stands above it; it comes from here, so that no manifest reaches up.
pub use admin;
pub use authority::{Authority, CHAT_NAME, POOL_CONTACT};
pub use browser::{Browser, HOST_NAME, Heard, Trust, Wire};
pub use chat;
pub use clock::TestClock;
pub use cluster::{self, Cluster};
pub use directory;
pub use house::{Engine, Hold, House, PASSWORD, operation};
pub use live::LiveLink;
pub use pool::{Line, Met, Pool, Storm, Strength, Verdict, trace};
pub use process::{Program, Running};
pub use real_client::RealClient;
pub use rooms;
pub use rows::Rows;
pub use store;
