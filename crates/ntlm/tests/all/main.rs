//! The tests of `ntlm` from outside: what a server and a client of it see.
//! The published key vectors, which nobody outside sees, are in `src/vectors.rs`.

mod anything;
mod people;
mod refusals;
mod sign_on;
mod signatures;
mod transcripts;
