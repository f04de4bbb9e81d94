//! One step of a compaction: reads some files of a day, and writes the new ones. It commits nothing.
//!
//! Every file is compared with its checksum before a row of it is written elsewhere: damage must not be
//! given a new checksum that fits it.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, RecordBatch};
use model::TableDef;
use object_store::ObjectStoreExt;
use object_store::path::Path;

use super::CompactOptions;
use super::merge::{Merge, MergeError, aligned, held, weight};
use super::select::{Group, files_for};
use crate::check::guard::guarded;
use crate::checksum;
use crate::committed::{marker, transaction_of};
use crate::contents::footer_rows;
use crate::error::{Result, TableError};
use crate::log::{FoldTag, NewFile};
use crate::object_reader::Grouped;
use crate::snapshot::{DataFile, Snapshot, StatValue, WrittenFile};
use crate::writer::{SortedWriter, Writer, file_schema, sorted_as_one};

/// Rows handed to the ingest writer at once.
const SORTED_ROWS: usize = 32 * 1024;

/// What a step needs to know.
pub(super) struct Folding<'a> {
    pub(super) table: &'static TableDef,
    pub(super) snapshot: &'a Snapshot,
    pub(super) folds: &'a HashMap<String, FoldTag>,
    pub(super) checksums: HashMap<String, String>,
    pub(super) options: &'a CompactOptions,
    pub(super) now_millis: i64,
}

/// What a step wrote.
pub(super) struct Written {
    /// Files whose rows are in the new ones.
    pub(super) taken: Vec<DataFile>,
    pub(super) new: Vec<NewFile>,
}

/// The path of a file, and what is wrong with it.
type Damage = (String, String);

/// Files that are read together.
#[derive(Default)]
struct Opened {
    files: Vec<(DataFile, Grouped)>,
    rows: u64,
}

impl Folding<'_> {
    /// Writes what the group's files become; or says which of them is not what it should be.
    pub(super) async fn write(&self, group: &Group) -> Result<std::result::Result<Written, Damage>> {
        let mut opened = match self.open(group).await? {
            Ok(opened) => opened,
            Err(damage) => return Ok(Err(damage)),
        };
        self.in_order(&mut opened);
        let taken: Vec<DataFile> = opened.files.iter().map(|(file, _)| file.clone()).collect();
        let (files, whole) = match guarded(self.merge(group.day, &opened)).await {
            Ok(Ok(files)) => (files, true),
            Ok(Err(MergeError::Unordered)) => (self.sort_first(group.day, &opened).await?, false),
            Ok(Err(MergeError::Failed(error))) => return Err(error),
            // Which of them it is cannot be told; the first is named, the rest are tried again without it.
            Err(what) => {
                let first = taken.into_iter().next().map(|file| file.path);
                return Ok(Err((first.unwrap_or_default(), what)));
            }
        };
        let rows: u64 = files.iter().filter_map(|written| written.file.rows).sum();
        if rows != opened.rows {
            return Err(TableError::Damaged {
                what: format!(
                    "{} rows of `{}` became {rows}; nothing was committed",
                    opened.rows, self.table.name
                ),
            });
        }
        let fold = FoldTag {
            by_group: !whole,
            ..self.tag(&taken)
        };
        let fold = |written| NewFile {
            written,
            fold: fold.clone(),
        };
        let new = files.into_iter().map(fold).collect();
        Ok(Ok(Written { taken, new }))
    }

    /// Opens files, smallest first, for as long as there is room for their runs; two at least.
    async fn open(&self, group: &Group) -> Result<std::result::Result<Opened, Damage>> {
        let mut opened = Opened::default();
        let (mut memory, mut runs) = (0_u64, 0_usize);
        for file in &group.files {
            self.options.pace.give_way().await;
            if let Some(sha256) = self.checksums.get(&file.path)
                && checksum::of_file(&self.snapshot.store, &file.path).await? != *sha256
            {
                let what = "holds other bytes than were written: its SHA-256 differs";
                return Ok(Err((file.path.clone(), what.to_owned())));
            }
            let reading = Grouped::open(self.snapshot, file, |stored| held(self.table, stored));
            let grouped = match guarded(reading).await {
                Ok(grouped) => grouped?,
                Err(what) => return Ok(Err((file.path.clone(), what))),
            };
            let rows = footer_rows(grouped.footer());
            if file.rows.is_some_and(|claimed| claimed != rows) {
                let what = format!("has {rows} rows, the log says otherwise");
                return Ok(Err((file.path.clone(), what)));
            }
            let weights = self.runs_of(file, &grouped).into_iter().map(|groups| {
                let each = groups.iter().map(|group| weight(grouped.footer(), *group));
                each.max().unwrap_or(0)
            });
            let weights: Vec<u64> = weights.collect();
            let more: u64 = weights.iter().sum();
            let full = memory.saturating_add(more) > self.options.memory_bytes
                || runs + weights.len() > self.options.runs_max;
            if full && opened.files.len() >= 2 {
                break;
            }
            memory = memory.saturating_add(more);
            runs += weights.len();
            opened.rows += rows;
            opened.files.push((file.clone(), grouped));
        }
        Ok(Ok(opened))
    }

    /// The row groups of a file, run by run: a file that compaction made is sorted as a whole.
    fn runs_of(&self, file: &DataFile, grouped: &Grouped) -> Vec<Vec<usize>> {
        let groups = 0..grouped.footer().num_row_groups();
        let whole = self.folds.get(&file.path).is_some_and(|fold| !fold.by_group);
        if whole || !sorted_as_one(self.table) {
            vec![groups.collect()]
        } else {
            groups.map(|group| vec![group]).collect()
        }
    }

    /// Without an order of their own, rows stay in the order they were brought in.
    fn in_order(&self, opened: &mut Opened) {
        let since = |file: &DataFile| match file.columns.get("IngestTime").map(|stats| &stats.min) {
            Some(Some(StatValue::Instant(micros))) => *micros,
            _ => i64::MIN,
        };
        opened
            .files
            .sort_by(|(left, _), (right, _)| (since(left), &left.path).cmp(&(since(right), &right.path)));
    }

    async fn merge(&self, day: i32, opened: &Opened) -> std::result::Result<Vec<WrittenFile>, MergeError> {
        let runs = opened.files.iter().flat_map(|(file, grouped)| {
            let runs = self.runs_of(file, grouped);
            runs.into_iter().map(move |groups| (grouped, groups))
        });
        let mut merge = Merge::new(self.table, runs.collect()).await?;
        let bytes = opened.files.iter().map(|(file, _)| file.bytes).sum();
        let rows_per_file = opened.rows.div_ceil(files_for(bytes, self.options.target_bytes));
        let store = Arc::clone(&self.snapshot.store);
        let prefix = self.prefix(opened);
        let mut writer = SortedWriter::new(self.table, store, day, &prefix, self.now_millis, rows_per_file);
        while let Some(rows) = merge.next().await? {
            self.options.pace.give_way().await;
            writer.write(&rows).await?;
        }
        Ok(writer.finish().await?)
    }

    /// The same through the ingest writer, which sorts each run that it is given: for files of a program
    /// that sorted otherwise.
    async fn sort_first(&self, day: i32, opened: &Opened) -> Result<Vec<WrittenFile>> {
        let store = Arc::clone(&self.snapshot.store);
        let mut writer =
            Writer::new(self.table, store, self.now_millis).with_name_prefix(&self.prefix(opened));
        let schema = file_schema(self.table);
        for (file, grouped) in &opened.files {
            let groups = (0..grouped.footer().num_row_groups()).collect();
            let mut rows = grouped.rows(groups, SORTED_ROWS)?;
            while let Some(batch) = rows.next().await? {
                self.options.pace.give_way().await;
                let batch = aligned(&batch, &schema, &file.path)?;
                writer.write(&with_day(self.table, &batch, day)?).await?;
            }
        }
        writer.finish().await
    }

    /// Names of new files: of a side table, they begin as the file of a committed transaction does, so
    /// that programs from before compaction count them.
    fn prefix(&self, opened: &Opened) -> String {
        let first = opened
            .files
            .iter()
            .find_map(|(file, _)| transaction_of(&file.path));
        match first {
            Some((shard, sequence)) => format!("{}fold-", marker(shard, sequence)),
            None => "fold-".to_owned(),
        }
    }

    fn tag(&self, taken: &[DataFile]) -> FoldTag {
        let mut tag = FoldTag {
            from: self.snapshot.version.0,
            ..FoldTag::default()
        };
        for file in taken {
            if let Some(other) = self.folds.get(&file.path) {
                tag.holds_all_of(other);
            } else if let Some((shard, sequence)) = transaction_of(&file.path) {
                tag.holds(shard, sequence);
            }
        }
        tag
    }

    /// Removes files that lost: nothing has named them, and nothing ever will.
    pub(super) async fn remove(&self, new: &[NewFile]) {
        for new in new {
            // What stays is an orphan, and harmless.
            let _ = self
                .snapshot
                .store
                .delete(&Path::from(new.written.file.path.as_str()))
                .await;
        }
    }
}

/// Rows of a file with the partition column that the file does not hold.
pub(crate) fn with_day(table: &TableDef, rows: &RecordBatch, day: i32) -> Result<RecordBatch> {
    let broken = |error| TableError::io("add the day to rows", error);
    let schema = table.batch_schema();
    let days: ArrayRef = Arc::new(Date32Array::from_value(day, rows.num_rows()));
    let columns = schema.fields().iter().filter_map(|field| {
        if field.name() == table.partition {
            Some(Arc::clone(&days))
        } else {
            rows.column_by_name(field.name()).map(Arc::clone)
        }
    });
    let columns = columns.collect();
    RecordBatch::try_new(schema, columns).map_err(broken)
}
