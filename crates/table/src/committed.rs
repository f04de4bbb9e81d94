//! Which files of a side table count: those whose transaction `Flows` committed.
//!
//! A side table is written before `Flows` and by another commit, so a writer that dies in between
//! leaves rows of a transaction that never happened. The name of each of its files carries one
//! `(shard, sequence)` of its transaction; all of a transaction's shards stand or fall together.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use model::{Sequence, Shard, TableVersion};

use crate::error::{Result, TableError};
use crate::log::{FoldTag, Log};
use crate::positions::ShardState;
use crate::snapshot::Snapshot;
use crate::table::Table;

/// The part of a file name that tells its transaction: `txn-07-00000000000000000042-`.
#[must_use]
pub(crate) fn marker(shard: Shard, sequence: Sequence) -> String {
    format!("txn-{shard}-{:020}-", sequence.0)
}

/// Reads a marker back from a path.
pub(crate) fn transaction_of(path: &str) -> Option<(Shard, Sequence)> {
    let name = path.rsplit('/').next()?;
    let mut parts = name.strip_prefix("txn-")?.splitn(3, '-');
    let shard = parts.next()?.parse().ok()?;
    let sequence = parts.next()?.parse().ok()?;
    Some((Shard(shard), Sequence(sequence)))
}

/// What is committed, by the position files of one version of `Flows`.
pub(crate) struct Judge<'t> {
    table: &'t Table,
    states: HashMap<Shard, ShardState>,
}

impl<'t> Judge<'t> {
    pub(crate) fn new(table: &'t Table) -> Self {
        Self {
            table,
            states: HashMap::new(),
        }
    }

    async fn state(&mut self, shard: Shard) -> Result<&ShardState> {
        Ok(match self.states.entry(shard) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(self.table.shard_state(shard).await?),
        })
    }

    pub(crate) async fn is_committed(&mut self, shard: Shard, sequence: Sequence) -> Result<bool> {
        Ok(self.state(shard).await?.is_committed(sequence))
    }

    /// True if the transaction was not committed and cannot be any more: its shard has moved on, so that
    /// its commit would conflict, if its writer is not dead already.
    pub(crate) async fn is_dead(&mut self, shard: Shard, sequence: Sequence) -> Result<bool> {
        let state = self.state(shard).await?;
        Ok(sequence < Sequence(state.sequence) && !state.is_committed(sequence))
    }

    /// True if every transaction whose rows are in the file is. They all were when it was made; they may
    /// not have been yet in the version of `Flows` that is asked for.
    async fn is_all_committed(&mut self, fold: &FoldTag) -> Result<bool> {
        for (shard, sequence) in &fold.shards {
            if !self.is_committed(Shard(*shard), Sequence(*sequence)).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A side table as of the loaded version of `Flows`: without the files of transactions that were not
/// committed by then. Where compaction has put rows of earlier and of later transactions into one file,
/// the version of the side table that still has them apart is read.
pub(crate) async fn only_committed(table: &Table, log: &Log) -> Result<Snapshot> {
    let mut judge = Judge::new(table);
    let mut earlier: Option<Log> = None;
    loop {
        let log = earlier.as_ref().unwrap_or(log);
        let (snapshot, folds) = log.snapshot_and_folds()?;
        let mut ahead: Option<i64> = None;
        for fold in folds.values() {
            if ahead.is_none_or(|ahead| fold.from < ahead) && !judge.is_all_committed(fold).await? {
                ahead = Some(fold.from);
            }
        }
        match ahead {
            Some(from) if from < log.version().0 => {
                earlier = Some(log.at_version(TableVersion(from)).await?);
            }
            Some(_) => {
                return Err(TableError::Damaged {
                    what: format!(
                        "`{}` has a file that says it was made of later ones",
                        snapshot.table.name
                    ),
                });
            }
            None => {
                let mut files = Vec::with_capacity(snapshot.files.len());
                for file in snapshot.files.iter() {
                    let counts = match transaction_of(&file.path) {
                        Some(_) if folds.contains_key(&file.path) => true,
                        Some((shard, sequence)) => judge.is_committed(shard, sequence).await?,
                        None => false,
                    };
                    if counts {
                        files.push(file.clone());
                    }
                }
                return Ok(Snapshot {
                    files: Arc::new(files),
                    ..snapshot
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_read_back() {
        let fold = format!(
            "IngestDate=2024-03-14/{}fold-abc.parquet",
            marker(Shard(63), Sequence(1))
        );
        assert_eq!(transaction_of(&fold), Some((Shard(63), Sequence(1))));
        let path = format!(
            "IngestDate=2024-03-14/{}abc.parquet",
            marker(Shard(7), Sequence(42))
        );
        assert_eq!(transaction_of(&path), Some((Shard(7), Sequence(42))));
        assert_eq!(transaction_of("IngestDate=2024-03-14/part-abc.parquet"), None);
    }
}
