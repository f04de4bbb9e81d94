//! What is kept of rollups, and for which hours it counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{TableDef, TableVersion};
use object_store::ObjectStore;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use serde::{Deserialize, Serialize};
use url::Url;

use super::hours::{Hours, HoursSet};
use super::{FOLDER, FileThere, Files, RollupDefinition};
use crate::error::{Result, TableError};
use crate::snapshot::{ColumnStats, DataFile, Snapshot, StatValue, WrittenFile};

/// Every part that counts.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct List {
    pub(super) format: u32,
    /// The parts are true for `Flows` as it was at this version.
    pub(super) flows_version: i64,
    pub(super) parts: Vec<Part>,
}

impl List {
    /// All files that it names, with their paths from the table's folder.
    pub(crate) fn files(&self) -> impl Iterator<Item = (Path, &KeptFile)> {
        self.parts.iter().flat_map(Part::files)
    }
}

/// Some hours of all rollup tables.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) hours: Hours,
    /// By what it was made.
    pub(super) definition: String,
    /// What tells the facts that it was made with from others.
    pub(super) facts: String,
    pub(super) files: Files,
}

/// One file of one rollup table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KeptFile {
    path: String,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    modified_millis: i64,
    day: i32,
    pub(crate) sha256: String,
}

/// What was built for some hours: files by the name of their table.
#[derive(Debug)]
pub struct Built {
    /// The hours, within one day.
    pub hours: Hours,
    /// The files.
    pub files: BTreeMap<String, Vec<WrittenFile>>,
}

impl Part {
    pub(super) fn new(definition: &str, facts: String, built: Built) -> Self {
        let kept = |written: WrittenFile| KeptFile {
            path: written.file.path,
            bytes: written.file.bytes,
            rows: written.file.rows.unwrap_or(0),
            modified_millis: written.file.modified_millis,
            day: written.file.day,
            sha256: written.sha256,
        };
        let files = built.files.into_iter();
        Self {
            hours: built.hours,
            definition: definition.to_owned(),
            facts,
            files: files
                .map(|(table, files)| (table, files.into_iter().map(kept).collect()))
                .collect(),
        }
    }

    /// Its files, with their paths from the table's folder.
    fn files(&self) -> impl Iterator<Item = (Path, &KeptFile)> {
        let path = |table: &str, file: &KeptFile| Path::from(format!("{FOLDER}/{table}/{}", file.path));
        let files = self.files.iter();
        files.flat_map(move |(table, files)| files.iter().map(move |file| (path(table, file), file)))
    }

    /// True if each of its files is there in its length.
    pub(super) fn is_there(&self, there: &BTreeMap<Path, FileThere>) -> bool {
        let has = |path: &Path, bytes: u64| there.get(path).is_some_and(|file| file.bytes == bytes);
        self.files().all(|(path, file)| has(&path, file.bytes))
    }

    fn data_file(&self, file: &KeptFile) -> DataFile {
        let times = ColumnStats {
            min: Some(StatValue::Instant(self.hours.from)),
            max: Some(StatValue::Instant(self.hours.before)),
            nulls: Some(0),
        };
        DataFile {
            path: file.path.clone(),
            bytes: file.bytes,
            modified_millis: file.modified_millis,
            day: file.day,
            rows: Some(file.rows),
            columns: BTreeMap::from([("TimeGenerated".to_owned(), times)]),
        }
    }
}

/// What rollups are looked at for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Of {
    /// Number of the list.
    pub(super) number: u64,
    /// The version of `Flows` that is loaded.
    pub(super) flows_version: TableVersion,
    /// The list is of a newer version.
    pub(super) is_ahead: bool,
}

/// What is kept, as it holds for one version of `Flows` and some facts.
#[derive(Clone, Debug)]
pub struct Rollups {
    of: Of,
    parts: Vec<Part>,
    snapshots: Vec<Snapshot>,
    kept: HoursSet,
    missing: HoursSet,
}

impl Rollups {
    pub(super) fn new(
        definition: &RollupDefinition,
        store: &Arc<dyn ObjectStore>,
        of: Of,
        parts: Vec<Part>,
        (there, changed): (&HoursSet, &HoursSet),
    ) -> Result<Self> {
        let built: HoursSet = parts.iter().map(|part| part.hours).collect();
        let kept = built.without(changed);
        let missing = there.without(&kept);
        let snapshot = |table: &'static TableDef| -> Result<Snapshot> {
            let files = parts.iter().flat_map(|part| {
                let files = part.files.get(table.name).into_iter().flatten();
                files.map(|file| part.data_file(file))
            });
            let root = Url::parse(&format!("memory:///{FOLDER}/{}/", table.name));
            Ok(Snapshot {
                table,
                version: TableVersion(i64::try_from(of.number).unwrap_or(i64::MAX)),
                root: root.map_err(|error| TableError::io("name a rollup", error))?,
                store: Arc::new(PrefixStore::new(Arc::clone(store), table.name)),
                files: Arc::new(files.collect()),
            })
        };
        let snapshots = definition.tables.iter().map(|table| snapshot(table));
        Ok(Self {
            of,
            snapshots: snapshots.collect::<Result<_>>()?,
            parts,
            kept,
            missing,
        })
    }

    /// The version of `Flows` that all this is true of.
    #[must_use]
    pub const fn flows_version(&self) -> TableVersion {
        self.of.flows_version
    }

    pub(super) const fn number(&self) -> u64 {
        self.of.number
    }

    pub(super) const fn is_ahead(&self) -> bool {
        self.of.is_ahead
    }

    /// Every rollup table; rows of hours that are not among [`Rollups::kept`] do not count.
    #[must_use]
    pub fn snapshots(&self) -> &[Snapshot] {
        &self.snapshots
    }

    /// The hours for which what is kept counts.
    #[must_use]
    pub const fn kept(&self) -> &HoursSet {
        &self.kept
    }

    /// The hours that have to be computed from rows: `Flows` may have rows of them, and nothing that counts is kept.
    #[must_use]
    pub const fn missing(&self) -> &HoursSet {
        &self.missing
    }

    /// The parts that count for all of their hours.
    pub(super) fn whole_parts(&self) -> impl Iterator<Item = &Part> {
        let missing = |part: &Part| {
            let hours: HoursSet = [part.hours].into_iter().collect();
            hours.without(&self.kept)
        };
        self.parts.iter().filter(move |part| missing(part).is_empty())
    }

    /// The hours that are to be built so that nothing is missing: a part that holds no longer is built anew as a whole.
    #[must_use]
    pub fn to_build(&self) -> HoursSet {
        let whole: HoursSet = self.whole_parts().map(|part| part.hours).collect();
        let all = self
            .missing
            .iter()
            .chain(self.parts.iter().map(|part| part.hours));
        all.collect::<HoursSet>().without(&whole)
    }

    /// The last hours that there is anything of.
    #[must_use]
    pub fn newest(&self) -> Option<Hours> {
        let last = self
            .kept
            .iter()
            .chain(self.missing.iter())
            .map(|hours| hours.before)
            .max()?;
        Some(Hours::around(last - 1, last - 1))
    }

    /// The days of parts that count, each with the hours and the number of its parts.
    pub fn days(&self) -> impl Iterator<Item = (Hours, usize)> {
        let mut days: BTreeMap<i64, (Hours, usize)> = BTreeMap::new();
        for part in self.whole_parts() {
            let hours = part.hours;
            let (held, parts) = days.entry(hours.day()).or_insert((hours, 0));
            held.from = held.from.min(hours.from);
            held.before = held.before.max(hours.before);
            *parts += 1;
        }
        days.into_values()
    }

    /// Bytes of all files that count.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.snapshots.iter().map(Snapshot::bytes).sum()
    }
}
