//! The load generator: people by the thousand over the real wire, who check while they load that everybody gets every post once,
//! in order; and a raw server to compare with. Never part of the product, and never looks into the server: it speaks the wire,
//! runs the program and reads /proc.
//!
//! | file | what |
//! | --- | --- |
//! | `fanout.rs` | M1, one room, many receivers |
//! | `listen.rs`, `ledger.rs` | posts with numbers, receipts, and the account of each receiver |
//! | `crowd.rs`, `person.rs` | people arrive; what one says |
//! | `signing.rs`, `wire.rs`, `link.rs` | signatures, messages, octets |
//! | `raw.rs` | the server everything is compared with |
//! | `server.rs`, `process.rs` | the server under measurement, and what the kernel says of it |
//! | `times.rs`, `report.rs`, `progress.rs` | figures, lines, the bar |
//! | `limits.rs`, `trouble.rs` | every limit with its source; why there is no figure |
//!
//! Starts a task per person; the raw server one per connection and one per shard.

pub mod crowd;
pub mod fanout;
pub mod ledger;
pub mod limits;
pub mod link;
pub mod listen;
pub mod person;
pub mod process;
pub mod progress;
pub mod raw;
pub mod report;
pub mod server;
pub mod signing;
pub mod times;
pub mod trouble;
pub mod wire;
