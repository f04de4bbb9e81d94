//! Patterns such as `logs/**/*.json`: which folder to look in, how deep, and what matches.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

/// A pattern, understood.
pub(super) struct Pattern {
    matcher: GlobMatcher,
    /// The folders before the first that is not spelled out; empty for the present one.
    pub(super) base: PathBuf,
    /// Folders below the base that can matter.
    pub(super) depth_max: usize,
    /// Hidden files and folders are matched only where the pattern spells out a leading dot.
    pub(super) names_hidden: bool,
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, globset::Error> {
        // As paths are compared: without doubled slashes.
        let whole: PathBuf = Path::new(text).components().collect();
        let base: PathBuf = whole
            .components()
            .take_while(|component| !is_pattern(component.as_os_str()))
            .collect();
        let open = whole.components().count() - base.components().count();
        let any_depth = whole.components().any(|part| part.as_os_str() == "**");
        let names_hidden = whole
            .components()
            .skip(base.components().count())
            .any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."));
        // Braces are the shell's; here they are letters.
        let letters = whole.to_string_lossy().replace('{', "[{]").replace('}', "[}]");
        let glob = GlobBuilder::new(&letters)
            .literal_separator(true)
            .backslash_escape(false)
            .build()?;
        Ok(Self {
            matcher: glob.compile_matcher(),
            base,
            depth_max: if any_depth { usize::MAX } else { open },
            names_hidden,
        })
    }

    /// Where to look.
    pub(super) fn folder(&self) -> &Path {
        if self.base.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.base
        }
    }

    /// True if a path that was come upon is meant.
    pub(super) fn matches(&self, path: &Path) -> bool {
        self.matcher.is_match(self.path_of(path))
    }

    /// A path that was come upon, as the pattern would have it.
    pub(super) fn path_of<'e>(&self, path: &'e Path) -> &'e Path {
        if self.base.as_os_str().is_empty() {
            path.strip_prefix(".").unwrap_or(path)
        } else {
            path
        }
    }
}

/// True if the text has a character that stands for others.
pub(super) fn is_pattern(text: &OsStr) -> bool {
    let bytes = text.as_encoded_bytes();
    bytes.iter().any(|byte| b"*?[".contains(byte))
}
