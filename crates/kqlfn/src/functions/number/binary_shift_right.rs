//! `binary_shift_right`.

use super::bits::binary;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "binary_shift_right",
    aliases: &[],
    signatures: &["(value:Integer, shift:Integer) -> long"],
    tuple: &[],
    summary: "The bits of a whole number, shifted to the right.",
    notes: "Of the number of places the remainder by 64 counts; a negative one gives null. The sign stays.",
    examples: &[
        ("binary_shift_right(1, 2)", "0"),
        ("binary_shift_right(-8, 1)", "-4"),
        ("binary_shift_right(8, 65)", "4"),
        ("binary_shift_right(8, -1)", "long(null)"),
    ],
    kernel: |call| {
        binary(call, |value, shift| {
            let places = u32::try_from(shift.checked_rem(64)?).ok()?;
            (shift >= 0).then(|| value.wrapping_shr(places))
        })
    },
};
