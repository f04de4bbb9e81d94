//! `<`, `<=`, `>`, `>=`. Beside null they are null.

use std::cmp::Ordering;

use crate::column::Cell;
use crate::decimal::Decimal;
use crate::function::{Call, Computed, Function};

macro_rules! comparison {
    ($constant:ident, $name:literal, $test:expr, $summary:literal, [$($example:expr),*]) => {
        pub(super) const $constant: Function = Function {
            name: $name,
            aliases: &[],
            signatures: &["(a:Scalar, b:Scalar) -> bool"],
            tuple: &[],
            summary: $summary,
            notes: "Null on either side gives null; a real that is no number is neither smaller nor larger.",
            examples: &[$($example),*],
            kernel: |call| compare(call, $test),
        };
    };
}

comparison!(
    LESS,
    "<",
    Ordering::is_lt,
    "True if the left is smaller, or earlier.",
    [
        ("1 < 1.5", "true"),
        ("2 < 1", "false"),
        ("long(null) < 1", "bool(null)"),
        ("datetime(2020-01-01) < datetime(2021-01-01)", "true")
    ]
);
comparison!(
    LESS_EQUAL,
    "<=",
    Ordering::is_le,
    "True if the left is smaller or the same.",
    [("1 <= 1", "true"), ("real(nan) <= 1", "false")]
);
comparison!(
    GREATER,
    ">",
    Ordering::is_gt,
    "True if the left is larger, or later.",
    [
        ("2 > 1", "true"),
        ("1h > 30m", "true"),
        ("dynamic(3) > 2", "true")
    ]
);
comparison!(
    GREATER_EQUAL,
    ">=",
    Ordering::is_ge,
    "True if the left is larger or the same.",
    [("1 >= 2", "false"), ("int(5) >= 5.0", "true")]
);

fn compare(call: &Call<'_>, test: fn(Ordering) -> bool) -> Computed {
    if let (Some(left), Some(right)) = (call.column(0), call.column(1))
        && left.kind == right.kind
        && let (Some(lefts), Some(rights)) = (left.longs(), right.longs())
    {
        use arrow_array::Array;
        let at = |constant: bool, row: usize| if constant { 0 } else { row };
        return call.bools(|row| {
            let (left, right) = (at(left.is_constant, row), at(right.is_constant, row));
            let known = lefts.is_valid(left) && rights.is_valid(right);
            known.then(|| test(lefts.value(left).cmp(&rights.value(right))))
        });
    }
    call.bools(|row| order(call.cell(0, row), call.cell(1, row), test))
}

/// Whether two values stand in an order; null if one of them is null or they cannot be compared.
pub(super) fn order(left: Cell<'_>, right: Cell<'_>, test: fn(Ordering) -> bool) -> Option<bool> {
    let (left, right) = (left.plain(), right.plain());
    if left.is_null() || right.is_null() {
        return None;
    }
    if let Some(order) = compared(left, right) {
        return Some(test(order));
    }
    let (left, right) = numbers(left, right)?;
    Some(left.partial_cmp(&right).is_some_and(test))
}

/// The order of two values that have one and can be compared exactly.
pub(super) fn compared(left: Cell<'_>, right: Cell<'_>) -> Option<Ordering> {
    match (left, right) {
        (Cell::Datetime(left), Cell::Datetime(right)) | (Cell::Timespan(left), Cell::Timespan(right)) => {
            Some(left.cmp(&right))
        }
        (Cell::Bool(left), Cell::Bool(right)) => Some(left.cmp(&right)),
        (Cell::String(left), Cell::String(right)) => Some(left.cmp(right)),
        (Cell::Bool(left), right) => Some(i64::from(left).cmp(&right.long()?)),
        (left, Cell::Bool(right)) => Some(left.long()?.cmp(&i64::from(right))),
        (Cell::Decimal(left), Cell::Decimal(right)) => {
            Some(Decimal::parse(left)?.cmp(&Decimal::parse(right)?))
        }
        _ => Some(left.long()?.cmp(&right.long()?)),
    }
}

/// Two numbers as reals.
pub(super) fn numbers(left: Cell<'_>, right: Cell<'_>) -> Option<(f64, f64)> {
    left.real().zip(right.real())
}
