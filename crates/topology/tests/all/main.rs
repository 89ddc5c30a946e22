//! The tests of the crate, one binary.
//! What several of them start from is in `world.rs`.

mod builder;
mod diff;
mod import;
mod line;
mod reference;
mod roles;
mod rules;
mod text;
mod version;
mod words;
mod world;
