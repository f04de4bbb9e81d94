//! Digests of values as they are written, in hexadecimal digits.

use std::fmt::Write;

use crate::function::{Call, Computed};

/// A column of digests of what `tostring` makes of the first argument.
pub(super) fn digested<D: AsRef<[u8]>>(call: &Call<'_>, digest: fn(&[u8]) -> D) -> Computed {
    call.strings(|row| {
        let cell = call.cell(0, row);
        let mut digits = String::new();
        if !cell.is_null() {
            for byte in digest(cell.text().as_bytes()).as_ref() {
                // Writing to a text cannot fail.
                let _ = write!(digits, "{byte:02x}");
            }
        }
        digits
    })
}
