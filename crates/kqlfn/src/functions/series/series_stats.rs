//! `series_stats`.

use kql::ScalarType;

use super::reading::{array, reals};
use super::statistics::Summary;
use super::writing::index;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_stats",
    aliases: &[],
    signatures: &["(series:DynamicArray, ?ignore_nonfinite:bool) -> dynamic"],
    tuple: &[
        ("_min", ScalarType::Real),
        ("_min_idx", ScalarType::Long),
        ("_max", ScalarType::Real),
        ("_max_idx", ScalarType::Long),
        ("_avg", ScalarType::Real),
        ("_stdev", ScalarType::Real),
        ("_variance", ScalarType::Real),
    ],
    summary: "The least and greatest value of a series, the first places where they stand, the average, \
              standard deviation and variance of a sample.",
    notes: "An element that is no finite number gives null, unless such are ignored.",
    examples: &[
        (
            "series_stats(dynamic([23, 46, 23, 87, 4, 8, 3, 75, 2, 56, 13, 75, 32, 16, 29]))",
            "dynamic([2.0, 8, 87.0, 3, 32.8, 28.50363385354827, 812.4571428571429])",
        ),
        ("series_stats(dynamic([1, null, 3]))", "dynamic(null)"),
        (
            "series_stats(dynamic([null, 1, 3]), true)",
            "dynamic([1.0, 1, 3.0, 2, 2.0, 1.4142135623730951, 2.0])",
        ),
        ("series_stats(dynamic([]))", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let ignores_others = call.bool(1, row).unwrap_or(false);
            let summary = array(call, 0, row).and_then(|series| Summary::of(reals(series), ignores_others));
            let Some(summary) = summary else {
                return;
            };
            writer.array(|elements| {
                elements.push(|writer| writer.real(summary.min));
                elements.push(|writer| index(writer, summary.min_index));
                elements.push(|writer| writer.real(summary.max));
                elements.push(|writer| index(writer, summary.max_index));
                elements.push(|writer| writer.real(summary.average));
                elements.push(|writer| writer.real(summary.variance.sqrt()));
                elements.push(|writer| writer.real(summary.variance));
            });
        })
    },
};
