//! Any bytes through `formats::fuzz::same_as_twin`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| formats::fuzz::same_as_twin(input));
