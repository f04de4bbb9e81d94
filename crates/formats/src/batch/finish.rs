//! Turning rows into an Arrow batch in the schema of the column table.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow_schema::ArrowError;
use model::{Direction, FLOWS_BATCH_SCHEMA, FlowState, FlowStatus, LogFormat, protocols};

use super::{FlowBatch, Rows};
use crate::Sink;
use crate::hot;
use crate::intern::NULL;

const DAY_MICROS: i64 = 86_400_000_000;

/// Takes a column, and makes room for as many rows as this batch had: growing step by step copies them.
fn next<T>(column: &mut Vec<T>) -> Vec<T> {
    let rows = column.len();
    std::mem::replace(column, Vec::with_capacity(rows))
}

/// The day of each time; nearly always that of the time before.
fn days(times: &[i64]) -> Vec<i32> {
    let mut today = (0, 0..0);
    let of = |time: &i64| {
        if !today.1.contains(time) {
            let day = time.div_euclid(DAY_MICROS);
            let begin = day.saturating_mul(DAY_MICROS);
            today = (
                i32::try_from(day).unwrap_or(0),
                begin..begin.saturating_add(DAY_MICROS),
            );
        }
        today.0
    };
    times.iter().map(of).collect()
}

fn keys(mut codes: Vec<i32>) -> Int32Array {
    // In one pass without a branch: a null is the only code below zero.
    let some_null = codes.iter().fold(0, |all, code| all | code) < 0;
    let nulls = some_null.then(|| {
        let valid = BooleanBuffer::collect_bool(codes.len(), |row| codes.get(row) != Some(&NULL));
        codes.iter_mut().for_each(|code| *code = (*code).max(0));
        NullBuffer::new(valid)
    });
    Int32Array::new(ScalarBuffer::from(codes), nulls)
}

fn dictionary(codes: Vec<i32>, values: ArrayRef) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(hot::dictionary(keys(codes), values)?))
}

/// A dictionary over a small closed set, by position in it.
fn closed(codes: Vec<i32>, texts: impl IntoIterator<Item = &'static str>) -> Result<ArrayRef, ArrowError> {
    dictionary(codes, Arc::new(StringArray::from_iter_values(texts)))
}

fn protocol_column(numbers: &[u8]) -> Result<ArrayRef, ArrowError> {
    let mut code_of = [NULL; 256];
    let mut texts: Vec<String> = Vec::new();
    let codes = numbers
        .iter()
        .map(|number| match code_of.get_mut(usize::from(*number)) {
            Some(code) => {
                if *code == NULL {
                    *code = i32::try_from(texts.len()).unwrap_or(NULL);
                    texts.push(
                        protocols::protocol_keyword(*number)
                            .map_or_else(|| number.to_string(), str::to_owned),
                    );
                }
                *code
            }
            None => NULL,
        })
        .collect();
    dictionary(codes, Arc::new(StringArray::from(texts)))
}

/// Source ports; null where a form drops them, which is not port 0.
fn source_ports(ports: Vec<i32>, missing: Option<Vec<bool>>) -> ArrayRef {
    let known = missing.filter(|missing| missing.contains(&true));
    let nulls = known.map(|missing| NullBuffer::from_iter(missing.iter().map(|missing| !missing)));
    Arc::new(Int32Array::new(ScalarBuffer::from(ports), nulls))
}

pub(super) fn instants(values: Vec<i64>, nulls: Option<NullBuffer>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::new(ScalarBuffer::from(values), nulls).with_timezone("UTC"))
}

impl Rows {
    /// Makes a batch of everything entered so far and starts anew.
    pub(crate) fn finish(&mut self) -> Result<FlowBatch, ArrowError> {
        self.settle();
        let rows = self.len();
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(40);
        let days: ArrayRef = Arc::new(Date32Array::from(days(&self.time)));
        let addresses: ArrayRef = Arc::new(self.addresses.take());
        let mut per_record = PerRecord::spread(&self.runs.records, rows);
        let hashes: ArrayRef = Arc::new(self.hashes.take());
        let mut extras = self
            .extras
            .take()
            .map(|extras| extras.columns(rows))
            .unwrap_or_default();
        for field in FLOWS_BATCH_SCHEMA.fields() {
            let column = match field.name().as_str() {
                "FlowDate" => Arc::clone(&days),
                "SrcIp" => dictionary(next(&mut self.source_address), Arc::clone(&addresses))?,
                "DestIp" => dictionary(next(&mut self.destination_address), Arc::clone(&addresses))?,
                "RecordTime" => instants(std::mem::take(&mut per_record.time), per_record.time_nulls.take()),
                "SourceId" => Arc::new(Int64Array::from(std::mem::take(&mut per_record.source))),
                "RecordOffset" => Arc::new(Int64Array::from(std::mem::take(&mut per_record.offset))),
                "RecordOccurrence" => Arc::new(Int32Array::from(std::mem::take(&mut per_record.occurrence))),
                "RecordHash" => {
                    let runs = self
                        .runs
                        .records
                        .iter()
                        .map(|record| (record.end, Some(record.hash)));
                    Arc::new(hot::dictionary_of_runs(runs, rows, Arc::clone(&hashes))?)
                }
                "SrcPort" => source_ports(next(&mut self.source_port), extras.no_source_port.take()),
                "FlowEndTime" | "StartedFlows" | "CompletedFlows" | "AdditionalFields" => {
                    extras.column(field, rows)?
                }
                name => match self.tuple_column(name)? {
                    Some(column) => column,
                    None => self.run_column(name, rows)?,
                },
            };
            columns.push(column);
        }
        self.clear();
        let batch = RecordBatch::try_new(Arc::clone(&FLOWS_BATCH_SCHEMA), columns)?;
        Ok(FlowBatch {
            rows: batch,
            records: std::mem::take(&mut self.records),
        })
    }

    /// Hands a batch of everything entered so far to the sink, if there is anything. Break if it has broken off.
    pub(crate) fn hand_on(&mut self, sink: &mut dyn Sink) -> io::Result<ControlFlow<()>> {
        if self.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let batch = self.finish().map_err(io::Error::other)?;
        Ok(sink.batch(batch))
    }

    /// Columns that come from the tuple itself.
    fn tuple_column(&mut self, name: &str) -> Result<Option<ArrayRef>, ArrowError> {
        let column: ArrayRef = match name {
            "TimeGenerated" => instants(next(&mut self.time), None),
            "DestPort" => Arc::new(Int32Array::from(next(&mut self.destination_port))),
            "L4Protocol" => protocol_column(&self.protocol)?,
            "FlowDirection" => closed(
                next(&mut self.direction),
                Direction::ALL.iter().map(|direction| direction.as_str()),
            )?,
            "FlowState" => closed(
                next(&mut self.state),
                FlowState::ALL.iter().map(|state| state.as_str()),
            )?,
            "FlowStatus" => closed(
                next(&mut self.status),
                FlowStatus::ALL.iter().map(|status| status.as_str()),
            )?,
            "FlowEncryption" => {
                let values: ArrayRef = Arc::new(self.encryptions.take());
                dictionary(next(&mut self.encryption), values)?
            }
            "PacketsSrcToDest" => self.counter_column(0),
            "BytesSrcToDest" => self.counter_column(1),
            "PacketsDestToSrc" => self.counter_column(2),
            "BytesDestToSrc" => self.counter_column(3),
            "LogFormat" => closed(
                next(&mut self.format),
                LogFormat::ALL.iter().map(|format| format.as_str()),
            )?,
            "TupleIndex" => Arc::new(Int32Array::from(next(&mut self.tuple_index))),
            _ => return Ok(None),
        };
        Ok(Some(column))
    }

    /// Columns that come from around the tuples.
    fn run_column(&mut self, name: &str, rows: usize) -> Result<ArrayRef, ArrowError> {
        let runs = &mut self.runs;
        let column = match name {
            "MacAddress" => &mut runs.mac_address,
            "AclGroup" => &mut runs.acl_group,
            "AclRule" => &mut runs.acl_rule,
            "AclRuleKind" => &mut runs.acl_rule_kind,
            "AclIdLogged" => &mut runs.acl_id_logged,
            "AclRuleLogged" => &mut runs.acl_rule_logged,
            "TargetResourceId" => &mut runs.target_resource,
            "FlowLogResourceId" => &mut runs.flow_log_resource,
            "FlowLogGuid" => &mut runs.flow_log_guid,
            "SystemId" => &mut runs.system_id,
            other => {
                return Err(ArrowError::SchemaError(format!("column `{other}` has no reader")));
            }
        };
        Ok(Arc::new(column.finish(rows)?))
    }

    fn counter_column(&mut self, counter: usize) -> ArrayRef {
        let values = self.counters.get_mut(counter).map(next).unwrap_or_default();
        let bit = 1_u8 << counter;
        let all = self.reported.iter().fold(bit, |all, reported| all & reported);
        let nulls = (all == 0).then(|| {
            NullBuffer::new(BooleanBuffer::collect_bool(values.len(), |row| {
                self.reported.get(row).is_some_and(|reported| reported & bit != 0)
            }))
        });
        Arc::new(Int64Array::new(ScalarBuffer::from(values), nulls))
    }

    fn clear(&mut self) {
        self.protocol.clear();
        self.reported.clear();
        self.runs.records.clear();
    }
}

/// Per-record numbers, one per row.
struct PerRecord {
    time: Vec<i64>,
    time_nulls: Option<NullBuffer>,
    source: Vec<i64>,
    offset: Vec<i64>,
    occurrence: Vec<i32>,
}

impl PerRecord {
    fn spread(records: &[super::runs::RecordRun], rows: usize) -> Self {
        let mut all = Self {
            time: Vec::with_capacity(rows),
            time_nulls: None,
            source: Vec::with_capacity(rows),
            offset: Vec::with_capacity(rows),
            occurrence: Vec::with_capacity(rows),
        };
        let mut known = Vec::new();
        let some_unknown = records.iter().any(|record| record.time.is_none());
        for record in records {
            all.time.resize(record.end, record.time.unwrap_or(0));
            all.source.resize(record.end, record.source);
            all.offset.resize(record.end, record.offset);
            all.occurrence.resize(record.end, record.occurrence);
            if some_unknown {
                known.resize(record.end, record.time.is_some());
            }
        }
        if some_unknown {
            all.time_nulls = Some(NullBuffer::from(known));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;

    #[test]
    fn every_stored_column_has_a_reader() {
        let batch = Rows::new(0).finish().unwrap();
        assert_eq!(batch.rows.schema(), *FLOWS_BATCH_SCHEMA);
        assert!(batch.rows.columns().iter().all(|column| column.is_empty()));
    }
}
