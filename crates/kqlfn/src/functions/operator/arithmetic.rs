//! `+`, `-`, `*`, `/`, `%` and the sign. Whole numbers wrap; a division of them by zero is null, of reals infinite.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array as _, ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow_buffer::NullBuffer;
use kql::ScalarType;
use kql::values::{DATETIME_MAX, DATETIME_MIN};

use crate::column::{Cell, Column};
use crate::decimal::Decimal;
use crate::function::{Call, Computed, Function};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

macro_rules! operator {
    ($constant:ident, $name:literal, $sign:ident, [$($signature:literal),* $(,)?], $summary:literal, $notes:literal, [$($example:expr),* $(,)?]) => {
        pub(super) const $constant: Function = Function {
            name: $name,
            aliases: &[],
            signatures: &[$($signature),*],
            tuple: &[],
            summary: $summary,
            notes: $notes,
            examples: &[$($example),*],
            kernel: |call| compute(call, Sign::$sign),
        };
    };
}

operator!(
    ADD,
    "+",
    Add,
    [
        "(a:Integer, b:Integer) -> long",
        "(a:Number, b:Number) -> Widest",
        "(a:datetime, b:timespan) -> datetime",
        "(a:timespan, b:datetime) -> datetime",
        "(a:timespan, b:timespan) -> timespan",
        "(a:dynamic, b:Scalar) -> Parameter1",
        "(a:Scalar, b:dynamic) -> Parameter0"
    ],
    "The sum of numbers or timespans, or a moment moved by a timespan.",
    "Whole numbers wrap around. Null in gives null out.",
    [
        ("1 + 2", "3"),
        ("int(2147483647) + 1", "2147483648"),
        ("1 + 0.5", "1.5"),
        ("datetime(2020-01-31) + 1d", "datetime(2020-02-01)"),
        ("long(null) + 1", "long(null)"),
        ("1h + 30m", "90m"),
        ("decimal(0.1) + decimal(0.2)", "decimal(0.3)")
    ]
);

operator!(
    SUBTRACT,
    "-",
    Subtract,
    [
        "(a:Integer, b:Integer) -> long",
        "(a:Number, b:Number) -> Widest",
        "(a:datetime, b:datetime) -> timespan",
        "(a:datetime, b:timespan) -> datetime",
        "(a:timespan, b:datetime) -> datetime",
        "(a:timespan, b:timespan) -> timespan",
        "(a:dynamic, b:Scalar) -> Parameter1",
        "(a:Scalar, b:dynamic) -> Parameter0"
    ],
    "The difference of numbers, timespans or moments, or a moment moved back.",
    "",
    [
        ("3 - 5", "-2"),
        ("datetime(2020-03-01) - datetime(2020-02-28)", "2d"),
        (
            "datetime(2020-03-01) - 1tick",
            "datetime(2020-02-29 23:59:59.9999999)"
        )
    ]
);

operator!(
    MULTIPLY,
    "*",
    Multiply,
    [
        "(a:Integer, b:Integer) -> long",
        "(a:Number, b:Number) -> Widest",
        "(a:timespan, b:Number) -> timespan",
        "(a:Number, b:timespan) -> timespan",
        "(a:dynamic, b:Scalar) -> Parameter1",
        "(a:Scalar, b:dynamic) -> Parameter0"
    ],
    "The product of numbers, or a timespan so many times.",
    "",
    [
        ("6 * 7", "42"),
        ("1d * 2.5", "60h"),
        ("3 * 20m", "1h"),
        ("1.5e300 * 1.5e300", "real(+inf)")
    ]
);

operator!(
    DIVIDE,
    "/",
    Divide,
    [
        "(a:Integer, b:Integer) -> long",
        "(a:Number, b:Number) -> Widest",
        "(a:timespan, b:timespan) -> real",
        "(a:timespan, b:Number) -> timespan",
        "(a:datetime, b:timespan) -> real",
        "(a:dynamic, b:Scalar) -> Parameter1",
        "(a:Scalar, b:dynamic) -> Parameter0"
    ],
    "The quotient of numbers or timespans.",
    "Of whole numbers it is cut towards zero, and null for a divisor of 0.",
    [
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("7 / 2.0", "3.5"),
        ("1 / 0", "long(null)"),
        ("1.0 / 0", "real(+inf)"),
        ("1d / 1h", "24.0"),
        ("1h / 2", "30m")
    ]
);

operator!(
    MODULO,
    "%",
    Modulo,
    [
        "(a:Integer, b:Integer) -> long",
        "(a:Number, b:Number) -> Widest",
        "(a:timespan, b:timespan) -> timespan",
        "(a:datetime, b:timespan) -> timespan",
        "(a:dynamic, b:Scalar) -> Parameter1",
        "(a:Scalar, b:dynamic) -> Parameter0"
    ],
    "What a division leaves over.",
    "It is never negative, whatever the signs.",
    [
        ("7 % 3", "1"),
        ("-7 % 3", "2"),
        ("7 % 0", "long(null)"),
        ("7.5 % 2", "1.5"),
        ("25h % 1d", "1h")
    ]
);

pub(super) const NEGATE: Function = Function {
    name: "negate",
    aliases: &[],
    signatures: &["(a:Summable) -> Parameter0", "(a:dynamic) -> dynamic"],
    tuple: &[],
    summary: "A number or timespan with the other sign: `-a`.",
    notes: "",
    examples: &[
        ("negate(5)", "-5"),
        ("negate(1h)", "-1h"),
        ("negate(decimal(1.5))", "decimal(-1.5)"),
        ("negate(long(null))", "long(null)"),
    ],
    kernel: |call| {
        if call.gives == ScalarType::Decimal {
            return call.decimals(|row| {
                let value = decimal(call.cell(0, row))?;
                Decimal::from_long(0).minus(value).map(|value| value.to_string())
            });
        }
        call.cells(|row| match call.cell(0, row).plain() {
            Cell::Int(value) => Cell::Int(value.wrapping_neg()),
            Cell::Long(value) => Cell::Long(value.wrapping_neg()),
            // 0 and not -0, as the engine has it.
            Cell::Real(value) => Cell::Real(0.0 - value),
            Cell::Timespan(ticks) => Cell::Timespan(ticks.wrapping_neg()),
            Cell::Datetime(ticks) => Cell::Datetime(ticks.wrapping_neg()),
            _ => Cell::Null,
        })
    },
};

fn compute(call: &Call<'_>, sign: Sign) -> Computed {
    if let Some(array) = at_once(call, sign) {
        return Ok(array);
    }
    let kinds = call.arguments.first().zip(call.arguments.get(1));
    if let Some((left, right)) = kinds
        && left.kind.is_integer()
        && right.kind.is_integer()
    {
        return call.longs(|row| whole(sign, call.long(0, row)?, call.long(1, row)?));
    }
    match call.gives {
        ScalarType::Long => {
            call.longs(|row| whole(sign, rounded(call.cell(0, row))?, rounded(call.cell(1, row))?))
        }
        ScalarType::Real if !times(call) => {
            call.reals(|row| real(sign, call.real(0, row)?, call.real(1, row)?))
        }
        ScalarType::Decimal => call.decimals(|row| {
            let (left, right) = (decimal(call.cell(0, row))?, decimal(call.cell(1, row))?);
            exact(sign, left, right).map(|value| value.to_string())
        }),
        ScalarType::Real => call.reals(|row| ratio(call.ticks(0, row)?, call.ticks(1, row)?)),
        ScalarType::Datetime => call.longs(|row| {
            let moment = ticks(sign, call.cell(0, row), call.cell(1, row))?;
            (DATETIME_MIN..=DATETIME_MAX).contains(&moment).then_some(moment)
        }),
        ScalarType::Timespan => call.longs(|row| ticks(sign, call.cell(0, row), call.cell(1, row))),
        _ => call.cells(|row| match (call.real(0, row), call.real(1, row)) {
            (Some(left), Some(right)) => real(sign, left, right).map_or(Cell::Null, Cell::Real),
            _ => Cell::Null,
        }),
    }
}

/// Sums, differences and products of longs or of reals, column by column.
fn at_once(call: &Call<'_>, sign: Sign) -> Option<ArrayRef> {
    let [left, right] = call.arguments else {
        return None;
    };
    if !matches!(sign, Sign::Add | Sign::Subtract | Sign::Multiply) || left.kind != right.kind {
        return None;
    }
    match left.kind {
        ScalarType::Long => columns::<Int64Type>(left, right, call.rows, |left, right| match sign {
            Sign::Add => left.wrapping_add(right),
            Sign::Subtract => left.wrapping_sub(right),
            _ => left.wrapping_mul(right),
        }),
        ScalarType::Real => columns::<Float64Type>(left, right, call.rows, |left, right| match sign {
            Sign::Add => left + right,
            Sign::Subtract => left - right,
            _ => left * right,
        }),
        _ => None,
    }
}

/// A function of two columns of one type that is null where either is; none if both hold for all rows.
fn columns<T: ArrowPrimitiveType>(
    left: &Column,
    right: &Column,
    rows: usize,
    of: impl Fn(T::Native, T::Native) -> T::Native,
) -> Option<ArrayRef> {
    let (a, b) = (
        left.array.as_primitive_opt::<T>()?,
        right.array.as_primitive_opt::<T>()?,
    );
    let one = |array: &PrimitiveArray<T>| (array.len() == 1 && array.is_valid(0)).then(|| array.value(0));
    let array: PrimitiveArray<T> = match (left.is_constant, right.is_constant) {
        (true, false) => {
            let a = one(a)?;
            b.unary(|b| of(a, b))
        }
        (false, true) => {
            let b = one(b)?;
            a.unary(|a| of(a, b))
        }
        (false, false) if a.len() == b.len() => {
            let values = a.values().iter().zip(b.values()).map(|(a, b)| of(*a, *b));
            let nulls = NullBuffer::union(a.nulls(), b.nulls());
            PrimitiveArray::try_new(values.collect(), nulls).ok()?
        }
        _ => return None,
    };
    (array.len() == rows).then(|| Arc::new(array) as ArrayRef)
}

/// True if times stand on both sides.
fn times(call: &Call<'_>) -> bool {
    let is_time = |kind| matches!(kind, ScalarType::Datetime | ScalarType::Timespan);
    call.arguments.iter().any(|argument| is_time(argument.kind))
}

fn rounded(cell: Cell<'_>) -> Option<i64> {
    match cell.plain() {
        Cell::Bool(value) => Some(i64::from(value)),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, as a cast of Kusto's does"
        )]
        Cell::Real(value) => Some(value as i64),
        other => other.long(),
    }
}

fn whole(sign: Sign, left: i64, right: i64) -> Option<i64> {
    Some(match sign {
        Sign::Add => left.wrapping_add(right),
        Sign::Subtract => left.wrapping_sub(right),
        Sign::Multiply => left.wrapping_mul(right),
        Sign::Divide if right == 0 => return None,
        Sign::Divide => left.wrapping_div(right),
        Sign::Modulo if right == 0 => return None,
        Sign::Modulo => left.wrapping_rem_euclid(right),
    })
}

fn real(sign: Sign, left: f64, right: f64) -> Option<f64> {
    Some(match sign {
        Sign::Add => left + right,
        Sign::Subtract => left - right,
        Sign::Multiply => left * right,
        Sign::Divide => left / right,
        Sign::Modulo => left.rem_euclid(right),
    })
}

fn decimal(cell: Cell<'_>) -> Option<Decimal> {
    match cell.plain() {
        Cell::Decimal(digits) => Decimal::parse(digits),
        Cell::Real(value) => Decimal::from_real(value),
        other => other.long().map(Decimal::from_long),
    }
}

fn exact(sign: Sign, left: Decimal, right: Decimal) -> Option<Decimal> {
    match sign {
        Sign::Add => left.plus(right),
        Sign::Subtract => left.minus(right),
        Sign::Multiply => left.times(right),
        Sign::Divide => left.over(right),
        Sign::Modulo => left.minus(left.floor_to(right.abs(), Decimal::from_long(0))?),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a ratio is a real")]
fn ratio(left: i64, right: i64) -> Option<f64> {
    Some(left as f64 / right as f64)
}

fn ticks(sign: Sign, left: Cell<'_>, right: Cell<'_>) -> Option<i64> {
    let (left, right) = (left.plain(), right.plain());
    match (left.ticks(), right.ticks()) {
        (Some(left), Some(right)) => match sign {
            Sign::Add => left.checked_add(right),
            Sign::Subtract => left.checked_sub(right),
            Sign::Modulo if right != 0 => left.checked_rem_euclid(right),
            _ => None,
        },
        (Some(ticks), None) => scaled(sign, ticks, right),
        (None, Some(ticks)) if sign == Sign::Multiply => scaled(sign, ticks, left),
        _ => None,
    }
}

/// A timespan so many times, or a part of one.
#[expect(
    clippy::cast_precision_loss,
    reason = "a factor that is a real cannot be exact"
)]
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn scaled(sign: Sign, ticks: i64, factor: Cell<'_>) -> Option<i64> {
    if let Some(factor) = factor.long() {
        return match sign {
            Sign::Multiply => ticks.checked_mul(factor),
            Sign::Divide if factor != 0 => ticks.checked_div(factor),
            _ => None,
        };
    }
    let factor = factor.real()?;
    let product = if sign == Sign::Multiply {
        ticks as f64 * factor
    } else {
        ticks as f64 / factor
    };
    (product.abs() < 9.2e18).then_some(product.round() as i64)
}
