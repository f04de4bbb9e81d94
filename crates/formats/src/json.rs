//! The little JSON that flow logs need, on a window: keys, scalars, and passing over the rest.
//!
//! Lenient where leniency loses nothing (a missing or doubled comma), strict where a mistake would
//! put a value in the wrong place. Passing over a value uses no stack, however deep it is.

use std::io::Read;

use crate::window::{Stop, Text, Window};

/// What a value turned out to be when it was read as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// A string; its text is in the buffer.
    Text,
    /// A number, `true` or `false`; its text is in the buffer.
    Literal,
    /// `null`.
    Null,
    /// A string past the limit.
    TooLong,
    /// An object or array; passed over. True if it was nested too deep.
    Composite { too_deep: bool },
}

impl<R: Read> Window<R> {
    /// Reads the next key of an object and its colon into `key`. False at the closing brace.
    pub(crate) fn next_key(&mut self, key: &mut Vec<u8>, limit: usize) -> Result<bool, Stop> {
        loop {
            match self.peek_token() {
                None => return Err(Stop::End),
                Some(b'}') => {
                    self.advance(1);
                    return Ok(false);
                }
                Some(b',') => self.advance(1),
                Some(b'"') => break,
                Some(_) => return Err(Stop::Syntax),
            }
        }
        let text = self.string(limit)?;
        self.copy_text(text, key);
        if matches!(text, Text::TooLong { .. }) {
            key.extend_from_slice(b"(longer than the limit)");
        }
        match self.peek_token() {
            Some(b':') => {
                self.advance(1);
                Ok(true)
            }
            Some(_) => Err(Stop::Syntax),
            None => Err(Stop::End),
        }
    }

    /// Copies a string token into a buffer, escapes undone. A string past its limit leaves it empty.
    pub(crate) fn copy_text(&self, text: Text, buffer: &mut Vec<u8>) {
        buffer.clear();
        match text {
            Text::Plain { start, end } => buffer.extend_from_slice(self.bytes(start, end)),
            Text::Escaped { start, end } => unescape(self.bytes(start, end), buffer),
            Text::TooLong { .. } => {}
        }
    }

    /// Reads a scalar as text, or passes over a composite value.
    pub(crate) fn scalar(
        &mut self,
        buffer: &mut Vec<u8>,
        limit: usize,
        depth_max: usize,
    ) -> Result<Scalar, Stop> {
        buffer.clear();
        match self.peek_token().ok_or(Stop::End)? {
            b'"' => {
                let text = self.string(limit)?;
                self.copy_text(text, buffer);
                Ok(if matches!(text, Text::TooLong { .. }) {
                    Scalar::TooLong
                } else {
                    Scalar::Text
                })
            }
            b'{' | b'[' => Ok(Scalar::Composite {
                too_deep: self.skip_value(limit, depth_max)?,
            }),
            byte if is_literal(byte) => {
                self.literal(buffer, limit)?;
                Ok(if buffer.as_slice() == b"null" {
                    Scalar::Null
                } else {
                    Scalar::Literal
                })
            }
            _ => Err(Stop::Syntax),
        }
    }

    /// A number or a word, up to the limit.
    fn literal(&mut self, buffer: &mut Vec<u8>, limit: usize) -> Result<(), Stop> {
        while let Some(byte) = self.peek() {
            if !is_literal(byte) {
                return Ok(());
            }
            if buffer.len() < limit {
                buffer.push(byte);
            }
            self.advance(1);
        }
        Err(Stop::End)
    }

    /// Passes over any value. True if it was nested deeper than the limit.
    pub(crate) fn skip_value(&mut self, limit: usize, depth_max: usize) -> Result<bool, Stop> {
        let mut depth = 0_usize;
        let mut deepest = 0_usize;
        loop {
            match self.peek_token().ok_or(Stop::End)? {
                b'"' => {
                    self.string(limit)?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    deepest = deepest.max(depth);
                    self.advance(1);
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    self.advance(1);
                }
                b',' | b':' if depth > 0 => {
                    self.advance(1);
                    continue;
                }
                byte if is_literal(byte) => {
                    while self.peek().is_some_and(is_literal) {
                        self.advance(1);
                    }
                }
                _ => return Err(Stop::Syntax),
            }
            if depth == 0 {
                return Ok(deepest > depth_max);
            }
        }
    }
}

fn is_literal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

/// Undoes JSON escapes; what is not a valid escape becomes U+FFFD.
pub(crate) fn unescape(text: &[u8], buffer: &mut Vec<u8>) {
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        if byte != b'\\' {
            buffer.push(byte);
            rest = tail;
            continue;
        }
        let Some((&kind, tail)) = tail.split_first() else {
            push_char(buffer, char::REPLACEMENT_CHARACTER);
            return;
        };
        rest = tail;
        match kind {
            b'"' | b'\\' | b'/' => buffer.push(kind),
            b'b' => buffer.push(8),
            b'f' => buffer.push(12),
            b'n' => buffer.push(b'\n'),
            b'r' => buffer.push(b'\r'),
            b't' => buffer.push(b'\t'),
            b'u' => {
                let (character, after) = unicode(rest);
                push_char(buffer, character);
                rest = after;
            }
            _ => push_char(buffer, char::REPLACEMENT_CHARACTER),
        }
    }
}

fn hex4(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(4)?;
    let digits = std::str::from_utf8(digits).ok()?;
    if digits.starts_with('+') {
        return None;
    }
    Some((u32::from_str_radix(digits, 16).ok()?, rest))
}

fn unicode(text: &[u8]) -> (char, &[u8]) {
    let Some((first, rest)) = hex4(text) else {
        return (char::REPLACEMENT_CHARACTER, text);
    };
    if (0xd800..0xdc00).contains(&first)
        && let Some((second, after)) = rest.strip_prefix(b"\\u").and_then(hex4)
        && (0xdc00..0xe000).contains(&second)
    {
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), after);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), rest)
}

fn push_char(buffer: &mut Vec<u8>, character: char) {
    buffer.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn unescapes(text: &str, expected: &str) {
        let mut buffer = Vec::new();
        unescape(text.as_bytes(), &mut buffer);
        assert_eq!(String::from_utf8(buffer).unwrap(), expected);
    }

    #[test]
    fn escapes() {
        unescapes(r"a\/b\n\u0041\u00e9", "a/b\nA\u{e9}");
        unescapes(r"\ud83d\ude00", "\u{1f600}");
        unescapes(r"\ud83dx", "\u{fffd}x");
        unescapes(r"\u12", "\u{fffd}12");
        unescapes(r"\q\", "\u{fffd}\u{fffd}");
    }

    #[test]
    fn skipping_is_flat_and_knows_its_depth() {
        let deep = format!("{}1{},x", "[".repeat(100_000), "]".repeat(100_000));
        let mut w = Window::new(deep.as_bytes(), 64, 0);
        assert_eq!(w.skip_value(100, 64), Ok(true));
        assert_eq!(w.peek(), Some(b','));
        let mut w = Window::new(&br#"{"a":[1,{"b":"]}"}],"c":null} "#[..], 16, 0);
        assert_eq!(w.skip_value(100, 64), Ok(false));
        assert_eq!(w.peek(), Some(b' '));
    }

    #[test]
    fn scalars() {
        let mut buffer = Vec::new();
        let mut read = |text: &str| {
            let mut w = Window::new(text.as_bytes(), 16, 0);
            let kind = w.scalar(&mut buffer, 100, 64);
            (kind, String::from_utf8_lossy(&buffer).into_owned())
        };
        assert_eq!(read("4,"), (Ok(Scalar::Literal), "4".into()));
        assert_eq!(read("null}"), (Ok(Scalar::Null), "null".into()));
        assert_eq!(read("\"a\\tb\""), (Ok(Scalar::Text), "a\tb".into()));
        assert_eq!(
            read("[1] "),
            (Ok(Scalar::Composite { too_deep: false }), String::new())
        );
        assert_eq!(read("}").0, Err(Stop::Syntax));
        assert_eq!(read("4").0, Err(Stop::End));
    }
}
