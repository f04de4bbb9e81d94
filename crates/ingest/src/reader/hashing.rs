//! SHA-256 over what is read, up to a place that is only known afterwards.
//!
//! The cursor, the end of the last complete record, is known when reading has ended, and the hash must
//! cover exactly the bytes before it. So the hash's state is kept every mebibyte, and the stretch from
//! the last state to the cursor is read again. The first bytes are held until more come than they are:
//! a small source, as nearly all are, is neither hashed nor read twice.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::rc::Rc;

use sha2::digest::common::hazmat::SerializableState as _;
use sha2::{Digest, Sha256};

const STATE_EVERY: u64 = 1 << 20;
/// A source of no more than this is held, and hashed when its cursor is known.
const HELD_BYTES_MAX: usize = 256 * 1024;

/// A reader that hashes what passes through.
pub(super) struct Hashing<R> {
    read: R,
    states: States,
}

/// The states kept so far; shared with whoever asks in the end.
#[derive(Clone)]
pub(super) struct States(Rc<RefCell<Inner>>);

struct Inner {
    /// Of all bytes but those that are held.
    current: Sha256,
    offset: u64,
    kept: Vec<(u64, Sha256)>,
    /// All bytes so far, for as long as they are few.
    held: Option<Vec<u8>>,
}

impl Inner {
    fn take(&mut self, bytes: &[u8]) {
        self.offset += bytes.len() as u64;
        if let Some(held) = &mut self.held {
            if held.len() + bytes.len() <= HELD_BYTES_MAX {
                return held.extend_from_slice(bytes);
            }
            self.current.update(held);
            self.held = None;
        }
        self.current.update(bytes);
        let due = self
            .kept
            .last()
            .is_none_or(|(offset, _)| self.offset - offset >= STATE_EVERY);
        if due {
            self.kept.push((self.offset, self.current.clone()));
        }
    }

    /// The hash of what is held, up to an offset.
    fn of_held(&self, end: u64) -> Option<Sha256> {
        let (start, state) = self.kept.first()?;
        let length = usize::try_from(end.checked_sub(*start)?).ok()?;
        let mut state = state.clone();
        state.update(self.held.as_ref()?.get(..length)?);
        Some(state)
    }
}

impl<R: Read> Hashing<R> {
    /// Hashing from an offset on, beginning with a state.
    pub(super) fn new(read: R, offset: u64, state: Sha256) -> Self {
        let inner = Inner {
            kept: vec![(offset, state.clone())],
            current: state,
            offset,
            held: Some(Vec::new()),
        };
        Self {
            read,
            states: States(Rc::new(RefCell::new(inner))),
        }
    }

    pub(super) fn states(&self) -> States {
        self.states.clone()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.read.read(buffer)?;
        let mut inner = self.states.0.borrow_mut();
        inner.take(buffer.get(..count).unwrap_or(&[]));
        Ok(count)
    }
}

impl States {
    /// How much was read, and the hash of all of it.
    pub(super) fn whole(&self) -> (u64, String) {
        let inner = self.0.borrow();
        let state = inner
            .of_held(inner.offset)
            .unwrap_or_else(|| inner.current.clone());
        (inner.offset, hex::encode(state.finalize()))
    }

    /// The state up to an offset, reading the last stretch again.
    pub(super) fn up_to(&self, end: u64, file: &mut (impl Read + Seek)) -> io::Result<Sha256> {
        let inner = self.0.borrow();
        if let Some(state) = inner.of_held(end) {
            return Ok(state);
        }
        let (start, state) = inner
            .kept
            .iter()
            .rev()
            .find(|(offset, _)| *offset <= end)
            .ok_or_else(|| io::Error::other("the place to hash up to lies before the reading"))?;
        extend(state.clone(), file, *start..end)
    }
}

/// Hashes a stretch of a file into a state.
fn extend(mut state: Sha256, file: &mut (impl Read + Seek), range: Range<u64>) -> io::Result<Sha256> {
    file.seek(SeekFrom::Start(range.start))?;
    copy_exactly(file, range.end - range.start, &mut state)?;
    Ok(state)
}

/// What a state comes to.
pub(super) fn hex_of(state: &Sha256) -> String {
    hex::encode(state.clone().finalize())
}

/// A state as a text, to hash on another time.
pub(super) fn written(state: &Sha256) -> String {
    hex::encode(state.serialize())
}

/// The state that was written.
pub(super) fn read_back(text: &str) -> Option<Sha256> {
    let bytes = hex::decode(text).ok()?;
    Sha256::deserialize(bytes.as_slice().try_into().ok()?).ok()
}

/// Hashes the first bytes of a source; the state can be extended.
pub(super) fn hash_prefix(read: &mut impl Read, length: u64) -> io::Result<(Sha256, String)> {
    let mut state = Sha256::new();
    copy_exactly(read, length, &mut state)?;
    let hex = hex_of(&state);
    Ok((state, hex))
}

fn copy_exactly(read: &mut impl Read, length: u64, state: &mut Sha256) -> io::Result<()> {
    let mut left = length;
    let mut buffer = vec![0; 256 * 1024];
    while left > 0 {
        let want = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let count = read.read(buffer.get_mut(..want).unwrap_or(&mut []))?;
        if count == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the source became shorter while it was read",
            ));
        }
        state.update(buffer.get(..count).unwrap_or(&[]));
        left -= count as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_small_source_is_hashed_without_being_read_again() {
        for length in [0_usize, 1, 1000, HELD_BYTES_MAX] {
            let bytes = vec![7; length];
            let mut hashing = Hashing::new(bytes.as_slice(), 5, Sha256::new());
            io::copy(&mut hashing, &mut io::sink()).unwrap();
            let states = hashing.states();
            // Nothing can be read here.
            let mut empty = tempfile::tempfile().unwrap();
            for end in [0, length / 2, length] {
                let expected = hex::encode(Sha256::digest(&bytes[..end]));
                let state = states.up_to(5 + end as u64, &mut empty).unwrap();
                assert_eq!(hex_of(&state), expected);
            }
            let whole = hex::encode(Sha256::digest(&bytes));
            assert_eq!(states.whole(), (5 + length as u64, whole));
            assert!(
                states.up_to(4, &mut empty).is_err() && states.up_to(6 + length as u64, &mut empty).is_err()
            );
        }
    }

    #[test]
    fn the_hash_up_to_any_place_is_the_hash_of_those_bytes() {
        let bytes: Vec<u8> = (0..3_000_000_u32)
            .map(|n| u8::try_from(n % 251).unwrap())
            .collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let mut hashing = Hashing::new(&file, 0, Sha256::new());
        io::copy(&mut hashing, &mut io::sink()).unwrap();
        let states = hashing.states();
        for end in [0, 1, 1 << 20, (1 << 20) + 1, 2_999_999, 3_000_000] {
            let expected = hex::encode(Sha256::digest(&bytes[..usize::try_from(end).unwrap()]));
            let state = states.up_to(end, &mut file).unwrap();
            assert_eq!(hex_of(&state), expected, "{end}");
            assert_eq!(hex_of(&read_back(&written(&state)).unwrap()), expected);
        }
        assert_eq!(states.whole(), (3_000_000, hex::encode(Sha256::digest(&bytes))));
        let (state, _) = hash_prefix(&mut &bytes[..], 1_000_000).unwrap();
        let rest = extend(state, &mut file, 1_000_000..3_000_000).unwrap();
        assert_eq!(hex_of(&rest), hex::encode(Sha256::digest(&bytes)));
        assert!(read_back("").is_none() && read_back("00").is_none());
    }
}
