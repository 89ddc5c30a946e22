//! Tests of the XCCOS words: golden bodies, replies and notices, bad input, arbitrary input.
//! One binary; each module tells its own stories.

mod transcripts;
