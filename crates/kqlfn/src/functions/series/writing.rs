//! Series and columns of results into dynamic values.

use crate::dynamic::Writer;

/// An array of reals.
pub(super) fn reals(writer: &mut Writer, values: impl IntoIterator<Item = f64>) {
    writer.array(|elements| {
        for value in values {
            elements.push(|writer| writer.real(value));
        }
    });
}

/// A place in an array, or its length.
pub(super) fn index(writer: &mut Writer, at: usize) {
    writer.long(i64::try_from(at).unwrap_or(i64::MAX));
}
