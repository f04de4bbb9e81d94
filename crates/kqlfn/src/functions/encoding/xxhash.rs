//! `hash` and `hash_xxhash64`: the hash of a value as it lies in memory, not as it is written.

use kql::ScalarType;
use twox_hash::XxHash64;

use super::guid_bytes::reordered;
use crate::column::Cell;
use crate::function::{Call, Computed, Refusal};

/// A column of hashes, modulo the second argument if there is one.
pub(super) fn xxhash64(call: &Call<'_>) -> Computed {
    if call
        .column(0)
        .is_some_and(|column| column.kind == ScalarType::Decimal)
    {
        return Err(Refusal::new("decimals cannot be hashed"));
    }
    call.longs(|row| {
        let hash = hash_of(call.cell(0, row))?;
        if !call.has(1) {
            return Some(hash.cast_signed());
        }
        let modulo = u64::try_from(call.long(1, row)?).ok()?;
        i64::try_from(hash.checked_rem(modulo)?).ok()
    })
}

pub(crate) fn hash_of(cell: Cell<'_>) -> Option<u64> {
    let hash = |bytes: &[u8]| Some(XxHash64::oneshot(0, bytes));
    match cell {
        Cell::String(text) => hash(text.as_bytes()),
        Cell::Bool(value) => hash(&[u8::from(value)]),
        Cell::Int(value) => hash(&value.to_le_bytes()),
        Cell::Long(value) | Cell::Datetime(value) | Cell::Timespan(value) => hash(&value.to_le_bytes()),
        Cell::Real(value) => hash(&value.to_le_bytes()),
        Cell::Guid(guid) => hash(&reordered(guid)),
        Cell::Null | Cell::Decimal(_) | Cell::Dynamic(_) => None,
    }
}
