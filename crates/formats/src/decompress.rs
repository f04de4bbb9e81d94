//! Telling compressed input by its first bytes, and undoing the compression within limits.

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use model::limits::{DECOMPRESSED_BYTES_MAX, DECOMPRESSED_RATIO_MAX};

/// How a source is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, also several members one after another.
    Gzip,
    /// Zstandard, also several frames one after another.
    Zstd,
}

impl Compression {
    /// The name used in tables and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Tells the compression by the first bytes.
    #[must_use]
    pub fn of(beginning: &[u8]) -> Self {
        match beginning {
            [0x1f, 0x8b, 0x08, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// The source a decompressor reads from, its sniffed beginning put back, counting what is taken.
struct Counted<R> {
    read: io::Chain<Cursor<Vec<u8>>, R>,
    taken: Rc<Taken>,
}

/// What was taken from the source.
#[derive(Default)]
struct Taken {
    bytes: Cell<u64>,
    /// The source itself failed: that is no damage.
    failed: Cell<bool>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.read.read(buffer) {
            Ok(count) => {
                self.taken.bytes.set(self.taken.bytes.get() + count as u64);
                Ok(count)
            }
            Err(error) => {
                self.taken.failed.set(error.kind() != io::ErrorKind::Interrupted);
                Err(error)
            }
        }
    }
}

enum Stream<R: Read> {
    Plain(Counted<R>),
    Gzip(Box<flate2::read::MultiGzDecoder<Counted<R>>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, io::BufReader<Counted<R>>>>),
}

/// A source with its compression undone.
pub struct Decompressed<R: Read> {
    stream: Stream<R>,
    compression: Compression,
    taken: Rc<Taken>,
    produced: u64,
    /// Why reading stopped early: `FG1205` damaged or `FG1206` past the limit.
    pub failure: Option<model::Code>,
}

/// Wraps a source so that it reads uncompressed, whatever its compression.
///
/// # Errors
/// If the first bytes cannot be read, or a decompressor cannot be set up.
pub fn decompress<R: Read>(mut read: R) -> io::Result<Decompressed<R>> {
    let mut beginning = Vec::with_capacity(4);
    read.by_ref().take(4).read_to_end(&mut beginning)?;
    let compression = Compression::of(&beginning);
    let taken = Rc::new(Taken::default());
    let source = Counted {
        read: Cursor::new(beginning).chain(read),
        taken: taken.clone(),
    };
    let stream = match compression {
        Compression::None => Stream::Plain(source),
        Compression::Gzip => Stream::Gzip(Box::new(flate2::read::MultiGzDecoder::new(source))),
        Compression::Zstd => Stream::Zstd(Box::new(zstd::stream::read::Decoder::new(source)?)),
    };
    Ok(Decompressed {
        stream,
        compression,
        taken,
        produced: 0,
        failure: None,
    })
}

impl<R: Read> Decompressed<R> {
    /// What was recognised.
    #[must_use]
    pub fn compression(&self) -> Compression {
        self.compression
    }

    fn within_limits(&self) -> bool {
        let ratio_limit = self
            .taken
            .bytes
            .get()
            .saturating_mul(DECOMPRESSED_RATIO_MAX)
            .max(64 << 20);
        self.produced <= DECOMPRESSED_BYTES_MAX && self.produced <= ratio_limit
    }
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Ok(0);
        }
        let count = match &mut self.stream {
            Stream::Plain(read) => return read.read(buffer),
            Stream::Gzip(read) => read.read(buffer),
            Stream::Zstd(read) => read.read(buffer),
        };
        match count {
            Ok(count) => {
                self.produced += count as u64;
                if !self.within_limits() {
                    self.failure = Some(model::codes::list::DECOMPRESS_LIMIT);
                    return Ok(0);
                }
                Ok(count)
            }
            // What came out so far is good; the reader above sees a cut end and keeps it.
            Err(error) if error.kind() != io::ErrorKind::Interrupted && !self.taken.failed.get() => {
                self.failure = Some(model::codes::list::DECOMPRESS);
                Ok(0)
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[track_caller]
    fn check(input: &[u8], compression: Compression, expected: &[u8]) -> Option<model::Code> {
        let mut read = decompress(input).unwrap();
        assert_eq!(read.compression(), compression);
        let mut out = Vec::new();
        read.read_to_end(&mut out).unwrap();
        assert_eq!(out, expected);
        read.failure
    }

    #[test]
    fn each_compression_is_recognised() {
        let text = b"{\"records\":[]}";
        assert_eq!(check(text, Compression::None, text), None);
        assert_eq!(check(&gzip(text), Compression::Gzip, text), None);
        assert_eq!(
            check(
                &[gzip(b"{\"rec"), gzip(b"ords\":[]}")].concat(),
                Compression::Gzip,
                text
            ),
            None
        );
        assert_eq!(
            check(&zstd::encode_all(&text[..], 3).unwrap(), Compression::Zstd, text),
            None
        );
        assert_eq!(check(b"", Compression::None, b""), None);
        assert_eq!(check(b"{", Compression::None, b"{"), None);
    }

    #[test]
    fn a_cut_stream_gives_what_it_can() {
        let text: Vec<u8> = (0..200_000_u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let packed = gzip(&text);
        let mut read = decompress(&packed[..packed.len() / 2]).unwrap();
        let mut out = Vec::new();
        read.read_to_end(&mut out).unwrap();
        assert!(!out.is_empty() && text.starts_with(&out));
        assert_eq!(read.failure, Some(model::codes::list::DECOMPRESS));
    }

    #[test]
    fn a_bomb_is_stopped() {
        let bomb = zstd::encode_all(std::io::repeat(b' ').take(300 << 20), 3).unwrap();
        assert!(bomb.len() < 100_000);
        let mut read = decompress(&bomb[..]).unwrap();
        let produced = std::io::copy(&mut read, &mut std::io::sink()).unwrap();
        assert_eq!(read.failure, Some(model::codes::list::DECOMPRESS_LIMIT));
        assert!(produced < 300 << 20);
    }
}
