//! The workshop's own tests: the built program, run on small projects made for the test.
//! Nothing here needs the network, a client or a server.

#[path = "all/bench.rs"]
mod bench;
#[path = "all/counts.rs"]
mod counts;
#[path = "all/documents.rs"]
mod documents;
#[path = "all/graph.rs"]
mod graph;
#[path = "all/habits.rs"]
mod habits;
#[path = "all/limits.rs"]
mod limits;
#[path = "all/outside.rs"]
mod outside;
#[path = "all/setup.rs"]
mod setup;
#[path = "all/steps.rs"]
mod steps;
