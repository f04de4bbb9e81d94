//! Finding sources: files, folders, patterns, pipes and standard input, for everything that reads logs.
//!
//! In folders those files are taken whose names could be a flow log's ([`names`]); what the user names
//! itself is taken whatever it is called. Nothing is opened here but folders.

pub(crate) mod names;
mod pattern;
mod walk;

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use formats::path::BlobPath;

use crate::container::{Blob, Container, Listed};

pub use names::PassedOver;
pub use walk::{Finding, Trouble};

/// What the user named, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// `-`
    Standard,
    /// A path or pattern.
    Path(OsString),
}

impl Input {
    /// Reads an argument.
    #[must_use]
    pub fn parse(argument: impl AsRef<OsStr>) -> Self {
        let argument = argument.as_ref();
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
    /// Where its bytes are, if it is a file: it can be read again and continued.
    pub path: Option<PathBuf>,
    /// Where its bytes come from, if it is a named pipe or a device.
    pub pipe: Option<PathBuf>,
    /// Where it is, if it is a blob of a storage account.
    pub blob: Option<Blob>,
    /// Size when it was found.
    pub bytes: u64,
    /// About so much of it is to be read.
    pub new_bytes: u64,
    /// Modification time when it was found, epoch nanoseconds.
    pub modified: i64,
    /// Hour of the blob's path, in hours since 1970, where the path is laid out as Azure does.
    pub hour: Option<i32>,
    /// The user named it, rather than a folder around it.
    pub named: bool,
}

impl Source {
    fn file(path: &Path, whole: PathBuf, meta: &Metadata, named: bool) -> Self {
        Self {
            address: address("file", "://", &whole),
            display: path.display().to_string(),
            bytes: meta.len(),
            new_bytes: meta.len(),
            blob: None,
            modified: modified_nanos(meta),
            hour: hour(&whole),
            path: Some(whole),
            pipe: None,
            named,
        }
    }

    /// A blob of a storage account, as a list has it.
    #[must_use]
    pub fn blob(container: &Arc<dyn Container>, listed: Listed) -> Self {
        let address = format!("{}/{}", container.address(), listed.name);
        Self {
            display: address.clone(),
            address,
            path: None,
            pipe: None,
            hour: BlobPath::parse(&listed.name).map(|path| path.hours_since_1970()),
            bytes: listed.size,
            new_bytes: listed.size,
            modified: listed.modified,
            named: false,
            blob: Some(Blob {
                container: Arc::clone(container),
                name: listed.name,
                etag: Some(listed.etag),
            }),
        }
    }

    /// True if it can be gone back to, so that reading goes on where it stopped.
    #[must_use]
    pub fn has_position(&self) -> bool {
        self.path.is_some() || self.blob.is_some()
    }

    /// A stream has no position: what the table holds already is told by the records' hashes.
    fn stream(pipe: Option<&Path>, now_micros: i64) -> Self {
        let (address, display) = match pipe {
            Some(path) => (
                address("pipe", &format!(":{now_micros}:"), path),
                path.display().to_string(),
            ),
            None => (format!("stdin:{now_micros}"), "standard input".to_owned()),
        };
        Self {
            address,
            display,
            path: None,
            pipe: pipe.map(Path::to_owned),
            blob: None,
            bytes: 0,
            new_bytes: 0,
            modified: 0,
            hour: None,
            named: true,
        }
    }

    /// Opens it from its beginning. A blob is opened by [`crate::open_blob`].
    ///
    /// # Errors
    /// If it has gone, or may not be read.
    pub fn open(&self) -> io::Result<Box<dyn Read>> {
        match (self.path.as_ref().or(self.pipe.as_ref()), &self.blob) {
            (Some(path), _) => Ok(Box::new(File::open(path)?)),
            (None, None) => Ok(Box::new(io::stdin().lock())),
            (None, Some(_)) => Err(io::Error::other("it is no file, but a blob of a storage account")),
        }
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Sources in order of their address, each once.
    pub sources: Vec<Source>,
    /// What was named and cannot be read.
    pub troubles: Vec<Trouble>,
    /// Files in folders that were left alone.
    pub passed_over: PassedOver,
}

/// Hands on everything the user named, in the order of the arguments and by name within a folder, each
/// file once. Nothing but a fingerprint of it is remembered, so that a container of a million blobs
/// takes little memory.
///
/// Hidden files and tables are passed over without a word. Links are followed.
pub fn each(
    inputs: &[Input],
    now_micros: i64,
    visit: &mut dyn FnMut(Finding) -> ControlFlow<()>,
) -> PassedOver {
    let mut walk = walk::Walk::new(inputs, now_micros, visit);
    let _ = inputs.iter().try_for_each(|input| walk.input(input));
    walk.passed_over
}

/// The same, collected and put in order.
#[must_use]
pub fn find(inputs: &[Input], now_micros: i64) -> Found {
    let mut found = Found::default();
    let passed_over = each(inputs, now_micros, &mut |finding| {
        match finding {
            Finding::Source(source) => found.sources.push(source),
            Finding::Trouble(trouble) => found.troubles.push(trouble),
        }
        ControlFlow::Continue(())
    });
    found.passed_over = passed_over;
    found
        .sources
        .sort_by(|left, right| left.address.cmp(&right.address));
    found
}

/// The address of a file: its path. One that is not UTF-8 has a scheme of its own, and what is not as
/// `%ff`, so that no two files share an address.
fn address(scheme: &str, colon: &str, path: &Path) -> String {
    if let Some(text) = path.to_str() {
        return format!("{scheme}{colon}{text}");
    }
    let mut address = format!("{scheme}-bytes{colon}");
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        address.push_str(&chunk.valid().replace('%', "%25"));
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
mod tests;
