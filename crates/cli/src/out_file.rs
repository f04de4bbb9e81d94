//! A file for output: it appears whole or not at all.
//!
//! It is written beside its place and then renamed, so a full disk or a kill leaves what was there before. What is no
//! plain file (a pipe, `/dev/stdout`) is written as it comes.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use table::io_reason;
use tempfile::NamedTempFile;

use crate::exit::Failure;

/// Links that are followed in a row, as systems do.
const LINKS_MAX: usize = 40;

/// A file that is being written.
pub(crate) struct OutFile {
    shown: PathBuf,
    /// Where it will be: links are followed.
    place: PathBuf,
    written: BufWriter<Written>,
}

enum Written {
    Beside(NamedTempFile),
    There(File),
}

impl OutFile {
    /// Begins to write.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let written = match fs::metadata(&place) {
            Ok(held) if held.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            // Appending, so that what the shell wrote before stays: `--out /dev/stdout >> all.csv`.
            Ok(held) if !held.is_file() || is_descriptor(path) => {
                File::options().append(true).open(&place).map(Written::There)
            }
            // It would be replaced all the same, as its folder may be written.
            Ok(held) if held.permissions().readonly() => {
                Err(io::Error::from(io::ErrorKind::PermissionDenied))
            }
            Ok(_) => File::options()
                .write(true)
                .open(&place)
                .and_then(|_| beside(&place))
                .map(Written::Beside),
            Err(_) => beside(&place).map(Written::Beside),
        };
        let written = written.map_err(|error| failed(path, &error))?;
        Ok(Self {
            shown: path.to_owned(),
            place,
            written: BufWriter::with_capacity(1 << 16, written),
        })
    }

    /// Puts the file into its place.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Self {
            shown,
            place,
            written,
        } = self;
        let written = written
            .into_inner()
            .map_err(|error| failed(&shown, error.error()))?;
        match written {
            Written::Beside(file) => {
                file.as_file()
                    .sync_all()
                    .map_err(|error| failed(&shown, &error))?;
                file.persist(&place)
                    .map_err(|error| failed(&shown, &error.error))?;
                Ok(())
            }
            Written::There(mut file) => file.flush().map_err(|error| failed(&shown, &error)),
        }
    }

    /// Names the file in a failure of writing it.
    pub(crate) fn explain(path: &Path, error: anyhow::Error) -> anyhow::Error {
        match error.downcast_ref::<io::Error>() {
            Some(io) => failed(path, io).into(),
            None => error,
        }
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.written.flush()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Beside(file) => file.write(bytes),
            Self::There(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Beside(file) => file.flush(),
            Self::There(file) => file.flush(),
        }
    }
}

/// True if a path stands for a file that is open already: `/dev/stdout`, `/dev/fd/1`, or a link to one.
fn is_descriptor(path: &Path) -> bool {
    let mut at = path.to_owned();
    for _ in 0..LINKS_MAX {
        let folder = at.parent().unwrap_or_else(|| Path::new(""));
        let is_of_system = at.starts_with("/dev") || at.starts_with("/proc");
        if is_of_system && folder.file_name().is_some_and(|name| name == "fd") {
            return true;
        }
        match fs::read_link(&at) {
            Ok(next) => at = folder.join(next),
            Err(_) => return false,
        }
    }
    false
}

/// A file in the same folder, with the permissions that a new file has.
fn beside(place: &Path) -> io::Result<NamedTempFile> {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".flowglass-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder.unwrap_or_else(|| Path::new(".")))
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "make its folder first, or name another",
        io::ErrorKind::StorageFull => "make room, or name a file on another disk; nothing was left behind",
        _ => "name a file that you may write",
    };
    Failure::outside(format!("cannot write `{}`: {}", path.display(), io_reason(error))).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "before").unwrap();
        let mut file = OutFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        let mut file = OutFile::create(&path).unwrap();
        file.write_all(b"whole").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.csv"), folder.path().join("link"));
        fs::write(&path, "before").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut file = OutFile::create(&link).unwrap();
        file.write_all(b"whole").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let mut file = OutFile::create(Path::new("/dev/null")).unwrap();
        file.write_all(b"gone").unwrap();
        file.finish().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[cfg(unix)]
    #[test]
    fn files_that_are_open_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/stdout", &link).unwrap();
        for (path, expected) in [
            ("/dev/stdout", true),
            ("/dev/fd/1", true),
            ("/proc/self/fd/1", true),
            (link.to_str().unwrap(), true),
            ("/dev/null", false),
            ("/tmp/fd/1", false),
            ("a.csv", false),
        ] {
            assert_eq!(is_descriptor(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn a_file_that_may_not_be_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "before").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let failure = OutFile::create(&path).map(|_| ()).unwrap_err();
        assert!(failure.message.contains("cannot write"), "{failure}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("none/a.csv");
        let failure = OutFile::create(&missing).map(|_| ()).unwrap_err();
        assert!(failure.message.contains("none/a.csv"), "{failure}");
        let failure = OutFile::create(folder.path()).map(|_| ()).unwrap_err();
        assert!(failure.message.contains("cannot write"), "{failure}");
    }
}
