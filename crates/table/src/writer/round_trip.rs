//! What is written here is read back by the library's own reader, whatever stood in the columns.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, StringDictionaryBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, Date32Array, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::DataType;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;

use super::*;
use crate::checksum;
use crate::snapshot::{DataFile, StatValue};

/// Numbers that look random.
struct Noise(u64);

impl Noise {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % below
    }

    /// Nothing, now and then.
    fn maybe<T>(&mut self, nullable: bool, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (!nullable || self.next(4) > 0).then(|| value(self))
    }

    fn text(&mut self) -> String {
        match self.next(6) {
            0 => String::new(),
            1 => "ä".repeat(usize::try_from(self.next(60)).unwrap()),
            2 => format!("{}~", "z".repeat(usize::try_from(self.next(80)).unwrap())),
            3 => "\u{10ffff}".repeat(usize::try_from(self.next(20)).unwrap()),
            _ => format!("10.{}.{}.4", self.next(3), self.next(300)),
        }
    }

    fn column(&mut self, data_type: &DataType, nullable: bool, rows: usize) -> ArrayRef {
        // Whole columns without a value, and columns of one value, come up too.
        let kind = self.next(5);
        let long = |noise: &mut Self| match kind {
            0 => 7,
            1 => noise.next(3).cast_signed() - 1,
            _ => noise.next(u64::MAX).cast_signed() >> noise.next(60),
        };
        let empty = nullable && self.next(8) == 0;
        let each = |noise: &mut Self| {
            (0..rows)
                .map(|_| if empty { None } else { noise.maybe(nullable, long) })
                .collect::<Vec<Option<i64>>>()
        };
        let small = |value: i64| i32::try_from(value >> 33).unwrap();
        match data_type {
            DataType::Int32 => Arc::new(
                each(self)
                    .into_iter()
                    .map(|value| value.map(small))
                    .collect::<Int32Array>(),
            ),
            DataType::Int64 => Arc::new(Int64Array::from(each(self))),
            DataType::Timestamp(..) => {
                Arc::new(TimestampMicrosecondArray::from(each(self)).with_timezone("UTC"))
            }
            DataType::Date32 => Arc::new(Date32Array::from(vec![20_000; rows])),
            DataType::Utf8 => Arc::new(
                (0..rows)
                    .map(|_| self.maybe(nullable, Self::text))
                    .collect::<StringArray>(),
            ),
            DataType::Binary => {
                let mut bytes = BinaryBuilder::new();
                (0..rows).for_each(|_| bytes.append_option(self.maybe(nullable, Self::text)));
                Arc::new(bytes.finish())
            }
            DataType::Dictionary(_, values) if **values == DataType::Utf8 => {
                let mut texts = StringDictionaryBuilder::<Int32Type>::new();
                for _ in 0..rows {
                    let text = self.maybe(nullable, |noise| {
                        if kind == 0 {
                            "same".to_owned()
                        } else {
                            noise.text()
                        }
                    });
                    texts.append_option(text.filter(|_| !empty));
                }
                Arc::new(texts.finish())
            }
            DataType::Dictionary(..) => {
                let mut values = BinaryBuilder::new();
                (0..4_u64).for_each(|n| values.append_value(n.to_be_bytes()));
                let keys: Int32Array = (0..rows)
                    .map(|_| self.maybe(nullable, |noise| i32::try_from(noise.next(4)).unwrap()))
                    .collect();
                Arc::new(DictionaryArray::new(keys, Arc::new(values.finish())))
            }
            other => panic!("no column of {other}"),
        }
    }

    fn batch(&mut self, table: &TableDef, rows: usize) -> RecordBatch {
        let schema = table.batch_schema();
        let columns = schema
            .fields()
            .iter()
            .map(|field| self.column(field.data_type(), field.is_nullable(), rows))
            .collect();
        RecordBatch::try_new(schema, columns).unwrap()
    }
}

/// Each row as text, columns by name; dictionaries opened.
fn rows_of(batches: &[RecordBatch], partition: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let mut text = String::new();
            for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
                if field.name() != partition {
                    text.push_str(&format!("{}={:?};", field.name(), cell(column, row)));
                }
            }
            rows.push(text);
        }
    }
    rows.sort();
    rows
}

fn cell(column: &dyn Array, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    Some(match column.data_type() {
        DataType::Dictionary(..) => {
            let dictionary = column.as_dictionary::<Int32Type>();
            return cell(
                dictionary.values(),
                usize::try_from(dictionary.keys().value(row)).unwrap(),
            );
        }
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Binary => format!("{:?}", column.as_binary::<i32>().value(row)),
        _ => number(column, row),
    })
}

/// A number as text.
fn number(column: &dyn Array, row: usize) -> String {
    match column.data_type() {
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => column
            .as_primitive::<arrow_array::types::Int64Type>()
            .value(row)
            .to_string(),
        _ => column
            .as_primitive::<arrow_array::types::TimestampMicrosecondType>()
            .value(row)
            .to_string(),
    }
}

async fn written(
    table: &'static TableDef,
    batches: &[RecordBatch],
    ahead: usize,
) -> (DataFile, bytes::Bytes) {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let mut writer = Writer::new(table, Arc::clone(&store), 0).with_groups_ahead(ahead);
    for batch in batches {
        writer.write(batch).await.unwrap();
    }
    let mut files = writer.finish().await.unwrap();
    assert_eq!(files.len(), 1);
    let WrittenFile { file, sha256 } = files.remove(0);
    let bytes = store
        .get(&Path::from(file.path.as_str()))
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(file.bytes, bytes.len() as u64);
    assert_eq!(checksum::of_file(&store, &file.path).await.unwrap(), sha256);
    (file, bytes)
}

#[tokio::test]
async fn whatever_is_written_comes_back() {
    for seed in 1..=60 {
        for table in [&model::FLOWS, &model::INGEST_LOG, &model::QUARANTINE] {
            let mut noise = Noise(seed);
            let batches: Vec<RecordBatch> = (0..1 + noise.next(3))
                .map(|_| {
                    // Now and then more than a page.
                    let rows = 1 + noise.next(if seed == 60 { 60_000 } else { 700 });
                    noise.batch(table, usize::try_from(rows).unwrap())
                })
                .collect();
            let (file, bytes) = written(table, &batches, usize::try_from(seed % 3).unwrap()).await;
            let read: Vec<RecordBatch> = ParquetRecordBatchReaderBuilder::try_new(bytes.clone())
                .unwrap()
                .build()
                .unwrap()
                .map(Result::unwrap)
                .collect();
            assert_eq!(
                rows_of(&read, table.partition),
                rows_of(&batches, table.partition),
                "seed {seed} of {}",
                table.name
            );
            bounds_hold(&file, &bytes, &read);
        }
    }
}

/// Bounds of pages, row groups and the file enclose the values.
fn bounds_hold(file: &DataFile, bytes: &bytes::Bytes, read: &[RecordBatch]) {
    let metadata = ParquetMetaDataReader::new()
        .with_page_index_policy(PageIndexPolicy::Required)
        .parse_and_finish(bytes)
        .unwrap();
    for (number, field) in read[0].schema().fields().iter().enumerate() {
        let values: Vec<Option<String>> = read
            .iter()
            .flat_map(|batch| (0..batch.num_rows()).map(|row| cell(batch.column(number), row)))
            .collect();
        let nulls = values.iter().filter(|value| value.is_none()).count() as u64;
        let stats = &file.columns[field.name()];
        assert_eq!(stats.nulls, Some(nulls), "{}", field.name());
        let group = metadata.row_group(0).column(number).statistics().unwrap();
        assert_eq!(group.null_count_opt(), Some(nulls));
        if *field.data_type() == DataType::Utf8 {
            let least = values.iter().flatten().min().cloned().map(StatValue::Text);
            let largest = values.iter().flatten().max().cloned().map(StatValue::Text);
            assert_eq!((&stats.min, &stats.max), (&least, &largest), "{}", field.name());
            let text = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
            for value in values.iter().flatten() {
                let within = |least: Option<Vec<u8>>, largest: Option<Vec<u8>>| {
                    assert!(least.is_none_or(|least| least.as_slice() <= value.as_bytes()));
                    assert!(largest.is_none_or(|largest| largest.as_slice() >= value.as_bytes()));
                };
                within(text(group.min_bytes_opt()), text(group.max_bytes_opt()));
                if let Some(index) = metadata.column_index()
                    && let ColumnIndexMetaData::BYTE_ARRAY(pages) = &index[0][number]
                {
                    within(text(pages.min_value(0)), text(pages.max_value(0)));
                }
            }
        }
    }
}

/// The same rows give the same bytes however many threads make them.
#[tokio::test]
async fn threads_change_nothing() {
    let mut noise = Noise(5);
    let batches: Vec<RecordBatch> = (0..30).map(|_| noise.batch(&model::FLOWS, 9_000)).collect();
    let (_, one) = written(&model::FLOWS, &batches, 0).await;
    let (_, many) = written(&model::FLOWS, &batches, 3).await;
    assert_eq!(one, many);
}
