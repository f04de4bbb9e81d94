//! `binary_shift_left`.

use super::bits::binary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "binary_shift_left",
    aliases: &[],
    signatures: &["(value:Integer, shift:Integer) -> long"],
    tuple: &[],
    summary: "The bits of a whole number, shifted to the left.",
    notes: "Of the number of places the remainder by 64 counts; a negative one gives null.",
    examples: &[
        ("binary_shift_left(1, 2)", "4"),
        ("binary_shift_left(1, 65)", "2"),
        ("binary_shift_left(1, -1)", "long(null)"),
    ],
    kernel: |call| {
        binary(call, |value, shift| {
            let places = u32::try_from(shift.checked_rem(64)?).ok()?;
            (shift >= 0).then(|| value.wrapping_shl(places))
        })
    },
};
