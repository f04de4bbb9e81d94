//! Finding sources: files, folders, patterns, standard input.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use formats::path::BlobPath;
use model::codes::list as code;

use crate::error::{IngestError, Result};

/// What the user named, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// `-`
    Standard,
    /// A path or pattern.
    Path(String),
}

impl Input {
    /// Reads an argument.
    #[must_use]
    pub fn parse(argument: &str) -> Self {
        if argument == "-" {
            Self::Standard
        } else {
            Self::Path(argument.to_owned())
        }
    }
}

/// A source to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its address in the table: fixed, absolute.
    pub address: String,
    /// What to call it in messages: as the user would.
    pub display: String,
    /// Where its bytes are; `None` for standard input.
    pub path: Option<PathBuf>,
    /// Size when it was found.
    pub bytes: u64,
    /// Modification time when it was found, epoch nanoseconds.
    pub modified: i64,
    /// Hour of the blob's path, in hours since 1970, where the path is laid out as Azure does.
    pub hour: Option<i32>,
    /// The user named it, rather than a folder around it.
    pub named: bool,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Sources in order of their address, each once.
    pub sources: Vec<Source>,
    /// Files that could not be looked at, with the reason.
    pub unreadable: Vec<(String, String)>,
}

/// Finds what the user named. Hidden files, and folders that hold a table, are passed over.
///
/// # Errors
/// If an argument names nothing at all.
pub fn find(inputs: &[Input], now_micros: i64) -> Result<Found> {
    let mut found = Found::default();
    for input in inputs {
        match input {
            Input::Standard => found.sources.push(standard(now_micros)),
            Input::Path(text) => find_path(text, &mut found)?,
        }
    }
    found.sources.sort_by(|left, right| {
        left.address
            .cmp(&right.address)
            .then(right.named.cmp(&left.named))
    });
    found.sources.dedup_by(|next, kept| next.address == kept.address);
    Ok(found)
}

/// Standard input has no position: what the table holds already is told by the records' hashes.
fn standard(now_micros: i64) -> Source {
    Source {
        address: format!("stdin:{now_micros}"),
        display: "standard input".to_owned(),
        path: None,
        bytes: 0,
        modified: 0,
        hour: None,
        named: true,
    }
}

fn find_path(text: &str, found: &mut Found) -> Result<()> {
    let path = Path::new(text);
    if path.exists() {
        return add(path, true, found);
    }
    let nothing = |why: &str| IngestError::Source {
        what: format!("`{text}` {why}"),
        code: code::SOURCE_NONE,
    };
    if !text.contains(['*', '?', '[']) {
        return Err(nothing("does not exist"));
    }
    let matches = glob::glob(text).map_err(|error| nothing(&format!("is not a pattern: {error}")))?;
    let mut any = false;
    for entry in matches {
        match entry {
            Ok(path) => {
                any = true;
                add(&path, false, found)?;
            }
            Err(error) => {
                found
                    .unreadable
                    .push((error.path().display().to_string(), error.error().to_string()));
            }
        }
    }
    if any {
        Ok(())
    } else {
        Err(nothing("matches no file"))
    }
}

fn add(path: &Path, named: bool, found: &mut Found) -> Result<()> {
    if !path.is_dir() {
        add_file(path, named, found);
        return Ok(());
    }
    let walk = walkdir::WalkDir::new(path)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter();
    let before = found.sources.len() + found.unreadable.len();
    for entry in walk.filter_entry(|entry| entry.depth() == 0 || !passed_over(entry)) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => add_file(entry.path(), false, found),
            Ok(_) => {}
            Err(error) => {
                let place = error.path().unwrap_or(path).display().to_string();
                found.unreadable.push((place, error.to_string()));
            }
        }
    }
    if named && found.sources.len() + found.unreadable.len() == before {
        let what = format!("`{}` holds no files", path.display());
        return Err(IngestError::Source {
            what,
            code: code::SOURCE_NONE,
        });
    }
    Ok(())
}

fn passed_over(entry: &walkdir::DirEntry) -> bool {
    let hidden = entry.file_name().to_string_lossy().starts_with('.');
    let table = entry.file_type().is_dir()
        && (entry.path().join("_delta_log").is_dir() || entry.path().join("Flows/_delta_log").is_dir());
    hidden || table
}

fn add_file(path: &Path, named: bool, found: &mut Found) {
    let looked_at = path
        .canonicalize()
        .and_then(|whole| Ok((std::fs::metadata(&whole)?, whole)));
    match looked_at {
        Ok((meta, whole)) => found.sources.push(Source {
            address: address(&whole),
            display: path.display().to_string(),
            bytes: meta.len(),
            modified: modified_nanos(&meta),
            hour: hour(&whole),
            path: Some(whole),
            named,
        }),
        Err(error) => found
            .unreadable
            .push((path.display().to_string(), error.to_string())),
    }
}

/// The address of a file: its path, what is not UTF-8 in it as `%ff`, so that no two files share one.
fn address(path: &Path) -> String {
    let mut address = "file://".to_owned();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        address.push_str(chunk.valid());
        for byte in chunk.invalid() {
            address.push_str(&format!("%{byte:02x}"));
        }
    }
    address
}

pub(crate) fn modified_nanos(meta: &Metadata) -> i64 {
    let since = meta
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since
        .and_then(|since| i64::try_from(since.as_nanos()).ok())
        .unwrap_or(0)
}

/// Hours since 1970 of a path laid out as Azure does; the calendar of a blob's name needs no more
/// than days in order.
fn hour(path: &Path) -> Option<i32> {
    let blob = BlobPath::parse(path.to_str()?)?;
    Some(blob.hours_since_1970())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(folder: &Path, name: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, b"{}").unwrap();
    }

    fn names(found: &Found, folder: &Path) -> Vec<String> {
        let folder = format!("file://{}/", folder.canonicalize().unwrap().display());
        found
            .sources
            .iter()
            .map(|source| source.address.replace(&folder, ""))
            .collect()
    }

    #[test]
    fn folders_patterns_and_files_each_once() {
        let folder = tempfile::tempdir().unwrap();
        let blob = "f/y=1970/m=01/d=02/h=03/m=00/macAddress=A/PT1H.json";
        for name in [
            blob,
            "a.json",
            ".hidden",
            "table/Flows/_delta_log/0.json",
            "table/other.json",
        ] {
            touch(folder.path(), name);
        }
        let text = |name: &str| Input::parse(&format!("{}/{name}", folder.path().display()));
        let found = find(&[text(""), text("*.json"), text("a.json")], 0).unwrap();
        assert_eq!(names(&found, folder.path()), ["a.json", blob]);
        assert!(found.sources[0].named && !found.sources[1].named);
        assert_eq!(found.sources[1].hour, Some(27));
    }

    #[test]
    fn what_names_nothing_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["missing.json", "*.nothing", ""] {
            let input = Input::parse(&format!("{}/{name}", folder.path().display()));
            let error = find(&[input], 0).unwrap_err();
            assert_eq!(error.code(), Some(code::SOURCE_NONE), "{error}");
        }
    }
}
