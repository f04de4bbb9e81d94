//! How far literals reach, and what texts and timespans mean. Places are bytes of the slice given.

use super::TokenKind;

/// Units of timespans and their length in ticks of 100 ns, longest spelling of a beginning first.
const UNITS: [(&str, i64); 30] = [
    ("days", TICKS_PER_DAY),
    ("day", TICKS_PER_DAY),
    ("d", TICKS_PER_DAY),
    ("hours", TICKS_PER_HOUR),
    ("hour", TICKS_PER_HOUR),
    ("hrs", TICKS_PER_HOUR),
    ("hr", TICKS_PER_HOUR),
    ("h", TICKS_PER_HOUR),
    ("minutes", TICKS_PER_MINUTE),
    ("minute", TICKS_PER_MINUTE),
    ("min", TICKS_PER_MINUTE),
    ("m", TICKS_PER_MINUTE),
    ("seconds", TICKS_PER_SECOND),
    ("second", TICKS_PER_SECOND),
    ("sec", TICKS_PER_SECOND),
    ("s", TICKS_PER_SECOND),
    ("milliseconds", TICKS_PER_MILLISECOND),
    ("millisecond", TICKS_PER_MILLISECOND),
    ("millisec", TICKS_PER_MILLISECOND),
    ("millis", TICKS_PER_MILLISECOND),
    ("milli", TICKS_PER_MILLISECOND),
    ("ms", TICKS_PER_MILLISECOND),
    ("microseconds", TICKS_PER_MICROSECOND),
    ("microsecond", TICKS_PER_MICROSECOND),
    ("micros", TICKS_PER_MICROSECOND),
    ("micro", TICKS_PER_MICROSECOND),
    ("ticks", 1),
    ("tick", 1),
    ("nanos", 0),
    ("nano", 0),
];

/// Ticks of 100 ns in a microsecond.
pub const TICKS_PER_MICROSECOND: i64 = 10;
/// Ticks in a millisecond.
pub const TICKS_PER_MILLISECOND: i64 = 1_000 * TICKS_PER_MICROSECOND;
/// Ticks in a second.
pub const TICKS_PER_SECOND: i64 = 1_000 * TICKS_PER_MILLISECOND;
/// Ticks in a minute.
pub const TICKS_PER_MINUTE: i64 = 60 * TICKS_PER_SECOND;
/// Ticks in an hour.
pub const TICKS_PER_HOUR: i64 = 60 * TICKS_PER_MINUTE;
/// Ticks in a day.
pub const TICKS_PER_DAY: i64 = 24 * TICKS_PER_HOUR;

/// How long the text is that the slice begins with, and whether it is closed.
pub(super) fn text_length(rest: &str) -> (usize, bool) {
    let bytes = rest.as_bytes();
    for fence in ["```", "~~~"] {
        if rest.starts_with(fence) {
            let inside = rest.get(fence.len()..).unwrap_or_default();
            return match inside.find(fence) {
                Some(at) => (at + 2 * fence.len(), true),
                None => (rest.len(), false),
            };
        }
    }
    let verbatim = bytes.first() == Some(&b'@');
    let mut at = usize::from(verbatim);
    let Some(&quote) = bytes.get(at) else {
        return (at, false);
    };
    at += 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => return (at, false),
            b'\\' if !verbatim => {
                at += if matches!(bytes.get(at + 1), Some(b'\n' | b'\r') | None) {
                    1
                } else {
                    2
                }
            }
            _ if byte == quote && verbatim && bytes.get(at + 1) == Some(&quote) => at += 2,
            _ if byte == quote => return (at + 1, true),
            _ => at += 1,
        }
    }
    (bytes.len(), false)
}

/// How long the number is that the slice begins with, and its kind. A number that goes on with letters
/// that are no unit is a name: `5a`, `1d2`.
pub(super) fn number(rest: &str) -> (usize, TokenKind) {
    let bytes = rest.as_bytes();
    let digits = |from: usize| count(bytes, from, u8::is_ascii_digit);
    let word_end =
        |from: usize| from + count(bytes, from, |byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let whole = digits(0);
    if bytes.first() == Some(&b'0') && matches!(bytes.get(1), Some(b'x' | b'X')) {
        let end = 2 + count(bytes, 2, u8::is_ascii_hexdigit);
        let word = word_end(0);
        return if end > 2 && end == word {
            (end, TokenKind::Long)
        } else {
            (word, TokenKind::Word)
        };
    }
    let mut end = whole;
    let mut kind = TokenKind::Long;
    let point = bytes.get(whole) == Some(&b'.') && bytes.get(whole + 1) != Some(&b'.');
    // `1.d` is the member `d` of 1; `1.` and `1.e3` are numbers.
    let fraction = if point { digits(whole + 1) } else { 0 };
    let member = point && fraction == 0 && exponent(bytes, whole + 1) == 0 && word_end(whole + 1) > whole + 1;
    if point && !member {
        end = whole + 1 + fraction;
        kind = TokenKind::Real;
    }
    let power = exponent(bytes, end);
    if power > 0 && word_end(end + power) == end + power {
        return (end + power, TokenKind::Real);
    }
    let word = word_end(end);
    if word == end {
        return (end, kind);
    }
    let unit = rest.get(end..word).unwrap_or_default();
    if unit_ticks(unit).is_some() {
        return (word, TokenKind::Timespan);
    }
    if kind == TokenKind::Real {
        return (end, kind);
    }
    (word, TokenKind::Word)
}

/// The length of an exponent (`e5`, `E-3`) at a place, 0 if there is none.
fn exponent(bytes: &[u8], at: usize) -> usize {
    if !matches!(bytes.get(at), Some(b'e' | b'E')) {
        return 0;
    }
    let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
    match count(bytes, at + 1 + sign, u8::is_ascii_digit) {
        0 => 0,
        digits => 1 + sign + digits,
    }
}

fn count(bytes: &[u8], from: usize, is: impl Fn(&u8) -> bool) -> usize {
    bytes
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take_while(|byte| is(byte))
        .count()
}

/// Where the bracket of a typed literal closes: the length with the bracket.
pub(super) fn typed_length(inside: &str) -> Option<usize> {
    inside.find(')').map(|at| at + 1)
}

/// Ticks of a unit; 0 for the units that are shorter than a tick.
pub(crate) fn unit_ticks(unit: &str) -> Option<i64> {
    UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|&(_, ticks)| ticks)
        .or_else(|| ["nanosecond", "nanoseconds"].contains(&unit).then_some(0))
}

/// What a text in quotes says: its escapes are resolved.
pub(crate) fn text_value(raw: &str) -> String {
    let raw = raw.strip_prefix(['h', 'H']).unwrap_or(raw);
    for fence in ["```", "~~~"] {
        if let Some(inside) = raw.strip_prefix(fence) {
            return inside.strip_suffix(fence).unwrap_or(inside).to_owned();
        }
    }
    if let Some(verbatim) = raw.strip_prefix('@') {
        let quote = verbatim.chars().next().unwrap_or('"');
        let doubled: String = [quote, quote].iter().collect();
        return unquoted(verbatim).replace(&doubled, quote.encode_utf8(&mut [0; 4]));
    }
    unescape(unquoted(raw))
}

fn unquoted(text: &str) -> &str {
    let Some(quote) = text.chars().next() else {
        return text;
    };
    let inside = text.get(quote.len_utf8()..).unwrap_or_default();
    inside.strip_suffix(quote).unwrap_or(inside)
}

fn unescape(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        let rest = chars.as_str();
        let (resolved, length) = escape(rest);
        match resolved {
            Some(resolved) => value.push(resolved),
            None => value.push('\\'),
        }
        chars = rest.get(length..).unwrap_or_default().chars();
    }
    value
}

/// Where a text in quotes has a backslash with nothing behind it that makes an escape, and how long both are.
pub(super) fn wrong_escape(raw: &str) -> Option<(usize, usize)> {
    let quoted = raw.trim_start_matches(['h', 'H']);
    if quoted.starts_with(['@', '`', '~']) {
        return None;
    }
    let mut from = 0;
    while let Some(found) = raw.get(from..)?.find('\\') {
        let at = from + found;
        let rest = raw.get(at + 1..)?;
        let (resolved, length) = escape(rest);
        if resolved.is_none() {
            return Some((at, 1 + rest.chars().next().map_or(0, char::len_utf8)));
        }
        from = at + 1 + length;
    }
    None
}

/// What stands behind a backslash: the character and how many bytes it takes; none if it is no escape.
fn escape(rest: &str) -> (Option<char>, usize) {
    let Some(first) = rest.chars().next() else {
        return (None, 0);
    };
    let plain = match first {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0'..='7' => return octal(rest),
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        '\\' | '\'' | '"' => first,
        'x' => return hexadecimal(rest, 2),
        'u' => return utf16(rest),
        'U' => return hexadecimal(rest, 8),
        _ => return (None, 0),
    };
    (Some(plain), first.len_utf8())
}

fn octal(rest: &str) -> (Option<char>, usize) {
    let length = count(rest.as_bytes(), 0, |byte| (b'0'..=b'7').contains(byte)).min(3);
    let value = rest
        .get(..length)
        .and_then(|digits| u32::from_str_radix(digits, 8).ok());
    (value.and_then(char::from_u32), length)
}

fn hexadecimal(rest: &str, digits: usize) -> (Option<char>, usize) {
    let value = rest
        .get(1..=digits)
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .and_then(|text| u32::from_str_radix(text, 16).ok());
    match value {
        Some(value) => (
            Some(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)),
            1 + digits,
        ),
        None => (None, 0),
    }
}

/// `\uD83D\uDE00`: two halves make one character.
fn utf16(rest: &str) -> (Option<char>, usize) {
    let half = |from: usize| {
        let digits = rest.get(from..from + 4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(high) = half(1) else {
        return (None, 0);
    };
    if let Some(c) = char::from_u32(u32::from(high)) {
        return (Some(c), 5);
    }
    let low = rest.get(5..7).filter(|mark| *mark == "\\u").and_then(|_| half(7));
    let pair = low.and_then(|low| char::decode_utf16([high, low]).next()?.ok());
    match pair {
        Some(c) => (Some(c), 11),
        None => (Some(char::REPLACEMENT_CHARACTER), 5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_say_what_their_escapes_mean() {
        for (raw, value) in [
            (r#""a\"b""#, "a\"b"),
            (r"'a\tb\\'", "a\tb\\"),
            (r"'\x41\u0042\101'", "ABA"),
            (r"'\ud83d\ude00'", "\u{1f600}"),
            (r"'\U0001F600\x411'", "\u{1f600}A1"),
            (r#"@"c:\dir""x"""#, r#"c:\dir"x""#),
            ("h'secret'", "secret"),
            ("```a\n'b```", "a\n'b"),
            ("'open", "open"),
            ("''", ""),
        ] {
            assert_eq!(text_value(raw), value, "{raw}");
        }
    }

    #[test]
    fn numbers_end_where_kustos_do() {
        for (text, length, kind) in [
            ("1", 1, TokenKind::Long),
            ("0x1F", 4, TokenKind::Long),
            ("0x1G", 4, TokenKind::Word),
            ("1.5d)", 4, TokenKind::Timespan),
            ("1d2", 3, TokenKind::Word),
            ("1..5", 1, TokenKind::Long),
            ("1.d", 1, TokenKind::Long),
            ("1.e3", 4, TokenKind::Real),
            ("1. ", 2, TokenKind::Real),
            ("1e3", 3, TokenKind::Real),
            ("1e", 2, TokenKind::Word),
            ("1e5s", 4, TokenKind::Word),
            ("1.5e+3", 6, TokenKind::Real),
            ("3nanoseconds", 12, TokenKind::Timespan),
        ] {
            assert_eq!(number(text), (length, kind), "{text}");
        }
    }
}
