//! `table vacuum`: removes what no version that is kept needs (docs/adr/0007-care.md).
//!
//! The versions that are kept are those of the last days, and those that a follower has still to read.
//! What they need is known from the log; every other file of ours goes, once it is older than that. The
//! folder is listed before the log is read, so that what is committed meanwhile is known to be needed;
//! what is about to be committed is younger than the shortest time that anything is kept for.

use std::collections::{BTreeMap, HashSet};

use futures::{StreamExt, TryStreamExt, stream};
use model::limits::{VACUUM_RETAIN_SECS, VACUUM_RETAIN_SECS_MIN};
use model::{FLOWS, Sequence, Shard, TableVersion};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::error::{Result, TableError};
use crate::followers::Follower;
use crate::log::{Entry, History, Log};
use crate::positions::{POSITIONS, segment_path};
use crate::store::TEMPORARY_PREFIX;
use crate::table::Table;

/// How to clean up.
#[derive(Clone, Copy, Debug)]
pub struct VacuumOptions {
    /// How long superseded versions are kept, in seconds. Less than
    /// [`VACUUM_RETAIN_SECS_MIN`] is taken for that.
    pub retain_secs: u64,
    /// Only tell.
    pub dry_run: bool,
}

impl Default for VacuumOptions {
    fn default() -> Self {
        Self {
            retain_secs: VACUUM_RETAIN_SECS,
            dry_run: false,
        }
    }
}

/// What a file that goes was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gone {
    /// A data file: replaced by a compaction, or of a writer that died.
    Data,
    /// A position file that newer ones have superseded, or a segment that none names.
    Position,
    /// Half written.
    Temporary,
    /// An entry or a checkpoint of a log, before the checkpoint that reading begins at.
    Log,
}

/// The follower that keeps the most from going.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// The follower.
    pub follower: Follower,
    /// The version that would be the oldest to be kept but for it.
    pub otherwise: i64,
}

/// What a vacuum removed, or would remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VacuumReport {
    /// Files with their size, by kind and path; paths relative to the table's folder.
    pub gone: Vec<(Gone, String, u64)>,
    /// Files that would not go, and why.
    pub failed: Vec<String>,
    /// The oldest version of `Flows` that can still be read with all its files.
    pub keeps_from: i64,
    /// For how long versions were kept, in seconds.
    pub retain_secs: u64,
    /// The follower that holds the rest back, if one does.
    pub held_back: Option<HeldBack>,
}

/// A file of the folder that is old enough to go.
type Old = (String, u64);
/// One that does go.
type Going = (Gone, String, u64);

/// Files that are removed side by side: a collector leaves a million position files a day, and a storage account takes some
/// milliseconds for each.
const REMOVED_AT_ONCE: usize = 16;

impl Table {
    /// Removes what no version that is kept needs.
    ///
    /// # Errors
    /// If a log, a position file or a follower's file cannot be read: then nothing is removed.
    pub async fn vacuum(&mut self, options: VacuumOptions, now_micros: i64) -> Result<VacuumReport> {
        let retain_secs = options.retain_secs.max(VACUUM_RETAIN_SECS_MIN);
        let now = now_micros.div_euclid(1000);
        let before =
            |secs: u64| now.saturating_sub(i64::try_from(secs).unwrap_or(i64::MAX).saturating_mul(1000));
        let (cutoff, hour_ago) = (before(retain_secs), before(VACUUM_RETAIN_SECS_MIN));

        let followers = self.followers().await?;
        let mut old = self.old_files(cutoff, hour_ago).await?;
        // Only now: a file that was committed since it was listed must be known.
        self.refresh().await?;
        self.flows.check_writable()?;

        let history = self.flows.history().await?;
        let kept = Kept::of(&history, cutoff, &followers, self.version());
        let mut report = VacuumReport {
            keeps_from: kept.version.0,
            retain_secs,
            held_back: kept.held_back.clone(),
            ..VacuumReport::default()
        };
        let mut logs = Vec::new();
        for log in self.logs() {
            let flows = log.table().name == FLOWS.name;
            let history = if flows {
                history.clone()
            } else {
                log.history().await?
            };
            let version = if flows {
                Some(kept.version)
            } else {
                history.newest_at(kept.millis)
            };
            let folder = format!("{}/", log.table().name);
            let candidates = old.data.remove(log.table().name).unwrap_or_default();
            // All that is left is younger.
            let Some(version) = version else {
                continue;
            };
            let needed = needed(log, version, &history).await?;
            let goes = |(path, _): &Old| {
                path.strip_prefix(&folder)
                    .is_some_and(|path| !needed.contains(path))
            };
            report.add(Gone::Data, candidates.into_iter().filter(goes));
            let entries = history.before(version).into_iter();
            let entries = entries.filter(|entry| entry.millis <= cutoff);
            logs.extend(entries.map(|entry: Entry| (format!("{folder}{}", entry.path), entry.bytes)));
        }
        if history.oldest().is_some_and(|oldest| oldest <= kept.version) {
            let positions = self.needless_positions(&old.positions, kept.version).await?;
            report.add(Gone::Position, positions);
        }
        report.add(Gone::Temporary, old.temporary);
        report.gone.sort();
        // Last and oldest first: whatever a kill leaves of a log can be read.
        report.add(Gone::Log, logs);
        if !options.dry_run {
            self.remove_all(&mut report).await;
        }
        Ok(report)
    }

    /// Our files that are old enough, by what they are.
    async fn old_files(&self, cutoff: i64, hour_ago: i64) -> Result<OldFiles> {
        let mut old = OldFiles::default();
        let mut files = self.store.list(None);
        let listed = |error| TableError::io("list the table's folder", error);
        while let Some(meta) = files.try_next().await.map_err(listed)? {
            let path = meta.location.to_string();
            let millis = meta.last_modified.timestamp_millis();
            let name = meta.location.filename().unwrap_or_default();
            let temporary = name.starts_with(TEMPORARY_PREFIX);
            if millis > if temporary { hour_ago } else { cutoff } {
                continue;
            }
            if temporary {
                old.temporary.push((path, meta.size));
            } else if path.starts_with(&format!("{POSITIONS}/")) {
                old.positions.push((path, meta.size));
            } else if path.ends_with(".parquet") && !path.contains("/_delta_log/") {
                let table = path.split('/').next().unwrap_or_default().to_owned();
                old.data.entry(table).or_default().push((path, meta.size));
            }
        }
        Ok(old)
    }

    /// Position files from before the oldest kept version, and segments that nothing names. A claim that is
    /// newer than what its shard has committed may be about to be: it stays until the shard moves on.
    async fn needless_positions(&self, old: &[Old], kept: TableVersion) -> Result<Vec<Old>> {
        if old.is_empty() {
            return Ok(Vec::new());
        }
        let earlier = self.flows.at_version(kept).await?;
        let mut oldest = BTreeMap::new();
        let mut segments = HashSet::new();
        for shard in (0..Shard::COUNT).map(Shard) {
            oldest.insert(format!("shard-{shard}"), earlier.sequence(shard).await?);
            // A shard's newest state names every segment that an earlier one does.
            let state = self.shard_state(shard).await?;
            segments.extend(state.segments.iter().map(|segment| segment_path(&segment.name)));
        }
        let needless = |path: &str| {
            let mut parts = path.split('/').skip(1);
            let folder = parts.next()?;
            if folder == "segments" {
                return Some(!segments.contains(path));
            }
            let number: i64 = parts.next()?.strip_suffix(".json.zst")?.parse().ok()?;
            Some(Sequence(number) < *oldest.get(folder)?)
        };
        let gone = old.iter().filter(|(path, _)| needless(path) == Some(true));
        Ok(gone.cloned().collect())
    }

    async fn remove_all(&self, report: &mut VacuumReport) {
        let gone = std::mem::take(&mut report.gone);
        let (logs, others): (Vec<Going>, Vec<Going>) =
            gone.into_iter().partition(|(kind, ..)| *kind == Gone::Log);
        for (files, at_once) in [(others, REMOVED_AT_ONCE), (logs, 1)] {
            let removing = stream::iter(files).map(|going| async move {
                let removed = self.store.delete(&Path::from(going.1.as_str())).await;
                (going, removed)
            });
            let mut removing = removing.buffered(at_once);
            while let Some((going, removed)) = removing.next().await {
                match removed {
                    // Another vacuum was quicker.
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => report.gone.push(going),
                    Err(error) => {
                        let why = crate::reason::reason(&error);
                        report.failed.push(format!("`{}`: {why}", going.1));
                    }
                }
            }
        }
    }
}

impl VacuumReport {
    fn add(&mut self, kind: Gone, files: impl IntoIterator<Item = Old>) {
        let files = files.into_iter().map(|(path, bytes)| (kind, path, bytes));
        self.gone.extend(files);
    }
}

#[derive(Default)]
struct OldFiles {
    /// By the table's folder.
    data: BTreeMap<String, Vec<Old>>,
    positions: Vec<Old>,
    temporary: Vec<Old>,
}

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    /// The oldest version of `Flows`.
    version: TableVersion,
    /// When that was the newest, epoch milliseconds: the side tables are kept from then on.
    millis: i64,
    held_back: Option<HeldBack>,
}

impl Kept {
    fn of(history: &History, cutoff: i64, followers: &[Follower], newest: TableVersion) -> Self {
        let oldest = history.oldest().unwrap_or(newest);
        let version = history.newest_at(cutoff).unwrap_or(oldest);
        let mut kept = Self {
            version,
            millis: cutoff,
            held_back: None,
        };
        let last = followers.iter().min_by_key(|follower| follower.version);
        if let Some(follower) = last.filter(|follower| follower.version < version.0) {
            kept.version = TableVersion(follower.version);
            let entry = history.commits.get(&follower.version);
            kept.millis = entry.map_or(i64::MIN, |entry| entry.millis.min(cutoff));
            kept.held_back = Some(HeldBack {
                follower: follower.clone(),
                otherwise: version.0,
            });
        }
        kept
    }
}

/// The files that this version and all after it need.
async fn needed(log: &Log, version: TableVersion, history: &History) -> Result<HashSet<String>> {
    let mut needed = log.removed_after(version, history).await?;
    needed.extend(log.snapshot()?.files.iter().map(|file| file.path.clone()));
    Ok(needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(millis: &[i64]) -> History {
        let mut history = History::default();
        for (version, millis) in (0..).zip(millis) {
            let entry = Entry {
                path: String::new(),
                bytes: 1,
                millis: *millis,
            };
            history.commits.insert(version, entry);
        }
        history
    }

    fn follower(name: &str, version: i64) -> Follower {
        Follower {
            name: name.to_owned(),
            version,
            registered_micros: 0,
            advanced_micros: 0,
        }
    }

    #[test]
    fn the_last_of_the_followers_holds_back_and_one_that_is_ahead_does_not() {
        let history = history(&[10, 20, 30, 40, 50]);
        let kept = |cutoff, followers: &[Follower]| {
            let kept = Kept::of(&history, cutoff, followers, TableVersion(4));
            let held = kept.held_back.map(|held| (held.follower.name, held.otherwise));
            (kept.version.0, kept.millis, held)
        };
        assert_eq!(kept(35, &[]), (2, 35, None));
        assert_eq!(kept(5, &[]), (0, 5, None));
        assert_eq!(kept(35, &[follower("a", 2), follower("b", 4)]), (2, 35, None));
        let two = [follower("a", 1), follower("b", 0), follower("c", 9)];
        assert_eq!(kept(45, &two), (0, 10, Some(("b".to_owned(), 3))));
    }
}
