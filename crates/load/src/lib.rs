//! The load generator: people by the thousand over the real wire, who check while they load that everybody gets every post once,
//! in order; and a raw server to compare with. Never part of the product, and never looks into the server: it speaks the wire,
//! runs the program and reads /proc.
//!
//! | file | what |
//! | --- | --- |
//! | `fanout.rs` | M1, one room, many receivers |
//! | `usermodel.rs`, `model.rs`, `shares.rs` | M2; its plan, before anything begins; by several processes |
//! | `signon.rs`, `join.rs`, `crash.rs` | M5 and M3, M4 (joins), M6 |
//! | `history.rs`, `search.rs` | M4, paging and search, by browser |
//! | `archive.rs`, `concordance.rs` | what rooms are filled with before, and which posts have which words |
//! | `listen.rs`, `ledger.rs` | posts with numbers, receipts, and the account of each receiver |
//! | `crowd.rs`, `person.rs`, `documents.rs`, `receipt.rs` | people arrive; what one says, and how all that comes is answered |
//! | `signing.rs`, `wire.rs`, `link.rs` | signatures, messages, octets |
//! | `door.rs`, `visitor.rs` | HTTP and its sessions; a client that reads by browser |
//! | `raw.rs`, `rival.rs` | the server everything is compared with, and that server as a process |
//! | `server.rs`, `pool.rs`, `process.rs`, `calls.rs` | the server under measurement, or several; what the kernel says of it |
//! | `chance.rs`, `times.rs`, `report.rs`, `progress.rs` | choices of a seed, figures, lines, the bar |
//! | `limits.rs`, `trouble.rs` | every limit with its source; why there is no figure |
//!
//! Starts a task per person; the raw server one per connection and one per shard.

pub mod archive;
pub mod calls;
pub mod chance;
pub mod concordance;
pub mod crash;
pub mod crowd;
mod documents;
pub mod door;
pub mod fanout;
pub mod history;
pub mod join;
pub mod ledger;
pub mod limits;
pub mod link;
pub mod listen;
pub mod model;
pub mod person;
pub mod pool;
pub mod process;
pub mod progress;
pub mod raw;
mod receipt;
pub mod report;
pub mod rival;
pub mod search;
pub mod server;
pub mod shares;
pub mod signing;
pub mod signon;
pub mod times;
pub mod trouble;
pub mod usermodel;
pub mod visitor;
pub mod wire;
