//! One file that is being written: row groups are made on threads of their own and appended in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_schema::{ArrowError, SchemaRef};
use bytes::Bytes;
use model::TableDef;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ArrowSchemaConverter;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::SchemaDescPtr;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinHandle;
use zstd::bulk::Compressor;

use super::columns::{Encoded, Task};
use super::layout::{Packing, ZSTD_LEVEL, has_bloom, packing};
use super::run::Run;
use crate::error::{Result, TableError};
use crate::snapshot::{ColumnStats, DataFile, WrittenFile};

/// How the columns of a table's files are made.
#[derive(Clone)]
struct Shape {
    table: &'static TableDef,
    /// As the columns come.
    schema: SchemaRef,
    /// As other readers see them: how we held the columns is nobody else's business.
    parquet: SchemaDescPtr,
    /// What the first row group has found to be smallest, column by column; empty before.
    packings: Vec<Packing>,
}

impl Shape {
    fn of(table: &'static TableDef, schema: SchemaRef) -> Result<Self> {
        let parquet = ArrowSchemaConverter::new()
            .convert(&schema)
            .map_err(|error| TableError::io(format!("make the columns of `{}`", table.name), error))?;
        Ok(Self {
            table,
            schema,
            parquet: Arc::new(parquet),
            packings: Vec::new(),
        })
    }

    fn encode(&self, run: &Run) -> std::result::Result<Group, ParquetError> {
        let mut columns = Vec::with_capacity(run.schema.fields().len());
        let mut packings = Vec::with_capacity(run.schema.fields().len());
        let mut compressor = Compressor::new(ZSTD_LEVEL)?;
        for (number, field) in run.schema.fields().iter().enumerate() {
            let column = self
                .table
                .column(field.name())
                .ok_or_else(|| ParquetError::General(format!("nobody knows a column `{}`", field.name())))?;
            let task = Task {
                column: number,
                descriptor: self.parquet.column(number),
                packing: self
                    .packings
                    .get(number)
                    .copied()
                    .unwrap_or_else(|| packing(column)),
                bloom: has_bloom(column),
            };
            let (encoded, packing) = task.encode(run, &mut compressor)?;
            columns.push(encoded);
            packings.push(packing);
        }
        Ok(Group {
            rows: run.rows as u64,
            columns,
            packings,
        })
    }
}

/// A row group, ready to be appended.
struct Group {
    rows: u64,
    columns: Vec<Encoded>,
    packings: Vec<Packing>,
}

/// A file that has no end yet.
pub(super) struct OpenFile {
    pub(super) path: String,
    shape: Shape,
    file: SerializedFileWriter<Vec<u8>>,
    output: BufWriter,
    /// Of all bytes handed out.
    digest: Sha256,
    rows: u64,
    columns: BTreeMap<String, ColumnStats>,
    /// Row groups that were handed over, in order.
    making: Vec<JoinHandle<std::result::Result<Group, ParquetError>>>,
    pub(super) runs: usize,
}

impl OpenFile {
    pub(super) fn create(
        table: &'static TableDef,
        schema: &SchemaRef,
        store: &Arc<dyn ObjectStore>,
        path: String,
    ) -> Result<Self> {
        let shape = Shape::of(table, SchemaRef::clone(schema))?;
        let properties = WriterProperties::builder()
            .set_created_by(format!("flowglass {}", env!("CARGO_PKG_VERSION")))
            .build();
        let schema = shape.parquet.root_schema_ptr();
        let file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))
            .map_err(|error| failed(&path, error))?;
        Ok(Self {
            output: BufWriter::new(Arc::clone(store), Path::from(path.as_str())),
            path,
            shape,
            file,
            digest: Sha256::new(),
            rows: 0,
            columns: BTreeMap::new(),
            making: Vec::new(),
            runs: 0,
        })
    }

    /// Hands a run over to be put in order and made into a row group. Waits while there are more of them than
    /// `ahead`.
    pub(super) async fn write(
        &mut self,
        run: impl FnOnce() -> std::result::Result<Run, ArrowError> + Send + 'static,
        ahead: usize,
    ) -> Result<()> {
        if self.shape.packings.is_empty() {
            self.append_but(0).await?;
        }
        let shape = self.shape.clone();
        self.making
            .push(tokio::task::spawn_blocking(move || shape.encode(&run()?)));
        self.runs += 1;
        self.append_but(ahead).await
    }

    /// Appends the row groups that were handed over, all but the last few.
    pub(super) async fn append_but(&mut self, ahead: usize) -> Result<()> {
        while self.making.len() > ahead {
            let group = self.making.remove(0).await.map_err(|error| self.broken(error))?;
            let group = group.map_err(|error| failed(&self.path, error))?;
            self.append(group).await?;
        }
        Ok(())
    }

    fn broken(&self, error: tokio::task::JoinError) -> TableError {
        TableError::io(format!("make a row group of `{}`", self.path), error)
    }

    async fn append(&mut self, group: Group) -> Result<()> {
        // Of the first alone, so that the bytes are the same however many are in the making.
        if self.shape.packings.is_empty() {
            self.shape.packings = group.packings;
        }
        self.rows += group.rows;
        let mut row_group = self
            .file
            .next_row_group()
            .map_err(|error| failed(&self.path, error))?;
        for (field, encoded) in self.shape.schema.fields().iter().zip(group.columns) {
            row_group
                .append_column(&Bytes::from(encoded.chunk.bytes), encoded.chunk.close)
                .map_err(|error| failed(&self.path, error))?;
            let stats = self.columns.entry(field.name().clone()).or_insert(ColumnStats {
                nulls: Some(0),
                ..ColumnStats::default()
            });
            widen(stats, encoded.stats);
        }
        row_group.close().map_err(|error| failed(&self.path, error))?;
        self.hand_out().await
    }

    /// Passes on what was written so far.
    async fn hand_out(&mut self) -> Result<()> {
        self.file
            .flush()
            .map_err(|error| TableError::io(format!("write `{}`", self.path), error))?;
        let bytes = std::mem::take(self.file.inner_mut());
        self.digest.update(&bytes);
        self.output
            .put(bytes.into())
            .await
            .map_err(|error| TableError::io(format!("write `{}`", self.path), error))
    }

    /// Ends the file, and says what the log will say of it.
    pub(super) async fn close(
        mut self,
        store: &Arc<dyn ObjectStore>,
        day: i32,
        modified_millis: i64,
    ) -> Result<WrittenFile> {
        self.append_but(0).await?;
        self.file.finish().map_err(|error| failed(&self.path, error))?;
        self.hand_out().await?;
        self.output
            .shutdown()
            .await
            .map_err(|error| TableError::io(format!("write `{}`", self.path), error))?;
        let meta = store
            .head(&Path::from(self.path.as_str()))
            .await
            .map_err(|error| TableError::io(format!("look at `{}`", self.path), error))?;
        Ok(WrittenFile {
            file: DataFile {
                path: self.path,
                bytes: meta.size,
                modified_millis,
                day,
                rows: Some(self.rows),
                columns: self.columns,
            },
            sha256: hex::encode(self.digest.finalize()),
        })
    }
}

fn failed(path: &str, error: ParquetError) -> TableError {
    TableError::io(format!("write `{path}`"), error)
}

/// Makes the statistics of a file hold for more rows.
fn widen(all: &mut ColumnStats, more: ColumnStats) {
    all.nulls = all.nulls.zip(more.nulls).map(|(all, more)| all + more);
    if let Some(min) = more.min
        && all.min.as_ref().is_none_or(|known| min < *known)
    {
        all.min = Some(min);
    }
    if let Some(max) = more.max
        && all.max.as_ref().is_none_or(|known| max > *known)
    {
        all.max = Some(max);
    }
}
