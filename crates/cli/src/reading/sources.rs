//! From what the user typed to files: paths, folders, patterns and standard input, in a fixed order.
//! Names are handed on one by one, so that a container of a million blobs takes no memory. Nothing is
//! opened here.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use model::codes::list as code;

use crate::exit::io_reason;
use crate::message::{Grade, Message};

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
}

impl Source {
    /// The name in messages and in the column `Source`.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// What looking for sources comes upon.
#[derive(Debug)]
pub(crate) enum Found {
    Source(Source),
    /// Nothing there, or no way to it.
    Trouble(Message),
}

/// Files in folders that were left alone because of their names, by ending.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PassedOver(BTreeMap<String, u64>);

/// Distinct endings remembered; the rest count as "other".
const ENDINGS_MAX: usize = 8;

impl PassedOver {
    fn note(&mut self, name: &str) {
        let ending = match name.trim_start_matches('.').rsplit_once('.') {
            Some((_, ending)) => format!(".{}", ending.to_lowercase()),
            None => "other".to_owned(),
        };
        let known = self.0.contains_key(&ending) || self.0.len() < ENDINGS_MAX;
        *self
            .0
            .entry(if known { ending } else { "other".to_owned() })
            .or_default() += 1;
    }

    /// The sentence about them, if there were any.
    pub(crate) fn message(&self) -> Option<Message> {
        let total: u64 = self.0.values().sum();
        if total == 0 {
            return None;
        }
        let endings: Vec<&str> = self.0.keys().map(String::as_str).collect();
        let files = crate::quantity::counted(total, "file");
        let text = format!(
            "{files} in the folders passed over ({}): not named like a log",
            endings.join(", ")
        );
        Some(Message::new(Grade::Note, text).hint("name a file itself to have it read whatever it is called"))
    }
}

/// Hands every source to `visit`, in the order of the arguments and by name within a folder.
pub(crate) fn each(typed: &[OsString], visit: &mut dyn FnMut(Found) -> ControlFlow<()>) -> PassedOver {
    let mut passed_over = PassedOver::default();
    for argument in typed {
        if one(argument, &mut passed_over, visit).is_break() {
            break;
        }
    }
    passed_over
}

fn one(
    typed: &OsString,
    passed_over: &mut PassedOver,
    visit: &mut dyn FnMut(Found) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if typed == "-" {
        return visit(Found::Source(Source::Stdin));
    }
    let path = Path::new(typed);
    if path.is_dir() {
        return folder(path, passed_over, visit);
    }
    match path.try_exists() {
        Ok(true) => return visit(Found::Source(Source::File(path.to_owned()))),
        Ok(false) => {}
        Err(error) => return visit(Found::Trouble(unreadable(&path.display().to_string(), &error))),
    }
    let shown = typed.to_string_lossy();
    let pattern = shown.contains(['*', '?', '[']).then(|| glob::glob(&shown));
    let mut any = false;
    if let Some(Ok(paths)) = pattern {
        for path in paths {
            any = true;
            match path {
                Ok(path) if path.is_dir() => folder(&path, passed_over, visit)?,
                Ok(path) => visit(Found::Source(Source::File(path)))?,
                Err(error) => visit(Found::Trouble(unreadable(
                    &error.path().display().to_string(),
                    error.error(),
                )))?,
            }
        }
    }
    if any {
        return ControlFlow::Continue(());
    }
    let message = Message::new(Grade::Error, format!("no file matches `{shown}`"))
        .code(code::SOURCE_NONE)
        .hint("check the spelling; quote patterns so that the shell leaves them alone");
    visit(Found::Trouble(message))
}

fn folder(
    path: &Path,
    passed_over: &mut PassedOver,
    visit: &mut dyn FnMut(Found) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let walk = walkdir::WalkDir::new(path).follow_links(true).sort_by_file_name();
    let entries = walk.into_iter().filter_entry(|entry| {
        // The log of a Delta table is JSON too, and no flow log.
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !entry.file_type().is_dir() || !(name.starts_with('.') || name == "_delta_log")
    });
    for entry in entries {
        match entry {
            Ok(entry) if entry.file_type().is_file() => {
                let name = entry.file_name().to_string_lossy();
                if named_like_a_log(&name) {
                    visit(Found::Source(Source::File(entry.into_path())))?;
                } else {
                    passed_over.note(&name);
                }
            }
            Ok(_) => {}
            Err(error) => {
                let place = error.path().unwrap_or(path).display().to_string();
                let message = match error.io_error() {
                    Some(io) => unreadable(&place, io),
                    None => Message::new(
                        Grade::Error,
                        format!("cannot read `{place}`: its links run in a circle"),
                    )
                    .code(code::SOURCE_IO),
                };
                visit(Found::Trouble(message))?;
            }
        }
    }
    ControlFlow::Continue(())
}

/// The message for a source that cannot be read.
pub(crate) fn unreadable(name: &str, error: &std::io::Error) -> Message {
    Message::new(
        Grade::Error,
        format!("cannot read `{name}`: {}", io_reason(error)),
    )
    .code(code::SOURCE_IO)
    .hint("check the path and its permissions; the other sources are read all the same")
}

/// In a folder only these are opened: JSON under its usual endings, compressed or not, or no ending.
fn named_like_a_log(name: &str) -> bool {
    let name = name.to_lowercase();
    if name.starts_with('.') {
        return false;
    }
    let packed = [".gz", ".zst", ".zstd"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending));
    match packed.unwrap_or(&name).rsplit_once('.') {
        Some((_, ending)) => ["json", "jsonl", "ndjson", "log"].contains(&ending),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_logs() {
        for name in [
            "PT1H.json",
            "PT1H.JSON",
            "a.jsonl.gz",
            "b.log",
            "c.ndjson.zst",
            "d",
            "e.gz",
        ] {
            assert!(named_like_a_log(name), "{name}");
        }
        for name in [
            "README.md",
            "rows.csv",
            ".hidden.json",
            "a.txt",
            "part-0.parquet",
            "x.tar.gz",
        ] {
            assert!(!named_like_a_log(name), "{name}");
        }
    }

    #[test]
    fn what_is_passed_over_is_said() {
        let mut passed_over = PassedOver::default();
        assert!(passed_over.message().is_none());
        for name in ["README.md", "a.md", "x.CSV", ".hidden"] {
            passed_over.note(name);
        }
        let message = passed_over.message().unwrap();
        assert_eq!(
            message.text,
            "4 files in the folders passed over (.csv, .md, other): not named like a log"
        );
        for number in 0..100 {
            passed_over.note(&format!("a.{number}"));
        }
        assert!(passed_over.0.len() <= ENDINGS_MAX + 1);
    }
}
