//! Guids: sixteen bytes in the order in which they are written.

use std::fmt::Write;

/// Reads a guid: with dashes or without, in braces or not.
#[must_use]
pub fn parse_guid(text: &str) -> Option<[u8; 16]> {
    let text = text.trim();
    let inside = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(text);
    let dashes: Vec<usize> = inside.match_indices('-').map(|(at, _)| at).collect();
    if !dashes.is_empty() && dashes != [8, 13, 18, 23] {
        return None;
    }
    let digits: Vec<u8> = inside.bytes().filter(|&byte| byte != b'-').collect();
    let mut guid = [0; 16];
    if digits.len() != 32 {
        return None;
    }
    for (byte, pair) in guid.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        if !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(guid)
}

/// Writes a guid: small letters, dashes.
#[must_use]
pub fn guid_to_text(guid: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in guid.iter().enumerate() {
        if [4, 6, 8, 10].contains(&at) {
            text.push('-');
        }
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_come_back() {
        let text = "74be27de-1e4e-49d9-b579-fe0b331d3642";
        for form in [
            text.to_owned(),
            text.replace('-', ""),
            format!("{{{text}}}"),
            text.to_uppercase(),
        ] {
            assert_eq!(
                parse_guid(&form).map(|guid| guid_to_text(&guid)).as_deref(),
                Some(text),
                "{form}"
            );
        }
        for form in [
            "",
            "74be27de",
            "74be27de-1e4e-49d9-b579fe0b331d3642",
            "g4be27de1e4e49d9b579fe0b331d3642",
        ] {
            assert_eq!(parse_guid(form), None, "{form}");
        }
    }
}
