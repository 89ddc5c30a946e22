//! The tests of `sip` from outside: what a server and a client of it see.
//! Nothing of its inside is tested alone.

mod answers;
mod anything;
mod conversations;
mod framing;
mod second_opinion;
mod torture;
mod transcripts;
mod values;
mod wire;
