//! Aggregates over groups of rows.

mod collection;
mod percentile;
mod shape;
mod sketch;

use std::borrow::Cow;
use std::collections::HashSet;

use kql::ScalarType;
use kql::bound::AggregateCall;
use kqlfn::{Cell, Column};

use crate::budget::Budget;
use crate::gathering::Gathering;
use crate::grouping::is_time;
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::{Value, key, order};
use crate::{Failure, Result};

/// A set or list has at most so many elements.
const ELEMENTS_MAX: i64 = 1_048_576;

/// One group and the arguments of a call.
struct Group<'g> {
    arguments: &'g [Column],
    rows: Cow<'g, [usize]>,
    budget: &'g Budget<'g>,
}

impl<'g> Group<'g> {
    /// The rows, as long as the query is wanted.
    fn each(&self) -> impl Iterator<Item = usize> + '_ {
        let rows = self.rows.iter().copied();
        rows.take_while(|_| self.budget.goes_on())
    }

    fn cell(&self, argument: usize, row: usize) -> Cell<'g> {
        self.arguments
            .get(argument)
            .map_or(Cell::Null, |column| column.cell(row))
    }

    /// The values of an argument that are not null.
    fn values(&self, argument: usize) -> impl Iterator<Item = Cell<'g>> + '_ {
        self.each()
            .map(move |row| self.cell(argument, row))
            .filter(|cell| !cell.is_null())
    }

    fn numbers(&self, argument: usize) -> Vec<f64> {
        self.values(argument).filter_map(number).collect()
    }

    /// Only the rows for which a condition holds.
    fn only(mut self, condition: usize) -> Self {
        let holds = |row: &usize| self.cell(condition, *row).bool() == Some(true);
        self.rows = Cow::Owned(self.each().filter(holds).collect());
        self
    }

    fn limit(&self, argument: usize) -> usize {
        let limit = match self.arguments.get(argument) {
            Some(column) if column.kind.is_integer() => column.cell(0).long().unwrap_or(ELEMENTS_MAX),
            _ => ELEMENTS_MAX,
        };
        usize::try_from(limit.min(ELEMENTS_MAX)).unwrap_or(0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "ticks as numbers, for spreads")]
fn number(cell: Cell<'_>) -> Option<f64> {
    cell.real().or_else(|| cell.ticks().map(|ticks| ticks as f64))
}

impl Evaluator<'_> {
    /// The columns that a call gives, for each group.
    pub(crate) fn aggregate(
        &self,
        call: &AggregateCall,
        table: &Table,
        groups: &[Vec<usize>],
    ) -> Result<Vec<Column>> {
        let arguments = call
            .arguments
            .iter()
            .map(|argument| self.scalar(argument, table))
            .collect::<Result<Vec<_>>>()?;
        within(call, &arguments, groups, &self.budget)
    }
}

/// The columns that a call gives for each group of the rows of its arguments.
pub fn aggregate_groups(
    call: &AggregateCall,
    arguments: &[Column],
    groups: &[Vec<usize>],
) -> Result<Vec<Column>> {
    within(call, arguments, groups, &Budget::without_end())
}

fn within(
    call: &AggregateCall,
    arguments: &[Column],
    groups: &[Vec<usize>],
    budget: &Budget<'_>,
) -> Result<Vec<Column>> {
    let mut given = Gathering::new(budget, call.columns.clone());
    for rows in groups {
        let group = Group {
            arguments,
            rows: Cow::Borrowed(rows),
            budget,
        };
        let values = aggregated(&call.function, call, group)?;
        budget.settled()?;
        given.row(values)?;
    }
    Ok(given.whole()?.columns)
}

/// True if what it gives hangs on the order of the rows.
#[must_use]
pub fn follows_order(function: &str) -> bool {
    let begins = ["make_list", "make_set", "make_bag", "take_any"];
    begins.iter().any(|begin| function.starts_with(begin))
}

/// True if most rows of a group can no longer count once others are there.
#[must_use]
pub fn has_survivors(function: &str) -> bool {
    matches!(function, "arg_max" | "arg_min" | "take_any" | "make_set")
}

/// The rows of each group without those that can no longer count.
#[must_use]
pub fn survivors(function: &str, arguments: &[Column], groups: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let budget = Budget::without_end();
    let left = |rows: Vec<usize>| {
        let group = Group {
            arguments,
            rows: Cow::Owned(rows),
            budget: &budget,
        };
        match function {
            "arg_max" | "arg_min" => match extreme(&group, function == "arg_max") {
                Some(row) => vec![row],
                // Without a value any row stands for all.
                None => group.rows.iter().copied().take(1).collect(),
            },
            "take_any" => {
                let has_value = |row: &&usize| arguments.len() == 1 && !group.cell(0, **row).is_null();
                let row = group.rows.iter().find(has_value).or_else(|| group.rows.first());
                row.copied().into_iter().collect()
            }
            "make_set" => {
                let mut seen = HashSet::new();
                let rows = group.rows.iter().copied();
                rows.filter(|row| seen.insert(key(&[group.cell(0, *row)])))
                    .collect()
            }
            _ => group.rows.into_owned(),
        }
    };
    groups.into_iter().map(left).collect()
}

/// What one group gives.
fn aggregated(function: &str, call: &AggregateCall, group: Group<'_>) -> Result<Vec<Value>> {
    // Those with a condition are the others on fewer rows.
    let (base, condition) = match function {
        "countif" => ("count", Some(0)),
        "sumif" | "avgif" | "minif" | "maxif" | "stdevif" | "varianceif" | "variancepif" | "dcountif"
        | "count_distinctif" | "take_anyif" => (function.trim_end_matches("if"), Some(1)),
        "make_list_if" | "make_set_if" | "make_bag_if" | "hll_if" => {
            (function.trim_end_matches("_if"), Some(1))
        }
        "covarianceif" | "covariancepif" => (function.trim_end_matches("if"), Some(2)),
        _ => (function, None),
    };
    let size = condition.map_or(1, |at| at + 1);
    let group = match condition {
        Some(condition) => group.only(condition),
        None => group,
    };
    let gives = call
        .columns
        .first()
        .map_or(ScalarType::Dynamic, |column| column.kind);
    let one = |value: Value| Ok(vec![value]);
    match base {
        "count" => one(long(group.rows.len())),
        "sum" => one(sum(&group, gives)),
        "avg" => one(average(&group, gives)),
        "min" => one(extreme(&group, false).map_or(Value::Null, |row| Value::from(group.cell(0, row)))),
        "max" => one(extreme(&group, true).map_or(Value::Null, |row| Value::from(group.cell(0, row)))),
        "dcount" | "count_distinct" => {
            let mut distinct = collection::Seen::new(group.budget);
            for cell in group.values(0) {
                distinct.insert(key(&[cell]))?;
            }
            one(long(distinct.keys.len()))
        }
        "stdev" | "stdevp" | "variance" | "variancep" => one(spread(base, &group.numbers(0))),
        "covariance" | "covariancep" => one(covariance(base == "covariance", &group)),
        "make_list" | "make_list_with_nulls" => {
            one(collection::list(&group, base == "make_list_with_nulls", size)?)
        }
        "make_set" => one(collection::set(&group, size)?),
        "make_bag" => one(collection::bag(&group, size)),
        "take_any" => Ok(any(&group, call.columns.len())),
        "arg_max" | "arg_min" => Ok(argument_of_extreme(&group, base == "arg_max", call.columns.len())),
        "percentile" | "percentiles" | "percentiles_array" => {
            percentile::percentiles(&group, 1, None, base == "percentiles_array")
        }
        "percentilew" | "percentilesw" | "percentilesw_array" => {
            percentile::percentiles(&group, 2, Some(1), base == "percentilesw_array")
        }
        "binary_all_and" | "binary_all_or" | "binary_all_xor" => one(bits(base, &group)),
        "buildschema" => one(shape::schema(group.values(0))),
        "hll" => one(sketch::hll(&group, size)?),
        "hll_merge" => one(sketch::hll_merge(&group)?),
        "tdigest" => one(sketch::tdigest(&group)?),
        "tdigest_merge" => one(sketch::tdigest_merge(&group)?),
        "passthrough" => Ok(any(&group, 1)),
        _ => Err(Failure::unsupported(&format!("the aggregate `{function}`"))),
    }
}

fn long(number: usize) -> Value {
    Value::Long(i64::try_from(number).unwrap_or(i64::MAX))
}

fn sum(group: &Group<'_>, gives: ScalarType) -> Value {
    match gives {
        // From 0 on, so that nothing adds up to 0 and not to -0.
        ScalarType::Real => Value::Real(group.numbers(0).iter().fold(0.0, |sum, number| sum + number)),
        ScalarType::Decimal => decimal_sum(group).0.map_or(Value::Null, Value::Decimal),
        ScalarType::Timespan => {
            Value::Timespan(group.values(0).filter_map(Cell::ticks).fold(0, i64::wrapping_add))
        }
        ScalarType::Datetime => {
            Value::Datetime(group.values(0).filter_map(Cell::ticks).fold(0, i64::wrapping_add))
        }
        _ => Value::Long(group.values(0).filter_map(Cell::long).fold(0, i64::wrapping_add)),
    }
}

fn decimal_sum(group: &Group<'_>) -> (Option<String>, usize) {
    use kqlfn::decimal::Decimal;
    let mut sum = Some(Decimal::from_long(0));
    let mut number = 0;
    for cell in group.values(0) {
        if let Cell::Decimal(digits) = cell {
            sum = sum
                .zip(Decimal::parse(digits))
                .and_then(|(sum, value)| sum.plus(value));
            number += 1;
        }
    }
    (sum.map(|sum| sum.to_string()), number)
}

#[expect(clippy::cast_precision_loss, reason = "a mean is a real")]
#[expect(clippy::cast_possible_truncation, reason = "ticks are within a long")]
fn average(group: &Group<'_>, gives: ScalarType) -> Value {
    if gives == ScalarType::Decimal {
        use kqlfn::decimal::Decimal;
        let (sum, number) = decimal_sum(group);
        let sum = sum.and_then(|sum| Decimal::parse(&sum));
        let number = i64::try_from(number).ok().map(Decimal::from_long);
        return sum
            .zip(number)
            .and_then(|(sum, number)| sum.over(number))
            .map_or(Value::Null, |mean| Value::Decimal(mean.to_string()));
    }
    if is_time(gives) {
        let ticks: Vec<i128> = group.values(0).filter_map(Cell::ticks).map(i128::from).collect();
        if ticks.is_empty() {
            return Value::Null;
        }
        let mean = ticks.iter().sum::<i128>() / ticks.len() as i128;
        let mean = mean as i64;
        return if gives == ScalarType::Datetime {
            Value::Datetime(mean)
        } else {
            Value::Timespan(mean)
        };
    }
    let numbers = group.numbers(0);
    Value::Real(numbers.iter().sum::<f64>() / numbers.len() as f64)
}

/// The row with the smallest or largest value.
fn extreme(group: &Group<'_>, largest: bool) -> Option<usize> {
    let mut held: Option<usize> = None;
    for row in group.each() {
        let cell = group.cell(0, row);
        if cell.is_null() {
            continue;
        }
        // What is no number is the smallest and the largest.
        if matches!(cell, Cell::Real(value) if value.is_nan()) {
            return Some(row);
        }
        let better = held.is_none_or(|held| {
            let order = order(cell, group.cell(0, held));
            if largest { order.is_gt() } else { order.is_lt() }
        });
        if better {
            held = Some(row);
        }
    }
    held
}

fn argument_of_extreme(group: &Group<'_>, largest: bool, columns: usize) -> Vec<Value> {
    let row = extreme(group, largest).or_else(|| group.rows.first().copied());
    (0..columns)
        .map(|at| row.map_or(Value::Null, |row| Value::from(group.cell(at, row))))
        .collect()
}

fn any(group: &Group<'_>, columns: usize) -> Vec<Value> {
    if columns == 1 {
        return vec![group.values(0).next().map_or_else(
            || {
                group
                    .rows
                    .first()
                    .map_or(Value::Null, |row| Value::from(group.cell(0, *row)))
            },
            Value::from,
        )];
    }
    let row = group.rows.first();
    (0..columns)
        .map(|at| row.map_or(Value::Null, |row| Value::from(group.cell(at, *row))))
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are small")]
fn spread(function: &str, numbers: &[f64]) -> Value {
    let of_sample = matches!(function, "stdev" | "variance");
    let count = numbers.len() as f64;
    let divisor = if of_sample { count - 1.0 } else { count };
    if divisor <= 0.0 {
        return Value::Real(0.0);
    }
    // Welford's way, which loses no digits to large means.
    let (mut mean, mut squares, mut seen) = (0.0, 0.0, 0.0);
    for number in numbers {
        seen += 1.0;
        let distance = number - mean;
        mean += distance / seen;
        squares += distance * (number - mean);
    }
    // The engine keeps ten digits behind the point.
    let variance = (squares / divisor * 1e10).round() / 1e10;
    Value::Real(if function.starts_with("stdev") {
        variance.sqrt()
    } else {
        variance
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are small")]
fn covariance(of_sample: bool, group: &Group<'_>) -> Value {
    let pairs: Vec<(f64, f64)> = group
        .each()
        .filter_map(|row| number(group.cell(0, row)).zip(number(group.cell(1, row))))
        .collect();
    let count = pairs.len() as f64;
    let divisor = if of_sample { count - 1.0 } else { count };
    if divisor <= 0.0 {
        return Value::Real(0.0);
    }
    let mean_left = pairs.iter().map(|pair| pair.0).sum::<f64>() / count;
    let mean_right = pairs.iter().map(|pair| pair.1).sum::<f64>() / count;
    let products = pairs
        .iter()
        .map(|pair| (pair.0 - mean_left) * (pair.1 - mean_right));
    Value::Real(products.sum::<f64>() / divisor)
}

fn bits(function: &str, group: &Group<'_>) -> Value {
    let numbers = group.values(0).filter_map(Cell::long);
    let value = match function {
        "binary_all_and" => numbers.reduce(|left, right| left & right),
        "binary_all_or" => numbers.reduce(|left, right| left | right),
        _ => numbers.reduce(|left, right| left ^ right),
    };
    value.map_or(Value::Null, Value::Long)
}
