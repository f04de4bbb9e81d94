//! Regular expressions as KQL writes them: those of the crate `regex`, octal escapes (`\101`), and braces that repeat
//! nothing and so stand for themselves.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::CharIndices;

use regex::{Regex, RegexBuilder};

/// How a regular expression begins, before a caller sets its flags.
#[must_use]
pub fn builder(text: &str) -> RegexBuilder {
    let mut builder = RegexBuilder::new(&with_literal_braces(text));
    builder.octal(true);
    builder
}

/// A regular expression; none if the text is none.
#[must_use]
pub fn expression(text: &str) -> Option<Regex> {
    builder(text).build().ok()
}

/// What is wrong with a text as a regular expression, in a few words; nothing if it is one.
#[must_use]
pub fn fault(text: &str) -> Option<String> {
    match builder(text).build() {
        Ok(_) => None,
        Err(regex::Error::CompiledTooBig(_)) => Some("it is too large".to_owned()),
        // The last line of several says it; those before show the place with marks.
        Err(error) => {
            let told = error.to_string();
            let last = told.lines().last().unwrap_or_default();
            Some(last.strip_prefix("error: ").unwrap_or(last).to_owned())
        }
    }
}

/// The text with a backslash before each opening brace that begins no repetition.
fn with_literal_braces(text: &str) -> Cow<'_, str> {
    if !text.contains('{') {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                escaped.push(c);
                escape(&mut chars, &mut escaped);
            }
            '[' => {
                escaped.push(c);
                class(&mut chars, &mut escaped);
            }
            '{' => {
                if !text.get(at + 1..).is_some_and(is_repetition) {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// What stands behind a backslash. `\x{41}` and `\p{Greek}` have braces of their own.
fn escape(chars: &mut Peekable<CharIndices<'_>>, escaped: &mut String) {
    let Some((_, letter)) = chars.next() else {
        return;
    };
    escaped.push(letter);
    if matches!(letter, 'x' | 'u' | 'U' | 'p' | 'P') && chars.peek().is_some_and(|&(_, c)| c == '{') {
        for (_, c) in chars.by_ref() {
            escaped.push(c);
            if c == '}' {
                break;
            }
        }
    }
}

/// A class to its end; classes stand in classes, and a closing bracket at the beginning stands for itself.
fn class(chars: &mut Peekable<CharIndices<'_>>, escaped: &mut String) {
    let mut depth = 1_usize;
    let mut is_first = true;
    while let Some((_, c)) = chars.next() {
        escaped.push(c);
        match c {
            '\\' => escape(chars, escaped),
            '^' if is_first => continue,
            '[' => {
                depth += 1;
                is_first = true;
                continue;
            }
            ']' if !is_first => depth -= 1,
            _ => {}
        }
        is_first = false;
        if depth == 0 {
            return;
        }
    }
}

/// True if what stands behind an opening brace is `n}`, `n,}` or `n,m}`.
fn is_repetition(behind: &str) -> bool {
    let is_number = |text: &str| {
        let has_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        has_digits && (text.len() == 1 || !text.starts_with('0'))
    };
    let Some((inside, _)) = behind.split_once('}') else {
        return false;
    };
    match inside.split_once(',') {
        Some((low, high)) => is_number(low) && (high.is_empty() || is_number(high)),
        None => is_number(inside),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_that_repeat_nothing_stand_for_themselves() {
        for (written, expected) in [
            ("a{2}b{3,}c{1,20}", "a{2}b{3,}c{1,20}"),
            (r"{(.*?)}", r"\{(.*?)}"),
            (r"x{,3}", r"x\{,3}"),
            (r"x{ 3}", r"x\{ 3}"),
            (r"x{03}", r"x\{03}"),
            (r"x{3", r"x\{3"),
            (r#""id":{"n":1}"#, r#""id":\{"n":1}"#),
            (r"\{a\}", r"\{a\}"),
            (r"\\{a}", r"\\\{a}"),
            (r"\x{41}\p{Greek}\P{L}\u{42}", r"\x{41}\p{Greek}\P{L}\u{42}"),
            (r"\b{start}", r"\b\{start}"),
            (r"[{}]{2}", r"[{}]{2}"),
            (r"[]{]{", r"[]{]\{"),
            (r"[^]{]{", r"[^]{]\{"),
            (r"[[:alpha:]{]{", r"[[:alpha:]{]\{"),
            (r"[\]{]{2}{", r"[\]{]{2}\{"),
            ("é{ü}", r"é\{ü}"),
            (r"\", r"\"),
        ] {
            assert_eq!(with_literal_braces(written), expected, "{written}");
        }
        for text in [
            r"{(.*?)}",
            r"x{,3}",
            r"[[:alpha:]{]{",
            r"[]{]{",
            "{",
            "}{",
            r"\b{start}",
        ] {
            assert!(expression(text).is_some(), "{text}");
        }
        assert!(expression("{2}").is_none());
    }

    #[test]
    fn a_fault_is_told_in_one_line() {
        for (text, expected) in [
            ("a+", None),
            ("(a", Some("unclosed group")),
            ("[a", Some("unclosed character class")),
            ("*a", Some("repetition operator missing expression")),
            (
                "(?=a)",
                Some("look-around, including look-ahead and look-behind, is not supported"),
            ),
            (r"(a)\k", Some("unrecognized escape sequence")),
        ] {
            assert_eq!(fault(text).as_deref(), expected, "{text}");
        }
    }
}
