//! A sliding window over a byte source: the parser's only view of its input.
//!
//! The window holds a stretch of the input and knows its offset. It refills itself at token borders
//! and grows only for a token that does not fit, up to the limit its caller names; so memory is
//! bounded whatever the input's size. It must not know what a record is.

use std::io::{ErrorKind, Read};

use memchr::memchr3;
use model::limits::QUARANTINE_RAW_BYTES_MAX;

/// Zero bytes in a row that are a hole in a file rather than a stray byte.
const HOLE_BYTES_MIN: usize = 16;

/// Why a token could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The input ended (or failed) inside a token.
    End,
    /// A byte stands where the grammar has no place for it.
    Syntax,
    /// The caller asked to stop.
    Cancelled,
}

/// What a string token was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// Between its quotes, no escapes.
    Plain { start: usize, end: usize },
    /// Holds escapes, to be undone before use.
    Escaped { start: usize, end: usize },
    /// Longer than the limit; passed over.
    TooLong { length: u64 },
}

pub(crate) struct Window<R> {
    read: R,
    buffer: Vec<u8>,
    position: usize,
    end: usize,
    /// Offset in the input of `buffer[0]`.
    base: u64,
    at_end: bool,
    failure: Option<std::io::Error>,
    pinned: Pinned,
}

/// A place whose bytes are still wanted after the window has moved on.
struct Pinned {
    /// Its offset in the input; none if no place is.
    offset: Option<u64>,
    /// What stood there, once the window has moved on.
    left: Vec<u8>,
}

impl<R: Read> Window<R> {
    /// A window of so many bytes over a source that begins at `base`.
    pub(crate) fn new(read: R, bytes: usize, base: u64) -> Self {
        Self::in_buffer(Vec::new(), read, bytes, base)
    }

    /// The same in the memory of an earlier window, whatever is in it.
    pub(crate) fn in_buffer(mut buffer: Vec<u8>, read: R, bytes: usize, base: u64) -> Self {
        buffer.resize(bytes.max(16), 0);
        Self {
            read,
            buffer,
            position: 0,
            end: 0,
            base,
            at_end: false,
            failure: None,
            pinned: Pinned {
                offset: None,
                left: Vec::new(),
            },
        }
    }

    /// Keeps what stands here, up to the bytes that quarantine shows, until another place is pinned.
    pub(crate) fn pin(&mut self) {
        self.pinned.offset = Some(self.offset());
        self.pinned.left.clear();
    }

    /// Keeps nothing any more.
    pub(crate) fn unpin(&mut self) {
        self.pinned.offset = None;
        self.pinned.left.clear();
    }

    /// What stood at the place that was pinned.
    pub(crate) fn pinned(&self) -> &[u8] {
        self.pinned_here().unwrap_or(&self.pinned.left)
    }

    fn pinned_here(&self) -> Option<&[u8]> {
        let start = usize::try_from(self.pinned.offset?.checked_sub(self.base)?).ok()?;
        let end = self.end.min(start + QUARANTINE_RAW_BYTES_MAX);
        self.buffer.get(start..end)
    }

    /// The memory of a window that is done with.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// Offset in the input of the next byte.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.position as u64
    }

    /// The bytes between an earlier offset and here, if they are still there.
    pub(crate) fn since(&self, offset: u64) -> Option<&[u8]> {
        let start = usize::try_from(offset.checked_sub(self.base)?).ok()?;
        self.buffer.get(start..self.position)
    }

    /// The error that ended the input early, if one did.
    pub(crate) fn take_failure(&mut self) -> Option<std::io::Error> {
        self.failure.take()
    }

    /// The bytes at hand. May be empty although more could be read.
    pub(crate) fn at_hand(&self) -> &[u8] {
        self.buffer.get(self.position..self.end).unwrap_or(&[])
    }

    /// Bytes of the window by index, as named by a [`Text`]; valid until the next read.
    pub(crate) fn bytes(&self, start: usize, end: usize) -> &[u8] {
        self.buffer.get(start..end).unwrap_or(&[])
    }

    /// Tries to have so many bytes at hand without growing; false if there are fewer.
    pub(crate) fn at_least(&mut self, bytes: usize) -> bool {
        while self.end - self.position < bytes {
            if self.buffer.len() < bytes || !self.fill() {
                return false;
            }
        }
        true
    }

    /// Brings more input in. False at the end of the input.
    pub(crate) fn fill(&mut self) -> bool {
        if self.at_end {
            return false;
        }
        if self.position > 0 {
            let mut left = std::mem::take(&mut self.pinned.left);
            if let Some(pinned) = self.pinned_here() {
                left.extend_from_slice(pinned);
                self.pinned.offset = None;
            }
            self.pinned.left = left;
            self.buffer.copy_within(self.position..self.end, 0);
            self.base += self.position as u64;
            self.end -= self.position;
            self.position = 0;
        }
        if self.end == self.buffer.len() {
            let doubled = self.buffer.len() * 2;
            self.buffer.resize(doubled, 0);
        }
        loop {
            let free = self.buffer.get_mut(self.end..).unwrap_or(&mut []);
            match self.read.read(free) {
                Ok(0) => break,
                Ok(count) => {
                    self.end = (self.end + count).min(self.buffer.len());
                    return true;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    break;
                }
            }
        }
        self.at_end = true;
        false
    }

    /// Brings more input in, or says that there is nothing to wait for: at the end, and once there is
    /// as much as is ever looked at.
    pub(crate) fn fill_for_detection(&mut self) -> bool {
        self.at_hand().len() < model::limits::DETECT_BYTES_MAX && self.fill()
    }

    /// The next byte, not consumed.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            if self.position < self.end {
                return self.buffer.get(self.position).copied();
            }
            if !self.fill() {
                return None;
            }
        }
    }

    /// Consumes `count` bytes that are at hand.
    #[inline]
    pub(crate) fn advance(&mut self, count: usize) {
        self.position = (self.position + count).min(self.end);
    }

    /// The next byte that is not white space, not consumed.
    #[inline]
    pub(crate) fn peek_token(&mut self) -> Option<u8> {
        loop {
            let byte = self.peek()?;
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.advance(1);
        }
    }

    /// True if a hole begins here: a run of zero bytes, or nothing but zero bytes up to the end.
    pub(crate) fn hole(&mut self) -> bool {
        self.hole_at(0)
    }

    fn hole_at(&mut self, index: usize) -> bool {
        while self.at_hand().len() < index + HOLE_BYTES_MIN && self.fill() {}
        let run = self.at_hand().get(index..).unwrap_or(&[]);
        let run = run.get(..HOLE_BYTES_MIN).unwrap_or(run);
        !run.is_empty() && run.iter().all(|byte| *byte == 0)
    }

    /// Reads a string whose opening quote is next. No string reaches across a hole: then the hole is
    /// what comes next.
    pub(crate) fn string(&mut self, limit: usize) -> Result<Text, Stop> {
        let mut scanned = 1_usize;
        let mut escaped = false;
        loop {
            let at_hand = self.at_hand();
            if let Some(rest) = at_hand.get(scanned..) {
                match memchr3(b'"', b'\\', 0, rest) {
                    Some(index) if rest.get(index) == Some(&b'"') => {
                        let length = scanned + index;
                        if length > limit {
                            self.advance(length + 1);
                            return Ok(Text::TooLong {
                                length: length as u64,
                            });
                        }
                        let (start, end) = (self.position + 1, self.position + length);
                        self.advance(length + 1);
                        return Ok(if escaped {
                            Text::Escaped { start, end }
                        } else {
                            Text::Plain { start, end }
                        });
                    }
                    Some(index) if rest.get(index) == Some(&0) => {
                        scanned += index;
                        if self.hole_at(scanned) {
                            self.advance(scanned);
                            return Err(Stop::Syntax);
                        }
                        scanned += 1;
                        continue;
                    }
                    Some(index) => {
                        escaped = true;
                        scanned += index + 2;
                        continue;
                    }
                    None => scanned = at_hand.len(),
                }
            }
            if scanned > limit {
                let overshoot = scanned.saturating_sub(self.at_hand().len());
                return self.long_string(scanned, overshoot);
            }
            if !self.fill() {
                return Err(Stop::End);
            }
        }
    }

    /// Passes over the rest of a string that is past its limit, holding none of it.
    fn long_string(&mut self, scanned: usize, mut pending: usize) -> Result<Text, Stop> {
        let mut length = scanned as u64;
        let at_hand = self.at_hand().len();
        self.advance(at_hand);
        loop {
            let available = self.at_hand().len();
            if available <= pending {
                pending -= available;
                self.advance(available);
                if !self.fill() {
                    return Err(Stop::End);
                }
                continue;
            }
            self.advance(pending);
            pending = 0;
            let rest = self.at_hand();
            match memchr3(b'"', b'\\', 0, rest) {
                Some(index) if rest.get(index) == Some(&0) => {
                    length += index as u64 + 1;
                    self.advance(index);
                    if self.hole() {
                        return Err(Stop::Syntax);
                    }
                    self.advance(1);
                }
                Some(index) => {
                    let closing = rest.get(index) == Some(&b'"');
                    length += index as u64;
                    self.advance(index + 1);
                    if closing {
                        return Ok(Text::TooLong { length });
                    }
                    length += 2;
                    pending = 1;
                }
                None => {
                    let all = rest.len();
                    length += all as u64;
                    self.advance(all);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(text: &[u8]) -> Window<&[u8]> {
        Window::new(text, 16, 0)
    }

    #[test]
    fn strings_of_every_length_cross_the_border() {
        for length in 0..200 {
            let text = format!("\"{}\"x", "a".repeat(length));
            let mut w = window(text.as_bytes());
            w.peek();
            match w.string(1000).unwrap() {
                Text::Plain { start, end } => assert_eq!(w.bytes(start, end).len(), length),
                other => panic!("{other:?}"),
            }
            assert_eq!(w.peek(), Some(b'x'));
            assert_eq!(w.offset(), length as u64 + 2);
        }
    }

    #[test]
    fn escapes_do_not_end_a_string() {
        for pad in 0..40 {
            let text = format!("\"{}\\\"b\\\\\"x", "a".repeat(pad));
            for limit in [4, 1000] {
                let mut w = window(text.as_bytes());
                w.peek();
                let got = w.string(limit).unwrap();
                assert_eq!(w.peek(), Some(b'x'), "pad {pad} limit {limit} {got:?}");
                if limit == 1000 {
                    assert!(matches!(got, Text::Escaped { .. }));
                }
            }
        }
    }

    #[test]
    fn a_long_string_does_not_grow_the_window() {
        let text = format!("\"{}\"x", "a".repeat(1_000_000));
        let mut w = window(text.as_bytes());
        w.peek();
        assert_eq!(w.string(100).unwrap(), Text::TooLong { length: 1_000_001 });
        assert_eq!(w.peek(), Some(b'x'));
        assert!(w.buffer.len() < 1024);
    }

    #[test]
    fn no_string_reaches_across_a_hole_but_a_stray_zero_is_a_byte() {
        for pad in 0..40 {
            for limit in [4, 1000] {
                let text = format!("\"{}{}\"x", "a".repeat(pad), "\0".repeat(HOLE_BYTES_MIN));
                let mut w = window(text.as_bytes());
                w.peek();
                assert_eq!(w.string(limit), Err(Stop::Syntax), "pad {pad} limit {limit}");
                assert!(w.hole());
                assert_eq!(w.offset(), pad as u64 + 1);
                let stray = format!("\"{}\0\"x", "a".repeat(pad));
                let mut w = window(stray.as_bytes());
                w.peek();
                assert!(w.string(limit).is_ok());
                assert_eq!(w.peek(), Some(b'x'));
            }
        }
        let mut w = window(b"\0\0");
        assert!(w.hole());
        assert!(!window(b"\0\0x").hole());
        assert!(!window(b"").hole());
    }

    #[test]
    fn an_open_string_ends_with_the_input() {
        let mut w = window(b"\"abc");
        w.peek();
        assert_eq!(w.string(100), Err(Stop::End));
    }
}
