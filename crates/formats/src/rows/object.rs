//! JSON objects as names and values: objects inside them as `outer.inner`, lists as their text.

use std::io::Read;

use model::limits::{DEPTH_MAX, ROW_BYTES_MAX, ROW_CELL_BYTES_MAX, ROW_DEPTH_MAX, STRING_BYTES_MAX};

use super::cells::{Cells, Written};
use crate::json::Scalar;
use crate::window::{Stop, Text, Window};

/// What an object turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    /// A row, read to its end.
    Row,
    /// A wrapper: the window stands inside its list.
    Wrapper,
}

/// Keys whose list holds the rows: of an object, or of `hits`, as Elastic answers a search.
fn is_wrapper(prefix: &[u8], key: &[u8], depth: usize) -> bool {
    let is = |name: &[u8]| key.eq_ignore_ascii_case(name);
    (depth == 1 && (is(b"records") || is(b"logs")))
        || (depth == 2 && is(b"hits") && prefix.eq_ignore_ascii_case(b"hits."))
}

/// Reads an object whose opening brace has been passed.
pub(crate) fn read<R: Read>(window: &mut Window<R>, cells: &mut Cells) -> Result<Object, Stop> {
    members(window, cells, b"", 1)
}

fn members<R: Read>(
    window: &mut Window<R>,
    cells: &mut Cells,
    prefix: &[u8],
    depth: usize,
) -> Result<Object, Stop> {
    let mut key = Vec::new();
    let mut value = Vec::new();
    while window.next_key(&mut key, STRING_BYTES_MAX)? {
        match window.peek_token().ok_or(Stop::End)? {
            b'[' if is_wrapper(prefix, &key, depth) => {
                window.advance(1);
                return Ok(Object::Wrapper);
            }
            b'{' if depth < ROW_DEPTH_MAX => {
                window.advance(1);
                let inner = [prefix, &key, b"."].concat();
                if members(window, cells, &inner, depth + 1)? == Object::Wrapper {
                    return Ok(Object::Wrapper);
                }
            }
            b'{' | b'[' => {
                cells.too_long |= !capture(window, &mut value)?;
                cells.push(prefix, &key, &value, Written::Text);
            }
            _ => {
                let kind = window.scalar(&mut value, ROW_CELL_BYTES_MAX, DEPTH_MAX)?;
                cells.too_long |= kind == Scalar::TooLong;
                let written = if kind == Scalar::Literal {
                    Written::Literal
                } else {
                    Written::Text
                };
                if kind == Scalar::Null {
                    value.clear();
                }
                if kind == Scalar::Text && holds_event(depth, &key, &value) {
                    event(&value, cells, &key);
                } else {
                    cells.push(prefix, &key, &value, written);
                }
            }
        }
    }
    Ok(Object::Row)
}

/// Passes over a key and its value.
pub(crate) fn pass_member<R: Read>(window: &mut Window<R>) -> Result<(), Stop> {
    window.string(STRING_BYTES_MAX)?;
    if window.peek_token() == Some(b':') {
        window.advance(1);
    }
    window.skip_value(STRING_BYTES_MAX, DEPTH_MAX).map(drop)
}

/// Moves to the next object, which begins a line or stands behind another; false if there is none. At
/// least one byte behind `from` is passed. Only ever used after damage: whole input is never split by a
/// pattern.
pub(crate) fn find_after_damage<R: Read>(window: &mut Window<R>, from: u64) -> bool {
    if window.offset() == from {
        window.advance(1);
    }
    let mut before = b' ';
    while let Some(byte) = window.peek() {
        if byte == b'{' && matches!(before, b'}' | b'\n') {
            return true;
        }
        if !matches!(byte, b' ' | b'\t' | b'\r' | b',') {
            before = byte;
        }
        window.advance(1);
    }
    false
}

/// Splunk's function writes its event as a text that holds an object.
fn holds_event(depth: usize, key: &[u8], value: &[u8]) -> bool {
    depth == 1 && key.eq_ignore_ascii_case(b"event") && value.trim_ascii_start().starts_with(b"{")
}

fn event(text: &[u8], cells: &mut Cells, key: &[u8]) {
    let mut inner = Window::new(text, text.len() + 1, 0);
    inner.peek_token();
    inner.advance(1);
    if members(&mut inner, cells, &[key, b"."].concat(), 2).is_err() {
        // Not an object after all; the row then lacks what it needs, and says so.
        cells.push(b"", key, text, Written::Text);
    }
}

/// Copies the text of a list or object without the white space between its tokens. False, and the rest
/// passed over, if it is longer than it may be.
fn capture<R: Read>(window: &mut Window<R>, out: &mut Vec<u8>) -> Result<bool, Stop> {
    out.clear();
    let mut depth = 0_usize;
    let mut fits = true;
    loop {
        match window.peek_token().ok_or(Stop::End)? {
            b'"' => {
                let text = window.string(ROW_CELL_BYTES_MAX)?;
                let (Text::Plain { start, end } | Text::Escaped { start, end }) = text else {
                    fits = false;
                    continue;
                };
                if fits {
                    out.push(b'"');
                    out.extend_from_slice(window.bytes(start, end));
                    out.push(b'"');
                }
                if depth == 0 {
                    return Ok(fits);
                }
            }
            byte @ (b'{' | b'[') => {
                depth += 1;
                window.advance(1);
                out.push(byte);
            }
            byte @ (b'}' | b']') if depth > 0 => {
                depth -= 1;
                window.advance(1);
                out.push(byte);
                if depth == 0 {
                    return Ok(fits);
                }
            }
            byte if byte.is_ascii_graphic() && !matches!(byte, b'}' | b']') => {
                window.advance(1);
                out.push(byte);
            }
            _ => return Err(Stop::Syntax),
        }
        if out.len() > ROW_BYTES_MAX {
            fits = false;
            out.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and values of an object.
    fn object(text: &str) -> Result<Vec<(String, String)>, Stop> {
        let mut window = Window::new(text.as_bytes(), 16, 0);
        window.peek();
        window.advance(1);
        let mut cells = Cells::default();
        read(&mut window, &mut cells)?;
        let names: Vec<Vec<u8>> = cells.names().map(<[u8]>::to_vec).collect();
        let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        Ok((0..cells.len())
            .map(|index| (text(&names[index]), text(cells.get(index).unwrap_or(&[]))))
            .collect())
    }

    fn pairs(expected: &[(&str, &str)]) -> Result<Vec<(String, String)>, Stop> {
        Ok(expected
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect())
    }

    #[test]
    fn objects_are_flattened_and_lists_kept_as_text() {
        assert_eq!(
            object(r#"{"a":1,"b":{"c":"x","d":{"e":null}},"f":[1, {"g": "h i"}],"t":true}"#),
            pairs(&[
                ("a", "1"),
                ("b.c", "x"),
                ("b.d.e", ""),
                ("f", r#"[1,{"g":"h i"}]"#),
                ("t", "true")
            ])
        );
        assert_eq!(object("{}"), pairs(&[]));
        assert_eq!(object(r#"{"a":1"#), Err(Stop::End));
        assert_eq!(object(r#"{"a" 1}"#), Err(Stop::Syntax));
    }

    #[test]
    fn an_event_that_is_a_text_is_read() {
        assert_eq!(
            object(r#"{"event":"{\"rule\":\"x\"}","sourcetype":"s"}"#),
            pairs(&[("event.rule", "x"), ("sourcetype", "s")])
        );
        assert_eq!(object(r#"{"event":"plain"}"#), pairs(&[("event", "plain")]));
    }

    #[test]
    fn depth_costs_no_stack_and_length_no_memory() {
        let deep = format!(
            r#"{{"a":{}1{}}}"#,
            r#"{"b":"#.repeat(100_000),
            "}".repeat(100_000)
        );
        assert_eq!(object(&deep).unwrap().len(), 1);
        let long = format!(r#"{{"a":[{}]}}"#, "1,".repeat(ROW_BYTES_MAX));
        let mut window = Window::new(long.as_bytes(), 16, 0);
        window.peek();
        window.advance(1);
        let mut cells = Cells::default();
        assert_eq!(read(&mut window, &mut cells), Ok(Object::Row));
        assert!(cells.too_long);
    }
}
