//! `array_length`.

use super::arguments::array;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "array_length",
    aliases: &["arraylength"],
    signatures: &["(array:DynamicArray) -> long"],
    tuple: &[],
    summary: "How many elements an array has, nulls too.",
    notes: "What is no array has no length, bags neither.",
    examples: &[
        ("array_length(dynamic([1, null, 'a']))", "3"),
        ("array_length(dynamic([]))", "0"),
        ("array_length(dynamic({\"a\": 1}))", "long(null)"),
        ("arraylength(dynamic(null))", "long(null)"),
    ],
    kernel: |call| call.longs(|row| array(call, 0, row).and_then(|array| i64::try_from(array.len()).ok())),
};
