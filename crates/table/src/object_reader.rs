//! Reading a Parquet file of known size from an object store, range by range.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::{
    AsyncFileReader, ParquetRecordBatchStream, ParquetRecordBatchStreamBuilder,
};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

use crate::error::{self, TableError};
use crate::snapshot::{DataFile, Snapshot};

/// A data file whose footer has been read.
pub(crate) type OpenFile = ParquetRecordBatchStreamBuilder<ObjectReader>;

/// Opens a data file of a snapshot.
pub(crate) async fn open(snapshot: &Snapshot, file: &DataFile) -> error::Result<OpenFile> {
    let reader = ObjectReader::of(snapshot, file);
    OpenFile::new(reader).await.map_err(|error| unread(file, error))
}

/// A data file whose footer has been read, and whose row groups can be read side by side.
pub(crate) struct Grouped {
    file: DataFile,
    snapshot: Snapshot,
    metadata: ArrowReaderMetadata,
}

impl Grouped {
    /// `held` says how the columns of the file are to be held in memory.
    pub(crate) async fn open(
        snapshot: &Snapshot,
        file: &DataFile,
        held: impl FnOnce(&SchemaRef) -> SchemaRef,
    ) -> error::Result<Self> {
        let failed = |error| unread(file, error);
        let mut reader = ObjectReader::of(snapshot, file);
        let plain = ArrowReaderMetadata::load_async(&mut reader, ArrowReaderOptions::new())
            .await
            .map_err(failed)?;
        let options = ArrowReaderOptions::new().with_schema(held(plain.schema()));
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(plain.metadata()), options).map_err(failed)?;
        Ok(Self {
            file: file.clone(),
            snapshot: snapshot.clone(),
            metadata,
        })
    }

    pub(crate) fn footer(&self) -> &ParquetMetaData {
        self.metadata.metadata()
    }

    /// The rows of these row groups, in batches of so many.
    pub(crate) fn rows(&self, groups: Vec<usize>, batch_rows: usize) -> error::Result<GroupRows> {
        let reader = ObjectReader::of(&self.snapshot, &self.file);
        let stream = OpenFile::new_with_metadata(reader, self.metadata.clone())
            .with_row_groups(groups)
            .with_batch_size(batch_rows)
            .build()
            .map_err(|error| unread(&self.file, error))?;
        Ok(GroupRows {
            file: self.file.clone(),
            stream,
        })
    }
}

/// Rows of some row groups of a file.
pub(crate) struct GroupRows {
    file: DataFile,
    stream: ParquetRecordBatchStream<ObjectReader>,
}

impl GroupRows {
    pub(crate) async fn next(&mut self) -> error::Result<Option<RecordBatch>> {
        let batch = self.stream.try_next().await;
        batch.map_err(|error| unread(&self.file, error))
    }

    pub(crate) fn path(&self) -> &str {
        &self.file.path
    }
}

fn unread(file: &DataFile, error: ParquetError) -> TableError {
    TableError::io(format!("read `{}`", file.path), error)
}

/// Rows of a data file, batch by batch.
pub(crate) struct Batches<'f> {
    file: &'f DataFile,
    stream: ParquetRecordBatchStream<ObjectReader>,
}

impl<'f> Batches<'f> {
    /// Every column.
    pub(crate) fn whole(file: &'f DataFile, open: OpenFile) -> error::Result<Self> {
        let stream = open.build().map_err(|error| unread(file, error))?;
        Ok(Self { file, stream })
    }

    /// Some columns, which are few: the batches have more rows.
    pub(crate) fn of_columns(file: &'f DataFile, open: OpenFile, names: &[&str]) -> error::Result<Self> {
        let mask = ProjectionMask::columns(open.parquet_schema(), names.iter().copied());
        Self::whole(file, open.with_projection(mask).with_batch_size(64 * 1024))
    }

    pub(crate) async fn next(&mut self) -> error::Result<Option<RecordBatch>> {
        let batch = self.stream.try_next().await;
        batch.map_err(|error| unread(self.file, error))
    }
}

/// One file.
pub(crate) struct ObjectReader {
    store: Arc<dyn ObjectStore>,
    path: Path,
    bytes: u64,
}

impl ObjectReader {
    fn of(snapshot: &Snapshot, file: &DataFile) -> Self {
        Self {
            store: Arc::clone(&snapshot.store),
            path: Path::from(file.path.as_str()),
            bytes: file.bytes,
        }
    }
}

fn external(error: object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

impl AsyncFileReader for ObjectReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes>> {
        async move { self.store.get_range(&self.path, range).await.map_err(external) }.boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>>> {
        async move { self.store.get_ranges(&self.path, &ranges).await.map_err(external) }.boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>>> {
        async move {
            let size = self.bytes;
            ParquetMetaDataReader::new()
                .load_and_finish(self, size)
                .await
                .map(Arc::new)
        }
        .boxed()
    }
}
