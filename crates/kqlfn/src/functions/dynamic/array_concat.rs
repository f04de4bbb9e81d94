//! `array_concat`.

use super::arguments::array;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "array_concat",
    aliases: &[],
    signatures: &["(array:DynamicArray*) -> dynamic"],
    tuple: &[],
    summary: "Puts the elements of several arrays one after the other into one.",
    notes: "What is no array is passed over, null too. If none of them is an array, the result is null.",
    examples: &[
        (
            "array_concat(dynamic([1, 2]), dynamic([3]))",
            "dynamic([1, 2, 3])",
        ),
        (
            "array_concat(dynamic({\"a\": 1}), dynamic([99]), dynamic(null))",
            "dynamic([99])",
        ),
        ("array_concat(dynamic([]), dynamic([]))", "dynamic([])"),
        ("array_concat(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let mut arrays = (0..call.arguments.len())
                .filter_map(|argument| array(call, argument, row))
                .peekable();
            if arrays.peek().is_none() {
                return;
            }
            writer.array(|elements| {
                for piece in arrays.flat_map(|array| array.raw()) {
                    elements.raw(piece);
                }
            });
        })
    },
};
