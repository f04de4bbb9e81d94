//! Percent-encoding with small hexadecimal digits.

use std::borrow::Cow;
use std::fmt::Write;

/// A text in which all but letters, digits and some marks is encoded, and a blank is what is given.
pub(super) fn encoded<'t>(text: Cow<'t, str>, blank: &str) -> Cow<'t, str> {
    if text.bytes().all(stays) {
        return text;
    }
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push_str(blank),
            byte if stays(byte) => encoded.push(char::from(byte)),
            // Writing to a text cannot fail.
            byte => drop(write!(encoded, "%{byte:02x}")),
        }
    }
    Cow::Owned(encoded)
}

const fn stays(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'!' | b'*' | b'(' | b')')
}
