//! What is too long for CI: the tests marked `#[ignore = "long: ..."]`, driven by a seed and a time
//! budget that they read from `FLOWGLASS_LONG_SEED` and `FLOWGLASS_LONG_BUDGET_SECS`.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::tests_ring::{self, Ring};

/// Without a seed one is taken from the clock; it is printed either way, first and last, because a
/// failure found at night is worth nothing if it cannot be had again.
pub(crate) fn run(root: &Path, seed: Option<u64>, budget_secs: u64) -> Result<bool> {
    let seed = seed.unwrap_or_else(seed_from_clock);
    let again = format!("cargo xtask long --seed {seed} --budget {budget_secs}");
    println!("long: {again}");
    let tally = tests_ring::run(root, Ring::Long { seed, budget_secs })?;
    println!("again: {again}");
    Ok(tally.close())
}

fn seed_from_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // Seconds and the sub-second part, folded so that it stays short enough to type.
    (since.as_secs() ^ u64::from(since.subsec_nanos())) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_from_the_clock_is_short_enough_to_type() {
        assert!(seed_from_clock() <= 0xffff_ffff);
    }
}
