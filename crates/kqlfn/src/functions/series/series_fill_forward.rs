//! `series_fill_forward`.

use super::filling::{Gap, carried};
use super::reading::array;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_fill_forward",
    aliases: &[],
    signatures: &["(series:DynamicArray, ?missing_value_placeholder:Number) -> Parameter0"],
    tuple: &[],
    summary: "Fills the gaps of a series with the nearest value before each.",
    notes: "What is missing is null, or what equals the placeholder. Gaps at the start remain.",
    examples: &[
        (
            "series_fill_forward(dynamic([null, 111, null, 36, null, null]))",
            "dynamic([null, 111, 111, 36, 36, 36])",
        ),
        (
            "series_fill_forward(dynamic([5, 0, 0, 7.5, 0]), 0)",
            "dynamic([5, 5, 5, 7.5, 7.5])",
        ),
        ("series_fill_forward(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            if let Some(series) = array(call, 0, row) {
                writer.array(|elements| {
                    for value in carried(series.iter(), Gap::of(call, 1, row)) {
                        elements.value(value);
                    }
                });
            }
        })
    },
};
