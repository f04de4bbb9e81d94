//! Where each shard stands. The library reads the tail of the log for each question, which is a hundred requests for each of 64
//! shards where the table is in an account; so answers are remembered, and what others have committed since is read once.

use std::collections::HashMap;

use deltalake_core::kernel::Action;
use deltalake_core::logstore::get_actions;
use model::{Sequence, Shard, TableVersion};
use object_store::ObjectStoreExt;
use object_store::path::Path;

use super::{Log, shard_of};

/// Entries that are read for what is remembered; behind more, the library is asked anew.
const ENTRIES_MAX: i64 = 64;

impl Log {
    /// What was asked for of an earlier version, as it is in the loaded one. None if the entries in between cannot be read.
    pub(super) async fn sequences_since(&self, before: TableVersion) -> Option<HashMap<Shard, Sequence>> {
        let mut sequences = self.asked_for().clone();
        let entries = before.0.checked_add(1)?..=self.version().0;
        if sequences.is_empty() || self.version().0 - before.0 > ENTRIES_MAX {
            return None;
        }
        for number in entries {
            let path = Path::from(format!("_delta_log/{number:020}.json"));
            let bytes = self.store.get(&path).await.ok()?.bytes().await.ok()?;
            for action in get_actions(u64::try_from(number).ok()?, &bytes).ok()? {
                if let Action::Txn(moved) = action
                    && let Some(shard) = shard_of(&moved.app_id)
                {
                    sequences.insert(shard, Sequence(moved.version));
                }
            }
        }
        Some(sequences)
    }
}
