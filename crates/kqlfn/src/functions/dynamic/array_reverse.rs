//! `array_reverse`.

use super::arguments::{array, write_array};
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "array_reverse",
    aliases: &[],
    signatures: &["(value:DynamicArray) -> Parameter0"],
    tuple: &[],
    summary: "The elements of an array in the opposite order.",
    notes: "",
    examples: &[
        (
            "array_reverse(dynamic(['this', 'is', 'it']))",
            "dynamic(['it', 'is', 'this'])",
        ),
        (
            "array_reverse(dynamic([null, [1, 2]]))",
            "dynamic([[1, 2], null])",
        ),
        ("array_reverse(dynamic([]))", "dynamic([])"),
        ("array_reverse(dynamic({'a': 1}))", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            if let Some(array) = array(call, 0, row) {
                let pieces: Vec<&[u8]> = array.raw().collect();
                write_array(writer, pieces.into_iter().rev());
            }
        })
    },
};
