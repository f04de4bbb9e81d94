//! Moving the elements of arrays to other places: around the ends, or out of them.

use super::arguments::{BYTES_MAX, array, piece, write_array};
use crate::dynamic::{Array, Dynamic, Writer};
use crate::function::{Call, Computed};

/// Which way a positive number of places leads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Left,
    Right,
}

/// How many places to the left.
fn places(call: &Call<'_>, row: usize, way: Way) -> Option<i64> {
    let places = call.long(1, row)?;
    Some(match way {
        Way::Left => places,
        Way::Right => places.saturating_neg(),
    })
}

/// What leaves the array at one end comes in at the other.
pub(super) fn rotate(call: &Call<'_>, way: Way) -> Computed {
    call.dynamics(|row, writer| {
        let (Some(array), Some(places)) = (array(call, 0, row), places(call, row, way)) else {
            return;
        };
        let length = i64::try_from(array.len()).unwrap_or(i64::MAX).max(1);
        let first = usize::try_from(places.rem_euclid(length)).unwrap_or(0);
        write_array(writer, array.raw().skip(first).chain(array.raw().take(first)));
    })
}

/// What leaves the array is lost, and a value comes in for it.
pub(super) fn shift(call: &Call<'_>, way: Way) -> Computed {
    call.dynamics(|row, writer| {
        let (Some(array), Some(places)) = (array(call, 0, row), places(call, row, way)) else {
            return;
        };
        let filler = if call.has(2) {
            piece(call, 2, row)
        } else {
            usual_filler(array)
        };
        let lost = usize::try_from(places.unsigned_abs())
            .unwrap_or(usize::MAX)
            .min(array.len());
        if lost.saturating_mul(filler.len()) > BYTES_MAX {
            return;
        }
        let fillers = std::iter::repeat_n(filler.as_slice(), lost);
        let kept = array.len().saturating_sub(lost);
        if places < 0 {
            write_array(writer, fillers.chain(array.raw().take(kept)));
        } else {
            write_array(writer, array.raw().skip(lost).chain(fillers));
        }
    })
}

/// Texts have no null: among nothing but texts, the empty one comes in.
fn usual_filler(array: Array<'_>) -> Vec<u8> {
    let texts = !array.is_empty() && array.iter().all(|element| matches!(element, Dynamic::String(_)));
    Writer::build(|writer| {
        if texts {
            writer.string("");
        } else {
            writer.null();
        }
    })
}
