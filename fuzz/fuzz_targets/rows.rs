//! Any bytes through `formats::fuzz::rows`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| formats::fuzz::rows(input));
