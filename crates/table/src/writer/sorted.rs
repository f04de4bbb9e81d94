//! Rows that are in order already, of one day, into as many files as they fill. It sorts nothing: whoever
//! calls it has merged runs. Row groups, encodings, blooms and statistics are the ingest writer's own.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use model::TableDef;
use object_store::ObjectStore;

use super::file::OpenFile;
use super::run::Run;
use super::{RUN_ROWS, WAITING_BYTES_MAX, file_name, file_schema};
use crate::error::Result;
use crate::snapshot::WrittenFile;

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
    finished: Vec<WrittenFile>,
}

struct Filling {
    file: OpenFile,
    schema: SchemaRef,
    rows: u64,
    /// Rows of the next row group.
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    waiting_bytes: usize,
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
                .min(RUN_ROWS.saturating_sub(filling.waiting_rows))
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
        let name = file_name(self.table, self.day, &self.prefix);
        Ok(Filling {
            file: OpenFile::create(self.table, &self.schema, &self.store, name)?,
            schema: SchemaRef::clone(&self.schema),
            rows: 0,
            waiting: Vec::new(),
            waiting_rows: 0,
            waiting_bytes: 0,
        })
    }

    async fn end(&mut self, mut filling: Filling) -> Result<()> {
        filling.write_group().await?;
        let finished = filling.file.close(&self.store, self.day, self.now_millis).await?;
        self.finished.push(finished);
        Ok(())
    }

    /// Ends the last file and gives all, none of which is in any log yet.
    pub(crate) async fn finish(mut self) -> Result<Vec<WrittenFile>> {
        if let Some(filling) = self.open.take() {
            self.end(filling).await?;
        }
        Ok(self.finished)
    }
}

impl Filling {
    async fn take(&mut self, rows: &RecordBatch) -> Result<()> {
        self.rows += rows.num_rows() as u64;
        self.waiting_rows += rows.num_rows();
        self.waiting_bytes += rows.get_array_memory_size();
        self.waiting.push(rows.clone());
        // Rows with long names weigh more, here as in the ingest writer.
        if self.waiting_bytes >= WAITING_BYTES_MAX || self.waiting_rows >= RUN_ROWS {
            self.write_group().await?;
        }
        Ok(())
    }

    async fn write_group(&mut self) -> Result<()> {
        if self.waiting_rows == 0 {
            return Ok(());
        }
        let run = Run::as_they_come(&self.schema, std::mem::take(&mut self.waiting));
        self.waiting_rows = 0;
        self.waiting_bytes = 0;
        self.file.write(move || Ok(run), 0).await
    }
}
