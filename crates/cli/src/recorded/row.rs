//! From a row of an answer to a key.

use std::net::IpAddr;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, PrimitiveArray, RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};
use model::facts::Mac;
use model::protocols::protocol_number;
use model::{Direction, FlowStatus, RuleKind};
use nsg::Flow;
use why::{LoggedFlow, Sums};

use super::Unused;
use crate::exit::Failure;
use crate::instant::Micros;

/// A column of texts, whatever form the engine gives them.
pub(super) struct Texts(StringArray);

impl Texts {
    pub(super) fn at(&self, row: usize) -> Option<&str> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }
}

pub(super) fn texts(column: &ArrayRef) -> Result<Texts, Failure> {
    let plain = cast(column, &DataType::Utf8).map_err(|error| Failure::bug(error.to_string()))?;
    Ok(Texts(plain.as_string::<i32>().clone()))
}

fn numbers(column: &ArrayRef) -> Result<PrimitiveArray<Int64Type>, Failure> {
    let plain = cast(column, &DataType::Int64).map_err(|error| Failure::bug(error.to_string()))?;
    Ok(plain.as_primitive::<Int64Type>().clone())
}

fn times(column: &ArrayRef) -> Result<PrimitiveArray<TimestampMicrosecondType>, Failure> {
    let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
    let plain = cast(column, &micros).map_err(|error| Failure::bug(error.to_string()))?;
    Ok(plain.as_primitive::<TimestampMicrosecondType>().clone())
}

fn column<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b ArrayRef, Failure> {
    let held = batch.column_by_name(name);
    held.ok_or_else(|| Failure::bug(format!("the answer has no column `{name}`")))
}

fn of<T: arrow_array::ArrowPrimitiveType>(column: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    column.is_valid(row).then(|| column.value(row))
}

/// The columns of keys.
struct Columns {
    texts: [Texts; 8],
    ports: [PrimitiveArray<Int32Type>; 2],
    sums: [PrimitiveArray<Int64Type>; 6],
    times: [PrimitiveArray<TimestampMicrosecondType>; 2],
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Self, Failure> {
        let text = |name| texts(column(batch, name)?);
        let port = |name| {
            let plain = cast(column(batch, name)?, &DataType::Int32);
            let plain = plain.map_err(|error| Failure::bug(error.to_string()))?;
            Ok::<_, Failure>(plain.as_primitive::<Int32Type>().clone())
        };
        let number = |name| numbers(column(batch, name)?);
        let time = |name| times(column(batch, name)?);
        Ok(Self {
            texts: [
                text("MacAddress")?,
                text("FlowDirection")?,
                text("SrcIp")?,
                text("DestIp")?,
                text("L4Protocol")?,
                text("AclRuleKind")?,
                text("AclRule")?,
                text("AclGroup")?,
            ],
            ports: [port("SrcPort")?, port("DestPort")?],
            sums: [
                number("Lines")?,
                number("Attempts")?,
                number("PacketsSrcToDest")?,
                number("PacketsDestToSrc")?,
                number("BytesSrcToDest")?,
                number("BytesDestToSrc")?,
            ],
            times: [time("First")?, time("Last")?],
        })
    }

    fn sums(&self, row: usize) -> Sums {
        let [
            lines,
            attempts,
            packets_sent,
            packets_received,
            bytes_sent,
            bytes_received,
        ] = self.sums.each_ref().map(|held| {
            let number = of(held, row).unwrap_or_default();
            u64::try_from(number).unwrap_or_default()
        });
        let [first, last] = self.times.each_ref().map(|held| of(held, row));
        Sums {
            lines,
            attempts,
            packets_sent,
            packets_received,
            bytes_sent,
            bytes_received,
            times: first.zip(last),
        }
    }

    /// What rules look at; none where an address or the protocol is none.
    fn flow(&self, row: usize) -> Option<(Flow, bool)> {
        let [_, direction, source, destination, protocol, ..] = &self.texts;
        let address = |held: &Texts| {
            held.at(row)?
                .parse::<IpAddr>()
                .ok()
                .map(|held| held.to_canonical())
        };
        let protocol = protocol.at(row)?;
        let [from, to] = self.ports.each_ref().map(|held| of(held, row));
        let port = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
        let flow = Flow {
            direction: Direction::from_text(direction.at(row)?)?,
            protocol: protocol.parse().ok().or_else(|| protocol_number(protocol))?,
            source: address(source)?,
            source_port: port(from).unwrap_or_default(),
            destination: address(destination)?,
            destination_port: port(to).unwrap_or_default(),
        };
        Some((flow, port(from).is_some()))
    }
}

/// Gives each key of a batch.
pub(super) fn each(
    batch: &RecordBatch,
    take: &mut impl FnMut(&LoggedFlow<'_>),
    unused: &mut Unused,
) -> Result<(), Failure> {
    let (columns, statuses) = (Columns::of(batch)?, texts(column(batch, "FlowStatus")?)?);
    let [macs, _, _, _, _, kinds, rules, groups] = &columns.texts;
    for row in 0..batch.num_rows() {
        let sums = columns.sums(row);
        let status = statuses.at(row).and_then(FlowStatus::from_text);
        let (Some((flow, has_source_port)), Some(status)) = (columns.flow(row), status) else {
            unused.lines += sums.lines;
            unused.keys += 1;
            continue;
        };
        take(&LoggedFlow {
            mac: macs.at(row).and_then(Mac::parse),
            flow,
            has_source_port,
            is_allowed: status == FlowStatus::Allowed,
            rule_kind: kinds
                .at(row)
                .and_then(RuleKind::from_text)
                .unwrap_or(RuleKind::Unknown),
            rule: rules.at(row).unwrap_or_default(),
            group: groups.at(row).unwrap_or_default(),
            sums,
        });
    }
    Ok(())
}

/// Gives each interface of a batch with an hour in which it logged.
pub(super) fn each_hour(
    batch: &RecordBatch,
    take: &mut impl FnMut(Option<&str>, Micros),
) -> Result<(), Failure> {
    let (macs, hours) = (
        texts(column(batch, "MacAddress")?)?,
        times(column(batch, "Hour")?)?,
    );
    for row in 0..batch.num_rows() {
        if let Some(hour) = of(&hours, row) {
            take(macs.at(row), hour);
        }
    }
    Ok(())
}
