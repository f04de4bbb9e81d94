//! Columns that tuples do not have: the end, the number of flows, and further fields of a row.
//!
//! Held beside the flat columns and only where such rows occur. A batch without them carries nulls
//! that share one buffer of zeros.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, Int64Array, StringArray};
use arrow_buffer::{Buffer, NullBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field};

use super::finish::instants;

/// What a row says beyond a tuple.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extra<'a> {
    /// Epoch microseconds.
    pub(crate) end_time: Option<i64>,
    pub(crate) started: Option<i64>,
    pub(crate) completed: Option<i64>,
    /// A JSON object.
    pub(crate) additional: Option<&'a [u8]>,
    /// The form drops the source port.
    pub(crate) no_source_port: bool,
}

/// The same, of all rows so far. Rows that were never spoken of have none of it.
#[derive(Default)]
pub(crate) struct Extras {
    end_time: Vec<Option<i64>>,
    started: Vec<Option<i64>>,
    completed: Vec<Option<i64>>,
    no_source_port: Vec<bool>,
    /// One text per row that has one: neighbours are hardly ever alike, but the entries of one row are.
    additional: Vec<Option<i32>>,
    texts: StringBuilder,
    count: i32,
    last: Vec<u8>,
}

impl Extras {
    pub(super) fn set(&mut self, row: usize, extra: &Extra<'_>) {
        self.pad(row);
        self.end_time.push(extra.end_time);
        self.started.push(extra.started);
        self.completed.push(extra.completed);
        self.no_source_port.push(extra.no_source_port);
        let code = extra.additional.map(|text| {
            if self.count == 0 || self.last != text {
                self.texts.append_value(String::from_utf8_lossy(text));
                self.last.clear();
                self.last.extend_from_slice(text);
                self.count += 1;
            }
            self.count - 1
        });
        self.additional.push(code);
    }

    fn pad(&mut self, rows: usize) {
        self.end_time.resize(rows, None);
        self.started.resize(rows, None);
        self.completed.resize(rows, None);
        self.no_source_port.resize(rows, false);
        self.additional.resize(rows, None);
    }

    pub(super) fn text_bytes(&self) -> usize {
        self.texts.values_slice().len()
    }

    /// The columns of a batch of so many rows.
    pub(super) fn columns(mut self: Box<Self>, rows: usize) -> Columns {
        self.pad(rows);
        Columns {
            end_time: Some(self.end_time),
            started: Some(self.started),
            completed: Some(self.completed),
            no_source_port: Some(self.no_source_port),
            additional: Some((self.additional, self.texts.finish())),
            zeros: None,
        }
    }
}

/// Columns on their way into a batch, each taken once.
#[derive(Default)]
pub(super) struct Columns {
    end_time: Option<Vec<Option<i64>>>,
    started: Option<Vec<Option<i64>>>,
    completed: Option<Vec<Option<i64>>>,
    pub(super) no_source_port: Option<Vec<bool>>,
    additional: Option<(Vec<Option<i32>>, StringArray)>,
    /// What all columns of nulls share.
    zeros: Option<(Buffer, NullBuffer)>,
}

impl Columns {
    pub(super) fn column(&mut self, field: &Field, rows: usize) -> Result<ArrayRef, ArrowError> {
        let longs = match field.name().as_str() {
            "FlowEndTime" => self.end_time.take(),
            "StartedFlows" => self.started.take(),
            "CompletedFlows" => self.completed.take(),
            _ => {
                if let Some((codes, texts)) = self.additional.take() {
                    let keys: Int32Array = codes.into_iter().collect();
                    let column = DictionaryArray::<Int32Type>::try_new(keys, Arc::new(texts))?;
                    return Ok(Arc::new(column));
                }
                None
            }
        };
        let Some(longs) = longs else {
            return self.nulls(field, rows);
        };
        let column: Int64Array = longs.into_iter().collect();
        Ok(if field.data_type() == &DataType::Int64 {
            Arc::new(column)
        } else {
            let nulls = column.nulls().cloned();
            instants(column.values().to_vec(), nulls)
        })
    }

    /// A column of nulls.
    fn nulls(&mut self, field: &Field, rows: usize) -> Result<ArrayRef, ArrowError> {
        let (zeros, nulls) = self
            .zeros
            .get_or_insert_with(|| (Buffer::from(vec![0_i64; rows]), NullBuffer::new_null(rows)))
            .clone();
        Ok(match field.data_type() {
            DataType::Int64 => Arc::new(Int64Array::new(ScalarBuffer::new(zeros, 0, rows), Some(nulls))),
            DataType::Dictionary(..) => {
                let keys = Int32Array::new(ScalarBuffer::new(zeros, 0, rows), Some(nulls));
                let empty = Arc::new(StringArray::from(Vec::<&str>::new()));
                Arc::new(DictionaryArray::<Int32Type>::try_new(keys, empty)?)
            }
            _ => Arc::new(
                arrow_array::TimestampMicrosecondArray::new(ScalarBuffer::new(zeros, 0, rows), Some(nulls))
                    .with_timezone("UTC"),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;

    fn field(name: &str) -> Field {
        model::FLOWS.column(name).unwrap().batch_field()
    }

    #[test]
    fn rows_that_say_nothing_have_nulls_and_entries_share_their_text() {
        let mut extras = Box::<Extras>::default();
        let said = |started, text| Extra {
            started: Some(started),
            additional: Some(text),
            ..Extra::default()
        };
        extras.set(1, &said(5, b"{}"));
        extras.set(2, &said(6, b"{}"));
        let mut columns = extras.columns(4);
        let started = columns.column(&field("StartedFlows"), 4).unwrap();
        let started: Vec<_> = started.as_primitive::<Int64Type>().iter().collect();
        assert_eq!(started, [None, Some(5), Some(6), None]);
        let further = columns.column(&field("AdditionalFields"), 4).unwrap();
        assert_eq!(further.null_count(), 2);
        assert_eq!(further.as_dictionary::<Int32Type>().values().len(), 1);
    }

    #[test]
    fn columns_of_nulls_share_their_buffers() {
        let mut columns = Columns::default();
        let left = columns.column(&field("StartedFlows"), 1000).unwrap();
        let right = columns.column(&field("CompletedFlows"), 1000).unwrap();
        let end = columns.column(&field("FlowEndTime"), 1000).unwrap();
        let further = columns.column(&field("AdditionalFields"), 1000).unwrap();
        assert!(
            [&left, &right, &end, &further]
                .iter()
                .all(|column| column.null_count() == 1000)
        );
        let at = |column: &ArrayRef| column.as_primitive::<Int64Type>().values().as_ptr();
        assert_eq!(at(&left), at(&right));
    }
}
