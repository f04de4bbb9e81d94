//! A batch of the column table, row by row, with names instead of positions. Text is borrowed from the
//! batch; what repeats (addresses, protocols, rule kinds) is understood once per distinct value.

use std::net::IpAddr;

use anyhow::Context as _;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use model::{Direction, FlowState, FlowStatus, LogFormat, RuleKind, protocols};

use crate::instant::Micros;

/// Packets and bytes each way since the previous entry of the flow; `None` is not reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counters {
    pub(crate) packets_sent: Option<i64>,
    pub(crate) bytes_sent: Option<i64>,
    pub(crate) packets_received: Option<i64>,
    pub(crate) bytes_received: Option<i64>,
}

/// An address as logged, and as meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    pub(crate) text: &'a str,
    pub(crate) ip: Option<IpAddr>,
}

/// A transport or other protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Protocol<'a> {
    /// IANA's keyword, or the number as text.
    pub(crate) name: &'a str,
    pub(crate) number: Option<u8>,
}

/// One tuple with what its record says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) time: Micros,
    pub(crate) source: Address<'a>,
    pub(crate) destination: Address<'a>,
    /// None where it was dropped.
    pub(crate) source_port: Option<u16>,
    pub(crate) destination_port: u16,
    pub(crate) protocol: Protocol<'a>,
    pub(crate) direction: Direction,
    pub(crate) state: Option<FlowState>,
    pub(crate) status: FlowStatus,
    pub(crate) encryption: Option<&'a str>,
    pub(crate) counters: Counters,
    /// The reporting network interface.
    pub(crate) mac: Option<&'a str>,
    /// The id of what the flow log is enabled on.
    pub(crate) target: Option<&'a str>,
    /// The deciding group as logged.
    pub(crate) acl: Option<&'a str>,
    /// The rule as logged, prefix and all.
    pub(crate) rule: Option<&'a str>,
    pub(crate) rule_kind: RuleKind,
    pub(crate) format: LogFormat,
    /// Flows begun and ended that an aggregated row stands for.
    pub(crate) started: Option<i64>,
    pub(crate) completed: Option<i64>,
    /// The record had stood in the source before.
    pub(crate) repeated: bool,
}

/// A dictionary column whose distinct values have been understood.
struct Coded<'a, T> {
    keys: &'a Int32Array,
    values: Vec<T>,
}

impl<'a, T: Copy> Coded<'a, T> {
    fn of(batch: &'a RecordBatch, name: &str, meant: impl Fn(&'a str) -> T) -> anyhow::Result<Self> {
        let dictionary = column(batch, name)?
            .as_dictionary_opt::<Int32Type>()
            .with_context(|| format!("column `{name}` is not a dictionary"))?;
        let values: &StringArray = dictionary
            .values()
            .as_string_opt::<i32>()
            .with_context(|| format!("column `{name}` is not text"))?;
        let values = values
            .iter()
            .map(|value| meant(value.unwrap_or_default()))
            .collect();
        Ok(Self {
            keys: dictionary.keys(),
            values,
        })
    }

    fn get(&self, row: usize) -> Option<T> {
        if self.keys.is_null(row) {
            return None;
        }
        self.values
            .get(usize::try_from(self.keys.value(row)).ok()?)
            .copied()
    }
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> anyhow::Result<&'a dyn Array> {
    let column = batch.column_by_name(name);
    Ok(column
        .with_context(|| format!("the batch has no column `{name}`"))?
        .as_ref())
}

fn longs<'a>(batch: &'a RecordBatch, name: &str) -> anyhow::Result<&'a Int64Array> {
    column(batch, name)?
        .as_primitive_opt::<Int64Type>()
        .with_context(|| format!("column `{name}` is not long"))
}

fn ints<'a>(batch: &'a RecordBatch, name: &str) -> anyhow::Result<&'a Int32Array> {
    column(batch, name)?
        .as_primitive_opt::<Int32Type>()
        .with_context(|| format!("column `{name}` is not int"))
}

fn optional(column: &Int64Array, row: usize) -> Option<i64> {
    column.is_valid(row).then(|| column.value(row))
}

/// A column, unless it holds nothing but nulls.
fn some(column: &Int64Array) -> Option<&Int64Array> {
    (column.null_count() < column.len()).then_some(column)
}

/// The columns of a batch.
pub(crate) struct Rows<'a> {
    length: usize,
    time: &'a TimestampMicrosecondArray,
    source: Coded<'a, Address<'a>>,
    destination: Coded<'a, Address<'a>>,
    source_port: &'a Int32Array,
    destination_port: &'a Int32Array,
    protocol: Coded<'a, Protocol<'a>>,
    direction: Coded<'a, Option<Direction>>,
    state: Coded<'a, Option<FlowState>>,
    status: Coded<'a, Option<FlowStatus>>,
    encryption: Coded<'a, &'a str>,
    counters: [&'a Int64Array; 4],
    mac: Coded<'a, &'a str>,
    target: Coded<'a, &'a str>,
    acl: Coded<'a, &'a str>,
    rule: Coded<'a, &'a str>,
    rule_kind: Coded<'a, Option<RuleKind>>,
    format: Coded<'a, Option<LogFormat>>,
    /// None where no row of the batch has any, as in a batch of tuples.
    started: Option<&'a Int64Array>,
    completed: Option<&'a Int64Array>,
    occurrence: &'a Int32Array,
}

impl<'a> Rows<'a> {
    /// Finds the columns.
    ///
    /// # Errors
    /// If the batch is not one of `Flows`, which would be our mistake.
    pub(crate) fn of(batch: &'a RecordBatch) -> anyhow::Result<Self> {
        let address = |text: &'a str| Address {
            text,
            ip: text.parse().ok(),
        };
        let plain = |text: &'a str| text;
        Ok(Self {
            length: batch.num_rows(),
            time: column(batch, "TimeGenerated")?
                .as_primitive_opt::<TimestampMicrosecondType>()
                .context("column `TimeGenerated` is not a time")?,
            source: Coded::of(batch, "SrcIp", address)?,
            destination: Coded::of(batch, "DestIp", address)?,
            source_port: ints(batch, "SrcPort")?,
            destination_port: ints(batch, "DestPort")?,
            protocol: Coded::of(batch, "L4Protocol", |name| Protocol {
                name,
                number: protocols::protocol_number(name).or_else(|| name.parse().ok()),
            })?,
            direction: Coded::of(batch, "FlowDirection", Direction::from_text)?,
            state: Coded::of(batch, "FlowState", FlowState::from_text)?,
            status: Coded::of(batch, "FlowStatus", FlowStatus::from_text)?,
            encryption: Coded::of(batch, "FlowEncryption", plain)?,
            counters: [
                longs(batch, "PacketsSrcToDest")?,
                longs(batch, "BytesSrcToDest")?,
                longs(batch, "PacketsDestToSrc")?,
                longs(batch, "BytesDestToSrc")?,
            ],
            mac: Coded::of(batch, "MacAddress", plain)?,
            target: Coded::of(batch, "TargetResourceId", plain)?,
            acl: Coded::of(batch, "AclIdLogged", plain)?,
            rule: Coded::of(batch, "AclRuleLogged", plain)?,
            rule_kind: Coded::of(batch, "AclRuleKind", RuleKind::from_text)?,
            format: Coded::of(batch, "LogFormat", LogFormat::from_text)?,
            started: some(longs(batch, "StartedFlows")?),
            completed: some(longs(batch, "CompletedFlows")?),
            occurrence: ints(batch, "RecordOccurrence")?,
        })
    }

    /// Every row in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, Row<'a>)> + '_ {
        (0..self.length).map(|row| (row, self.row(row)))
    }

    fn row(&self, row: usize) -> Row<'a> {
        let nobody = Address { text: "", ip: None };
        let port = |column: &Int32Array| u16::try_from(column.value(row)).unwrap_or(0);
        let [packets_sent, bytes_sent, packets_received, bytes_received] = self.counters;
        Row {
            time: self.time.value(row),
            source: self.source.get(row).unwrap_or(nobody),
            destination: self.destination.get(row).unwrap_or(nobody),
            source_port: self.source_port.is_valid(row).then(|| port(self.source_port)),
            destination_port: port(self.destination_port),
            protocol: self.protocol.get(row).unwrap_or(Protocol {
                name: "",
                number: None,
            }),
            direction: self.direction.get(row).flatten().unwrap_or(Direction::Inbound),
            state: self.state.get(row).flatten(),
            status: self.status.get(row).flatten().unwrap_or(FlowStatus::Denied),
            encryption: self.encryption.get(row),
            counters: Counters {
                packets_sent: optional(packets_sent, row),
                bytes_sent: optional(bytes_sent, row),
                packets_received: optional(packets_received, row),
                bytes_received: optional(bytes_received, row),
            },
            mac: self.mac.get(row),
            target: self.target.get(row),
            acl: self.acl.get(row),
            rule: self.rule.get(row),
            rule_kind: self.rule_kind.get(row).flatten().unwrap_or(RuleKind::Unknown),
            format: self.format.get(row).flatten().unwrap_or(LogFormat::Vnet4),
            started: self.started.and_then(|column| optional(column, row)),
            completed: self.completed.and_then(|column| optional(column, row)),
            repeated: self.occurrence.value(row) > 0,
        }
    }
}
