//! `array_sort_asc`.

use super::sorting::sort;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "array_sort_asc",
    aliases: &[],
    signatures: &[
        "(arrays:DynamicArray*) -> dynamic",
        "(arrays:DynamicArray*, nulls_last:bool) -> dynamic",
    ],
    tuple: &[],
    summary: "Sorts an array from the smallest element to the largest, and puts the elements of further arrays into the order of the first.",
    notes: "Several arrays give as many columns; as one value they are an array of arrays. An array that is not as long \
            as the first gives null. Nulls come last unless `nulls_last` is false. Numbers and times come before texts, \
            then guids, then all else.",
    examples: &[
        (
            "array_sort_asc(dynamic([3, null, 1, 2.5]))",
            "dynamic([1, 2.5, 3, null])",
        ),
        (
            "array_sort_asc(dynamic([null, \"blue\", \"yellow\", \"green\", null]), false)",
            "dynamic([null, null, \"blue\", \"green\", \"yellow\"])",
        ),
        (
            "array_sort_asc(dynamic([2, 1, 3]), dynamic([\"b\", \"a\", \"c\"]), dynamic([1]))",
            "dynamic([[1, 2, 3], [\"a\", \"b\", \"c\"], null])",
        ),
        (
            "array_sort_asc(dynamic([true, \"10\", \"9\", 10, 9, \"Z\", \"a\"]))",
            "dynamic([9, 10, \"10\", \"9\", \"Z\", \"a\", true])",
        ),
        ("array_sort_asc(dynamic(null))", "dynamic(null)"),
    ],
    kernel: |call| sort(call, false),
};
