//! One body of a SUBSCRIBE or SERVICE against every reader and printer of such, driven by libFuzzer.
//! What is tried, and what must hold, is in `src/targets.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| causerie_fuzz::targets::sip_document(octets));
