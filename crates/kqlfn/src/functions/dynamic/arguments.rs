//! Arrays and bags as arguments.

use crate::dynamic::{Array, Bag, Writer};
use crate::function::Call;

/// The most elements of an array that a function makes out of little; Kusto's own limit for `range`.
pub(super) const ELEMENTS_MAX: usize = 1_048_576;
/// The most bytes of a value that a function makes out of little: the elements above, of 64 bytes each.
pub(super) const BYTES_MAX: usize = ELEMENTS_MAX * 64;

/// An argument as an array in a row, if it is one.
pub(super) fn array<'a>(call: &Call<'a>, argument: usize, row: usize) -> Option<Array<'a>> {
    call.cell(argument, row).dynamic()?.array()
}

/// An argument as a bag in a row, if it is one.
pub(super) fn bag<'a>(call: &Call<'a>, argument: usize, row: usize) -> Option<Bag<'a>> {
    call.cell(argument, row).dynamic()?.bag()
}

/// All arguments as arrays in a row, if all are.
pub(super) fn arrays<'a>(call: &Call<'a>, row: usize) -> Option<Vec<Array<'a>>> {
    (0..call.arguments.len())
        .map(|argument| array(call, argument, row))
        .collect()
}

/// Any argument as it is stored inside of an array.
pub(super) fn piece(call: &Call<'_>, argument: usize, row: usize) -> Vec<u8> {
    Writer::build(|writer| call.cell(argument, row).write(writer))
}

/// Writes an array of elements that are stored already.
pub(super) fn write_array<'p>(writer: &mut Writer, pieces: impl IntoIterator<Item = &'p [u8]>) {
    writer.array(|elements| {
        for piece in pieces {
            elements.raw(piece);
        }
    });
}

/// How many elements a part of an array skips and how many it then has; places count from the end if negative, and
/// what lies outside of the array is left out. The part ends before `end`.
pub(super) fn part(length: usize, start: i64, end: i64) -> (usize, usize) {
    let whole = i64::try_from(length).unwrap_or(i64::MAX);
    let inside = |place: i64| {
        let place = if place < 0 {
            place.saturating_add(whole)
        } else {
            place
        };
        usize::try_from(place.clamp(0, whole)).unwrap_or(0)
    };
    let (start, end) = (inside(start), inside(end));
    (start, end.saturating_sub(start))
}
