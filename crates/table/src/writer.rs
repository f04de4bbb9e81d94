//! Our own Parquet writer: rows in, one file per day out, each row group a sorted run.
//!
//! Rows wait in memory until a run is full, are sorted, and become one row group; so memory is bounded
//! by the run's size and the number of days, and a file's row groups each cover few interfaces. The
//! layout (order, encodings, blooms) is decided in docs/adr/0005-layout.md. It must not commit.

mod bits;
mod chunk;
mod columns;
mod file;
mod layout;
mod order;
#[cfg(test)]
mod round_trip;
mod run;
mod sorted;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::{Schema, SchemaRef};
use model::{TableDef, limits};
use object_store::ObjectStore;

use crate::error::{Result, TableError};
use crate::log::day_text;
use crate::snapshot::WrittenFile;
use file::OpenFile;
use run::Run;

pub(crate) use order::{Keys, Place, sorted_as_one};
pub(crate) use sorted::SortedWriter;

/// Rows of one run, and so of one row group.
pub(crate) const RUN_ROWS: usize = 128 * 1024;
/// Rows in memory over all days before the largest day is written out.
const ROWS_MAX: usize = 256 * 1024;
/// Row groups of one file.
const RUNS_PER_FILE: usize = 128;
/// Memory of the rows that wait before all of them are written out: rows with long names weigh more.
const WAITING_BYTES_MAX: usize = 48 << 20;
/// Files that stay open for more runs; each holds what it has not handed out, and runs in the making.
const OPEN_FILES_MAX: usize = 16;

/// Writes rows of one table into new files.
pub struct Writer {
    table: &'static TableDef,
    store: Arc<dyn ObjectStore>,
    schema: SchemaRef,
    now_millis: i64,
    /// Runs that may be in the making while rows are taken in.
    ahead: usize,
    /// What file names begin with.
    prefix: String,
    days: BTreeMap<i32, Day>,
    rows: usize,
    /// Memory that the waiting rows take, about.
    waiting_bytes: usize,
    partitions_max: usize,
    finished: Vec<WrittenFile>,
}

#[derive(Default)]
struct Day {
    waiting: Vec<RecordBatch>,
    rows: usize,
    file: Option<OpenFile>,
}

/// The columns of a file as they are written: all but the partition.
pub(crate) fn file_schema(table: &TableDef) -> SchemaRef {
    let batch = table.batch_schema();
    let fields = batch.fields().iter();
    let inside: Vec<_> = fields
        .filter(|field| field.name() != table.partition)
        .cloned()
        .collect();
    Arc::new(Schema::new(inside))
}

fn file_name(table: &TableDef, day: i32, prefix: &str) -> String {
    format!(
        "{}={}/{prefix}{}.parquet",
        table.partition,
        day_text(day),
        uuid::Uuid::new_v4()
    )
}

impl Writer {
    /// A writer of files of this table; `store` is rooted at the table's folder. `now_millis` is
    /// the modification time that the log will name.
    #[must_use]
    pub fn new(table: &'static TableDef, store: Arc<dyn ObjectStore>, now_millis: i64) -> Self {
        Self {
            table,
            store,
            schema: file_schema(table),
            now_millis,
            ahead: 0,
            prefix: "part-".to_owned(),
            days: BTreeMap::new(),
            rows: 0,
            waiting_bytes: 0,
            partitions_max: limits::PARTITIONS_PER_COMMIT_MAX,
            finished: Vec::new(),
        }
    }

    /// Lets so many row groups be in the making on other threads while rows are taken in.
    #[must_use]
    pub fn with_groups_ahead(self, ahead: usize) -> Self {
        Self { ahead, ..self }
    }

    /// Refuses rows on more days than this.
    #[must_use]
    pub fn with_partitions_max(self, partitions_max: usize) -> Self {
        Self {
            partitions_max,
            ..self
        }
    }

    /// Gives files a name that begins like this.
    #[must_use]
    pub(crate) fn with_name_prefix(self, prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            ..self
        }
    }

    /// Takes rows in, in the table's batch schema.
    ///
    /// # Errors
    /// If a file cannot be written, or the rows spread over too many days.
    pub async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.waiting_bytes += batch.get_array_memory_size();
        for (day, rows) in self.split(batch)? {
            let waiting = self.days.entry(day).or_default();
            waiting.rows += rows.num_rows();
            self.rows += rows.num_rows();
            waiting.waiting.push(rows);
            if waiting.rows >= RUN_ROWS {
                self.write_run(day).await?;
            }
        }
        if self.days.len() > self.partitions_max {
            return Err(TableError::PartitionLimit {
                days: self.days.len(),
                limit: self.partitions_max,
            });
        }
        if self.waiting_bytes >= WAITING_BYTES_MAX {
            self.write_all().await?;
        }
        while self.rows >= ROWS_MAX {
            let Some(largest) = self
                .days
                .iter()
                .max_by_key(|(_, day)| day.rows)
                .map(|(day, _)| *day)
            else {
                break;
            };
            self.write_run(largest).await?;
        }
        Ok(())
    }

    /// Writes out everything that waits.
    async fn write_all(&mut self) -> Result<()> {
        let days: Vec<i32> = self.days.keys().copied().collect();
        for day in days {
            self.write_run(day).await?;
        }
        // What integer division left.
        self.waiting_bytes = 0;
        Ok(())
    }

    /// The batch by day, without the partition column.
    fn split(&self, batch: &RecordBatch) -> Result<Vec<(i32, RecordBatch)>> {
        let broken = |error| TableError::io("sort rows by day", error);
        let index = batch.schema().index_of(self.table.partition).map_err(broken)?;
        let days = batch.column(index).as_primitive::<Date32Type>().clone();
        let mut rows = batch.clone();
        rows.remove_column(index);
        let rows = rows.with_schema(Arc::clone(&self.schema)).map_err(broken)?;
        let Some(first) = days.values().first().copied() else {
            return Ok(Vec::new());
        };
        // Without a branch, for nearly all batches are of one day.
        if days
            .values()
            .iter()
            .fold(0, |differs, day| differs | (day ^ first))
            == 0
        {
            return Ok(vec![(first, rows)]);
        }
        let mut by_day: BTreeMap<i32, Vec<u32>> = BTreeMap::new();
        for (row, day) in (0_u32..).zip(days.values()) {
            by_day.entry(*day).or_default().push(row);
        }
        by_day
            .into_iter()
            .map(|(day, indices)| {
                let taken = arrow_select::take::take_record_batch(&rows, &UInt32Array::from(indices))
                    .map_err(broken)?;
                Ok((day, taken))
            })
            .collect()
    }

    /// Sorts what waits for a day and writes it as one row group.
    async fn write_run(&mut self, number: i32) -> Result<()> {
        let Some(day) = self.days.get_mut(&number) else {
            return Ok(());
        };
        if day.rows == 0 {
            return Ok(());
        }
        self.waiting_bytes -= self.waiting_bytes / self.rows.max(1) * day.rows;
        self.rows -= day.rows;
        day.rows = 0;
        let waiting = std::mem::take(&mut day.waiting);
        let (table, schema) = (self.table, SchemaRef::clone(&self.schema));
        let run = move || Run::sorted(table, &schema, waiting);
        let mut file = match day.file.take() {
            Some(file) => file,
            None => {
                let name = file_name(self.table, number, &self.prefix);
                OpenFile::create(self.table, &self.schema, &self.store, name)?
            }
        };
        file.write(run, self.ahead).await?;
        if file.runs >= RUNS_PER_FILE || self.open_files() >= OPEN_FILES_MAX {
            let finished = file.close(&self.store, number, self.now_millis).await?;
            self.finished.push(finished);
        } else if let Some(day) = self.days.get_mut(&number) {
            day.file = Some(file);
        }
        Ok(())
    }

    fn open_files(&self) -> usize {
        self.days.values().filter(|day| day.file.is_some()).count()
    }

    /// Writes what is left and gives the files, none of which is in any log yet.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub async fn finish(mut self) -> Result<Vec<WrittenFile>> {
        let days: Vec<i32> = self.days.keys().copied().collect();
        for day in days {
            self.write_run(day).await?;
            if let Some(file) = self.days.get_mut(&day).and_then(|day| day.file.take()) {
                let finished = file.close(&self.store, day, self.now_millis).await?;
                self.finished.push(finished);
            }
        }
        Ok(self.finished)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{
        ArrayRef, BinaryArray, Date32Array, Int32Array, Int64Array, StringArray, TimestampMicrosecondArray,
    };
    use object_store::memory::InMemory;

    /// Rows of `Quarantine`, one per day from this one on, each holding so many bytes.
    fn rows(days: std::ops::Range<i32>, bytes: usize) -> RecordBatch {
        let count = days.len();
        let schema = model::QUARANTINE.batch_schema();
        let columns = schema.fields().iter().map(|field| -> ArrayRef {
            match field.data_type() {
                arrow_schema::DataType::Date32 => Arc::new(Date32Array::from_iter_values(days.clone())),
                arrow_schema::DataType::Binary => {
                    Arc::new(BinaryArray::from_iter_values((0..count).map(|_| vec![7; bytes])))
                }
                arrow_schema::DataType::Int64 => Arc::new(Int64Array::from_value(1, count)),
                arrow_schema::DataType::Utf8 => Arc::new(StringArray::from(vec!["a"; count])),
                arrow_schema::DataType::Timestamp(..) => {
                    Arc::new(TimestampMicrosecondArray::from_value(0, count).with_timezone("UTC"))
                }
                arrow_schema::DataType::Int32 => Arc::new(Int32Array::from_value(1, count)),
                other => arrow_array::new_null_array(other, count),
            }
        });
        RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap()
    }

    async fn written(batches: &[RecordBatch]) -> Vec<WrittenFile> {
        let mut writer = Writer::new(&model::QUARANTINE, Arc::new(InMemory::new()), 0);
        for batch in batches {
            writer.write(batch).await.unwrap();
            assert!(writer.waiting_bytes < WAITING_BYTES_MAX);
            assert!(writer.open_files() <= OPEN_FILES_MAX);
        }
        writer.finish().await.unwrap()
    }

    #[tokio::test]
    async fn rows_that_weigh_much_are_written_before_a_run_is_full() {
        let heavy = rows(0..40, 1 << 20);
        let files = written(&[heavy.clone(), heavy.clone(), heavy]).await;
        assert_eq!(
            files
                .iter()
                .map(|written| written.file.rows.unwrap_or(0))
                .sum::<u64>(),
            120
        );
        // Forty days, and files of the first writing out were closed: too many to stay open.
        assert!(files.len() > 40, "{}", files.len());
        assert_eq!(written(&[rows(0..40, 10), rows(0..40, 10)]).await.len(), 40);
    }

    #[tokio::test]
    async fn more_days_than_one_commit_may_write_are_refused() {
        let store = Arc::new(InMemory::new());
        let mut writer = Writer::new(&model::QUARANTINE, store, 0).with_partitions_max(3);
        writer.write(&rows(0..3, 1)).await.unwrap();
        let refused = writer.write(&rows(3..4, 1)).await;
        assert!(matches!(
            refused,
            Err(TableError::PartitionLimit { days: 4, limit: 3 })
        ));
    }
}
