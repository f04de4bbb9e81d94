//! The order of rows within a run.
//!
//! `Flows` is sorted by interface, then time, then place in the source: neighbours repeat each
//! other, which is what encodings live on, and the last three columns make the order total, so that
//! the same rows always give the same run. Other tables keep the order they were written in.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::ArrowError;
use arrow_select::concat::concat_batches;
use arrow_select::interleave::interleave_record_batch;
use model::TableDef;

/// One run of sorted rows.
pub(super) fn run(table: &TableDef, batches: &[RecordBatch]) -> Result<RecordBatch, ArrowError> {
    if table.name != model::FLOWS.name {
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
