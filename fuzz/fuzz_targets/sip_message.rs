//! One SIP message against the parser and the printer, driven by libFuzzer.
//! What is tried, and what must hold, is in `src/targets.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| causerie_fuzz::targets::sip_message(octets));
