//! `array_sum`.

use super::arguments::array;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "array_sum",
    aliases: &[],
    signatures: &["(array:DynamicArray) -> real"],
    tuple: &[],
    summary: "The sum of an array's numbers.",
    notes: "Nulls do not count. An array without numbers has no sum, and one that holds anything else than numbers and \
            nulls neither.",
    examples: &[
        ("array_sum(dynamic([1, 2, 3, 4]))", "10.0"),
        ("array_sum(dynamic([1, null, 2.5]))", "3.5"),
        ("array_sum(dynamic([1, 'a']))", "real(null)"),
        ("array_sum(dynamic([]))", "real(null)"),
        ("array_sum(dynamic(null))", "real(null)"),
    ],
    kernel: |call| {
        call.reals(|row| {
            let mut sum = None;
            for element in array(call, 0, row)?.iter() {
                if !element.is_null() {
                    sum = Some(sum.unwrap_or(0.0) + element.number()?);
                }
            }
            sum
        })
    },
};
