//! Any bytes through `formats::fuzz::decompress`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| formats::fuzz::decompress(input));
