//! `set_union`.

use super::arguments::array;
use super::sets::write_distinct;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "set_union",
    aliases: &[],
    signatures: &["(first:DynamicArray, set:DynamicArray*) -> dynamic"],
    tuple: &[],
    summary: "The distinct elements of all the arrays.",
    notes: "They come in the order in which they are first there. What is no array is passed over, null too; if none of \
            them is an array, the result is null.",
    examples: &[
        (
            "set_union(dynamic([1, 2, 1, 4]), dynamic([1, 2]), dynamic([8]))",
            "dynamic([1, 2, 4, 8])",
        ),
        (
            "set_union(dynamic(['a', 'A']), dynamic(['a', null]))",
            "dynamic(['a', 'A', null])",
        ),
        ("set_union(dynamic([1]), dynamic(['1']))", "dynamic([1, '1'])"),
        ("set_union(dynamic([1]), dynamic(null))", "dynamic([1])"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let mut arrays = (0..call.arguments.len())
                .filter_map(|argument| array(call, argument, row))
                .peekable();
            if arrays.peek().is_some() {
                write_distinct(writer, arrays.flat_map(|array| array.raw()), |_| true);
            }
        })
    },
};
