//! Any bytes through `formats::fuzz::any_input`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| formats::fuzz::any_input(input));
