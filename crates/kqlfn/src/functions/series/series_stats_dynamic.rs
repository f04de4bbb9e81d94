//! `series_stats_dynamic`.

use super::reading::{array, reals};
use super::statistics::Summary;
use super::writing::index;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_stats_dynamic",
    aliases: &[],
    signatures: &["(series:DynamicArray, ?ignore_nonfinite:bool) -> dynamic"],
    tuple: &[],
    summary: "What `series_stats` says of a series, its sum and its length, in a bag.",
    notes: "An element that is no finite number gives null, unless such are ignored; the length then counts \
            the finite ones.",
    examples: &[
        (
            "series_stats_dynamic(dynamic([10, 20]))",
            "dynamic({\"min\": 10.0, \"min_idx\": 0, \"max\": 20.0, \"max_idx\": 1, \"avg\": 15.0, \
             \"stdev\": 7.0710678118654755, \"variance\": 50.0, \"sum\": 30.0, \"len\": 2})",
        ),
        ("series_stats_dynamic(dynamic([10, null]))", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let ignores_others = call.bool(1, row).unwrap_or(false);
            let summary = array(call, 0, row).and_then(|series| Summary::of(reals(series), ignores_others));
            let Some(summary) = summary else {
                return;
            };
            writer.bag(|members| {
                members.push("min", |writer| writer.real(summary.min));
                members.push("min_idx", |writer| index(writer, summary.min_index));
                members.push("max", |writer| writer.real(summary.max));
                members.push("max_idx", |writer| index(writer, summary.max_index));
                members.push("avg", |writer| writer.real(summary.average));
                members.push("stdev", |writer| writer.real(summary.variance.sqrt()));
                members.push("variance", |writer| writer.real(summary.variance));
                members.push("sum", |writer| writer.real(summary.sum));
                members.push("len", |writer| index(writer, summary.length));
            });
        })
    },
};
