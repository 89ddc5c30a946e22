//! Stories of servers in one pool: who keeps a lease, who is lost, and how soon the others hear of what was written.

#[path = "all/hints.rs"]
mod hints;
#[path = "all/leases.rs"]
mod leases;
#[path = "all/stage.rs"]
mod stage;
