//! Values as rows spell them, in every spelling that documentation or real rows have.

use std::net::{IpAddr, Ipv4Addr};

use model::protocols::{TCP, UDP, protocol_number};
use model::{Direction, FlowState, FlowStatus};

use crate::intern::Key;
use crate::tuple::Address;

fn is(text: &[u8], words: &[&str]) -> bool {
    words
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
}

pub(crate) fn direction(text: &[u8]) -> Option<Direction> {
    if is(text, &["I", "In", "Inbound"]) {
        Some(Direction::Inbound)
    } else if is(text, &["O", "Out", "Outbound"]) {
        Some(Direction::Outbound)
    } else {
        None
    }
}

pub(crate) fn status(text: &[u8]) -> Option<FlowStatus> {
    if is(text, &["A", "Allow", "Allowed"]) {
        Some(FlowStatus::Allowed)
    } else if is(text, &["D", "Deny", "Denied"]) {
        Some(FlowStatus::Denied)
    } else {
        None
    }
}

pub(crate) fn state(text: &[u8]) -> Option<FlowState> {
    let words: [(FlowState, &[&str]); 4] = [
        (FlowState::Begin, &["B", "Begin"]),
        (FlowState::Continue, &["C", "Continue", "Continuing"]),
        (FlowState::End, &["E", "End"]),
        (FlowState::Denied, &["D", "Deny", "Denied"]),
    ];
    words
        .iter()
        .find(|(_, words)| is(text, words))
        .map(|(state, _)| *state)
}

/// An IANA number, an IANA keyword, or one of the letters of NSG flow logs.
pub(crate) fn protocol(text: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(text).ok()?;
    match text {
        "T" | "t" | "TCP" => Some(TCP),
        "U" | "u" | "UDP" => Some(UDP),
        _ if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => protocol_number(text),
    }
}

/// A whole number up to 2^63-1; the older table has doubles, so `12.0` and `1.2E1` are 12.
pub(crate) fn whole(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let written = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+');
    if !text.starts_with(|first: char| first.is_ascii_digit()) || !text.bytes().all(written) {
        return None;
    }
    if let Some((number, zeros)) = text.split_once('.')
        && zeros.bytes().all(|byte| byte == b'0')
    {
        return number.parse().ok();
    }
    /// Whole numbers below this are exact in a double.
    const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;
    let value: f64 = text.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
    (value.fract() == 0.0 && value < EXACT_BELOW).then_some(value as i64)
}

pub(crate) fn port(text: &[u8]) -> Option<u16> {
    whole(text).and_then(|value| u16::try_from(value).ok())
}

pub(crate) fn address(text: &[u8]) -> Option<Address<'_>> {
    let read = std::str::from_utf8(text).ok()?;
    match read.parse::<Ipv4Addr>() {
        Ok(_) => Key::of(text).map(Address::V4),
        Err(_) => read.parse::<IpAddr>().ok().map(|_| Address::Other(text)),
    }
}

/// The words that Traffic Analytics has for values of the log, and the values.
/// <https://learn.microsoft.com/azure/network-watcher/traffic-analytics-schema>
const ENCRYPTION: [(&str, &str); 8] = [
    ("Encrypted", "X"),
    ("Unencrypted", "NX"),
    ("Unsupported hardware", "NX_HW_NOT_SUPPORTED"),
    ("Software not ready", "NX_SW_NOT_READY"),
    ("Drop due to no encryption", "NX_NOT_ACCEPTED"),
    ("Discovery not supported", "NX_NOT_SUPPORTED"),
    ("Destination on same host", "NX_LOCAL_DST"),
    ("Fall back to no encryption", "NX_FALLBACK"),
];

/// The log's value for a word or a value, and whether it is known.
pub(crate) fn encryption(text: &[u8]) -> (&[u8], bool) {
    let known = ENCRYPTION.iter().find(|(word, value)| is(text, &[word, value]));
    match known {
        Some((_, value)) => (value.as_bytes(), true),
        None => (text, text.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_every_value() {
        for text in ["I", "Inbound", "inbound"] {
            assert_eq!(direction(text.as_bytes()), Some(Direction::Inbound));
        }
        for text in ["O", "Outbound"] {
            assert_eq!(direction(text.as_bytes()), Some(Direction::Outbound));
        }
        for text in ["A", "Allow", "Allowed"] {
            assert_eq!(status(text.as_bytes()), Some(FlowStatus::Allowed));
        }
        for text in ["D", "Deny", "Denied"] {
            assert_eq!(status(text.as_bytes()), Some(FlowStatus::Denied));
        }
        for text in ["", "B", "NX", "Unknown"] {
            assert_eq!(
                (direction(text.as_bytes()), status(text.as_bytes())),
                (None, None)
            );
        }
        for (text, number) in [
            ("T", 6),
            ("TCP", 6),
            ("tcp", 6),
            ("6", 6),
            ("U", 17),
            ("UDP", 17),
            ("ICMP", 1),
        ] {
            assert_eq!(protocol(text.as_bytes()), Some(number), "{text}");
        }
        for text in ["", "256", "+6", "Q"] {
            assert_eq!(protocol(text.as_bytes()), None, "{text}");
        }
        for (word, value) in ENCRYPTION {
            assert_eq!(encryption(word.as_bytes()), (value.as_bytes(), true));
            assert_eq!(encryption(value.as_bytes()), (value.as_bytes(), true));
        }
        assert_eq!(encryption(b"NX_NEW"), (&b"NX_NEW"[..], false));
        assert_eq!(state(b"Continuing"), Some(FlowState::Continue));
        assert_eq!(state(b"NX"), None);
    }

    #[test]
    fn whole_numbers() {
        for (text, value) in [
            ("0", 0),
            ("12.0", 12),
            ("1.2E1", 12),
            ("1.5e+3", 1500),
            ("9223372036854775807", i64::MAX),
            ("9223372036854775807.00", i64::MAX),
        ] {
            assert_eq!(whole(text.as_bytes()), Some(value), "{text}");
        }
        for text in [
            "",
            "-1",
            "1.5",
            "9223372036854775808",
            "1E300",
            "NaN",
            "inf",
            "1_000",
            "0x10",
            "e5",
            ".",
        ] {
            assert_eq!(whole(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn addresses() {
        assert_eq!(address(b"10.0.0.4"), Key::of(b"10.0.0.4").map(Address::V4));
        assert_eq!(address(b"fd00::1"), Some(Address::Other(b"fd00::1")));
        for text in ["", "10.0.0", "010.0.0.1", "10.0.0.4 ", "host"] {
            assert_eq!(address(text.as_bytes()), None, "{text}");
        }
    }
}
