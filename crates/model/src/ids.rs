//! Newtypes for identifiers, so that a shard is never passed where a sequence is meant.
//!
//! How the ids are made is decided in `docs/adr/0003-exactly-once.md` and `docs/adr/0004-identity.md`;
//! this module holds their shapes and their printed forms, and computes nothing.

use std::fmt;

/// One of the fixed number of shards that sources are spread over. Each shard has its own
/// transaction sequence in the Delta log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shard(pub u16);

impl Shard {
    /// How many shards a table has. Fixed for the life of a table and written into its properties:
    /// 64 keeps the `txn` actions of a checkpoint few and lets as many collectors work side by side.
    pub const COUNT: u16 = 64;
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

/// The number of a transaction within its shard. Gaps are allowed: a writer that dies between
/// claiming a number and committing it leaves one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sequence(pub i64);

impl Sequence {
    /// The number after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A source (one blob, one file, one incarnation of it), as stored in every row. Derived from the
/// source's address and incarnation, so that the same input gives the same table content at any
/// thread count. `IngestLog` maps it back to the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub i64);

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// How many times a source was begun anew because the bytes already read no longer stood there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Incarnation(pub u32);

/// The 128-bit hash of a canonical record: independent of white space, key order and wrapper.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordHash(pub [u8; 16]);

impl fmt::Display for RecordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RecordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordHash({self})")
    }
}

/// A version of the `Flows` table: the number of its newest commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableVersion(pub i64);

impl fmt::Display for TableVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
