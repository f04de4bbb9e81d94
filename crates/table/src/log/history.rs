//! What the log's folder holds: which versions can still be read, when they were written, and which
//! files each took out of the table. It changes nothing.

use std::collections::{BTreeMap, HashSet};

use deltalake_core::kernel::Action;
use deltalake_core::logstore::get_actions;
use futures::TryStreamExt;
use model::TableVersion;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};

use super::{Log, failed};
use crate::error::{Result, TableError};

/// A file of the log's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Relative to the table's own folder.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// When the file was written, epoch milliseconds.
    pub(crate) millis: i64,
}

/// The log's folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// Entries by version.
    pub(crate) commits: BTreeMap<i64, Entry>,
    /// Checkpoints by version: each may have several files.
    pub(crate) checkpoints: BTreeMap<i64, Vec<Entry>>,
}

fn version_of(name: &str) -> Option<i64> {
    name.get(..20)?.parse().ok()
}

impl History {
    fn add(&mut self, meta: &ObjectMeta) {
        let path = meta.location.to_string();
        let name = path.rsplit('/').next().unwrap_or_default();
        let Some(version) = version_of(name) else {
            return;
        };
        let rest = name.get(20..).unwrap_or_default();
        let entry = Entry {
            path: path.clone(),
            bytes: meta.size,
            millis: meta.last_modified.timestamp_millis(),
        };
        if rest == ".json" {
            self.commits.insert(version, entry);
        } else if rest.starts_with(".checkpoint") {
            self.checkpoints.entry(version).or_default().push(entry);
        }
    }

    /// The version that was the newest at this time, as far as the folder tells; none if all that are
    /// left are younger.
    pub(crate) fn newest_at(&self, millis: i64) -> Option<TableVersion> {
        // Versions follow one another, clocks may not: the first that is too young ends it.
        let young = self.commits.iter().find(|(_, entry)| entry.millis > millis);
        let older = match young {
            Some((young, _)) => self.commits.range(..young).next_back(),
            None => self.commits.iter().next_back(),
        };
        older.map(|(version, _)| TableVersion(*version))
    }

    /// The oldest version that can still be read: from a checkpoint on, or from the first entry.
    pub(crate) fn oldest(&self) -> Option<TableVersion> {
        let first = self.commits.keys().next().copied()?;
        if first == 0 {
            return Some(TableVersion(0));
        }
        let from = self.checkpoints.range(first - 1..).next();
        from.map(|(version, _)| TableVersion(*version))
    }

    /// What reading this version and all after it does not need: entries and checkpoints before the
    /// newest checkpoint that is not after it.
    pub(crate) fn before(&self, version: TableVersion) -> Vec<Entry> {
        let Some((from, _)) = self.checkpoints.range(..=version.0).next_back() else {
            return Vec::new();
        };
        let commits = self.commits.range(..from).map(|(_, entry)| entry);
        let checkpoints = self.checkpoints.range(..from).flat_map(|(_, files)| files);
        commits.chain(checkpoints).cloned().collect()
    }
}

impl Log {
    /// What the log's folder holds.
    pub(crate) async fn history(&self) -> Result<History> {
        let mut history = History::default();
        let mut files = self.store.list(Some(&Path::from("_delta_log")));
        let broken = |error| TableError::io(format!("list `{}/_delta_log`", self.table.name), error);
        while let Some(meta) = files.try_next().await.map_err(broken)? {
            history.add(&meta);
        }
        Ok(history)
    }

    /// The files that entries after this version, up to the loaded one, took out of the table. Reads
    /// each of the entries.
    pub(crate) async fn removed_after(
        &self,
        version: TableVersion,
        history: &History,
    ) -> Result<HashSet<String>> {
        let mut removed = HashSet::new();
        let after = version.0.saturating_add(1);
        if after > self.version().0 {
            return Ok(removed);
        }
        for (number, entry) in history.commits.range(after..=self.version().0) {
            let broken = |error| TableError::io(format!("read `{}/{}`", self.table.name, entry.path), error);
            let found = self
                .store
                .get(&Path::from(entry.path.as_str()))
                .await
                .map_err(broken)?;
            let bytes = found.bytes().await.map_err(broken)?;
            let number = u64::try_from(*number).unwrap_or(0);
            let actions =
                get_actions(number, &bytes).map_err(|error| failed("read an entry of the log", error))?;
            removed.extend(actions.into_iter().filter_map(|action| match action {
                Action::Remove(remove) => Some(remove.path),
                _ => None,
            }));
        }
        Ok(removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(commits: &[(i64, i64)], checkpoints: &[i64]) -> History {
        let mut history = History::default();
        for (version, millis) in commits {
            let location = format!("_delta_log/{version:020}.json");
            history.add(&meta(&location, *millis));
        }
        for version in checkpoints {
            history.add(&meta(&format!("_delta_log/{version:020}.checkpoint.parquet"), 0));
        }
        history.add(&meta("_delta_log/_last_checkpoint", 0));
        history.add(&meta("_delta_log/.tmp-1", 0));
        history
    }

    fn meta(path: &str, millis: i64) -> ObjectMeta {
        ObjectMeta {
            location: Path::from(path),
            last_modified: chrono::DateTime::from_timestamp_millis(millis).unwrap(),
            size: 1,
            e_tag: None,
            version: None,
        }
    }

    #[test]
    fn the_newest_at_a_time_is_before_the_first_that_is_younger() {
        let log = history(&[(0, 10), (1, 20), (2, 15), (3, 40)], &[]);
        for (millis, newest) in [
            (5, None),
            (10, Some(0)),
            (17, Some(0)),
            (20, Some(2)),
            (99, Some(3)),
        ] {
            assert_eq!(log.newest_at(millis).map(|version| version.0), newest, "{millis}");
        }
    }

    #[test]
    fn what_a_checkpoint_makes_needless_is_before_it() {
        let log = history(&[(3, 0), (4, 0), (5, 0), (6, 0)], &[2, 4, 6]);
        let names = |version| -> Vec<String> {
            let entries = log.before(TableVersion(version));
            entries
                .into_iter()
                .filter_map(|entry| Some(entry.path.get(30..)?.to_owned()))
                .collect()
        };
        assert_eq!(names(1), [""; 0]);
        assert_eq!(names(3), [""; 0]);
        assert_eq!(names(5), ["3.json", "2.checkpoint.parquet"]);
        assert_eq!(names(6).len(), 5);
        assert_eq!(log.oldest(), Some(TableVersion(2)));
        assert_eq!(history(&[(0, 0)], &[]).oldest(), Some(TableVersion(0)));
        assert_eq!(history(&[(3, 0)], &[]).oldest(), None);
    }
}
