//! Decimal numbers and addresses as text, without the formatting machinery: tuples are mostly numbers, and the large blobs
//! for benchmarks have to come faster than they are read.

use std::io::Write;
use std::net::IpAddr;

/// Appends a number.
pub(crate) fn push_decimal(out: &mut Vec<u8>, mut value: u64) {
    if value < 10 {
        out.push(b'0' + low_digit(value));
        return;
    }
    let start = out.len();
    while value > 0 {
        out.push(b'0' + low_digit(value));
        value /= 10;
    }
    if let Some(written) = out.get_mut(start..) {
        written.reverse();
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "the remainder of a division by ten fits in a byte"
)]
fn low_digit(value: u64) -> u8 {
    (value % 10) as u8
}

/// Appends an address, v6 in the short form of RFC 5952.
pub(crate) fn push_address(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            push_decimal(out, u64::from(a));
            for octet in [b, c, d] {
                out.push(b'.');
                push_decimal(out, u64::from(octet));
            }
        }
        IpAddr::V6(address) => {
            // Writing to a vector cannot fail.
            let _ = write!(out, "{address}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_addresses() {
        for value in [0, 7, 10, 99, 100, 4_294_967_296, u64::MAX] {
            let mut out = Vec::new();
            push_decimal(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
        }
        for text in ["10.0.0.4", "255.255.255.255", "2001:db8::1", "fd00:10:1:1::4"] {
            let mut out = Vec::new();
            push_address(&mut out, text.parse().unwrap());
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }
}
