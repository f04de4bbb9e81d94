//! Deflate in the frames of gzip and zlib, in base64.
//!
//! Kusto's compressor begins each block with a table of codes, so that a short text does not become shorter and is
//! stored as it is. Those come out alike here. What longer texts become is read by Kusto, but is not byte for byte
//! what it would write itself.

use std::io::{Read, Write};

use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::base64_text::{decode, encode};

/// What a text holds at most in Kusto; a small text can say far more.
const MOST_BYTES: u64 = 1 << 20;

/// Up to here even a text of one letter is no shorter with the table of codes than without.
const SHORT_BYTES: usize = 100;

/// Deflate, no flags, no time, no hint, system unknown.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Deflate with a window of 32 KiB.
const ZLIB_HEADER: [u8; 2] = [0x78, 0x01];

/// A text in the frame of gzip.
pub(super) fn gzip(text: &str) -> String {
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    let mut bytes = GZIP_HEADER.to_vec();
    deflate(text.as_bytes(), &mut bytes);
    bytes.extend(crc.sum().to_le_bytes());
    bytes.extend(crc.amount().to_le_bytes());
    encode(bytes)
}

/// A text in the frame of zlib.
pub(super) fn zlib(text: &str) -> String {
    let mut bytes = ZLIB_HEADER.to_vec();
    deflate(text.as_bytes(), &mut bytes);
    bytes.extend(adler32(text.as_bytes()).to_be_bytes());
    encode(bytes)
}

fn deflate(text: &[u8], bytes: &mut Vec<u8>) {
    if text.len() <= SHORT_BYTES
        && let Ok(length) = u16::try_from(text.len())
    {
        // The last block, stored: its length, the same with all bits turned, and the bytes.
        bytes.push(1);
        bytes.extend(length.to_le_bytes());
        bytes.extend((!length).to_le_bytes());
        bytes.extend(text);
        return;
    }
    let mut encoder = DeflateEncoder::new(bytes, Compression::default());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(text).and_then(|()| encoder.try_finish());
}

fn adler32(text: &[u8]) -> u32 {
    const PRIME: u32 = 65_521;
    let (low, high) = text.iter().fold((1, 0), |(low, high), &byte| {
        let low = (low + u32::from(byte)) % PRIME;
        (low, (high + low) % PRIME)
    });
    (high << 16) | low
}

/// The text in a frame of gzip; none if there is none, or too long a one.
pub(super) fn from_gzip(text: &str) -> Option<String> {
    read(GzDecoder::new(decode(text)?.as_slice()))
}

/// The text in a frame of zlib; none if there is none, or too long a one.
pub(super) fn from_zlib(text: &str) -> Option<String> {
    read(ZlibDecoder::new(decode(text)?.as_slice()))
}

fn read(decoder: impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let read = decoder.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
    if u64::try_from(read).ok()? > MOST_BYTES {
        return None;
    }
    String::from_utf8(bytes).ok()
}
