//! Does, once each, what the codecs of the hot path do with the messages of a recorded session, for an instruction counter that
//! collects inside [`measured`] alone. Counts nothing itself: `cargo xtask counts` runs it under callgrind, and compares.
//!
//! It prints which vectors of the processor it found, then each codec with its number of messages, in the order they were done.
//!
//! | file | what |
//! | --- | --- |
//! | `codec.rs` | each codec, from what it is given to what it must give |
//! | `session.rs` | the recorded session, and what its two ends shared |
//!
//! Starts no task.

mod codec;
mod session;

use std::hint::black_box;

use crate::codec::{Work, codecs};
use crate::session::Session;

fn main() {
    println!("processor {}", processor());
    let session = Session::recorded();
    for codec in codecs(&session) {
        // Once beforehand: what is done at the first use only is no cost of a message.
        let before = (codec.ready)()();
        let done = measured((codec.ready)());
        assert_eq!((before, done), (codec.messages, codec.messages), "{} fails on its messages", codec.name);
        println!("codec {} {}", codec.name, codec.messages);
    }
}

/// What is counted. The counter knows it by its name, so it stays a function of its own.
#[inline(never)]
fn measured(work: Work<'_>) -> usize {
    black_box(work())
}

/// By which vectors libraries that choose them while they run have chosen here.
fn processor() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    let wide = std::arch::is_x86_feature_detected!("avx2").then_some("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    let wide = None;
    wide.unwrap_or("plain")
}
