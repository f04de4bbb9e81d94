//! `percentiles_array_tdigest`.

use super::reading::digest;
use crate::column::Cell;
use crate::dynamic::Dynamic;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "percentiles_array_tdigest",
    aliases: &[],
    signatures: &[
        "(tdigest:DynamicArray, percentile:real*) -> dynamic",
        "(tdigest:DynamicArray, percentiles:DynamicArray) -> dynamic",
    ],
    tuple: &[],
    summary: "The values at several percentiles of those that went into what `tdigest` gave, in an array.",
    notes: "As `percentile_tdigest`.",
    examples: &[
        (
            "percentiles_array_tdigest(dynamic([[7], [10, 20, 30], [1, 1, 2]]), 25, 50, 75)",
            "dynamic([10, 20, 30])",
        ),
        (
            "percentiles_array_tdigest(dynamic([[7], [10, 20, 30], [1, 1, 2]]), dynamic([25, 75]))",
            "dynamic([10, 30])",
        ),
        ("percentiles_array_tdigest(dynamic(null), 25)", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let Some(digest) = digest(call, 0, row) else {
                return;
            };
            let mut percents: Vec<Option<f64>> = Vec::new();
            for argument in 1..call.arguments.len() {
                match call.cell(argument, row) {
                    Cell::Dynamic(Dynamic::Array(array)) => {
                        percents.extend(array.iter().map(Dynamic::number))
                    }
                    cell => percents.push(cell.real()),
                }
            }
            writer.array(|elements| {
                for percent in percents {
                    let value = percent.map_or(Cell::Null, |percent| digest.percentile(percent));
                    elements.push(|writer| value.write(writer));
                }
            });
        })
    },
};
