//! Tests of the XCCOS words: golden bodies, replies and notices, bad input, arbitrary input.
//! One binary; each module tells its own stories.

mod anything;
mod bad_input;
mod commands;
mod compatible;
mod people;
mod posts;
mod replies;
mod transcripts;
