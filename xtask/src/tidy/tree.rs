//! The repository's files as the rules see them: every file git knows or would add, text in memory.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use crate::program;
use crate::tidy::source::Source;

/// One offence: where, and what is wrong. The message is lower case, without a final stop.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) place: String,
    pub(crate) message: String,
}

impl Finding {
    pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }

    /// `line` counts from 0 as in iterators, and is shown from 1.
    pub(crate) fn at(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self::new(format!("{path}:{}", line + 1), message)
    }
}

/// Paths with `/`, relative to the root. Files that are not UTF-8 are known by path only.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    texts: BTreeMap<String, Option<String>>,
    sources: BTreeMap<String, Source>,
}

impl Tree {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let listed = program::output(&mut program::command(root, "git", &arguments))
            .context("cannot list the files\nhint: tidy needs a git checkout")?;
        let mut tree = Self::default();
        for path in listed.split('\0').filter(|path| !path.is_empty()) {
            // Gone from disk but not yet from git's index.
            if let Ok(bytes) = std::fs::read(root.join(path)) {
                tree.add(path, String::from_utf8(bytes).ok());
            }
        }
        Ok(tree)
    }

    fn add(&mut self, path: &str, text: Option<String>) {
        if let Some(text) = text.as_deref().filter(|_| has_extension(path, "rs")) {
            self.sources.insert(path.to_string(), Source::read(path, text));
        }
        self.texts.insert(path.to_string(), text);
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path)?.as_deref()
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts
            .iter()
            .filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// A file, or a folder with a file in it.
    pub(crate) fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        path.is_empty()
            || self.texts.contains_key(path)
            || self
                .texts
                .range(folder.clone()..)
                .next()
                .is_some_and(|(held, _)| held.starts_with(&folder))
    }

    /// Rust files with their crate's name; `xtask` is a crate of that name.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&str, &str, &Source)> {
        self.sources
            .iter()
            .map(|(path, source)| (crate_of(path), path.as_str(), source))
    }

    /// The Rust files under a crate's `src`: what ships, and its inline tests.
    pub(crate) fn shipped_sources(&self) -> impl Iterator<Item = (&str, &str, &Source)> {
        self.sources().filter(|(_, path, _)| is_under_src(path))
    }
}

/// `crates/model/src/lib.rs` belongs to `model`; an empty name means to no crate.
pub(crate) fn crate_of(path: &str) -> &str {
    let mut parts = path.split('/');
    match parts.next() {
        Some("crates") => parts.next().unwrap_or_default(),
        Some("xtask") => "xtask",
        _ => "",
    }
}

fn is_under_src(path: &str) -> bool {
    let inside = path
        .strip_prefix("crates/")
        .and_then(|rest| rest.split_once('/'))
        .map(|(_, rest)| rest);
    inside
        .or_else(|| path.strip_prefix("xtask/"))
        .is_some_and(|rest| rest.starts_with("src/"))
}

pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|held| held == extension)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A tree made up of paths and texts.
    pub(crate) fn tree(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (path, text) in files {
            tree.add(path, Some((*text).to_string()));
        }
        tree
    }

    /// `rule` on these files finds exactly these `place: message` lines.
    pub(crate) fn check(rule: fn(&Tree) -> Vec<Finding>, files: &[(&str, &str)], expected: &[&str]) {
        let found: Vec<String> = rule(&tree(files))
            .into_iter()
            .map(|f| format!("{}: {}", f.place, f.message))
            .collect();
        assert_eq!(found, expected, "{files:#?}");
    }

    #[test]
    fn files_know_their_crate() {
        assert_eq!(crate_of("crates/model/src/lib.rs"), "model");
        assert_eq!(crate_of("xtask/src/main.rs"), "xtask");
        assert_eq!(crate_of("README.md"), "");
        assert!(is_under_src("crates/model/src/a/b.rs"));
        assert!(is_under_src("xtask/src/main.rs"));
        assert!(!is_under_src("crates/model/tests/all.rs"));
        assert!(!is_under_src("crates/model/examples/src/a.rs"));
    }

    #[test]
    fn folders_exist_when_a_file_is_in_them() {
        let tree = tree(&[("docs/adr/0001.md", ""), ("docs-old.md", "")]);
        assert!(tree.exists("docs") && tree.exists("docs/adr/") && tree.exists("docs/adr/0001.md"));
        assert!(!tree.exists("doc") && !tree.exists("docs/ad"));
    }
}
