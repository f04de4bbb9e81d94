//! Any bytes through `kqleval::fuzz::understand`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kqleval::fuzz::understand(input));
