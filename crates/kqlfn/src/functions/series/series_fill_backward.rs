//! `series_fill_backward`.

use super::filling::{Gap, carried};
use super::reading::array;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_fill_backward",
    aliases: &[],
    signatures: &["(series:DynamicArray, ?missing_value_placeholder:Number) -> Parameter0"],
    tuple: &[],
    summary: "Fills the gaps of a series with the nearest value behind each.",
    notes: "What is missing is null, or what equals the placeholder. Gaps at the end remain.",
    examples: &[
        (
            "series_fill_backward(dynamic([111, null, 36, 41, null, null, 16, 61, 33, null, null]))",
            "dynamic([111, 36, 36, 41, 16, 16, 16, 61, 33, null, null])",
        ),
        (
            "series_fill_backward(dynamic([0, 7.5, 0]), 0)",
            "dynamic([7.5, 7.5, 0])",
        ),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            if let Some(series) = array(call, 0, row) {
                let backwards: Vec<_> = series.iter().collect();
                let filled = carried(backwards.into_iter().rev(), Gap::of(call, 1, row));
                writer.array(|elements| {
                    for value in filled.into_iter().rev() {
                        elements.value(value);
                    }
                });
            }
        })
    },
};
