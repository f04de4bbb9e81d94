//! Where the text of a query comes from, and texts that are no query of the language that they were given as.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;

use kql::Severity;
use table::io_reason;

use crate::exit::Failure;

/// Why bytes are no query.
const NO_TEXT: &str = "it is no text in UTF-8 or UTF-16";

/// What is asked.
pub(crate) enum Question {
    Kql(String),
    Sql(String),
}

impl Question {
    /// The question of a command line: KQL, SQL, a file, or else standard input.
    pub(crate) fn find(
        kql: Option<&String>,
        sql: Option<&String>,
        file: Option<&Path>,
    ) -> Result<Self, Failure> {
        if let Some(text) = sql {
            return typed(text).map(Self::Sql);
        }
        if let Some(text) = kql {
            return typed(text).map(Self::Kql);
        }
        let Some(path) = file else {
            if std::io::stdin().is_terminal() {
                return Err(Failure::usage("a query is missing").hint("`flowglass query -h` has examples"));
            }
            return Ok(Self::Kql(read(Path::new("-"))?));
        };
        let text = read(path)?;
        let is_sql = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("sql"));
        Ok(if is_sql { Self::Sql(text) } else { Self::Kql(text) })
    }
}

/// A query that is typed; `-` is that of standard input, as for files.
fn typed(text: &str) -> Result<String, Failure> {
    if text == "-" {
        return read(Path::new("-"));
    }
    no_file(text)?;
    Ok(text.to_owned())
}

/// Refuses the name of a file where a query is asked for.
fn no_file(text: &str) -> Result<(), Failure> {
    let name = text.trim();
    let path = Path::new(name);
    // A table may have the name of a file, but no dot and what is behind it.
    if path.extension().is_none() || !path.is_file() {
        return Ok(());
    }
    Err(Failure::usage(format!("`{name}` is a file, and no query"))
        .hint(format!("`-f {name}` asks what it holds")))
}

/// The text of a file, or of standard input.
fn read(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    let text = read.and_then(text_of).map_err(|error| {
        Failure::usage(format!("cannot read `{}`: {}", path.display(), io_reason(&error)))
            .hint("`--file` names a text file that holds one query; `-` is standard input")
    })?;
    // Some editors put a byte order mark before the text.
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// Bytes as text: UTF-8, or UTF-16 as its mark says, which PowerShell writes behind `>`.
fn text_of(bytes: Vec<u8>) -> io::Result<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes.as_slice() {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => {
            let no_text = |_| io::Error::new(io::ErrorKind::InvalidData, NO_TEXT);
            return String::from_utf8(bytes).map_err(no_text);
        }
    };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>();
    match text {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, NO_TEXT)),
    }
}

/// A failure of what was asked in SQL; where it is KQL, that is what is said.
pub(crate) fn asked_in_sql(text: &str, failure: Failure) -> Failure {
    let is_kql = || {
        let (_, diagnostics) = kql::parse(text);
        !diagnostics.iter().any(|held| held.severity == Severity::Error)
    };
    if text.contains('|') && is_kql() {
        return failure.hint("this is KQL: leave out `--sql`, and end a file's name in .kql");
    }
    failure
}

/// A failure of what was asked in KQL; where it is SQL, it is said how to ask that.
pub(crate) fn asked_in_kql(failure: Failure) -> Failure {
    match &failure.hint {
        Some(hint) if hint.starts_with("this is SQL") => {
            let hint = format!("{hint}; SQL is asked by `--sql`");
            failure.hint(hint)
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_how_a_text_is_written() {
        let little: Vec<u8> = "\u{feff}print 'é😀'"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let big: Vec<u8> = "\u{feff}print 'é😀'"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        for bytes in [little, big, "\u{feff}print 'é😀'".as_bytes().to_vec()] {
            assert_eq!(text_of(bytes).unwrap(), "\u{feff}print 'é😀'");
        }
        assert_eq!(text_of(Vec::new()).unwrap(), "");
        for wrong in [&b"\xff\xfea"[..], b"\xff\xfe\x00\xd8", b"\xffa", b"\xc3"] {
            assert_eq!(
                text_of(wrong.to_vec()).unwrap_err().kind(),
                io::ErrorKind::InvalidData
            );
        }
    }
}
