//! One topology document of the original against the importer, driven by libFuzzer.
//! What is tried, and what must hold, is in `src/targets.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| causerie_fuzz::targets::topology_original(octets));
