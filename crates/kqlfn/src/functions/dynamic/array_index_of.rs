//! `array_index_of`.

use super::arguments::{array, part, piece};
use super::identity::identity;
use crate::function::{Call, Function};

pub(super) const FUNCTION: Function = Function {
    name: "array_index_of",
    aliases: &[],
    signatures: &[
        "(array:DynamicArray, value:Scalar, ?start:Integer, ?length:Integer, ?occurrence:Integer) -> long",
    ],
    tuple: &[],
    summary: "The place of a value in an array, counted from 0; -1 if it is not there.",
    notes: "A negative start counts from the end. A length of -1 is all the rest. Values of different types are \
            different: 1 is not '1'. A negative occurrence and a length below -1 give null.",
    examples: &[
        ("array_index_of(dynamic(['a', 'b', 'c', 'b']), 'b')", "1"),
        ("array_index_of(dynamic(['a', 'b', 'c', 'b']), 'b', -2)", "3"),
        ("array_index_of(dynamic(['a', 'b', 'c', 'b']), 'c', 0, 2)", "-1"),
        (
            "array_index_of(dynamic(['a', 'b', 'c', 'b']), 'b', 0, -1, 2)",
            "3",
        ),
        ("array_index_of(dynamic([1, 2]), '2')", "-1"),
        ("array_index_of(dynamic({'a': 1}), 1)", "long(null)"),
    ],
    kernel: |call| call.longs(|row| index_of(call, row)),
};

fn index_of(call: &Call<'_>, row: usize) -> Option<i64> {
    let array = array(call, 0, row)?;
    if call.cell(1, row).is_null() {
        return None;
    }
    let wanted = piece(call, 1, row);
    let wanted = identity(&wanted);
    let given = |argument, otherwise| {
        if call.has(argument) {
            call.long(argument, row)
        } else {
            Some(otherwise)
        }
    };
    let (start, length, occurrence) = (given(2, 0)?, given(3, -1)?, given(4, 1)?);
    if length < -1 || occurrence < 0 {
        return None;
    }
    let (skipped, rest) = part(array.len(), start, i64::MAX);
    let examined = usize::try_from(length).map_or(rest, |length| length.min(rest));
    let occurrence_at = usize::try_from(occurrence).ok()?.checked_sub(1);
    let mut found = array
        .raw()
        .enumerate()
        .skip(skipped)
        .take(examined)
        .filter(|(_, held)| identity(held) == wanted);
    let place = occurrence_at.and_then(|at| found.nth(at));
    place.map_or(Some(-1), |(at, _)| i64::try_from(at).ok())
}
