//! `repeat`.

use kql::ScalarType;

use super::arguments::{BYTES_MAX, ELEMENTS_MAX, piece, write_array};
use crate::function::{Function, Refusal};

pub(super) const FUNCTION: Function = Function {
    name: "repeat",
    aliases: &[],
    signatures: &["(value:NotDynamic, count:long) -> dynamic"],
    tuple: &[],
    summary: "An array of the same value so many times.",
    notes: "The value cannot be a dynamic. A negative count gives null. The array is cut at 1,048,576 elements, and one \
            of more than 64 MiB is null.",
    examples: &[
        ("repeat(1, 3)", "dynamic([1, 1, 1])"),
        ("repeat('a', 2)", "dynamic(['a', 'a'])"),
        ("repeat(1d, int(1))", "dynamic([time(1d)])"),
        ("repeat(real(null), 2)", "dynamic([null, null])"),
        ("repeat(true, 0)", "dynamic([])"),
        ("repeat(1, -1)", "dynamic(null)"),
    ],
    kernel: |call| {
        if call
            .column(0)
            .is_some_and(|column| column.kind == ScalarType::Dynamic)
        {
            return Err(Refusal::new("`repeat` does not take a dynamic"));
        }
        call.dynamics(|row, writer| {
            let Some(count) = call.long(1, row).and_then(|count| usize::try_from(count).ok()) else {
                return;
            };
            let (piece, count) = (piece(call, 0, row), count.min(ELEMENTS_MAX));
            if piece.len().saturating_mul(count) <= BYTES_MAX {
                write_array(writer, std::iter::repeat_n(piece.as_slice(), count));
            }
        })
    },
};
