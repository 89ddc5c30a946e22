//! What testkit itself promises, and what belongs to several crates at once.
//! The pool's behaviour is tested where it lives.

#[path = "all/corpus.rs"]
mod corpus;
