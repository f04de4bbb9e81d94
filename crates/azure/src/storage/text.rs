//! Names and times as they travel: percent-encoding, dates of HTTP, e-tags.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// Encodes a value of a query, or one segment of a path.
pub(crate) fn encoded(text: &str) -> String {
    encoded_but(text, "-_.~")
}

/// Encodes a blob's name for a path. Slashes stay: they stand between the parts of a name.
pub(crate) fn encoded_name(name: &str) -> String {
    encoded_but(name, "-_.~/")
}

fn encoded_but(text: &str, kept: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        let letter = char::from(byte);
        if letter.is_ascii_alphanumeric() || kept.contains(letter) {
            out.push(letter);
        } else {
            out.push('%');
            out.push(hexadecimal(byte >> 4));
            out.push(hexadecimal(byte & 15));
        }
    }
    out
}

fn hexadecimal(half: u8) -> char {
    char::from_digit(u32::from(half), 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

/// Decodes percent-encoding; what is none stays as it is.
pub(crate) fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%'
            && let [high, low, after @ ..] = after
            && let Some(byte) = byte_of(*high, *low)
        {
            out.push(byte);
            rest = after;
        } else {
            out.push(first);
            rest = after;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn byte_of(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// A date of HTTP, such as `Sun, 06 Nov 1994 08:49:37 GMT`, in microseconds since 1970.
pub(crate) fn micros_of(date: &str) -> Option<i64> {
    let at = DateTime::parse_from_rfc2822(date.trim()).ok()?;
    Some(at.timestamp_micros())
}

/// A time of a signature, such as `2026-11-30`, `2026-11-30T08:00Z` or `2026-11-30T08:00:00Z`, in microseconds since 1970.
/// <https://learn.microsoft.com/rest/api/storageservices/formatting-datetime-values>
pub(crate) fn instant_of(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(day.and_time(NaiveTime::MIN).and_utc().timestamp_micros());
    }
    let at = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(&text.replace('Z', "+00:00"), "%Y-%m-%dT%H:%M%:z"));
    Some(at.ok()?.timestamp_micros())
}

/// A date of HTTP, for a header.
pub(crate) fn date_of(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// An e-tag without its quotes: lists have none, headers do.
pub(crate) fn etag_of(text: &str) -> String {
    text.trim().trim_matches('"').to_owned()
}

/// An e-tag as headers have it.
pub(crate) fn quoted(etag: &str) -> String {
    format!("\"{}\"", etag.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_travel() {
        let check = |name: &str, expected: &str| {
            assert_eq!(encoded_name(name), expected);
            assert_eq!(decoded(expected), name);
        };
        check(
            "resourceId=/SUB/y=2024/PT1H.json",
            "resourceId%3D/SUB/y%3D2024/PT1H.json",
        );
        check("a b+c", "a%20b%2Bc");
        check("already%3Dencoded", "already%253Dencoded");
        check("Zürich/日", "Z%C3%BCrich/%E6%97%A5");
        check("q?x#y&z", "q%3Fx%23y%26z");
        assert_eq!(encoded("a/b=c"), "a%2Fb%3Dc");
    }

    #[test]
    fn what_is_not_encoded_stays() {
        for text in ["100%", "%zz", "%4", "%ff"] {
            assert_eq!(decoded(text), text);
        }
    }

    #[test]
    fn dates_of_http() {
        let text = "Sun, 06 Nov 1994 08:49:37 GMT";
        let micros = micros_of(text).unwrap();
        assert_eq!(micros, 784_111_777_000_000);
        assert_eq!(date_of(DateTime::from_timestamp_micros(micros).unwrap()), text);
        assert_eq!(micros_of("yesterday"), None);
    }

    #[test]
    fn etags_have_one_form() {
        assert_eq!(etag_of("\"0x8D\""), "0x8D");
        assert_eq!(quoted("0x8D"), "\"0x8D\"");
        assert_eq!(quoted("\"0x8D\""), "\"0x8D\"");
    }
}
