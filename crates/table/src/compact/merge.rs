//! Sorted runs in, one sorted stream out, in bounded memory: of each run one batch is in flight.
//!
//! The order is the ingest writer's own (`writer::sort`). A run that turns out not to be in that order (of
//! a program that sorted otherwise) is an error of its own, and never a wrong file: its rows are sorted
//! first, and merged then. Tables without an order come out one run after the other.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use arrow_select::interleave::interleave_record_batch;
use model::TableDef;
use parquet::file::metadata::ParquetMetaData;

use crate::error::{Result, TableError};
use crate::object_reader::{GroupRows, Grouped};
use crate::writer::{Keys, Place, file_schema, sorted_as_one};

/// Rows of a run that are decoded at once.
const READ_ROWS: usize = 2048;
/// Rows that come out at once.
const OUT_ROWS: usize = 16 * 1024;
/// What a row of a batch takes in memory apart from its texts, which lie in the dictionaries.
const ROW_BYTES: u64 = 256;

/// What a run keeps in memory while it is read, about: its row group as stored, decoded dictionaries and
/// pages, and two batches.
pub(super) fn weight(footer: &ParquetMetaData, group: usize) -> u64 {
    let Some(group) = footer.row_groups().get(group) else {
        return 0;
    };
    let size = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
    let rows = size(group.num_rows()).min(READ_ROWS as u64);
    size(group.compressed_size())
        .saturating_add(size(group.total_byte_size()))
        .saturating_add(2 * rows * ROW_BYTES)
}

/// How the columns of a file are held while they are merged: as the ingest writer's batches are.
pub(crate) fn held(table: &TableDef, stored: &SchemaRef) -> SchemaRef {
    let fields = stored.fields().iter().map(|field| {
        let held = table.column(field.name()).map(|column| column.batch_field());
        match held.map(|held| held.data_type().clone()) {
            Some(DataType::Dictionary(key, value)) if *value == *field.data_type() => Arc::new(Field::new(
                field.name(),
                DataType::Dictionary(key, value),
                field.is_nullable(),
            )),
            _ => Arc::clone(field),
        }
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The batch in the writer's columns: those that the file is too old for are null.
pub(crate) fn aligned(batch: &RecordBatch, schema: &SchemaRef, path: &str) -> Result<RecordBatch> {
    let damaged = |what: String| TableError::Damaged {
        what: format!("`{path}` {what}"),
    };
    for field in batch.schema().fields() {
        if schema.field_with_name(field.name()).is_err() {
            return Err(damaged(format!(
                "has a column `{}` that nobody knows",
                field.name()
            )));
        }
    }
    let columns = schema
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            Some(column) => Arc::clone(column),
            None => new_null_array(field.data_type(), batch.num_rows()),
        });
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns.collect(), &options)
        .map_err(|error| damaged(format!("does not have the table's columns: {error}")))
}

/// One sorted run, at one of its rows.
struct Run {
    rows: GroupRows,
    /// Number of the batch among those that are held.
    slot: usize,
    row: usize,
    count: usize,
    /// None in a table without an order.
    keys: Option<Keys>,
}

impl Run {
    fn place(&self) -> Option<Place<'_>> {
        self.keys.as_ref().map(|keys| keys.at(self.row))
    }
}

/// What can go wrong while runs are merged.
pub(super) enum MergeError {
    /// A run is not in the order of this program.
    Unordered,
    Failed(TableError),
}

impl From<TableError> for MergeError {
    fn from(error: TableError) -> Self {
        Self::Failed(error)
    }
}

impl From<ArrowError> for MergeError {
    fn from(error: ArrowError) -> Self {
        Self::Failed(TableError::io("merge rows", error))
    }
}

/// Runs being merged.
pub(super) struct Merge {
    schema: SchemaRef,
    ordered: bool,
    runs: Vec<Run>,
    /// Runs that have rows left, the least first: a heap of their numbers.
    heap: Vec<usize>,
    /// Batches that rows to come out refer to.
    held: Vec<RecordBatch>,
    /// Rows to come out: number of the batch, row.
    out: Vec<(usize, usize)>,
}

impl Merge {
    /// `runs` are row groups of files, each a sorted run or several that follow one another in order.
    pub(super) async fn new(
        table: &'static TableDef,
        runs: Vec<(&Grouped, Vec<usize>)>,
    ) -> std::result::Result<Self, MergeError> {
        let mut merge = Self {
            schema: file_schema(table),
            ordered: sorted_as_one(table),
            runs: Vec::with_capacity(runs.len()),
            heap: Vec::new(),
            held: Vec::new(),
            out: Vec::new(),
        };
        for (file, groups) in runs {
            let number = merge.runs.len();
            merge.runs.push(Run {
                rows: file.rows(groups, READ_ROWS)?,
                slot: 0,
                row: 0,
                count: 0,
                keys: None,
            });
            if merge.load(number).await? {
                merge.heap.push(number);
            }
        }
        for at in (0..merge.heap.len() / 2).rev() {
            merge.sift(at);
        }
        Ok(merge)
    }

    /// The next rows in order.
    pub(super) async fn next(&mut self) -> std::result::Result<Option<RecordBatch>, MergeError> {
        while let Some(top) = self.heap.first().copied() {
            if self.take_from(top)? && !self.load(top).await? {
                self.heap.swap_remove(0);
            }
            self.sift(0);
            if self.out.len() >= OUT_ROWS || self.held.len() > self.runs.len() * 2 + 8 {
                return self.flush().map(Some);
            }
        }
        if self.out.is_empty() {
            return Ok(None);
        }
        self.flush().map(Some)
    }

    /// Takes rows of the least run for as long as it is that; true if its batch is used up.
    fn take_from(&mut self, top: usize) -> std::result::Result<bool, MergeError> {
        let second = match (self.heap.get(1).copied(), self.heap.get(2).copied()) {
            (Some(left), Some(right)) if self.before(right, left) => Some(right),
            (left, _) => left,
        };
        let Some(run) = self.runs.get(top) else {
            return Ok(true);
        };
        let limit = second.and_then(|second| Some((self.runs.get(second)?.place(), second)));
        let mut row = run.row;
        let mut previous = None;
        while row < run.count && self.out.len() < OUT_ROWS {
            let place = run.keys.as_ref().map(|keys| keys.at(row));
            if previous.is_some_and(|previous| previous > place) {
                return Err(MergeError::Unordered);
            }
            if limit.is_some_and(|limit| (place, top) > limit) {
                break;
            }
            self.out.push((run.slot, row));
            previous = Some(place);
            row += 1;
        }
        // What is looked at next must not lie before what came out last.
        let following = run
            .keys
            .as_ref()
            .filter(|_| row < run.count)
            .map(|keys| keys.at(row));
        if following.is_some() && previous.is_some_and(|previous| previous > following) {
            return Err(MergeError::Unordered);
        }
        let used_up = row >= run.count;
        if let Some(run) = self.runs.get_mut(top) {
            run.row = row;
        }
        Ok(used_up)
    }

    /// Loads a run's next batch; false if there is none.
    async fn load(&mut self, number: usize) -> std::result::Result<bool, MergeError> {
        let Some(run) = self.runs.get_mut(number) else {
            return Ok(false);
        };
        let batch = loop {
            match run.rows.next().await? {
                Some(batch) if batch.num_rows() == 0 => {}
                Some(batch) => break batch,
                None => {
                    run.keys = None;
                    return Ok(false);
                }
            }
        };
        let batch = aligned(&batch, &self.schema, run.rows.path())?;
        let keys = self.ordered.then(|| Keys::of(&batch)).transpose()?;
        let before = run.keys.as_ref().filter(|_| run.count > 0);
        let last = before.map(|keys| keys.at(run.count - 1));
        if let (Some(last), Some(keys)) = (last, &keys)
            && last > keys.at(0)
        {
            return Err(MergeError::Unordered);
        }
        run.keys = keys;
        run.slot = self.held.len();
        run.row = 0;
        run.count = batch.num_rows();
        self.held.push(batch);
        Ok(true)
    }

    /// True if the one run comes before the other; of equal rows those of the earlier run come first.
    fn before(&self, one: usize, other: usize) -> bool {
        let place = |number: usize| Some((self.runs.get(number)?.place(), number));
        place(one) < place(other)
    }

    /// Puts the run at this place of the heap where it belongs below.
    fn sift(&mut self, mut at: usize) {
        loop {
            let least = [2 * at + 1, 2 * at + 2]
                .into_iter()
                .filter_map(|child| Some((child, *self.heap.get(child)?)))
                .reduce(|left, right| if self.before(right.1, left.1) { right } else { left });
            let (Some((child, number)), Some(here)) = (least, self.heap.get(at)) else {
                return;
            };
            if !self.before(number, *here) {
                return;
            }
            self.heap.swap(at, child);
            at = child;
        }
    }

    /// The rows that were taken, as a batch; lets go of what no run needs any more.
    fn flush(&mut self) -> std::result::Result<RecordBatch, MergeError> {
        let batches: Vec<&RecordBatch> = self.held.iter().collect();
        let rows = interleave_record_batch(&batches, &self.out)?;
        self.out.clear();
        let mut kept = Vec::with_capacity(self.heap.len());
        for number in &self.heap {
            if let Some(run) = self.runs.get_mut(*number)
                && let Some(batch) = self.held.get(run.slot)
            {
                run.slot = kept.len();
                kept.push(batch.clone());
            }
        }
        self.held = kept;
        Ok(rows)
    }
}
