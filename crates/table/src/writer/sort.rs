//! The order of rows within a run.
//!
//! `Flows` is sorted by interface, then time, then place in the source: neighbours repeat each
//! other, which is what encodings live on, and the last three columns make the order total, so that
//! the same rows always give the same run. Other tables keep the order they were written in.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_schema::ArrowError;
use arrow_select::concat::concat_batches;
use arrow_select::interleave::interleave_record_batch;
use model::TableDef;

/// One run of sorted rows.
pub(super) fn run(table: &TableDef, batches: &[RecordBatch]) -> Result<RecordBatch, ArrowError> {
    if !sorted_as_one(table) {
        let schema = batches
            .first()
            .map(RecordBatch::schema)
            .ok_or_else(|| ArrowError::ComputeError("no rows".into()))?;
        return concat_batches(&schema, batches);
    }
    let order = order(batches)?;
    let references: Vec<&RecordBatch> = batches.iter().collect();
    interleave_record_batch(&references, &order)
}

fn column<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b dyn Array, ArrowError> {
    batch
        .column_by_name(name)
        .map(AsRef::as_ref)
        .ok_or_else(|| ArrowError::SchemaError(format!("column `{name}` is missing")))
}

/// True if the rows of this table have an order; if not, they stay as they come.
pub(crate) fn sorted_as_one(table: &TableDef) -> bool {
    table.name == model::FLOWS.name
}

/// Where the rows of one batch stand in the order, for merging runs that were sorted before: the same
/// order as [`run`] gives, which a test holds them to.
#[derive(Debug)]
pub(crate) struct Keys {
    names: StringArray,
    interfaces: Int32Array,
    times: TimestampMicrosecondArray,
    sources: Int64Array,
    records: Int64Array,
    tuples: Int32Array,
}

/// Where one row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place<'k> {
    interface: Option<&'k str>,
    time: i64,
    source: i64,
    record: i64,
    tuple: i32,
}

impl Keys {
    pub(crate) fn of(batch: &RecordBatch) -> Result<Self, ArrowError> {
        let macs = column(batch, "MacAddress")?.as_dictionary::<Int32Type>();
        Ok(Self {
            names: macs.values().as_string::<i32>().clone(),
            interfaces: macs.keys().clone(),
            times: column(batch, "TimeGenerated")?
                .as_primitive::<TimestampMicrosecondType>()
                .clone(),
            sources: column(batch, "SourceId")?.as_primitive::<Int64Type>().clone(),
            records: column(batch, "RecordOffset")?.as_primitive::<Int64Type>().clone(),
            tuples: column(batch, "TupleIndex")?.as_primitive::<Int32Type>().clone(),
        })
    }

    /// The row must be one of the batch's.
    pub(crate) fn at(&self, row: usize) -> Place<'_> {
        let interface = self
            .interfaces
            .is_valid(row)
            .then(|| usize::try_from(self.interfaces.value(row)).ok())
            .flatten()
            .filter(|key| self.names.is_valid(*key))
            .map(|key| self.names.value(key));
        Place {
            interface,
            time: self.times.value(row),
            source: self.sources.value(row),
            record: self.records.value(row),
            tuple: self.tuples.value(row),
        }
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    interface: u32,
    time: i64,
    source: i64,
    record: i64,
    tuple: i32,
    batch: u32,
    row: u32,
}

fn order(batches: &[RecordBatch]) -> Result<Vec<(usize, usize)>, ArrowError> {
    let mut names: BTreeMap<String, u32> = BTreeMap::new();
    for batch in batches {
        let macs = column(batch, "MacAddress")?.as_dictionary::<Int32Type>();
        let values = macs.values().as_string::<i32>();
        names.extend(values.iter().flatten().map(|name| (name.to_owned(), 0)));
    }
    // Null comes first, as rank 0.
    names
        .values_mut()
        .zip(1..)
        .for_each(|(rank, number)| *rank = number);
    let mut keys = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for (number, batch) in (0_u32..).zip(batches) {
        let macs = column(batch, "MacAddress")?.as_dictionary::<Int32Type>();
        let ranks: Vec<u32> = macs
            .values()
            .as_string::<i32>()
            .iter()
            .map(|name| name.and_then(|name| names.get(name).copied()).unwrap_or(0))
            .collect();
        let times = column(batch, "TimeGenerated")?
            .as_primitive::<TimestampMicrosecondType>()
            .values();
        let sources = column(batch, "SourceId")?.as_primitive::<Int64Type>().values();
        let records = column(batch, "RecordOffset")?
            .as_primitive::<Int64Type>()
            .values();
        let tuples = column(batch, "TupleIndex")?.as_primitive::<Int32Type>().values();
        let rows = times
            .iter()
            .zip(sources)
            .zip(records)
            .zip(tuples)
            .zip(macs.keys().iter());
        for (row, ((((time, source), record), tuple), mac)) in (0_u32..).zip(rows) {
            let interface = mac
                .and_then(|key| usize::try_from(key).ok())
                .and_then(|key| ranks.get(key).copied())
                .unwrap_or(0);
            keys.push(Key {
                interface,
                time: *time,
                source: *source,
                record: *record,
                tuple: *tuple,
                batch: number,
                row,
            });
        }
    }
    keys.sort_unstable();
    Ok(keys
        .into_iter()
        .map(|key| (key.batch as usize, key.row as usize))
        .collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, DictionaryArray, new_null_array};

    use super::*;

    /// Rows with few different values, so that every column decides somewhere; names in another order in
    /// each batch's dictionary, as batches have them.
    fn batch(seed: u64, rows: usize) -> RecordBatch {
        let mut state = seed;
        let mut next = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            i32::try_from((state >> 33) % below).unwrap()
        };
        let mut values = |below| -> Vec<i32> { (0..rows).map(|_| next(below)).collect() };
        let names = if seed.is_multiple_of(2) {
            ["b", "a", "c"]
        } else {
            ["c", "b", "a"]
        };
        let keys: Int32Array = values(4).iter().map(|key| (*key < 3).then_some(*key)).collect();
        let longs = |values: Vec<i32>| Int64Array::from_iter_values(values.into_iter().map(i64::from));
        let schema = model::FLOWS.batch_schema();
        let columns = schema.fields().iter().map(|field| -> ArrayRef {
            match field.name().as_str() {
                "MacAddress" => {
                    let names = StringArray::from_iter_values(names);
                    Arc::new(DictionaryArray::<Int32Type>::try_new(keys.clone(), Arc::new(names)).unwrap())
                }
                "TimeGenerated" => {
                    let times = values(3).into_iter().map(i64::from);
                    Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC"))
                }
                "SourceId" | "RecordOffset" => Arc::new(longs(values(3))),
                "TupleIndex" => Arc::new(Int32Array::from(values(3))),
                _ => new_null_array(field.data_type(), rows),
            }
        });
        let fields = schema
            .fields()
            .iter()
            .map(|field| field.as_ref().clone().with_nullable(true))
            .collect::<Vec<_>>();
        RecordBatch::try_new(Arc::new(arrow_schema::Schema::new(fields)), columns.collect()).unwrap()
    }

    #[test]
    fn merging_has_the_order_that_runs_are_sorted_in() {
        let batches: Vec<RecordBatch> = (1..5).map(|seed| batch(seed, 200)).collect();
        let sorted = run(&model::FLOWS, &batches).unwrap();
        let keys = Keys::of(&sorted).unwrap();
        let places: Vec<Place<'_>> = (0..sorted.num_rows()).map(|row| keys.at(row)).collect();
        assert!(places.is_sorted());
        assert!(places[0].interface.is_none() && places[799].interface == Some("c"));
    }
}
