//! Lines of CSV on a window: RFC 4180, with the separators that exports use.
//!
//! A line is held whole, up to a limit; what is longer is passed over and not held. A quotation mark
//! that is never closed costs its own line and not the rest of the file.

use std::io::Read;

use memchr::{memchr, memchr3};
use model::limits::{ROW_BYTES_MAX, ROW_COLUMNS_MAX};

use super::cells::{Cells, Written};
use crate::window::Window;

/// What stood at the window's position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line of so many bytes with its end, not yet passed over. Its fields are in [`Fields`].
    Row { length: usize, ended: bool },
    /// A line with a quotation mark in the wrong place, or never closed: so many bytes to the end of it.
    Quote { length: usize, ended: bool },
    /// A line past the limit.
    TooLong,
    /// Nothing is left.
    End,
}

#[derive(Clone, Copy)]
struct Field {
    start: usize,
    end: usize,
    /// Between quotation marks, some of them doubled.
    doubled: bool,
}

/// The fields of a line, by their place in it.
#[derive(Default)]
pub(crate) struct Fields {
    found: Vec<Field>,
    /// How many a row has, once a header has said so.
    wanted: Option<usize>,
    /// Physical lines that the row spans.
    pub(crate) lines: usize,
    value: Vec<u8>,
}

impl Fields {
    /// Fields of rows under a header of so many.
    pub(crate) fn under(header: usize) -> Self {
        Self {
            wanted: Some(header),
            ..Self::default()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    /// Copies the values of a line into the cells.
    pub(crate) fn copy(&mut self, line: &[u8], cells: &mut Cells) {
        for field in &self.found {
            let value = line.get(field.start..field.end).unwrap_or(&[]);
            if field.doubled {
                self.value.clear();
                let mut rest = value;
                while let Some(at) = memchr(b'"', rest) {
                    self.value.extend_from_slice(rest.get(..=at).unwrap_or(&[]));
                    rest = rest.get(at + 2..).unwrap_or(&[]);
                }
                self.value.extend_from_slice(rest);
                cells.push_value(&self.value, Written::Text);
            } else {
                cells.push_value(value, Written::Text);
            }
        }
    }

    /// Copies a header into the cells as names.
    pub(crate) fn copy_names(&mut self, line: &[u8], cells: &mut Cells) {
        let mut names = Cells::default();
        self.copy(line, &mut names);
        cells.clear();
        for index in 0..names.len() {
            cells.push(b"", names.get(index).unwrap_or(&[]), b"", Written::Text);
        }
        cells.too_long |= names.too_long;
    }
}

/// Why no line was found in what is at hand.
enum Short {
    /// More must be read.
    Open,
    /// A quotation mark stands where none may.
    Misplaced,
}

/// Looks at the next line; the caller passes over it.
pub(crate) fn next<R: Read>(window: &mut Window<R>, separator: u8, fields: &mut Fields) -> Line {
    loop {
        let at_hand = window.at_hand();
        match split(at_hand, separator, fields) {
            Ok(length) if length > ROW_BYTES_MAX => return Line::TooLong,
            Ok(length) => return Line::Row { length, ended: true },
            Err(Short::Misplaced) => {
                if let Some(length) = first_line(at_hand) {
                    return Line::Quote { length, ended: true };
                }
            }
            Err(Short::Open) => {}
        }
        if at_hand.len() > ROW_BYTES_MAX {
            // Bytes held for a quotation mark that is never closed are lines of their own.
            return first_line(at_hand).map_or(Line::TooLong, |length| Line::Quote { length, ended: true });
        }
        if !window.fill() {
            return last(window.at_hand(), separator, fields);
        }
    }
}

/// What the input ends with.
fn last(rest: &[u8], separator: u8, fields: &mut Fields) -> Line {
    if rest.is_empty() {
        return Line::End;
    }
    // A line end that is missing is supplied, so that the same splitter judges the rest.
    let mut ended = rest.to_vec();
    ended.push(b'\n');
    match split(&ended, separator, fields) {
        Ok(_) => Line::Row {
            length: rest.len(),
            ended: false,
        },
        Err(Short::Misplaced) => Line::Quote {
            length: first_line(rest).unwrap_or(rest.len()),
            ended: first_line(rest).is_some(),
        },
        Err(Short::Open) => {
            let first = first_line(rest).unwrap_or(rest.len());
            let ended = rows_follow(rest.get(first..).unwrap_or(&[]), separator, fields);
            let length = if ended { first } else { rest.len() };
            Line::Quote { length, ended }
        }
    }
}

/// True if whole rows stand behind a mark that is never closed: then the mark is a mistake. Otherwise the
/// input may have been cut inside a value of several lines.
fn rows_follow(mut rest: &[u8], separator: u8, fields: &mut Fields) -> bool {
    while let Some(length) = first_line(rest) {
        let line = rest.get(..length).unwrap_or(&[]);
        if split(line, separator, fields).is_ok() && fields.wanted.is_none_or(|wanted| fields.len() == wanted)
        {
            return true;
        }
        rest = rest.get(length..).unwrap_or(&[]);
    }
    false
}

fn first_line(at_hand: &[u8]) -> Option<usize> {
    memchr(b'\n', at_hand).map(|end| end + 1)
}

/// Finds the fields up to the end of the line, and its length with that end.
fn split(text: &[u8], separator: u8, fields: &mut Fields) -> Result<usize, Short> {
    fields.found.clear();
    fields.lines = 1;
    let mut at = 0;
    loop {
        let field = if text.get(at) == Some(&b'"') {
            quoted(text, at + 1, fields)?
        } else {
            let rest = text.get(at..).unwrap_or(&[]);
            let end = memchr3(separator, b'\n', b'"', rest).ok_or(Short::Open)?;
            if rest.get(end) == Some(&b'"') {
                return Err(Short::Misplaced);
            }
            Field {
                start: at,
                end: at + end,
                doubled: false,
            }
        };
        // Behind a quoted field stands its closing mark.
        let quote = usize::from(text.get(field.end) == Some(&b'"'));
        let mut behind = field.end + quote;
        if quote == 1 && text.get(behind) == Some(&b'\r') {
            behind += 1;
        }
        let ends_line = match text.get(behind) {
            None => return Err(Short::Open),
            Some(b'\n') => true,
            Some(byte) if *byte == separator => false,
            Some(_) => return Err(Short::Misplaced),
        };
        let end = if ends_line
            && quote == 0
            && text
                .get(field.start..field.end)
                .is_some_and(|text| text.ends_with(b"\r"))
        {
            field.end - 1
        } else {
            field.end
        };
        // One more than there may be is enough to know that there are too many.
        if fields.found.len() <= ROW_COLUMNS_MAX {
            fields.found.push(Field { end, ..field });
        }
        if ends_line {
            return Ok(behind + 1);
        }
        at = behind + 1;
    }
}

/// A field whose opening mark has been passed.
fn quoted(text: &[u8], start: usize, fields: &mut Fields) -> Result<Field, Short> {
    let mut at = start;
    let mut doubled = false;
    loop {
        let rest = text.get(at..).unwrap_or(&[]);
        let mark = memchr(b'"', rest).ok_or(Short::Open)?;
        fields.lines += memchr::memchr_iter(b'\n', rest.get(..mark).unwrap_or(&[])).count();
        match rest.get(mark + 1) {
            None => return Err(Short::Open),
            Some(b'"') => {
                doubled = true;
                at += mark + 2;
            }
            Some(_) => {
                return Ok(Field {
                    start,
                    end: at + mark,
                    doubled,
                });
            }
        }
    }
}

/// The separator of a header: the one of those that exports use which stands in it most often.
pub(crate) fn separator(header: &[u8]) -> u8 {
    let mut best = (0, b',');
    for candidate in *b",;\t" {
        let mut inside = false;
        let count = header
            .iter()
            .filter(|byte| {
                inside ^= **byte == b'"';
                !inside && **byte == candidate
            })
            .count();
        if count > best.0 {
            best = (count, candidate);
        }
    }
    best.1
}

/// Passes over the rest of a line that is past the limit, holding none of it. Returns its length, and
/// whether it has an end.
pub(crate) fn skip_line<R: Read>(window: &mut Window<R>) -> (u64, bool) {
    let start = window.offset();
    loop {
        let at_hand = window.at_hand();
        if let Some(length) = first_line(at_hand) {
            window.advance(length);
            return (window.offset() - start, true);
        }
        let all = at_hand.len();
        window.advance(all);
        if !window.fill() {
            return (window.offset() - start, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a text as values, read through a window of 16 bytes.
    fn read(text: &str) -> Vec<Result<Vec<String>, Line>> {
        let mut window = Window::new(text.as_bytes(), 16, 0);
        let mut fields = Fields::default();
        let mut lines = Vec::new();
        loop {
            let line = next(&mut window, b',', &mut fields);
            match line {
                Line::End => return lines,
                Line::Row { length, .. } => {
                    let mut cells = Cells::default();
                    fields.copy(&window.at_hand()[..length], &mut cells);
                    let value = |index| String::from_utf8_lossy(cells.get(index).unwrap_or(&[])).into_owned();
                    lines.push(Ok((0..cells.len()).map(value).collect()));
                    window.advance(length);
                }
                Line::Quote { length, .. } => {
                    lines.push(Err(line));
                    window.advance(length);
                }
                Line::TooLong => {
                    lines.push(Err(line));
                    skip_line(&mut window);
                }
            }
        }
    }

    fn row(values: &[&str]) -> Result<Vec<String>, Line> {
        Ok(values.iter().map(|value| (*value).to_owned()).collect())
    }

    #[test]
    fn quotes_line_ends_and_empty_fields() {
        assert_eq!(
            read("a,b\r\n\"c,\"\"d\"\"\",\"e\nf\"\r\n,\n,\"\"\nlast,x"),
            [
                row(&["a", "b"]),
                row(&["c,\"d\"", "e\nf"]),
                row(&["", ""]),
                row(&["", ""]),
                row(&["last", "x"]),
            ]
        );
        assert_eq!(read(""), []);
        assert_eq!(read("\n"), [row(&[""])]);
    }

    #[test]
    fn a_stray_quote_costs_its_line_only() {
        let quote = |length, ended| Err(Line::Quote { length, ended });
        assert_eq!(read("a\"b,c\nd,e\n"), [quote(6, true), row(&["d", "e"])]);
        assert_eq!(read("\"a\"b,c\nd,e\n"), [quote(7, true), row(&["d", "e"])]);
        assert_eq!(
            read("\"a,b\nc,d\ne,f"),
            [quote(5, true), row(&["c", "d"]), row(&["e", "f"])]
        );
        assert_eq!(read("x\n\"a,b"), [row(&["x"]), quote(4, false)]);
    }

    #[test]
    fn what_is_too_long_is_not_held() {
        let text = format!("{}\nb\n", "a".repeat(3 * ROW_BYTES_MAX));
        assert_eq!(read(&text), [Err(Line::TooLong), row(&["b"])]);
        let text = format!("\"a\n{}b\n", "x\n".repeat(ROW_BYTES_MAX));
        let lines = read(&text);
        assert_eq!(
            lines.first(),
            Some(&Err(Line::Quote {
                length: 3,
                ended: true
            }))
        );
        assert_eq!(lines.len(), 2 + ROW_BYTES_MAX);
    }

    #[test]
    fn separators_of_exports() {
        assert_eq!(separator(b"a,b;c,d"), b',');
        assert_eq!(separator(b"a;b;\"c,,,,d\""), b';');
        assert_eq!(separator(b"a\tb"), b'\t');
        assert_eq!(separator(b"a"), b',');
    }
}
