//! Files of the table's folder that nothing names. Nothing is removed here.

use std::collections::{BTreeMap, HashSet};

use futures::TryStreamExt;
use model::{Shard, TableVersion};

use crate::check::CheckReport;
use crate::error::{Result, TableError};
use crate::positions::POSITIONS;
use crate::rollups;
use crate::store::TEMPORARY_PREFIX;
use crate::table::Table;

/// A file that nothing names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Orphan {
    /// Path relative to the table's folder.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
}

impl Table {
    /// Data, position and hidden files that nothing names. Superseded position files are not counted, and
    /// superseded data files by themselves: they are history, until `table vacuum`. Entries of a log that
    /// are empty are problems.
    pub(super) async fn find_orphans(&self, named: &HashSet<String>, report: &mut CheckReport) -> Result<()> {
        let mut replaced = HashSet::new();
        for log in self.logs() {
            let history = log.history().await?;
            let removed = log.removed_after(TableVersion(-1), &history).await?;
            let name = log.table().name;
            replaced.extend(removed.into_iter().map(|path| format!("{name}/{path}")));
        }
        let mut sequences = BTreeMap::new();
        for shard in (0..Shard::COUNT).map(Shard) {
            sequences.insert(shard.to_string(), self.flows.sequence(shard).await?.0);
        }
        let superseded = |path: &str| {
            let mut parts = path.strip_prefix(&format!("{POSITIONS}/shard-"))?.split('/');
            let newest = sequences.get(parts.next()?)?;
            let number: i64 = parts.next()?.strip_suffix(".json.zst")?.parse().ok()?;
            Some(number < *newest)
        };
        let mut files = self.store.list(None);
        let listed = |error| TableError::io("list the table's folder", error);
        while let Some(meta) = files.try_next().await.map_err(listed)? {
            let path = meta.location.to_string();
            if meta.size == 0 && path.contains("/_delta_log/") && path.ends_with(".json") {
                // No writer leaves one, and readers take the log to end before it.
                let problem = format!("`{path}` is empty: that commit, and what came after it, is lost");
                report.problems.push(problem);
            }
            let hidden = path
                .rsplit('/')
                .next()
                .is_some_and(|name| name.starts_with(TEMPORARY_PREFIX));
            let ours = hidden
                || path.starts_with(POSITIONS)
                || (path.ends_with(".parquet") && !path.contains("/_delta_log/"));
            if !ours || named.contains(&path) || superseded(&path) == Some(true) {
                continue;
            }
            if path.starts_with(rollups::FOLDER) {
                report.rollups_unneeded.0 += 1;
                report.rollups_unneeded.1 += meta.size;
            } else if replaced.contains(&path) {
                report.superseded.0 += 1;
                report.superseded.1 += meta.size;
            } else {
                report.orphans.push(Orphan {
                    path,
                    bytes: meta.size,
                });
            }
        }
        report.orphans.sort();
        Ok(())
    }
}
