//! `flowglass collect` beside blobs that grow on a real emulator of storage: whatever happens to the collector, to the account,
//! to the network or to the disk, what is stored in the end is the truth, row by row.
//!
//! A failure prints `FLOWGLASS_SEED=…`, which replays the same world, the same growth and the same moments. The long form, 500
//! kills, is driven by `cargo xtask long`.

mod account;
mod begins;
mod collector;
mod counted;
mod ends;
mod faults;
mod followed;
mod found;
mod hung;
mod kept;
mod killed;
mod large;
mod queues;
mod reached;
mod replayed;
mod shared;
mod typed;
mod upkeep;

use std::path::Path;

use azurite::Azurite;

use crate::kills::Moments;
use account::{Account, Growing, world};
use collector::Collecting;

/// Interfaces of an ordinary world: the fewest that there may be, so that blobs of all kinds are among theirs.
const NICS: u32 = 13;

/// The seed of a test: its own, or the one that is asked for.
fn seed(own: u64) -> u64 {
    let asked = std::env::var("FLOWGLASS_SEED").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(own)
}

/// What every test has.
struct Scene {
    account: Account,
    growing: Growing,
    moments: Moments,
    folder: tempfile::TempDir,
    seed: u64,
}

impl Scene {
    fn new(azurite: &Azurite, name: &str, own_seed: u64) -> Self {
        let seed = seed(own_seed);
        Self {
            account: Account::new(azurite, name),
            growing: world(seed, NICS),
            moments: Moments(seed),
            folder: tempfile::tempdir().unwrap(),
            seed,
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn collecting(&self, azurite: &Azurite) -> Collecting {
        Collecting::new(azurite, &self.account, self.path(), self.seed)
    }

    /// Lets the blobs grow once; false once all are whole.
    fn grow(&mut self, most: u64) -> bool {
        self.account.grow(&mut self.growing, &mut self.moments, most)
    }

    /// Lets them grow to their end.
    fn grow_all(&mut self, most: u64) {
        while self.grow(most) {}
    }
}
