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
        let mut keyed = Vec::new();
        for (number, batch) in batches.iter().enumerate() {
            stretches_of(number, batch, &ranks, &mut keyed)?;
        }
        // Neighbours are mostly in order: a stable sort finds that.
        keyed.sort_by_key(|(place, _)| *place);
        let mut run = Self::as_they_come(schema, batches);
        run.stretches = keyed.into_iter().map(|(_, stretch)| stretch).collect();
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

    /// Calls for each stretch, with the batch's array of this column.
    pub(super) fn each<'r>(&'r self, column: usize, mut take: impl FnMut(usize, &'r dyn Array, Stretch)) {
        for stretch in &self.stretches {
            if let Some(batch) = self.batches.get(stretch.batch) {
                take(stretch.batch, batch.column(column).as_ref(), *stretch);
            }
        }
    }
}

/// Where a stretch stands: interface, flush time, source, record, first tuple; then how the rows came.
type Place = (u32, Option<i64>, i64, i64, i32, usize, usize);

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
    keyed: &mut Vec<(Place, Stretch)>,
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
        let goes_on = row < rows
            && records.get(row) == records.get(row - 1)
            && tuples.get(row) > tuples.get(row - 1)
            && keys.values().get(row) == keys.values().get(row - 1)
            && sources.get(row) == sources.get(row - 1);
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
        keyed.push((
            place,
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
