//! One run: rows of one day that become one row group, in order, without being copied.
//!
//! Batches come with whole records in them, and the rows of a record are in order already. So what is
//! sorted is stretches, not rows: a million rows are put in order by moving a few thousand of them.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use model::TableDef;

use super::order::{column, sorted_as_one};

/// Rows that follow one another, of one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) batch: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Rows on their way into a row group.
pub(super) struct Run {
    pub(super) schema: SchemaRef,
    pub(super) batches: Vec<RecordBatch>,
    /// All rows, in the order they are written in.
    pub(super) stretches: Vec<Stretch>,
    pub(super) rows: usize,
}

impl Run {
    /// The rows of these batches in the table's order.
    pub(super) fn sorted(
        table: &TableDef,
        schema: &SchemaRef,
        batches: Vec<RecordBatch>,
    ) -> Result<Self, ArrowError> {
        if !sorted_as_one(table) {
            return Ok(Self::as_they_come(schema, batches));
        }
        let ranks = ranks(&batches)?;
        let mut stretches = in_order(&batches, &ranks, true)?;
        if stretches.is_none() {
            // Nothing that the parser hands on; rows of a file that another program has sorted may do so.
            stretches = in_order(&batches, &ranks, false)?;
        }
        let mut run = Self::as_they_come(schema, batches);
        run.stretches = stretches.unwrap_or_default();
        Ok(run)
    }

    /// The rows of these batches one after another.
    pub(super) fn as_they_come(schema: &SchemaRef, batches: Vec<RecordBatch>) -> Self {
        let stretches: Vec<Stretch> = batches
            .iter()
            .enumerate()
            .map(|(batch, rows)| Stretch {
                batch,
                start: 0,
                end: rows.num_rows(),
            })
            .collect();
        Self {
            schema: SchemaRef::clone(schema),
            rows: batches.iter().map(RecordBatch::num_rows).sum(),
            batches,
            stretches,
        }
    }

    /// True if no row has a value in this column.
    pub(super) fn all_null(&self, column: usize) -> bool {
        let mut columns = self.batches.iter().map(|batch| batch.column(column));
        columns.all(|array| array.null_count() == array.len())
    }

    /// Calls for each stretch, with the batch's array of this column.
    pub(super) fn each<'r>(&'r self, column: usize, mut take: impl FnMut(usize, &'r dyn Array, Stretch)) {
        for stretch in &self.stretches {
            if let Some(batch) = self.batches.get(stretch.batch) {
                take(stretch.batch, batch.column(column).as_ref(), *stretch);
            }
        }
    }
}

/// Where a row stands: interface, flush time, source, record, tuple; then how the rows came.
type Place = (u32, Option<i64>, i64, i64, i32, usize, usize);

/// A stretch with its first row's place and its last one's tuple.
type Placed = (Place, i32, Stretch);

/// Stretches in order, or none if rows of one would have to stand between those of another.
fn in_order(
    batches: &[RecordBatch],
    ranks: &BTreeMap<String, u32>,
    long: bool,
) -> Result<Option<Vec<Stretch>>, ArrowError> {
    let mut placed = Vec::new();
    for (number, batch) in batches.iter().enumerate() {
        stretches_of(number, batch, ranks, long, &mut placed)?;
    }
    // Neighbours are mostly in order: a stable sort finds that.
    placed.sort_by_key(|(place, ..)| *place);
    let apart = |pair: &[Placed]| match pair {
        [(one, last, _), (other, ..)] => {
            (one.0, one.1, one.2, one.3) != (other.0, other.1, other.2, other.3) || *last <= other.4
        }
        _ => true,
    };
    let apart = !long || placed.windows(2).all(apart);
    Ok(apart.then(|| joined(placed.into_iter().map(|(.., stretch)| stretch))))
}

/// Stretches that follow one another in their batch made one.
fn joined(ordered: impl Iterator<Item = Stretch>) -> Vec<Stretch> {
    let mut joined: Vec<Stretch> = Vec::new();
    for stretch in ordered {
        match joined.last_mut() {
            Some(last) if last.batch == stretch.batch && last.end == stretch.start => last.end = stretch.end,
            _ => joined.push(stretch),
        }
    }
    joined
}

/// The rank of each interface's name in order; the null comes first, as rank 0.
fn ranks(batches: &[RecordBatch]) -> Result<BTreeMap<String, u32>, ArrowError> {
    let mut ranks = BTreeMap::new();
    for batch in batches {
        let interfaces = column(batch, "MacAddress")?.as_dictionary::<Int32Type>();
        let names = interfaces.values().as_string::<i32>().iter().flatten();
        ranks.extend(names.map(|name| (name.to_owned(), 0)));
    }
    ranks
        .values_mut()
        .zip(1..)
        .for_each(|(rank, number)| *rank = number);
    Ok(ranks)
}

/// Cuts a batch where the interface or the record changes, or the tuples of a record do not ascend.
fn stretches_of(
    number: usize,
    batch: &RecordBatch,
    ranks: &BTreeMap<String, u32>,
    long: bool,
    placed: &mut Vec<Placed>,
) -> Result<(), ArrowError> {
    let interfaces = column(batch, "MacAddress")?.as_dictionary::<Int32Type>();
    let rank_of: Vec<u32> = interfaces
        .values()
        .as_string::<i32>()
        .iter()
        .map(|name| name.and_then(|name| ranks.get(name).copied()).unwrap_or(0))
        .collect();
    let times = column(batch, "RecordTime")?.as_primitive::<TimestampMicrosecondType>();
    let sources = column(batch, "SourceId")?.as_primitive::<Int64Type>().values();
    let records = column(batch, "RecordOffset")?
        .as_primitive::<Int64Type>()
        .values();
    let tuples = column(batch, "TupleIndex")?.as_primitive::<Int32Type>().values();
    let keys = interfaces.keys();
    let rows = batch.num_rows();
    let mut start = 0;
    for row in 1..=rows {
        let goes_on = long
            && row < rows
            && records.get(row) == records.get(row - 1)
            && tuples.get(row) > tuples.get(row - 1)
            && keys.values().get(row) == keys.values().get(row - 1)
            && sources.get(row) == sources.get(row - 1)
            && times.values().get(row) == times.values().get(row - 1)
            && times.is_null(row) == times.is_null(row - 1);
        if goes_on {
            continue;
        }
        let interface = keys
            .is_valid(start)
            .then(|| usize::try_from(keys.value(start)).ok())
            .flatten()
            .and_then(|key| rank_of.get(key).copied())
            .unwrap_or(0);
        let place = (
            interface,
            times.is_valid(start).then(|| times.value(start)),
            sources.get(start).copied().unwrap_or(0),
            records.get(start).copied().unwrap_or(0),
            tuples.get(start).copied().unwrap_or(0),
            number,
            start,
        );
        placed.push((
            place,
            tuples.get(row - 1).copied().unwrap_or(0),
            Stretch {
                batch: number,
                start,
                end: row,
            },
        ));
        start = row;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, DictionaryArray, Int32Array, Int64Array, StringArray, TimestampMicrosecondArray,
        new_null_array,
    };

    use super::*;
    use crate::writer::order::Keys;

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
                "RecordTime" => {
                    let times = values(4).into_iter().map(i64::from);
                    let times = times.map(|time| (time < 3).then_some(time));
                    Arc::new(times.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
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
        let keys: Vec<Keys> = batches.iter().map(|batch| Keys::of(batch).unwrap()).collect();
        let run = Run::sorted(&model::FLOWS, &batches[0].schema(), batches.clone()).unwrap();
        let places: Vec<_> = run
            .stretches
            .iter()
            .flat_map(|stretch| (stretch.start..stretch.end).map(|row| keys[stretch.batch].at(row)))
            .collect();
        assert_eq!(places.len(), run.rows);
        assert!(places.is_sorted());
        assert!(places[0] < places[799]);
    }
}
