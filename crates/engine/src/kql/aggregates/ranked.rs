//! `percentile` and `percentiles` of numbers and times: the nearest rank, exact. Of each group only its numbers are kept.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, Float64Array, Int32Array, Int64Array, ListArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::DataType;
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::logical_expr::{AggregateUDF, EmitTo};
use kql::ScalarType;
use kql::bound::AggregateCall;
use kql::syntax::Literal;
use kqlfn::arrow_type;

use super::{OfValues, Values, item, named, side_by_side, type_of};

pub(super) const PREFIX: &str = "kql-percentiles";

/// The aggregate of a call's first argument, if it is of percentiles that are written down.
pub(in crate::kql) fn ranked(call: &AggregateCall) -> Option<Arc<AggregateUDF>> {
    if !matches!(call.function.as_str(), "percentile" | "percentiles") {
        return None;
    }
    let (value, percents) = call.arguments.split_first()?;
    let percents = percents
        .iter()
        .map(|percent| match percent.as_literal()? {
            Literal::Long(Some(number)) => {
                #[expect(clippy::cast_precision_loss, reason = "as Kusto widens longs to reals")]
                let number = *number as f64;
                Some(number)
            }
            Literal::Int(Some(number)) => Some(f64::from(*number)),
            Literal::Real(Some(number)) => Some(*number),
            _ => None,
        })
        .collect::<Option<Vec<f64>>>()?;
    if call.columns.len() != percents.len() {
        return None;
    }
    of(value.gives, percents)
}

/// The aggregate of a name, behind its prefix.
pub(super) fn by_name(name: &str) -> Option<Arc<AggregateUDF>> {
    let (kind, percents) = name.split_once(':')?;
    let percents = percents.split(',').map(|percent| percent.parse().ok());
    of(
        ScalarType::from_name(kind)?,
        percents.collect::<Option<Vec<f64>>>()?,
    )
}

fn of(kind: ScalarType, percents: Vec<f64>) -> Option<Arc<AggregateUDF>> {
    let is_known = matches!(
        kind,
        ScalarType::Int | ScalarType::Long | ScalarType::Real | ScalarType::Datetime | ScalarType::Timespan
    );
    if !is_known || percents.is_empty() {
        return None;
    }
    let texts: Vec<String> = percents.iter().map(f64::to_string).collect();
    let name = format!("{PREFIX}:{}:{}", kind.name(), texts.join(","));
    let gives = type_of(&vec![kind; percents.len()]);
    let none = Groups {
        kind,
        percents,
        values: Vec::new(),
        bytes: 0,
    };
    Some(named(name, vec![kind], gives, OfValues(none)))
}

/// The numbers of all groups, in an order that is that of whole numbers.
#[derive(Clone, Debug)]
struct Groups {
    kind: ScalarType,
    percents: Vec<f64>,
    values: Vec<Vec<i64>>,
    /// What the numbers take, without their vectors.
    bytes: usize,
}

/// A real as a whole number of the same order; what is no number is the least, and both zeros are one.
fn ordered(value: f64) -> i64 {
    if value.is_nan() {
        return i64::MIN;
    }
    let bits = (value + 0.0).to_bits().cast_signed();
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

fn real(ordered: i64) -> f64 {
    if ordered == i64::MIN {
        return f64::NAN;
    }
    let bits = ordered ^ ((ordered >> 63).cast_unsigned() >> 1).cast_signed();
    f64::from_bits(bits.cast_unsigned())
}

impl Groups {
    fn emitted(&mut self, emit: EmitTo) -> Vec<Vec<i64>> {
        let out = match emit {
            EmitTo::All => std::mem::take(&mut self.values),
            EmitTo::First(first) => {
                let rest = self.values.split_off(first.min(self.values.len()));
                std::mem::replace(&mut self.values, rest)
            }
        };
        let gone: usize = out.iter().map(Vec::capacity).sum();
        self.bytes = self.bytes.saturating_sub(gone * size_of::<i64>());
        out
    }

    fn array(&self, values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
        #[expect(clippy::cast_possible_truncation, reason = "it was an int")]
        match arrow_type(self.kind) {
            DataType::Int32 => Arc::new(
                values
                    .map(|value| value.map(|value| value as i32))
                    .collect::<Int32Array>(),
            ),
            DataType::Float64 => Arc::new(values.map(|value| value.map(real)).collect::<Float64Array>()),
            _ => Arc::new(values.collect::<Int64Array>()),
        }
    }
}

/// The value at a percentile's rank among values in any order.
fn at_rank(values: &mut [i64], percent: f64) -> Option<i64> {
    let last = values.len().checked_sub(1)?;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank among as many values as memory holds"
    )]
    let rank = (percent / 100.0 * values.len() as f64).ceil().max(1.0) as usize;
    let (_, value, _) = values.select_nth_unstable((rank - 1).min(last));
    Some(*value)
}

impl Values for Groups {
    fn kind(&self) -> ScalarType {
        self.kind
    }

    fn at_least(&mut self, groups: usize) {
        if self.values.len() < groups {
            self.values.resize_with(groups, Vec::new);
        }
    }

    fn add(&mut self, values: &ArrayRef, group_of: impl Fn(usize) -> Option<usize>) -> Result<()> {
        let Self {
            values: held, bytes, ..
        } = self;
        let mut push = |group: usize, value: i64| {
            if let Some(values) = held.get_mut(group) {
                let before = values.capacity();
                values.push(value);
                *bytes += (values.capacity() - before) * size_of::<i64>();
            }
        };
        let rows = (0..values.len()).filter(|row| values.is_valid(*row));
        let placed = rows.filter_map(|row| Some((row, group_of(row)?)));
        match values.data_type() {
            DataType::Int64 => {
                let values = values.as_primitive::<Int64Type>();
                placed.for_each(|(row, group)| push(group, values.value(row)));
            }
            DataType::Int32 => {
                let values = values.as_primitive::<Int32Type>();
                placed.for_each(|(row, group)| push(group, values.value(row).into()));
            }
            DataType::Float64 => {
                let values = values.as_primitive::<Float64Type>();
                placed.for_each(|(row, group)| push(group, ordered(values.value(row))));
            }
            other => return Err(exec_datafusion_err!("there are no percentiles of {other}")),
        }
        Ok(())
    }

    fn computed(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let mut groups = self.emitted(emit);
        let columns = self
            .percents
            .iter()
            .map(|percent| self.array(groups.iter_mut().map(|values| at_rank(values, *percent))))
            .collect();
        side_by_side(columns)
    }

    fn listed(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let groups = self.emitted(emit);
        let offsets = OffsetBuffer::<i32>::from_lengths(groups.iter().map(Vec::len));
        let values = self.array(groups.iter().flatten().map(|value| Some(*value)));
        let lists = ListArray::try_new(item(self.kind), offsets, values, None)?;
        Ok(Arc::new(lists))
    }

    fn bytes(&self) -> usize {
        self.bytes + self.values.capacity() * size_of::<Vec<i64>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reals_keep_their_order_as_whole_numbers() {
        let mut values = [
            1.5,
            -0.0,
            f64::NAN,
            f64::INFINITY,
            -1.5,
            f64::NEG_INFINITY,
            0.0,
            1e-300,
        ];
        values.sort_by_key(|value| ordered(*value));
        let text: Vec<String> = values
            .iter()
            .map(|value| (real(ordered(*value))).to_string())
            .collect();
        assert_eq!(
            text.join(" ").replace(&format!("{}", 1e-300), "tiny"),
            "NaN -inf -1.5 0 0 tiny 1.5 inf"
        );
    }

    #[test]
    fn ranks_are_the_nearest() {
        let of = |percent: f64| at_rank(&mut [40, 10, 30, 20], percent);
        assert_eq!(
            [0.0, 25.0, 25.1, 50.0, 99.0, 100.0, 200.0].map(of),
            [10, 10, 20, 20, 40, 40, 40].map(Some)
        );
        assert_eq!(at_rank(&mut [], 50.0), None);
    }
}
