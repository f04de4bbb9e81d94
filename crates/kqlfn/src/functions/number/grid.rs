//! Rounding down to the multiples of a size, counted from zero or from another point.

use std::sync::Arc;

use arrow_array::types::Int64Type;
use kql::ScalarType;
use kql::values::{DATETIME_MAX, DATETIME_MIN};

use super::exact::{decimal, whole};
use crate::column::Cell;
use crate::decimal::Decimal;
use crate::function::{Call, Computed};

/// Rounds the first argument down to multiples of the second.
pub(super) fn bin(call: &Call<'_>) -> Computed {
    if let Some(done) = whole_array(call) {
        return done;
    }
    rounded(call, |row| Some((call.cell(0, row), call.cell(1, row), None)))
}

/// Rounds the first argument down to multiples of the second, counted from the third.
pub(super) fn bin_at(call: &Call<'_>) -> Computed {
    rounded(call, |row| {
        let from = call.cell(2, row);
        (!from.is_null()).then(|| (call.cell(0, row), call.cell(1, row), Some(from)))
    })
}

/// The case that is met most: a column of times or longs, and one size for all.
fn whole_array(call: &Call<'_>) -> Option<Computed> {
    if matches!(
        call.gives,
        ScalarType::Real | ScalarType::Decimal | ScalarType::Int
    ) {
        return None;
    }
    let array = call.column(0).filter(|column| !column.is_constant)?.longs()?;
    let size = whole(call.constant(1)?).filter(|size| *size > 0)?;
    // Only what lies less than a size above the smallest long has no multiple below it.
    let floor = |value: i64| value.checked_sub(value.rem_euclid(size));
    Some(Ok(Arc::new(array.unary_opt::<_, Int64Type>(floor))))
}

/// A value, a size, and what the multiples are counted from.
type Task<'a> = (Cell<'a>, Cell<'a>, Option<Cell<'a>>);

fn rounded<'a>(call: &Call<'_>, task: impl Fn(usize) -> Option<Task<'a>>) -> Computed {
    match call.gives {
        ScalarType::Real => call.reals(|row| {
            let (value, size, from) = task(row)?;
            let from = from.map_or(Some(0.0), Cell::real)?;
            floor_real(value.real()?, size.real()?, from)
        }),
        ScalarType::Decimal => call.decimals(|row| {
            let (value, size, from) = task(row)?;
            let from = from.map_or(Some(Decimal::from_long(0)), decimal)?;
            let floor = decimal(value)?.floor_to(decimal(size)?, from)?;
            Some(floor.to_string())
        }),
        ScalarType::Int => call.ints(|row| i32::try_from(floor_task(task(row)?)?).ok()),
        ScalarType::Datetime => call.longs(|row| {
            floor_task(task(row)?).filter(|ticks| (DATETIME_MIN..=DATETIME_MAX).contains(ticks))
        }),
        _ => call.longs(|row| floor_task(task(row)?)),
    }
}

fn floor_real(value: f64, size: f64, from: f64) -> Option<f64> {
    (size > 0.0).then(|| ((value - from) / size).floor() * size + from)
}

fn floor_task((value, size, from): Task<'_>) -> Option<i64> {
    let from = i128::from(from.map_or(Some(0), whole)?);
    let size = i128::from(whole(size)?);
    if size <= 0 {
        return None;
    }
    let value = i128::from(whole(value)?);
    i64::try_from(value - (value - from).rem_euclid(size)).ok()
}
