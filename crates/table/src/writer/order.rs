//! The order of rows within a run.
//!
//! `Flows` is sorted by interface, then flush time, then place in the source: so the rows of a record stay
//! together, and what it says of all of them is stored once (docs/adr/0005-layout.md). Together these
//! columns make the order total: the same rows always give the same run. Other tables keep the order they
//! were written in.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_schema::ArrowError;
use model::TableDef;

pub(super) fn column<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b dyn Array, ArrowError> {
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
/// order as `Run::sorted` gives, which a test holds them to.
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
    time: Option<i64>,
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
            times: column(batch, "RecordTime")?
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
            time: self.times.is_valid(row).then(|| self.times.value(row)),
            source: self.sources.value(row),
            record: self.records.value(row),
            tuple: self.tuples.value(row),
        }
    }
}
