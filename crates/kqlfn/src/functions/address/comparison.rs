//! Comparing two addresses in the bits that count in both.

use std::cmp::Ordering;

use super::network::Version;
use crate::function::{Call, Computed};

/// How the first address stands to the second, in the fewest bits that either or the third argument names.
fn ordering(call: &Call<'_>, row: usize, version: Version) -> Option<Ordering> {
    let mut first = version.read_to_compare(&call.text(0, row))?;
    let mut second = version.read_to_compare(&call.text(1, row))?;
    if call.has(2) {
        first = first.within(version.prefix(call.long(2, row)?)?);
    }
    first = first.within(second.prefix());
    second = second.within(first.prefix());
    Some(first.first().cmp(&second.first()))
}

/// A column of -1, 0 and 1.
pub(super) fn compare(call: &Call<'_>, version: Version) -> Computed {
    call.longs(|row| ordering(call, row, version).map(|ordering| ordering as i64))
}

/// A column of bools.
pub(super) fn is_match(call: &Call<'_>, version: Version) -> Computed {
    call.bools(|row| ordering(call, row, version).map(Ordering::is_eq))
}
