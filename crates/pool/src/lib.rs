//! Which servers of the pool serve: leases, what becomes of a lost server, and hints that say where to look sooner.
//! Delivers no word and decides no right; what happened is read from the journals, never from a hint.
//!
//! | file | what |
//! | --- | --- |
//! | `pool.rs` | [`Pool`]: a server's part in its pool, started, asked and stopped |
//! | `keeper.rs` | keeps the own lease, and knows by its own clock when it is over |
//! | `watcher.rs` | reads all leases and heads, hears hints, ends the time of whoever is lost |
//! | `speaker.rs` | tells the others what was committed here |
//! | `census.rs` | how many endpoints of people this server has |
//! | `heads.rs`, `service.rs` | what others wait on: how far the journals are, and whether this server serves |
//! | `link.rs`, `link/` | the seam for hints: inside one process, PostgreSQL, NATS, nobody |
//! | `limits.rs` | every limit, with its source |
//!
//! Starts three tasks: keeper, watcher, speaker; [`Pool::stop`] joins them.

mod census;
mod heads;
mod keeper;
mod limits;
mod link;
mod pool;
mod service;
mod speaker;
mod watcher;

pub use heads::Heads;
pub use limits::Options;
pub use link::alone::Alone;
pub use link::inside::{Hub, Inside};
pub use link::nats::{Nats, NatsFault};
pub use link::notify::Notify;
pub use link::{Heard, Hint, PeerLink};
pub use pool::{Figures, Pool, PoolFault};
pub use service::{Service, Why};
