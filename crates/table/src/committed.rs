//! Which files of a side table count: those whose transaction `Flows` committed.
//!
//! A side table is written before `Flows` and by another commit, so a writer that dies in between
//! leaves rows of a transaction that never happened. The name of each of its files carries one
//! `(shard, sequence)` of its transaction; all of a transaction's shards stand or fall together.

use std::collections::HashMap;
use std::sync::Arc;

use model::{Sequence, Shard};

use crate::error::Result;
use crate::positions::ShardState;
use crate::snapshot::Snapshot;
use crate::table::Table;

/// The part of a file name that tells its transaction: `txn-07-00000000000000000042-`.
#[must_use]
pub(crate) fn marker(shard: Shard, sequence: Sequence) -> String {
    format!("txn-{shard}-{:020}-", sequence.0)
}

/// Reads a marker back from a path.
fn transaction_of(path: &str) -> Option<(Shard, Sequence)> {
    let name = path.rsplit('/').next()?;
    let mut parts = name.strip_prefix("txn-")?.splitn(3, '-');
    let shard = parts.next()?.parse().ok()?;
    let sequence = parts.next()?.parse().ok()?;
    Some((Shard(shard), Sequence(sequence)))
}

/// Leaves out the files of transactions that were never committed.
pub(crate) async fn only_committed(table: &Table, snapshot: Snapshot) -> Result<Snapshot> {
    let mut states: HashMap<Shard, ShardState> = HashMap::new();
    let mut files = Vec::with_capacity(snapshot.files.len());
    for file in snapshot.files.iter() {
        let Some((shard, sequence)) = transaction_of(&file.path) else {
            continue;
        };
        let state = match states.get(&shard) {
            Some(state) => state,
            None => {
                let state = table.shard_state(shard).await?;
                states.entry(shard).or_insert(state)
            }
        };
        if state.is_committed(sequence) {
            files.push(file.clone());
        }
    }
    Ok(Snapshot {
        files: Arc::new(files),
        ..snapshot
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_read_back() {
        let path = format!(
            "IngestDate=2024-03-14/{}abc.parquet",
            marker(Shard(7), Sequence(42))
        );
        assert_eq!(transaction_of(&path), Some((Shard(7), Sequence(42))));
        assert_eq!(transaction_of("IngestDate=2024-03-14/part-abc.parquet"), None);
    }
}
