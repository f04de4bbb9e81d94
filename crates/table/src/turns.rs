//! Taking care of a table in turns: which of several programs does it, and what there is to do.
//!
//! A turn is a stretch of time. Whoever makes its file `_upkeep/KIND-NUMBER.json` first has it; no clock is trusted further than
//! that. Where clocks differ two may work at once: then the log decides, and one of them has worked in vain.

use futures::TryStreamExt;
use model::TableVersion;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};

use crate::compact::{CompactOptions, foldable_files};
use crate::error::{Result, TableError};
use crate::table::Table;

/// Folder of the turns' files.
pub(crate) const FOLDER: &str = "_upkeep";

/// Turns that are remembered besides the newest: those of clocks that are behind.
const TURNS_KEPT: i64 = 3;

impl Table {
    /// Takes a turn of a kind, such as `turn` or `hour`: when it was taken by the store's clock, in epoch microseconds, or none
    /// if another program has it.
    ///
    /// # Errors
    /// If it can be neither written nor seen.
    pub async fn take_turn(&self, kind: &str, number: i64) -> Result<Option<i64>> {
        let path = Path::from(format!("{FOLDER}/{kind}-{number:020}.json"));
        let options = PutOptions {
            mode: PutMode::Create,
            ..PutOptions::default()
        };
        match self.store.put_opts(&path, "{}".into(), options).await {
            Ok(_) => {}
            Err(object_store::Error::AlreadyExists { .. }) => return Ok(None),
            Err(error) => return Err(TableError::io(format!("write `{path}`"), error)),
        }
        let meta = match self.store.head(&path).await {
            // Others have had so many turns since that it was forgotten.
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            meta => meta.map_err(|error| TableError::io(format!("look at `{path}`"), error))?,
        };
        self.forget_turns(kind, number).await;
        Ok(Some(meta.last_modified.timestamp_micros()))
    }

    /// Removes the files of turns that are long over. What stays is in nobody's way.
    async fn forget_turns(&self, kind: &str, number: i64) {
        let files = self.store.list(Some(&Path::from(FOLDER)));
        let Ok(files) = files.try_collect::<Vec<_>>().await else {
            return;
        };
        let number_of = |path: &Path| -> Option<i64> {
            let name = path.filename()?.strip_prefix(kind)?.strip_prefix('-')?;
            name.strip_suffix(".json")?.parse().ok()
        };
        for meta in files {
            if number_of(&meta.location).is_some_and(|found| found < number.saturating_sub(TURNS_KEPT)) {
                let _ = self.store.delete(&meta.location).await;
            }
        }
    }

    /// How many files a compaction would fold at most into one, of any day of any table. Looks at what is loaded.
    ///
    /// # Errors
    /// If a log cannot be read.
    pub fn foldable_files(&self, options: &CompactOptions) -> Result<u64> {
        let mut most = 0;
        for log in self.logs() {
            let snapshot = log.snapshot()?;
            most = most.max(foldable_files(&snapshot, options));
        }
        Ok(most)
    }

    /// True if a log has come so many versions further since its last checkpoint.
    ///
    /// # Errors
    /// If a log cannot be read.
    pub async fn is_checkpoint_due(&self, versions: i64) -> Result<bool> {
        for log in self.logs() {
            if log.versions_since_checkpoint().await? >= versions {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes a checkpoint of each log of which one is due, by the versions since its last.
    ///
    /// # Errors
    /// If a log cannot be read or a checkpoint not written.
    pub async fn checkpoint_after(&mut self, versions: i64) -> Result<Vec<(&'static str, TableVersion)>> {
        self.refresh().await?;
        self.flows.check_writable()?;
        let mut written = Vec::new();
        for log in self.logs() {
            if log.versions_since_checkpoint().await? >= versions {
                written.push((log.table().name, log.checkpoint().await?));
            }
        }
        Ok(written)
    }
}
