//! `series_fill_const`.

use super::filling::Gap;
use super::reading::array;
use crate::column::Cell;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_fill_const",
    aliases: &[],
    signatures: &[
        "(series:DynamicArray, ?constant_value:Number, ?missing_value_placeholder:Number) -> Parameter0",
    ],
    tuple: &[],
    summary: "Fills the gaps of a series with one value, 0 if none is given.",
    notes: "What is missing is null, or what equals the placeholder.",
    examples: &[
        (
            "series_fill_const(dynamic([111, null, 36]), 0.0)",
            "dynamic([111, 0.0, 36])",
        ),
        (
            "series_fill_const(dynamic([111, null, 36, null]), -1)",
            "dynamic([111, -1, 36, -1])",
        ),
        (
            "series_fill_const(dynamic([1, 0, null]), 5, 0)",
            "dynamic([1, 5, null])",
        ),
        ("series_fill_const(dynamic([null]))", "dynamic([0])"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let Some(series) = array(call, 0, row) else {
                return;
            };
            let value = if call.has(1) {
                call.cell(1, row)
            } else {
                Cell::Long(0)
            };
            let gap = Gap::of(call, 2, row);
            writer.array(|elements| {
                for element in series.iter() {
                    elements.push(|writer| {
                        if gap.is(element) {
                            value.write(writer);
                        } else {
                            writer.value(element);
                        }
                    });
                }
            });
        })
    },
};
