//! Files of this machine, for `externaldata`: which places are opened, and what is refused instead of misread.

use std::fs::{self, File, FileType};
use std::io::Read as _;
use std::path::PathBuf;

use table::io_reason;
use url::Url;

use crate::error::Size;

/// How files begin that are no text, what they are called, and what helps.
const NO_TEXTS: [(&[u8], &str, &str); 5] = [
    (
        b"\x1f\x8b",
        "compressed (gzip)",
        "unpack it first: `gunzip -k FILE`",
    ),
    (b"PK\x03\x04", "compressed (zip)", "unpack it first: `unzip FILE`"),
    (
        b"\x28\xb5\x2f\xfd",
        "compressed (zstd)",
        "unpack it first: `zstd -dk FILE`",
    ),
    (b"PAR1", "a Parquet file", "write it as CSV or JSON lines first"),
    (b"Obj\x01", "an Avro file", "write it as CSV or JSON lines first"),
];

/// The text of a place, of so many bytes at most; or why there is none.
pub(super) fn read(place: &str, limit: u64) -> Result<String, String> {
    let path = path_of(place)?;
    let cannot_read = |error: std::io::Error| format!("cannot read `{place}`: {}", io_reason(&error));
    // To open a pipe is to wait for whoever writes it, and a device may have no end.
    let held = fs::metadata(&path).map_err(cannot_read)?;
    if let Some(kind) = no_plain_file(held.file_type()) {
        return Err(format!(
            "`{place}` is {kind}, and `externaldata` reads plain files; write what it gives into a file first"
        ));
    }
    let too_large = || {
        let most = Size(usize::try_from(limit).unwrap_or(usize::MAX));
        format!("`{place}` has more than the {most} of memory of a query")
    };
    if held.is_file() && held.len() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(cannot_read)?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    if let Some((_, what, help)) = NO_TEXTS.iter().find(|(begins, ..)| bytes.starts_with(begins)) {
        let help = help.replace("FILE", place);
        return Err(format!(
            "`{place}` is {what}, and `externaldata` reads plain text; {help}"
        ));
    }
    String::from_utf8(bytes).map_err(|_| format!("`{place}` is not text in UTF-8"))
}

/// What a place is that is no plain file. A folder is refused by the system, in its own words.
fn no_plain_file(kind: FileType) -> Option<&'static str> {
    if kind.is_file() || kind.is_dir() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;

        if kind.is_fifo() {
            return Some("a pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    Some("a device")
}

/// The file that a place names: a path, or a `file:` URL.
fn path_of(place: &str) -> Result<PathBuf, String> {
    if !place.contains("://") {
        return Ok(PathBuf::from(place));
    }
    let url = Url::parse(place).ok().filter(|url| url.scheme() == "file");
    let Some(url) = url else {
        return Err(format!(
            "`{place}` is not fetched: `externaldata` opens files of this machine only"
        ));
    };
    url.to_file_path()
        .map_err(|()| format!("`{place}` names a file of another machine"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(place: &str, says: &str) {
        let said = read(place, 100).unwrap_err();
        assert!(said.contains(says), "{place}: {said}");
    }

    #[test]
    fn files_and_their_urls_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b.csv");
        std::fs::write(&path, "x,1\n").unwrap();
        let url = Url::from_file_path(&path).unwrap();
        assert!(url.as_str().contains("%20"), "{url}");
        for place in [path.to_str().unwrap(), url.as_str()] {
            assert_eq!(read(place, 100).unwrap(), "x,1\n", "{place}");
        }
        refused("https://example.com/a.csv", "is not fetched");
        refused("file://other/a.csv", "another machine");
        refused("/none/a.csv", "cannot read");
    }

    #[cfg(unix)]
    #[test]
    fn what_may_have_no_end_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        if made.is_ok_and(|status| status.success()) {
            refused(pipe.to_str().unwrap(), "is a pipe");
        }
        for device in ["/dev/zero", "/dev/null", "file:///dev/zero"] {
            refused(device, "is a device");
        }
        let link = folder.path().join("zero.csv");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        refused(link.to_str().unwrap(), "is a device");
        refused(folder.path().to_str().unwrap(), "cannot read");
    }

    #[test]
    fn what_is_no_text_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for (bytes, says) in [
            (&b"\x1f\x8b\x08"[..], "gunzip"),
            (b"PAR1", "Parquet"),
            (b"\xff\xfe", "UTF-8"),
            (&[b'x'; 101], "more than the 100 bytes"),
        ] {
            let path = folder.path().join("a.csv");
            std::fs::write(&path, bytes).unwrap();
            refused(path.to_str().unwrap(), says);
        }
    }
}
