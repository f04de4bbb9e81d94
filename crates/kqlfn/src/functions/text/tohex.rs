//! `tohex`.

use crate::column::Cell;
use crate::function::Function;

/// What a `long` has, and what leading zeros fill up to at most.
const MOST_DIGITS: usize = 16;

pub(super) const FUNCTION: Function = Function {
    name: "tohex",
    aliases: &[],
    signatures: &["(value:Integer, ?minLength:Integer) -> string"],
    tuple: &[],
    summary: "A whole number in hexadecimal digits.",
    notes: "Negative numbers are written as the two's complement: 8 digits for an `int`, 16 for a `long`.",
    examples: &[
        ("tohex(256)", "'100'"),
        ("tohex(-256)", "'ffffffffffffff00'"),
        ("tohex(int(-256), 8)", "'ffffff00'"),
        ("tohex(256, 8)", "'00000100'"),
        ("tohex(256, 2)", "'100'"),
        ("tohex(long(null))", "''"),
    ],
    kernel: |call| {
        call.strings(|row| {
            let least = usize::try_from(call.long(1, row).unwrap_or(0)).unwrap_or(0);
            let least = least.min(MOST_DIGITS);
            match call.cell(0, row).plain() {
                Cell::Int(value) => format!("{value:0least$x}"),
                Cell::Long(value) => format!("{value:0least$x}"),
                _ => String::new(),
            }
        })
    },
};
