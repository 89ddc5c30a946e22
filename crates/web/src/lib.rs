//! Everything over HTTP: the API of people and administrators, its document, health and numbers.
//! Translates and guards; what may be done is decided below, in `rooms`, `admin` and `chat`, and nothing is kept here but
//! sessions.
//!
//! | file | what |
//! | --- | --- |
//! | `web.rs`, `fault.rs` | [`Web`]: listen, mount, stop; why it does not start |
//! | `entrance.rs` | listening as long as people may come |
//! | `door.rs`, `places.rs`, `stall.rs` | connections: accepted within limits, served, never waited for too long |
//! | `guard.rs`, `host.rs`, `caught.rs` | what holds for every request: host, rate, time, panics, header fields |
//! | `caller.rs`, `sessions.rs`, `rate.rs` | who asks; sessions; how fast one may ask |
//! | `route.rs`, `body.rs`, `fields.rs` | one route and the types of its function; bodies; texts as values |
//! | `resource.rs`, `resource/` | the routes, one file for each noun |
//! | `client.rs` | the browser client, out of this program |
//! | `live.rs`, `live/` | the live link: a WebSocket with what happens in somebody's rooms |
//! | `value.rs` | values that several resources show |
//! | `problem.rs` | every refusal, in one table |
//! | `shape.rs`, `openapi.rs`, `page.rs`, `outline.rs` | the document of the routes, for programs and for readers |
//! | `health.rs`, `tally.rs` | `/healthz`, `/readyz`, `/metrics`; what is counted |
//! | `house.rs`, `limits.rs` | what all requests share; how much is too much |
//!
//! Starts one task per listener, one per connection, and one that looks whether everybody may keep its session.
//! [`Web::stop`] joins them all.

mod body;
mod caller;
mod caught;
mod client;
mod door;
mod entrance;
mod fault;
mod fields;
mod guard;
mod health;
mod host;
mod house;
pub mod limits;
mod live;
mod openapi;
mod outline;
mod page;
mod places;
mod problem;
mod rate;
mod resource;
mod route;
mod sessions;
mod shape;
mod stall;
mod tally;
mod value;
mod web;

pub use caller::{Need, Scope};
pub use fault::StartFault;
pub use outline::{Outline, outline, refused_everywhere};
pub use problem::{CODES, Code, CodeRow};
pub use resource::{Admission, Joining};
pub use tally::{Measure, Remark, Sample, Source};
pub use web::{Addresses, Settings, Web, reference};
