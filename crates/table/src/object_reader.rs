//! Reading a Parquet file of known size from an object store, range by range.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
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
    let reader = ObjectReader {
        store: Arc::clone(&snapshot.store),
        path: Path::from(file.path.as_str()),
        bytes: file.bytes,
    };
    OpenFile::new(reader).await.map_err(|error| unread(file, error))
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
