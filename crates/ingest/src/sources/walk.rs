//! From what the user named to files, one by one: each file once, whatever ways lead to it. Opens
//! folders only, never a file; what it comes upon is for the caller to say.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::names::{PassedOver, could_be_a_flow_log, is_hidden};
use super::pattern::{Pattern, is_pattern};
use super::{Input, Source};

/// What looking for sources comes upon.
#[derive(Debug)]
pub enum Finding {
    /// Something to read.
    Source(Source),
    /// Something named that cannot be read.
    Trouble(Trouble),
}

/// Why there is nothing to read where something should be.
#[derive(Debug)]
pub enum Trouble {
    /// It cannot be looked at or into.
    Unreadable {
        /// What, as the user would call it.
        name: String,
        /// Why not.
        error: io::Error,
    },
    /// What was named holds nothing to read.
    Nothing {
        /// What was named, and what is wrong with it.
        what: String,
    },
}

/// 128 bits of a path's SHA-256: a million files are remembered in some 30 MB, and no two share one.
type Fingerprint = [u8; 16];

fn fingerprint(path: &Path) -> Fingerprint {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    let mut short = [0; 16];
    short
        .iter_mut()
        .zip(digest.iter())
        .for_each(|(short, byte)| *short = *byte);
    short
}

/// Who is told.
pub(super) type Visit<'v> = &'v mut dyn FnMut(Finding) -> ControlFlow<()>;

/// The state of one search.
pub(super) struct Walk<'v> {
    visit: Visit<'v>,
    now_micros: i64,
    seen: HashSet<Fingerprint>,
    /// Files that the user named, whichever way they are come upon first.
    named: HashSet<Fingerprint>,
    /// Folders entered through a link: a web of links is walked once, not once for every path in it.
    entered: HashSet<Fingerprint>,
    /// Files and troubles so far, those known already included.
    candidates: u64,
    pub(super) passed_over: PassedOver,
}

impl<'v> Walk<'v> {
    pub(super) fn new(inputs: &[Input], now_micros: i64, visit: Visit<'v>) -> Self {
        let paths = inputs.iter().filter_map(|input| match input {
            Input::Standard => None,
            Input::Path(path) => Path::new(path).canonicalize().ok(),
        });
        Self {
            visit,
            now_micros,
            seen: HashSet::new(),
            named: paths.map(|path| fingerprint(&path)).collect(),
            entered: HashSet::new(),
            candidates: 0,
            passed_over: PassedOver::default(),
        }
    }

    /// Everything that one argument names.
    pub(super) fn input(&mut self, input: &Input) -> ControlFlow<()> {
        let text = match input {
            Input::Standard => return self.stream(None),
            Input::Path(text) => text,
        };
        let path = Path::new(text);
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => self.named_folder(path),
            Ok(meta) if meta.is_file() => self.file(path, &meta),
            Ok(_) => self.stream(Some(path)),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => self.unreadable(path, error),
            Err(_) if is_pattern(text) => self.pattern(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
                self.nothing(format!("no file matches `{}`", path.display()))
            }
            Err(error) => self.unreadable(path, error),
        }
    }

    fn found(&mut self, source: Source) -> ControlFlow<()> {
        (self.visit)(Finding::Source(source))
    }

    fn unreadable(&mut self, path: &Path, error: io::Error) -> ControlFlow<()> {
        self.candidates += 1;
        let name = path.display().to_string();
        (self.visit)(Finding::Trouble(Trouble::Unreadable { name, error }))
    }

    fn nothing(&mut self, what: String) -> ControlFlow<()> {
        (self.visit)(Finding::Trouble(Trouble::Nothing { what }))
    }

    /// Standard input, or a pipe that was named.
    fn stream(&mut self, path: Option<&Path>) -> ControlFlow<()> {
        if !self.seen.insert(fingerprint(path.unwrap_or(Path::new("-")))) {
            return ControlFlow::Continue(());
        }
        self.found(Source::stream(path, self.now_micros))
    }

    fn file(&mut self, path: &Path, meta: &Metadata) -> ControlFlow<()> {
        match path.canonicalize() {
            Ok(whole) => self.whole_file(path, whole, meta),
            Err(error) => self.unreadable(path, error),
        }
    }

    /// A file whose path without links is known.
    fn whole_file(&mut self, path: &Path, whole: PathBuf, meta: &Metadata) -> ControlFlow<()> {
        self.candidates += 1;
        let print = fingerprint(&whole);
        if !self.seen.insert(print) {
            return ControlFlow::Continue(());
        }
        let named = self.named.contains(&print);
        self.found(Source::file(path, whole, meta, named))
    }

    fn named_folder(&mut self, path: &Path) -> ControlFlow<()> {
        let before = self.candidates;
        self.folder(path)?;
        if self.candidates > before {
            return ControlFlow::Continue(());
        }
        let name = path.display();
        self.nothing(if holds_table(path) {
            format!("`{name}` is a table, and holds no flow log beside it")
        } else {
            format!("`{name}` holds no file that could be a flow log")
        })
    }

    fn folder(&mut self, path: &Path) -> ControlFlow<()> {
        let mut walk = walkdir::WalkDir::new(path)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter();
        let mut around = Around::default();
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {
                    if entry.depth() > 0 && self.shuns(&entry) {
                        walk.skip_current_dir();
                    } else {
                        around.enter(&entry);
                    }
                }
                Ok(entry) => self.entry(&entry, &around)?,
                // A link back to a folder around it leads to nothing that is not found anyway.
                Err(error) if error.loop_ancestor().is_some() || hides(&error) => {}
                Err(error) => {
                    let place = error.path().unwrap_or(path).to_owned();
                    self.unreadable(&place, error.into())?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// True for folders that are hidden, a table's, or known by another way.
    fn shuns(&mut self, entry: &walkdir::DirEntry) -> bool {
        is_hidden(entry.file_name()) || is_of_a_table(entry.path()) || self.entered_before(entry)
    }

    /// True for a folder that another link led to.
    fn entered_before(&mut self, entry: &walkdir::DirEntry) -> bool {
        entry.path_is_symlink()
            && entry
                .path()
                .canonicalize()
                .is_ok_and(|whole| !self.entered.insert(fingerprint(&whole)))
    }

    /// A file in a folder.
    fn entry(&mut self, entry: &walkdir::DirEntry, around: &Around) -> ControlFlow<()> {
        let name = entry.file_name();
        if is_hidden(name) {
            return ControlFlow::Continue(());
        }
        if !entry.file_type().is_file() {
            self.passed_over.not_a_file();
            return ControlFlow::Continue(());
        }
        if !could_be_a_flow_log(name) {
            self.passed_over.file(name);
            return ControlFlow::Continue(());
        }
        match (entry.metadata(), around.whole(entry)) {
            (Ok(meta), Some(whole)) => self.whole_file(entry.path(), whole, &meta),
            (Ok(meta), None) => self.file(entry.path(), &meta),
            (Err(error), _) => self.unreadable(entry.path(), error.into()),
        }
    }

    /// What a pattern matches is read whatever it is called; folders are searched as always.
    fn pattern(&mut self, text: &OsStr) -> ControlFlow<()> {
        let shown = text.to_string_lossy();
        let pattern = match Pattern::parse(&shown) {
            Ok(pattern) => pattern,
            Err(error) => return self.nothing(format!("`{shown}` is not a pattern: {}", error.kind())),
        };
        let before = self.candidates;
        let mut walk = walkdir::WalkDir::new(pattern.folder())
            .follow_links(true)
            .min_depth(1)
            .max_depth(pattern.depth_max)
            .sort_by_file_name()
            .into_iter();
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) if is_hidden(entry.file_name()) && !pattern.names_hidden => {
                    if entry.file_type().is_dir() {
                        walk.skip_current_dir();
                    }
                }
                Ok(entry)
                    if entry.file_type().is_dir()
                        && (is_of_a_table(entry.path()) || self.entered_before(&entry)) =>
                {
                    walk.skip_current_dir();
                }
                Ok(entry) if pattern.matches(entry.path()) => {
                    self.matched(pattern.path_of(entry.path()), &pattern.base)?;
                }
                Ok(_) => {}
                Err(error) if error.loop_ancestor().is_some() || hides(&error) => {}
                // What was not asked for may be broken; a folder that may not be opened may hide what was.
                Err(error)
                    if error
                        .io_error()
                        .is_some_and(|error| error.kind() != io::ErrorKind::PermissionDenied)
                        && !error.path().is_some_and(|path| pattern.matches(path)) => {}
                Err(error) => {
                    let place = error.path().unwrap_or(&pattern.base).to_owned();
                    self.unreadable(&place, error.into())?;
                }
            }
        }
        if self.candidates == before {
            return self.nothing(format!("no file matches `{shown}`"));
        }
        ControlFlow::Continue(())
    }

    fn matched(&mut self, path: &Path, base: &Path) -> ControlFlow<()> {
        let above = path.ancestors().skip(1);
        if above
            .take_while(|folder| *folder != base)
            .any(|folder| !folder.as_os_str().is_empty() && is_of_a_table(folder))
        {
            return ControlFlow::Continue(());
        }
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() && is_of_a_table(path) => ControlFlow::Continue(()),
            Ok(meta) if meta.is_dir() => self.folder(path),
            Ok(meta) if meta.is_file() => self.file(path, &meta),
            Ok(_) => {
                self.passed_over.not_a_file();
                ControlFlow::Continue(())
            }
            Err(error) => self.unreadable(path, error),
        }
    }
}

/// The folders that a walk stands in, without links in their paths: asking for that path of each file again would
/// ask for each folder above it.
#[derive(Default)]
struct Around {
    /// By depth; none where it could not be told.
    folders: Vec<Option<PathBuf>>,
}

impl Around {
    fn enter(&mut self, folder: &walkdir::DirEntry) {
        self.folders.truncate(folder.depth());
        let whole = self.whole(folder).or_else(|| folder.path().canonicalize().ok());
        self.folders.push(whole);
    }

    /// The path without links, where the folder around it tells it.
    fn whole(&self, entry: &walkdir::DirEntry) -> Option<PathBuf> {
        let around = self.folders.get(entry.depth().checked_sub(1)?)?.as_ref()?;
        (!entry.path_is_symlink()).then(|| around.join(entry.file_name()))
    }
}

/// A hidden link to nowhere, as editors leave them, is no trouble.
fn hides(error: &walkdir::Error) -> bool {
    let name = error.path().and_then(Path::file_name);
    error.depth() > 0 && name.is_some_and(is_hidden)
}

/// The JSON of a Delta table's log is no flow log, and neither is anything beside it.
fn holds_table(folder: &Path) -> bool {
    folder.join("_delta_log").is_dir() || folder.join("Flows/_delta_log").is_dir()
}

/// True for a table's folder and for the parts of one that hold no Parquet.
fn is_of_a_table(folder: &Path) -> bool {
    let part = |name: &OsStr| name.to_str().is_some_and(table::is_own_folder);
    folder.file_name().is_some_and(part) || holds_table(folder)
}
