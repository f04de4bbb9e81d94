//! Where reading stands in every source, as one immutable file per shard and transaction.
//!
//! The state of a shard is a list of *open* sources and references to immutable *segments* that hold
//! the closed ones. A position file is written create-only before the commit that names it, so it is
//! also the claim on its sequence number; it counts only if the log's `txn` for the shard says so
//! (docs/adr/0003-exactly-once.md). This module is pure state and its encoding; `commit` does the I/O.

use std::collections::BTreeMap;

use model::{Sequence, Shard, SourceId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where reading stands in one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Address of the source: path or URL.
    pub source: String,
    /// How often the source was begun anew.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub incarnation: u32,
    /// Where reading goes on, in decompressed bytes: the end of the last complete record.
    pub cursor: u64,
    /// How many bytes of the source (as stored) `sha256` covers.
    pub length: u64,
    /// SHA-256 of the first `length` bytes as stored, in hexadecimal.
    pub sha256: String,
    /// Size of the source when it was last looked at.
    pub size: u64,
    /// Modification time then, epoch nanoseconds; 0 where unknown.
    pub modified: i64,
    /// Whether the source is compressed, and so cannot be entered in the middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compressed: Option<bool>,
    /// The hour of the blob's path, in hours since 1970, where the path follows Azure's layout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<i32>,
    /// How the caller had it read (`--format-in`, `--map`, `--tz`), where that is of account: none for Azure's own
    /// records. Read otherwise, the source is read anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_as: Option<String>,
    /// Whether a row without a line end stands behind the cursor that is stored once the source is quiet.
    #[serde(default, skip_serializing_if = "is_false")]
    pub waiting: bool,
    /// The hash of a row without a line end that stands behind the cursor and has been stored, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_row: Option<String>,
    /// Of a blob in a storage account: which commit was read, and how far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<BlobMark>,
}

/// Where reading stands among the blocks of a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobMark {
    /// The commit that was read.
    pub etag: String,
    /// The block that reaches up to the cursor, and where it ends; none if the blob was written in one piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<(String, u64)>,
    /// The first block as text, where it is as short as the opening one of a flow log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<String>,
    /// The state of the SHA-256 of the bytes before the cursor, in hexadecimal: they need not be fetched to hash on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hashed: String,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as `serde` calls it")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Position {
    /// The shard of a source: fixed by its address.
    #[must_use]
    pub fn shard_of(source: &str) -> Shard {
        let number = digest_u64(source, 0) % u64::from(Shard::COUNT);
        Shard(u16::try_from(number).unwrap_or(0))
    }

    /// The code written into rows: fixed by address and incarnation.
    #[must_use]
    pub fn source_id(source: &str, incarnation: u32) -> SourceId {
        SourceId((digest_u64(source, u64::from(incarnation) + 1) >> 1).cast_signed())
    }
}

/// A number from a SHA-256 of an address; `purpose` keeps shard and id independent.
fn digest_u64(source: &str, purpose: u64) -> u64 {
    let digest = Sha256::new()
        .chain_update(purpose.to_le_bytes())
        .chain_update(source.as_bytes())
        .finalize();
    digest
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A segment of closed sources, named by a position file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentRef {
    /// File name under the segments folder.
    pub name: String,
    /// How many sources it holds.
    pub sources: u64,
    /// Earliest and latest hour of its sources; `None` if some have no hour.
    pub hours: Option<(i32, i32)>,
}

/// The state of one shard after one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardState {
    /// Version of this encoding.
    pub version: u32,
    /// The shard.
    pub shard: u16,
    /// The transaction that wrote it.
    pub sequence: i64,
    /// Every committed sequence up to this one, as inclusive ranges. Gaps are writers that died.
    pub committed: Vec<(i64, i64)>,
    /// Sources that may still grow, by address.
    pub open: BTreeMap<String, Position>,
    /// Segments of the rest, oldest first.
    pub segments: Vec<SegmentRef>,
}

/// What folding hands over to be written as a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// Positions in order of their address.
    pub positions: Vec<Position>,
    /// Their hours, as the reference will say.
    pub hours: Option<(i32, i32)>,
}

/// A blob is closed this many hours after its hour has ended.
const CLOSED_AFTER_HOURS: i32 = 2;
/// Closed sources wait for this many others, so that segments are few.
const SEGMENT_SOURCES_MIN: usize = 1024;
/// More open sources than this are folded even without an hour, oldest address order first.
const OPEN_SOURCES_MAX: usize = 4096;

impl ShardState {
    /// A shard that nothing was ever committed to.
    #[must_use]
    pub fn empty(shard: Shard) -> Self {
        Self {
            version: 1,
            shard: shard.0,
            sequence: 0,
            committed: Vec::new(),
            open: BTreeMap::new(),
            segments: Vec::new(),
        }
    }

    /// True if the sequence was committed.
    #[must_use]
    pub fn is_committed(&self, sequence: Sequence) -> bool {
        self.committed
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&sequence.0))
    }

    /// The state after a transaction that moved these sources.
    #[must_use]
    pub fn advanced(&self, sequence: Sequence, moved: &[Position]) -> Self {
        let mut next = self.clone();
        next.sequence = sequence.0;
        match next.committed.last_mut() {
            Some((_, last)) if *last + 1 == sequence.0 => *last = sequence.0,
            _ => next.committed.push((sequence.0, sequence.0)),
        }
        for position in moved {
            next.open.insert(position.source.clone(), position.clone());
        }
        next
    }

    /// Takes closed sources out of the open list once there are enough of them.
    pub fn fold(&mut self) -> Option<Folded> {
        let newest = self.open.values().filter_map(|position| position.hour).max();
        let closed = |position: &Position| matches!((position.hour, newest), (Some(hour), Some(newest)) if hour + CLOSED_AFTER_HOURS < newest);
        let mut names: Vec<String> = self
            .open
            .values()
            .filter(|position| closed(position))
            .map(|p| p.source.clone())
            .collect();
        if names.len() < SEGMENT_SOURCES_MIN {
            if self.open.len() <= OPEN_SOURCES_MAX {
                return None;
            }
            // Too many that may still grow: a segment is searched when they do, so nothing is lost.
            names = self.open.keys().take(OPEN_SOURCES_MAX / 2).cloned().collect();
        }
        let positions: Vec<Position> = names.iter().filter_map(|name| self.open.remove(name)).collect();
        let hours: Option<Vec<i32>> = positions.iter().map(|position| position.hour).collect();
        let hours = hours.and_then(|hours| Some((*hours.iter().min()?, *hours.iter().max()?)));
        Some(Folded { positions, hours })
    }

    /// The segments that may hold a source, newest first.
    pub fn segments_for(&self, hour: Option<i32>) -> impl Iterator<Item = &SegmentRef> + '_ {
        self.segments
            .iter()
            .rev()
            .filter(move |segment| match (segment.hours, hour) {
                (Some((first, last)), Some(hour)) => (first..=last).contains(&hour),
                (Some(_), None) => false,
                (None, _) => true,
            })
    }

    /// The file of this state, relative to the table's folder.
    #[must_use]
    pub fn path(shard: Shard, sequence: Sequence) -> String {
        format!("{POSITIONS}/shard-{shard}/{:020}.json.zst", sequence.0)
    }
}

/// Folder of the position files.
pub(crate) const POSITIONS: &str = "_positions";

/// The file of a segment, relative to the table's folder.
#[must_use]
pub(crate) fn segment_path(name: &str) -> String {
    format!("{POSITIONS}/segments/{name}")
}

/// Encodes a state or a list of positions.
///
/// # Errors
/// If compression fails, which it does only for want of memory.
pub(crate) fn encode<T: Serialize>(value: &T) -> std::io::Result<Vec<u8>> {
    let json = serde_json::to_vec(value)?;
    zstd::encode_all(json.as_slice(), 3)
}

/// How many bytes a state or a list of positions takes; for measuring.
#[must_use]
pub fn encoded_bytes<T: Serialize>(value: &T) -> u64 {
    encode(value).map_or(0, |bytes| bytes.len() as u64)
}

/// Decodes what [`encode`] made.
///
/// # Errors
/// If the bytes are damaged or of a newer version.
pub(crate) fn decode<T: for<'d> Deserialize<'d>>(bytes: &[u8]) -> std::io::Result<T> {
    let json = zstd::decode_all(bytes)?;
    Ok(serde_json::from_slice(&json)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(source: &str, hour: Option<i32>) -> Position {
        Position {
            source: source.into(),
            incarnation: 0,
            cursor: 10,
            length: 10,
            sha256: "aa".into(),
            size: 12,
            modified: 5,
            compressed: None,
            hour,
            read_as: None,
            waiting: false,
            last_row: None,
            blob: None,
        }
    }

    #[test]
    fn committed_ranges_remember_gaps() {
        let state = ShardState::empty(Shard(3));
        let state = state
            .advanced(Sequence(1), &[])
            .advanced(Sequence(2), &[])
            .advanced(Sequence(5), &[]);
        assert_eq!(state.committed, [(1, 2), (5, 5)]);
        assert!(state.is_committed(Sequence(2)) && !state.is_committed(Sequence(3)));
    }

    #[test]
    fn closed_hours_fold_into_a_segment_and_open_ones_stay() {
        let moved: Vec<Position> = (0..1030)
            .map(|n| position(&format!("blob-{n}"), Some(100 + n / 1025 * 5)))
            .collect();
        let mut state = ShardState::empty(Shard(0)).advanced(Sequence(1), &moved);
        let folded = state.fold().unwrap();
        assert_eq!(
            (folded.positions.len(), folded.hours, state.open.len()),
            (1025, Some((100, 100)), 5)
        );
        assert_eq!(state.fold(), None);
    }

    #[test]
    fn sources_without_an_hour_fold_when_there_are_too_many() {
        let moved: Vec<Position> = (0..5000)
            .map(|n| position(&format!("file-{n:05}"), None))
            .collect();
        let mut state = ShardState::empty(Shard(0)).advanced(Sequence(1), &moved);
        let folded = state.fold().unwrap();
        assert_eq!((folded.positions.len(), folded.hours), (2048, None));
        state.segments.push(SegmentRef {
            name: "s".into(),
            sources: 2048,
            hours: None,
        });
        assert_eq!(state.segments_for(None).count(), 1);
    }

    #[test]
    fn what_is_encoded_decodes() {
        let state = ShardState::empty(Shard(7)).advanced(Sequence(9), &[position("a", None)]);
        let bytes = encode(&state).unwrap();
        assert_eq!(decode::<ShardState>(&bytes).unwrap(), state);
        assert!(decode::<ShardState>(&bytes[..bytes.len() - 3]).is_err());
    }

    #[test]
    fn shard_and_id_are_fixed_by_the_address() {
        assert_eq!(Position::shard_of("file:///a"), Position::shard_of("file:///a"));
        assert_ne!(
            Position::source_id("file:///a", 0),
            Position::source_id("file:///a", 1)
        );
        assert!(Position::source_id("file:///a", 0).0 >= 0);
        let shards: std::collections::HashSet<_> =
            (0..1000).map(|n| Position::shard_of(&format!("f{n}"))).collect();
        assert_eq!(shards.len(), usize::from(Shard::COUNT));
    }
}
