//! Why an operation failed, in plain words: the same on every system, in every locale, for every
//! library in between. It must not say what was being done; whoever did it names that.

use std::error::Error;
use std::io;

/// What an operating system error means.
#[must_use]
pub fn io_reason(error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    let known = match error.kind() {
        Kind::NotFound => "no such file or folder",
        Kind::PermissionDenied => "permission denied",
        Kind::IsADirectory => "it is a folder",
        Kind::NotADirectory => "a part of the path is not a folder",
        Kind::StorageFull => "the disk is full",
        Kind::QuotaExceeded => "the disk quota is used up",
        Kind::ReadOnlyFilesystem => "the file system is read-only",
        Kind::AlreadyExists => "it already exists",
        Kind::InvalidInput => "the name is not valid here",
        Kind::UnexpectedEof => "it ends too early",
        _ => return plain(&error.to_string()),
    };
    known.to_owned()
}

/// What an error of any library means: the operating system's word if it is at the bottom of it, or
/// else the first line of its innermost cause.
#[must_use]
pub fn reason(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    loop {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            // One that only carries another error says nothing of its own.
            match io.get_ref() {
                Some(inner) if io.kind() == io::ErrorKind::Other => return reason(inner),
                _ => return io_reason(io),
            }
        }
        match cause.source() {
            Some(inner) => cause = inner,
            None => return plain(&cause.to_string()),
        }
    }
}

/// What libraries put before a text to say which of them it is.
const PREFIXES: [&str; 6] = [
    "Parquet error: ",
    "EOF: ",
    "External: ",
    "Arrow: ",
    "Generic error: ",
    "Generic delta kernel error: ",
];

/// A library's text made plain: first line, no prefix, no number, no full stop, lower case.
fn plain(text: &str) -> String {
    let mut text = text.lines().next().unwrap_or_default();
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        text = rest;
    }
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.trim_end_matches('.').chars();
    match letters.next() {
        // A name in capitals (`EOF`) stays as it is.
        Some(first) if !letters.as_str().starts_with(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        Some(first) => std::iter::once(first).chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::Error as Store;
    use parquet::errors::ParquetError;

    #[test]
    fn the_systems_word_is_found_at_the_bottom() {
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(reason(&denied()), "permission denied");
        let generic = Store::Generic {
            store: "LocalFileSystem",
            source: Box::new(denied()),
        };
        assert_eq!(
            reason(&ParquetError::External(Box::new(generic))),
            "permission denied"
        );
        for (kind, words) in [
            (io::ErrorKind::StorageFull, "the disk is full"),
            (io::ErrorKind::ReadOnlyFilesystem, "the file system is read-only"),
            (io::ErrorKind::NotFound, "no such file or folder"),
        ] {
            let missing = Store::NotFound {
                path: "a".into(),
                source: Box::new(io::Error::from(kind)),
            };
            assert_eq!(reason(&io::Error::other(missing)), words);
        }
    }

    #[test]
    fn other_texts_keep_their_first_line_only() {
        let text = "Parquet error: EOF: Invalid offset.\n   0: std::backtrace::Backtrace::create\n";
        assert_eq!(reason(&io::Error::other(text)), "invalid offset");
        assert_eq!(
            reason(&ParquetError::General("Disk on fire (os error 99)".into())),
            "disk on fire"
        );
        assert_eq!(
            reason(&ParquetError::EOF("EOF in footer".into())),
            "EOF in footer"
        );
        assert_eq!(io_reason(&io::Error::other("")), "");
    }
}
