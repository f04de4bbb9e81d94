//! `percentile_tdigest`.

use kql::ScalarType;

use super::reading::digest;
use crate::column::Cell;
use crate::function::Function;
use crate::real::truncated;

pub(super) const FUNCTION: Function = Function {
    name: "percentile_tdigest",
    aliases: &[],
    signatures: &[
        "(tdigest:DynamicArray, percentile:real) -> dynamic",
        "(tdigest:DynamicArray, percentile:real, type:type) -> Parameter2Literal",
    ],
    tuple: &[],
    summary: "The value at a percentile, by the nearest rank, of those that went into what `tdigest` gave.",
    notes: "Up to 4,096 different values are kept as they are; with more the value is near. Without a type it is a \
            dynamic. Reals are cut towards zero where the type is a whole number.",
    examples: &[
        (
            "percentile_tdigest(dynamic([[7], [10, 20, 30], [1, 1, 2]]), 50)",
            "dynamic(20)",
        ),
        (
            "percentile_tdigest(dynamic([[7], [10, 20, 30], [1, 1, 2]]), 51, typeof(long))",
            "30",
        ),
        (
            "percentile_tdigest(dynamic([[7], [10.5], [1]]), 100, typeof(real))",
            "10.5",
        ),
        (
            "percentile_tdigest(dynamic([[7], [-10.5], [1]]), 100, typeof(long))",
            "-10",
        ),
        (
            "percentile_tdigest(dynamic(null), 50, typeof(long))",
            "long(null)",
        ),
    ],
    kernel: |call| {
        call.cells(|row| {
            let held = digest(call, 0, row).zip(call.real(1, row));
            let value = held.map_or(Cell::Null, |(digest, percent)| digest.percentile(percent));
            match (value, call.gives) {
                (Cell::Real(value), ScalarType::Int | ScalarType::Long) => {
                    truncated(value).map_or(Cell::Null, Cell::Long)
                }
                (value, _) => value,
            }
        })
    },
};
