//! Any bytes through `kqleval::fuzz::answer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kqleval::fuzz::answer(input));
