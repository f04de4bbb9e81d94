//! `around`.

use crate::column::Cell;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "around",
    aliases: &[],
    signatures: &["(value:Scalar, center:Scalar, delta:Scalar) -> bool"],
    tuple: &[],
    summary: "True if a value is at most a distance away from another.",
    notes: "Both ends count.",
    examples: &[
        ("around(9, 10, 1)", "true"),
        ("around(12, 10, 1)", "false"),
        (
            "around(datetime(2021-01-01 01:31), datetime(2021-01-01 01:30), 1min)",
            "true",
        ),
        ("around(1.5, 1, 0.25)", "false"),
        ("around(int(null), 1, 1)", "bool(null)"),
    ],
    kernel: |call| call.bools(|row| is_around(call.cell(0, row), call.cell(1, row), call.cell(2, row))),
};

fn is_around(value: Cell<'_>, center: Cell<'_>, delta: Cell<'_>) -> Option<bool> {
    let whole = |cell: Cell<'_>| cell.ticks().or_else(|| cell.long()).map(i128::from);
    if let (Some(value), Some(center), Some(delta)) = (whole(value), whole(center), whole(delta)) {
        return Some((center - delta..=center + delta).contains(&value));
    }
    let (value, center, delta) = (value.real()?, center.real()?, delta.real()?);
    Some((center - delta..=center + delta).contains(&value))
}
