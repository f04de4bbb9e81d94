//! Rows that are in order already, of one day, into as many files as they fill. It sorts nothing: whoever
//! calls it has merged runs. Row groups, encodings, blooms and statistics are the ingest writer's own.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use model::TableDef;
use object_store::ObjectStore;

use super::{OpenFile, RUN_ROWS, WAITING_BYTES_MAX, file_name, file_schema, parquet_failed, properties};
use crate::error::Result;
use crate::snapshot::DataFile;

/// Writes rows in the order they come.
pub(crate) struct SortedWriter {
    table: &'static TableDef,
    store: Arc<dyn ObjectStore>,
    schema: SchemaRef,
    day: i32,
    prefix: String,
    now_millis: i64,
    /// Rows after which a file ends.
    rows_per_file: u64,
    open: Option<Filling>,
    finished: Vec<DataFile>,
}

struct Filling {
    file: OpenFile,
    rows: u64,
    rows_in_group: usize,
}

impl SortedWriter {
    pub(crate) fn new(
        table: &'static TableDef,
        store: Arc<dyn ObjectStore>,
        day: i32,
        prefix: &str,
        now_millis: i64,
        rows_per_file: u64,
    ) -> Self {
        Self {
            table,
            store,
            schema: file_schema(table),
            day,
            prefix: prefix.to_owned(),
            now_millis,
            rows_per_file: rows_per_file.max(1),
            open: None,
            finished: Vec::new(),
        }
    }

    /// Takes rows, without the partition column.
    pub(crate) async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut rest = batch.clone();
        while rest.num_rows() > 0 {
            let mut filling = match self.open.take() {
                Some(filling) => filling,
                None => self.create()?,
            };
            let room = self.rows_per_file.saturating_sub(filling.rows);
            let room = usize::try_from(room)
                .unwrap_or(usize::MAX)
                .min(RUN_ROWS.saturating_sub(filling.rows_in_group))
                .clamp(1, rest.num_rows());
            filling.take(&rest.slice(0, room)).await?;
            rest = rest.slice(room, rest.num_rows() - room);
            if filling.rows >= self.rows_per_file {
                self.end(filling).await?;
            } else {
                self.open = Some(filling);
            }
        }
        Ok(())
    }

    fn create(&self) -> Result<Filling> {
        // How many values will come is not known yet; the library makes a bloom smaller that has room left.
        let most = |_: &str| RUN_ROWS as u64;
        let name = file_name(self.table, self.day, &self.prefix);
        let properties = properties(self.table, most);
        Ok(Filling {
            file: OpenFile::create(self.table, &self.store, &self.schema, name, properties)?,
            rows: 0,
            rows_in_group: 0,
        })
    }

    async fn end(&mut self, filling: Filling) -> Result<()> {
        let finished = filling.file.close(&self.store, self.day, self.now_millis).await?;
        self.finished.push(finished);
        Ok(())
    }

    /// Ends the last file and gives all, none of which is in any log yet.
    pub(crate) async fn finish(mut self) -> Result<Vec<DataFile>> {
        if let Some(filling) = self.open.take() {
            self.end(filling).await?;
        }
        Ok(self.finished)
    }
}

impl Filling {
    async fn take(&mut self, rows: &RecordBatch) -> Result<()> {
        let failed = |error| parquet_failed(&self.file.path, error);
        self.file.stats.add(rows);
        self.file.writer.write(rows).await.map_err(failed)?;
        self.rows += rows.num_rows() as u64;
        self.rows_in_group += rows.num_rows();
        // Rows with long names weigh more, here as in the ingest writer.
        let heavy = self.file.writer.memory_size() >= WAITING_BYTES_MAX;
        if heavy || self.rows_in_group >= RUN_ROWS {
            self.file.writer.flush().await.map_err(failed)?;
            self.rows_in_group = 0;
        }
        Ok(())
    }
}
