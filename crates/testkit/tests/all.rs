//! What testkit itself promises, and what belongs to several crates at once.
//! The pool's behaviour is tested where it lives.

#[path = "all/corpus.rs"]
mod corpus;

#[path = "all/storms.rs"]
mod storms;

#[path = "all/peers.rs"]
mod peers;

#[path = "all/scenarios.rs"]
mod scenarios;

#[path = "all/verdicts.rs"]
mod verdicts;

#[path = "all/wrongs.rs"]
mod wrongs;
