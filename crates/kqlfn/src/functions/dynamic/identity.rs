//! When two elements of arrays are the same.

use std::borrow::Cow;

use crate::dynamic::{Dynamic, Writer};

/// Bytes that are the same for elements that are the same. The type counts, but `int` is `long`.
pub(super) fn identity(piece: &[u8]) -> Cow<'_, [u8]> {
    match Dynamic::read(piece) {
        Dynamic::Int(value) => Cow::Owned(Writer::build(|writer| writer.long(i64::from(value)))),
        _ => Cow::Borrowed(piece),
    }
}
