//! Checkpoints: what a reader needs of the log up to a version, in one file that every Delta reader knows.
//!
//! One is written every [`EVERY`] versions by whoever commits, and by `table checkpoint`. A commit does
//! not fail for want of one: the next that is due is tried again ten versions later.

use deltalake_core::DeltaTable;
use deltalake_core::checkpoints::create_checkpoint;
use model::TableVersion;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use serde_json::Value;

use super::{Log, failed};
use crate::error::{Result, TableError};

/// Versions between two checkpoints: opening reads as many entries as have come since the last.
const EVERY: i64 = 100;
/// Versions between two tries at one that failed.
const TRY_EVERY: i64 = 10;

const LAST_CHECKPOINT: &str = "_delta_log/_last_checkpoint";

impl Log {
    /// The version of the newest checkpoint, as the log's folder says.
    pub(crate) async fn last_checkpoint(&self) -> Result<Option<TableVersion>> {
        let broken = |error| TableError::io(format!("read `{}/{LAST_CHECKPOINT}`", self.table.name), error);
        let found = match self.store.get(&Path::from(LAST_CHECKPOINT)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            found => found.map_err(broken)?,
        };
        let text = found.bytes().await.map_err(broken)?;
        // Only a hint: one that cannot be read is as good as none.
        let hint: Option<Value> = serde_json::from_slice(&text).ok();
        Ok(hint
            .and_then(|hint| hint.get("version").and_then(Value::as_i64))
            .map(TableVersion))
    }

    /// How far the loaded version is from the newest checkpoint; of a log without one, from its beginning.
    pub(crate) async fn versions_since_checkpoint(&self) -> Result<i64> {
        let last = self.last_checkpoint().await?.map_or(0, |last| last.0);
        Ok(self.version().0.saturating_sub(last))
    }

    /// Writes a checkpoint of the loaded version.
    pub(crate) async fn checkpoint(&self) -> Result<TableVersion> {
        let mut delta = DeltaTable::new(self.log_store.clone());
        let version = u64::try_from(self.version().0).unwrap_or(0);
        delta
            .load_version(version)
            .await
            .map_err(|error| failed("read the log for a checkpoint", error))?;
        create_checkpoint(&delta, None)
            .await
            .map_err(|error| failed("write a checkpoint", error))?;
        Ok(self.version())
    }

    /// Writes a checkpoint if it is time for one. Failing is no reason to fail: readers read on without.
    pub(super) async fn checkpoint_if_due(&self) {
        let version = self.version().0;
        if version % TRY_EVERY != 0 {
            return;
        }
        let last = match self.last_checkpoint().await {
            Ok(last) => last.map_or(0, |version| version.0),
            Err(_) => return,
        };
        if version - last >= EVERY {
            let _ = self.checkpoint().await;
        }
    }
}
