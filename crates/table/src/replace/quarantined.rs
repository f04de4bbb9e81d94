//! What could not be read of sources that were replaced goes after the commit that replaced them: files of `Quarantine` are
//! written anew without it, as compaction writes them. Who dies before that leaves it to whoever replaces those sources next.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use model::limits::COMPACT_TARGET_BYTES;
use model::{QUARANTINE, SourceId};

use crate::committed::{marker, transaction_of};
use crate::compact::Foldable;
use crate::error::{Result, TableError};
use crate::log::{FoldTag, NewFile};
use crate::snapshot::DataFile;
use crate::table::Table;
use crate::writer::Writer;

use super::{count, write_others};

/// Tries at one file.
const ATTEMPTS_MAX: u32 = 50;

impl Table {
    /// Takes what could not be read of these sources out of `Quarantine`. Gives how many rows.
    ///
    /// # Errors
    /// If a file cannot be read or written, or other writers keep winning.
    pub async fn drop_quarantined(&mut self, ids: &HashSet<SourceId>, now_micros: i64) -> Result<u64> {
        let ids: HashMap<SourceId, ()> = ids.iter().map(|id| (*id, ())).collect();
        let (mut dropped, mut looked_at) = (0, HashSet::new());
        for _ in 0..ATTEMPTS_MAX {
            self.refresh().await?;
            match self
                .drop_quarantined_once(&ids, (&mut looked_at, &mut dropped), now_micros)
                .await
            {
                Err(TableError::Conflict) => {}
                Ok(()) => {
                    self.refresh().await?;
                    return Ok(dropped);
                }
                Err(other) => return Err(other),
            }
        }
        Err(TableError::ConflictAgain {
            attempts: ATTEMPTS_MAX,
        })
    }

    async fn drop_quarantined_once(
        &self,
        ids: &HashMap<SourceId, ()>,
        (looked_at, dropped): (&mut HashSet<String>, &mut u64),
        now_micros: i64,
    ) -> Result<()> {
        let Some(mut log) = self.quarantine.clone() else {
            return Ok(());
        };
        let Foldable {
            files,
            folds,
            snapshot,
            ..
        } = self.foldable(&log).await?;
        for file in files {
            if looked_at.contains(&file.path) {
                continue;
            }
            let mut taken = HashMap::new();
            if count(&snapshot, &file, ids, &mut taken).await? {
                let tag = tag_of(&file, folds.get(&file.path), log.version().0);
                let prefix = transaction_of(&file.path).map(|(shard, number)| marker(shard, number));
                let mut writer = Writer::new(
                    &QUARANTINE,
                    Arc::clone(&snapshot.store),
                    now_micros.div_euclid(1000),
                )
                .with_name_prefix(&format!("{}fold-", prefix.unwrap_or_default()));
                write_others(&snapshot, &file, ids, &mut writer).await?;
                let new = writer.finish().await?.into_iter().map(|written| NewFile {
                    written,
                    fold: tag.clone(),
                });
                let new: Vec<NewFile> = new.collect();
                let old = HashSet::from([file.path.clone()]);
                log.replace(&old, &new, COMPACT_TARGET_BYTES, now_micros.div_euclid(1000))
                    .await?;
                looked_at.extend(new.into_iter().map(|new| new.written.file.path));
                *dropped += taken.values().sum::<u64>();
            }
            looked_at.insert(file.path);
        }
        Ok(())
    }
}

/// What is said of the file that takes the place of another one.
fn tag_of(file: &DataFile, fold: Option<&FoldTag>, version: i64) -> FoldTag {
    let mut tag = FoldTag {
        from: version,
        by_group: true,
        ..FoldTag::default()
    };
    match (fold, transaction_of(&file.path)) {
        (Some(fold), _) => tag.holds_all_of(fold),
        (None, Some((shard, sequence))) => tag.holds(shard, sequence),
        (None, None) => {}
    }
    tag
}
