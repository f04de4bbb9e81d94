//! Answers as Parquet files of their own, outside of any table.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

/// A Parquet file in the making, handed out piece by piece.
pub struct ParquetExport {
    writer: ArrowWriter<Vec<u8>>,
}

impl ParquetExport {
    /// A file of rows with these columns.
    pub fn new(schema: &SchemaRef) -> Result<Self, ParquetError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .build();
        Ok(Self {
            writer: ArrowWriter::try_new(Vec::new(), Arc::clone(schema), Some(properties))?,
        })
    }

    /// Takes rows, and gives the bytes that are ready.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<Vec<u8>, ParquetError> {
        self.writer.write(batch)?;
        Ok(std::mem::take(self.writer.inner_mut()))
    }

    /// The rest of the file.
    pub fn finish(self) -> Result<Vec<u8>, ParquetError> {
        self.writer.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Int64Array, RecordBatch};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;

    #[test]
    fn pieces_are_one_file() {
        let batch = |from: i64| {
            let numbers = Int64Array::from_iter_values(from..from + 1000);
            RecordBatch::try_from_iter([("n", Arc::new(numbers) as _)]).unwrap()
        };
        let mut export = ParquetExport::new(&batch(0).schema()).unwrap();
        let mut file = Vec::new();
        for part in 0..3 {
            file.extend(export.write(&batch(part * 1000)).unwrap());
        }
        file.extend(export.finish().unwrap());
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(file)).unwrap();
        let rows: usize = reader
            .build()
            .unwrap()
            .map(|batch| batch.unwrap().num_rows())
            .sum();
        assert_eq!(rows, 3000);
    }
}
