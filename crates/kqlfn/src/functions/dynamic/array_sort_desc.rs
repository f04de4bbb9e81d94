//! `array_sort_desc`.

use super::sorting::sort;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "array_sort_desc",
    aliases: &[],
    signatures: &[
        "(arrays:DynamicArray*) -> dynamic",
        "(arrays:DynamicArray*, nulls_last:bool) -> dynamic",
    ],
    tuple: &[],
    summary: "Sorts an array from the largest element to the smallest, and puts the elements of further arrays into the order of the first.",
    notes: "Several arrays give as many columns; as one value they are an array of arrays. An array that is not as long \
            as the first gives null. Nulls come last unless `nulls_last` is false. Numbers and times come before texts, \
            then guids, then all else.",
    examples: &[
        (
            "array_sort_desc(dynamic([3, null, 1, 2.5]))",
            "dynamic([3, 2.5, 1, null])",
        ),
        (
            "array_sort_desc(dynamic([null, \"blue\", \"yellow\", \"green\", null]), false)",
            "dynamic([null, null, \"yellow\", \"green\", \"blue\"])",
        ),
        (
            "array_sort_desc(dynamic([1, 3, 2]), dynamic([\"a\", \"c\", \"b\"]), true)",
            "dynamic([[3, 2, 1], [\"c\", \"b\", \"a\"]])",
        ),
        ("array_sort_desc(dynamic([]))", "dynamic([])"),
    ],
    kernel: |call| sort(call, true),
};
