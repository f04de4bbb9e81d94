//! Text from a log, made safe to print: what a terminal would obey or hide is made visible.
//!
//! A log is written by others. A rule's name may hold an escape sequence that clears the screen, or a
//! mark that turns the line around. Nothing else is changed; what is cut is cut in the open.

use std::borrow::Cow;
use std::fmt::Write as _;

/// True for characters that act on a terminal or cannot be seen.
pub fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character,
            // Soft hyphen, Arabic letter mark, zero width and direction marks, separators of lines and
            // paragraphs, embeddings, invisible operators, isolates, byte order mark, tags.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with such characters written as `\u{1b}`.
pub fn text(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if acts(character) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// What stands for the middle of a text that is too long.
const CUT: char = '…';

/// The text with at most so many characters, if it has more. Head and tail stay: what tells two ids apart may be at
/// either end.
#[must_use]
pub fn shortened(text: &str, characters_max: usize) -> Option<String> {
    let length = text.chars().count();
    if length <= characters_max {
        return None;
    }
    let head = characters_max / 2;
    let tail = characters_max.saturating_sub(head + 1);
    let end = text.chars().skip(length - tail);
    Some(text.chars().take(head).chain([CUT]).chain(end).collect())
}

/// Raw bytes as text: what is not UTF-8 as `\xff`, the rest as [`text`] has it, at most so many characters.
pub fn bytes(bytes: &[u8], characters_max: usize) -> String {
    let mut shown = String::new();
    for chunk in bytes.utf8_chunks() {
        shown.push_str(&text(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    match shown.char_indices().nth(characters_max) {
        Some((end, _)) => format!("{}...", shown.get(..end).unwrap_or_default()),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(logged: &str, expected: &str) {
        assert_eq!(text(logged), expected);
    }

    #[test]
    fn ordinary_text_stays() {
        check("DenyAllInBound", "DenyAllInBound");
        check("Regel für Büro, 日本", "Regel für Büro, 日本");
        check("", "");
        check("a\\u{1b}", "a\\u{1b}");
    }

    #[test]
    fn what_acts_is_shown() {
        check("\x1b[2J", "\\u{1b}[2J");
        check("\u{9b}31m", "\\u{9b}31m");
        check("a\r\nb\tc\0", "a\\u{d}\\u{a}b\\u{9}c\\u{0}");
        check("\x07\x08\x7f", "\\u{7}\\u{8}\\u{7f}");
        check(
            "\x1b]8;;http://evil\x1b\\click",
            "\\u{1b}]8;;http://evil\\u{1b}\\click",
        );
        check("allow\u{202e}yned", "allow\\u{202e}yned");
        check("a\u{200b}b\u{2066}c\u{feff}", "a\\u{200b}b\\u{2066}c\\u{feff}");
        check("a\u{2028}b", "a\\u{2028}b");
    }

    #[test]
    fn raw_bytes() {
        assert_eq!(bytes(b"1,2,\xff\xfe,\x1b", 80), "1,2,\\xff\\xfe,\\u{1b}");
        assert_eq!(bytes(b"abcdef", 3), "abc...");
        assert_eq!(bytes("äöü".as_bytes(), 2), "äö...");
        assert_eq!(bytes(b"abc", 3), "abc");
    }
}
