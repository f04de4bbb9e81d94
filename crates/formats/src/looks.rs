//! What input that is no flow log looks like, so that its reader learns what to do about it. Nothing is
//! read by this: it is only said.

/// What a source looks like of which nothing is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// Text of two bytes a letter.
    Utf16,
    /// Compressed in a way that is not undone here: the name of the compression.
    Compressed(&'static str),
    /// Compressed in a way that is undone here, and inside of that once more.
    CompressedTwice(&'static str),
    /// Several files in one: the name of the form.
    Archive(&'static str),
    /// Columns of another form: its name.
    Columns(&'static str),
    /// Lines under a header, whose names are of no layout.
    Lines,
    /// Nothing that is known.
    Other,
}

/// Bytes that are enough to tell; the mark of a tar archive stands at 257.
pub(crate) const LOOKED_AT_BYTES: usize = 512;

/// First bytes, and what begins with them.
const MARKS: [(&[u8], Looks); 15] = [
    (b"\xff\xfe", Looks::Utf16),
    (b"\xfe\xff", Looks::Utf16),
    (b"{\0", Looks::Utf16),
    (b"[\0", Looks::Utf16),
    (b"\0{", Looks::Utf16),
    (b"\0[", Looks::Utf16),
    (b"BZh", Looks::Compressed("bzip2")),
    (b"\xfd7zXZ\0", Looks::Compressed("xz")),
    (b"\x04\x22\x4d\x18", Looks::Compressed("lz4")),
    (b"\x1f\x8b\x08", Looks::CompressedTwice("gzip")),
    (b"\x28\xb5\x2f\xfd", Looks::CompressedTwice("zstd")),
    (b"PK\x03\x04", Looks::Archive("zip")),
    (b"PK\x05\x06", Looks::Archive("zip")),
    (b"7z\xbc\xaf\x27\x1c", Looks::Archive("7z")),
    (b"PAR1", Looks::Columns("Parquet")),
];

/// The letters at 257 of a tar archive, of every kind but the oldest.
const TAR: &[u8] = b"ustar";

impl Looks {
    /// What input looks like that begins so, once its compression is undone.
    #[must_use]
    pub fn of(beginning: &[u8]) -> Self {
        let marked = MARKS.iter().find(|(mark, _)| beginning.starts_with(mark));
        if let Some((_, looks)) = marked {
            return *looks;
        }
        if beginning.get(257..).is_some_and(|rest| rest.starts_with(TAR)) {
            return Self::Archive("tar");
        }
        if is_header(beginning) {
            return Self::Lines;
        }
        Self::Other
    }
}

/// Columns that rows of flows have at least; a sentence seldom has as many commas.
const COLUMNS_MIN: usize = 3;

/// True if the first line is short names between separators, and the next, as far as it is there, has as
/// many separators: prose has commas too.
fn is_header(beginning: &[u8]) -> bool {
    let mut lines = beginning.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or(&[]);
    let separator = crate::rows::separator(first);
    let fields = |line: &[u8]| line.split(|byte| *byte == separator).count();
    let is_name = |name: &[u8]| {
        let name = name.trim_ascii();
        let odd = |byte: &u8| byte.is_ascii_control() || *byte == b'{';
        !name.is_empty() && name.len() <= 64 && !name.ends_with(b".") && !name.iter().any(odd)
    };
    // A quoted value may hold separators, so more are no surprise; and the end of what is looked at is one
    // of no line.
    let next = lines.next().filter(|line| !line.trim_ascii().is_empty());
    let cut = beginning.len() >= LOOKED_AT_BYTES;
    fields(first) >= COLUMNS_MIN
        && first.split(|byte| *byte == separator).all(is_name)
        && next.is_none_or(|next| cut || fields(next) >= fields(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(beginning: &[u8], expected: Looks) {
        assert_eq!(Looks::of(beginning), expected, "{beginning:?}");
    }

    #[test]
    fn marks() {
        for text in ["\u{feff}{", "{\"", "[{"] {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            check(&little, Looks::Utf16);
            check(&big, Looks::Utf16);
        }
        check(b"BZh91AY&SY", Looks::Compressed("bzip2"));
        check(b"\xfd7zXZ\0\0\x04", Looks::Compressed("xz"));
        check(b"PK\x03\x04\x14\0", Looks::Archive("zip"));
        check(b"\x1f\x8b\x08\0", Looks::CompressedTwice("gzip"));
        let mut tar = b"PT1H.json".to_vec();
        tar.resize(257, 0);
        tar.extend_from_slice(b"ustar\x0000");
        check(&tar, Looks::Archive("tar"));
        for bytes in [
            &b"{\"re"[..],
            b"\xef\xbb\xbf{",
            b"",
            b"{",
            b"\0\0\0\0",
            b"hello",
            b"<xml/>",
        ] {
            check(bytes, Looks::Other);
        }
    }

    #[test]
    fn headers_and_prose() {
        for text in [
            "when,client,server",
            "when,client,server\n1,10.0.0.4,20.1.2.3\n",
            "when;client address;server\r\n1;\"10.0.0.4;\";x\r\n",
            "\"when\"\t\"client\"\t\"server\"\n1\t2\t3\n",
        ] {
            check(text.as_bytes(), Looks::Lines);
        }
        let wide = (0..400).map(|n| format!("name{n}")).collect::<Vec<_>>().join(",");
        check(&wide.as_bytes()[..LOOKED_AT_BYTES], Looks::Lines);
        for text in [
            "Dear all,\nthis is prose, with commas",
            "Well, well\nwell",
            "a,,b\n",
            "x",
        ] {
            check(text.as_bytes(), Looks::Other);
        }
    }
}
